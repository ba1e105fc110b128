"""Filters on motion with known truth: nearer to it, without lag, and nothing else than was asked changes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import butter, sosfreqz
from scipy.spatial.transform import Rotation

import mpm_core as mpm
from mpm_core.edit.mark import mark, region, unmark
from mpm_core.errors import DataError
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.filter.butterworth import TWO_PASSES, amplitude, analyse_residuals, butterworth, highest_hz, residuals
from mpm_core.filter.methods import METHODS, FilterSettings
from mpm_core.filter.one_euro import one_euro, one_pass
from mpm_core.filter.to_patch import filter_patch
from mpm_core.filter.windows import median, savitzky_golay
from mpm_core.io.bvh.current_rig import current_rig
from mpm_core.recording import Origin, Recording, make_recording
from mpm_core.rigs.kinematics import forward_kinematics
from mpm_core.typing import Float
from tests.makers import person_rig, smooth_take, with_twisted_forearm

RATE_HZ = 100.0


def noisy(sigma_m: float = 0.002, frames: int = 400) -> tuple[Recording, Float]:
    """A take with white noise of a known size, and the truth."""
    truth = smooth_take(frames, 3, RATE_HZ).xyz_FPD.astype(np.float64)
    noise = np.random.default_rng(3).normal(0, sigma_m, truth.shape)
    return make_recording(("P0", "P1", "P2"), RATE_HZ, truth + noise), truth


def rms_mm(a: Float, b: Float) -> float:
    return float(1000 * np.sqrt(np.mean((a - b) ** 2)))


def same_bits(a: object, b: object) -> bool:
    return np.asarray(a).tobytes() == np.asarray(b).tobytes()


def test_butterworth_leaves_half_of_the_power_at_its_cutoff() -> None:
    sections = butter(2, 6.0 / TWO_PASSES, fs=RATE_HZ, output="sos")
    _, response = sosfreqz(sections, worN=[6.0], fs=RATE_HZ)
    assert abs(response[0]) ** 4 == pytest.approx(0.5, abs=0.01), "of both passes: the amplitude squared, twice"
    assert abs(response[0]) ** 2 == pytest.approx(float(amplitude(np.array(6.0), RATE_HZ, np.array(6.0))), abs=1e-9)


def test_residuals_from_the_spectrum_are_those_of_the_filter() -> None:
    rec, _ = noisy()
    xyz_FD = rec.xyz_FPD[:, 1].astype(np.float64)
    cutoffs = np.array([1.5, 4.0, 10.0, 25.0])
    filtered = [np.sqrt(np.mean(np.sum((xyz_FD - butterworth(xyz_FD, RATE_HZ, hz)) ** 2, axis=1))) for hz in cutoffs.tolist()]
    assert np.allclose(residuals(xyz_FD, RATE_HZ, cutoffs), filtered, rtol=0.03)


def test_no_filter_lags_behind() -> None:
    time_F = np.arange(600) / RATE_HZ
    wave_F1 = np.sin(2 * np.pi * time_F)[:, None]

    def lag(made_F1: Float) -> float:
        shifts = np.arange(-20, 21)
        middle = slice(100, 500)
        fit = [np.sum(made_F1[100 + s : 500 + s, 0] * wave_F1[middle, 0]) for s in shifts]
        return float(shifts[int(np.argmax(fit))])

    assert lag(butterworth(wave_F1, RATE_HZ, 5.0)) == 0
    assert lag(savitzky_golay(wave_F1, RATE_HZ, 0.1)) == 0
    assert lag(one_euro(wave_F1, RATE_HZ, 1.0, 1.0)) == 0
    assert lag(one_pass(wave_F1, RATE_HZ, 1.0, 1.0)) > 1, "as it is published it does"


def test_the_cutoff_by_residuals_is_nearly_the_best_one() -> None:
    for sigma_m in (0.0005, 0.002, 0.01):
        rec, truth = noisy(sigma_m)
        cutoffs = np.linspace(1, highest_hz(RATE_HZ), 60)
        for point in range(3):
            errors = [rms_mm(butterworth(rec.xyz_FPD[:, point], RATE_HZ, float(hz)), truth[:, point]) for hz in cutoffs]
            chosen = analyse_residuals(rec.xyz_FPD[:, point].astype(np.float64), RATE_HZ).cutoff_hz
            error = rms_mm(butterworth(rec.xyz_FPD[:, point], RATE_HZ, chosen), truth[:, point])
            assert error < 1.6 * min(errors), f"{sigma_m}: {chosen} Hz gives {error} mm, the best {min(errors)}"
            assert error < 0.7 * rms_mm(rec.xyz_FPD[:, point].astype(np.float64), truth[:, point])


@pytest.mark.parametrize("method", METHODS)
def test_every_filter_brings_noisy_samples_nearer_to_the_truth(method: str) -> None:
    rec, truth = noisy()
    if method == "one_euro":  # it is for what rests and then moves; where a fast motion turns, it is slow for a moment and flattens it
        truth = np.broadcast_to(truth[:1], truth.shape)
        rec = make_recording(rec.points, RATE_HZ, truth + np.random.default_rng(3).normal(0, 0.002, truth.shape))
    after = filter_patch(rec, FilterSettings(method), measured=True).patch.apply(rec)[0]
    least = 0.95 if method == "median" else 0.8  # a median is for spikes: of samples on a slope it takes the middle one
    assert rms_mm(after.xyz_FPD, truth) < least * rms_mm(rec.xyz_FPD.astype(np.float64), truth)


def test_the_median_removes_a_spike_and_keeps_a_step() -> None:
    step_F1 = np.where(np.arange(100) < 50, 0.0, 1.0)[:, None]
    spiked_F1 = step_F1.copy()
    spiked_F1[20] = 9.0
    assert np.array_equal(median(spiked_F1, RATE_HZ, 0.05), step_F1)


def test_by_default_only_fills_change_and_meet_what_stays() -> None:
    rec, _ = noisy(0.0)
    gap_FP = region(rec, [1], 150, 250)
    cleared = rec.with_samples(rec.samples.cleared(gap_FP))
    filled = fill_gaps(cleared, gap_FP, "linear").patch.apply(cleared)[0]
    shaky = filled.with_samples(
        filled.samples.having(xyz=filled.xyz_FPD + np.where(gap_FP[..., None], np.random.default_rng(0).normal(0, 0.003, (400, 3, 3)), 0))
    )
    found = filter_patch(shaky, FilterSettings(cutoff_hz=6.0))
    after = found.patch.apply(shaky)[0]
    assert len(found.patch) == 100 and found.left == 0
    assert same_bits(after.xyz_FPD[~gap_FP], shaky.xyz_FPD[~gap_FP]), "measured samples keep every bit"
    assert (after.origin_FP == shaky.origin_FP).all() and after.unfiltered_FPD is None
    assert same_bits(after.sigma_FP, shaky.sigma_FP)

    def step(rec: Recording) -> float:
        return float(np.linalg.norm(np.diff(rec.xyz_FPD[148:153, 1], axis=0), axis=1).max())

    assert step(after) < step(shaky), "no jump at the edge"
    assert rms_mm(after.xyz_FPD[150:250, 1], filled.xyz_FPD[150:250, 1]) < rms_mm(shaky.xyz_FPD[150:250, 1], filled.xyz_FPD[150:250, 1])


def test_measured_samples_are_filtered_only_when_asked_and_come_back_to_the_bit() -> None:
    rec, _ = noisy()
    where_FP = region(rec, [0, 2], 100, 200)
    patch = filter_patch(rec, FilterSettings(cutoff_hz=6.0), where_FP, measured=True).patch
    after, undo = patch.apply(rec)
    assert (after.origin_FP[where_FP] == Origin.FILTERED).all() and (after.origin_FP[~where_FP] == Origin.MEASURED).all()
    assert after.unfiltered_FPD is not None
    assert same_bits(after.unfiltered_FPD[where_FP], rec.xyz_FPD[where_FP]) and np.isnan(after.unfiltered_FPD[~where_FP]).all()
    assert not same_bits(after.xyz_FPD[where_FP], rec.xyz_FPD[where_FP])
    assert "200 samples, of them 200 measured" in after.log[-1]
    assert not undo.apply(after)[0].samples.differs(rec.samples).any()
    twice = filter_patch(after, FilterSettings("median"), where_FP, measured=True).patch.apply(after)[0]
    assert same_bits(twice.unfiltered_FPD, after.unfiltered_FPD), "what was measured stays known"
    marked = mark(twice, where_FP).apply(twice)[0]
    assert (marked.origin_FP[where_FP] == Origin.MARKED).all() and same_bits(marked.xyz_FPD, rec.xyz_FPD)
    assert not unmark(marked, where_FP).apply(marked)[0].samples.differs(rec.samples).any()


def test_a_take_that_nobody_measured_gets_its_cutoffs_from_what_is_there() -> None:
    rec, truth = noisy()
    lifted = rec.with_samples(rec.samples.having(origin=np.full(rec.origin_FP.shape, np.uint8(Origin.PREDICTED))))
    found = filter_patch(lifted, FilterSettings())
    after = found.patch.apply(lifted)[0]
    assert (after.origin_FP == Origin.PREDICTED).all() and np.isfinite(found.cutoff_hz_P).all()
    assert rms_mm(after.xyz_FPD, truth) < 0.8 * rms_mm(rec.xyz_FPD, truth)


def test_filters_respect_gaps_and_say_what_is_too_short() -> None:
    rec, _ = noisy()
    rec = rec.with_samples(rec.samples.cleared(region(rec, [0], 103, 110) | region(rec, [0], 90, 100)))
    found = filter_patch(rec, FilterSettings("savitzky_golay", window_s=0.1), measured=True)
    after = found.patch.apply(rec)[0]
    assert found.left == 3, "three frames between two gaps"
    assert (after.origin_FP[100:103, 0] == Origin.MEASURED).all() and not after.visible_FP[90:100, 0].any()


def test_a_filtered_hierarchy_keeps_its_bones() -> None:
    rec = person_rig(frames=60)
    after = filter_patch(rec, FilterSettings(cutoff_hz=3.0), measured=True).patch.apply(rec)[0]
    assert rec.rig is not None

    def lengths(rec: Recording) -> Float:
        assert rec.rig is not None
        bones = [(child, parent) for child, parent in enumerate(rec.rig.parents) if parent >= 0]
        return np.array([np.linalg.norm(rec.xyz_FPD[:, a] - rec.xyz_FPD[:, b], axis=1) for a, b in bones])

    assert np.allclose(lengths(after), lengths(rec), atol=1e-5)
    assert not np.array_equal(after.xyz_FPD, rec.xyz_FPD)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        (FilterSettings(cutoff_hz=45.0), "at most 38.1 Hz"),
        (FilterSettings("savitzky_golay", window_s=0.02), "at least 0.04 s"),
        (FilterSettings("median", window_s=0.005), "at least 0.02 s"),
    ],
)
def test_settings_that_do_not_fit_the_rate_are_refused(settings: FilterSettings, says: str) -> None:
    with pytest.raises(DataError, match=says):
        filter_patch(noisy()[0], settings, measured=True)


def test_settings_that_are_none_are_refused() -> None:
    for wrong in ({"method": "kalman"}, {"cutoff_hz": 0.0}, {"window_s": float("nan")}, {"beta": -1.0}):
        with pytest.raises(DataError):
            FilterSettings(**wrong)  # type: ignore[arg-type]
    short = mpm.make_recording(("a",), RATE_HZ, np.zeros((20, 1, 3)))
    with pytest.raises(DataError, match="give a cutoff"):
        filter_patch(short, FilterSettings(), measured=True)


def test_a_filtered_limb_keeps_the_twist_that_positions_do_not_show() -> None:
    rec = with_twisted_forearm(person_rig(frames=120), 40)
    rig = rec.rig
    assert rig is not None
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[30:90, [rec.index(name) for name in ("left_elbow", "left_wrist", "left_hand")]] = True
    after = filter_patch(rec, FilterSettings(cutoff_hz=6.0), where_FP, measured=True).patch.apply(rec)[0]
    elbow = rec.index("left_elbow")
    before_F, after_F = (Rotation.from_matrix(forward_kinematics(each)[0][:, elbow]) for each in (rig, current_rig(after, rig)))
    assert not np.array_equal(after.xyz_FPD, rec.xyz_FPD)
    assert np.degrees((before_F.inv() * after_F).magnitude()).max() < 2
