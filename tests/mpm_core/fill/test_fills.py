"""Every classical fill: exact on motion of its own model, unchanged visible samples, a reason for what is left."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.errors import DataError
from mpm_core.fill.methods import METHODS
from mpm_core.fill.quintic import quintic
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.recording import Origin, Recording, make_recording
from tests.makers import low_rank_take, rigid_take, smooth_take, walking_take, with_gap


def polynomial(degree: int, frames: int = 240) -> Recording:
    """Three points that move along polynomials of a degree, within about a metre."""
    rng = np.random.default_rng(degree)
    u_F = np.linspace(-1, 1, frames)
    factors = rng.normal(0, 0.5, (3, 3, degree + 1))
    return make_recording(("a", "b", "c"), 100.0, np.stack([[np.polyval(c, u_F) for c in point] for point in factors]).transpose(2, 0, 1))


def with_gaps(rec: Recording, *gaps: tuple[int, int, int]) -> Recording:
    for point, start, stop in gaps:
        rec = with_gap(rec, point, start, stop)
    return rec


def everywhere(rec: Recording) -> np.ndarray:
    return np.ones(rec.origin_FP.shape, bool)


def largest_error(truth: Recording, gapped: Recording, method: str, donors: tuple[str, ...] = ()) -> float:
    """Largest coordinate error of the filled samples, metres. Everything missing must be filled."""
    filled, _ = fill_gaps(gapped, everywhere(gapped), method, donors, sigma=False).patch.apply(gapped)
    assert filled.visible_FP.all()
    return float(np.abs(filled.xyz_FPD - truth.xyz_FPD)[~gapped.visible_FP].max())


@pytest.mark.parametrize(
    ("method", "truth", "gap", "worst_m"),
    [
        ("linear", polynomial(1), 60, 1e-6),
        ("pchip", polynomial(1), 60, 1e-6),
        ("spline", polynomial(3), 60, 1e-5),
        ("hermite", polynomial(1), 60, 1e-6),
        ("quintic", polynomial(1), 60, 1e-5),
        ("quintic", polynomial(5, frames=48), 12, 2e-5),
        ("rigid", rigid_take(), 80, 1e-6),
        ("relational", rigid_take(), 80, 1e-5),
        ("kalman", low_rank_take(), 90, 1e-3),
        ("cyclic", walking_take(), 90, 1e-3),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_each_fill_is_exact_on_motion_of_its_own_model(method: str, truth: Recording, gap: int, worst_m: float) -> None:
    middle = truth.frames // 2
    assert largest_error(truth, with_gaps(truth, (1, middle - gap // 2, middle + gap - gap // 2)), method) < worst_m


def test_pattern_is_exact_when_a_donor_has_the_same_motion() -> None:
    take = smooth_take(frames=200, points=5)
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[:, 3] = xyz_FPD[:, 0] + [0.1, 0.2, -0.1]
    truth = make_recording(take.points, take.rate_hz, xyz_FPD)
    gapped = with_gaps(truth, (0, 60, 140))
    assert largest_error(truth, gapped, "pattern") < 1e-5
    assert largest_error(truth, gapped, "pattern", ("P3",)) < 1e-5
    assert largest_error(truth, gapped, "pattern", ("P1",)) > 0.01, "a named donor is used even when it moves differently"


def test_named_donors_are_the_rigid_body() -> None:
    truth = rigid_take()
    gapped = with_gaps(truth, (0, 100, 180))
    assert largest_error(truth, gapped, "rigid", ("A1", "A2", "A3")) < 1e-5
    assert largest_error(truth, gapped, "relational", ("A1", "A2", "A4")) < 1e-5
    left = fill_gaps(gapped, everywhere(gapped), "rigid", ("A1", "A2", "B0"), sigma=False).left
    assert [(each.gap.point, each.gap.start, each.gap.stop) for each in left] == [(0, 100, 180)] and "one body" in left[0].why


def test_quintic_smooths_noise_that_a_cubic_spline_follows() -> None:
    truth = smooth_take(frames=400, points=6, rate_hz=100.0)
    rng = np.random.default_rng(1)
    noisy = make_recording(truth.points, truth.rate_hz, truth.xyz_FPD + rng.normal(0, 0.002, truth.xyz_FPD.shape))
    gaps = [(point, start, start + 20) for point in range(6) for start in range(30 + 7 * point, 350, 80)]
    gapped = with_gaps(noisy, *gaps)
    error = {}
    for method in ("quintic", "spline"):
        filled, _ = fill_gaps(gapped, everywhere(gapped), method, sigma=False).patch.apply(gapped)
        error[method] = np.linalg.norm(filled.xyz_FPD - truth.xyz_FPD, axis=2)[~gapped.visible_FP].mean()
    assert error["quintic"] < 0.7 * error["spline"]


def test_kalman_learns_when_no_frame_is_complete() -> None:
    truth = low_rank_take(points=10)
    gaps = [(point, start, start + 40) for point in range(10) for start in range(5 + 10 * point, 450, 100)]
    gapped = with_gaps(truth, *gaps, *[(point, 0, 5) for point in range(10)])
    filled, _ = fill_gaps(gapped, everywhere(gapped), "kalman", sigma=False).patch.apply(gapped)
    missing_FP = ~gapped.visible_FP & filled.visible_FP
    hermite, _ = fill_gaps(gapped, everywhere(gapped), "hermite", sigma=False).patch.apply(gapped)
    error, hermite_error = (np.linalg.norm(each.xyz_FPD - truth.xyz_FPD, axis=2)[missing_FP].mean() for each in (filled, hermite))
    assert error < 0.3 * hermite_error


def test_cyclic_leaves_motion_that_does_not_repeat() -> None:
    rng = np.random.default_rng(0)
    wander = make_recording(("a", "b", "c"), 100.0, np.cumsum(np.cumsum(rng.normal(0, 1e-4, (900, 3, 3)), axis=0), axis=0))
    gapped = with_gaps(wander, (0, 400, 440))
    completion = fill_gaps(gapped, everywhere(gapped), "cyclic")
    assert len(completion.patch) == 0 and "does not repeat" in completion.left[0].why


def test_cycles_of_changing_length_are_followed() -> None:
    truth = walking_take(period=100)
    stretched_F = np.cumsum(1 + 0.06 * np.sin(np.arange(truth.frames) / 120))
    stretched_F = stretched_F[stretched_F < truth.frames - 1]
    low_F = stretched_F.astype(int)
    share_F11 = (stretched_F - low_F)[:, None, None]
    xyz_FPD = (1 - share_F11) * truth.xyz_FPD[low_F] + share_F11 * truth.xyz_FPD[low_F + 1]
    drifting = make_recording(truth.points, truth.rate_hz, xyz_FPD)
    gapped = with_gaps(drifting, (2, 350, 410))
    assert largest_error(drifting, gapped, "cyclic") < 0.3 * largest_error(drifting, gapped, "hermite")


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_only_wanted_missing_samples_change(method: str, data: st.DataObject) -> None:
    """For any pattern of gaps, only wanted missing samples are filled, each with a sigma; those that are left have a reason."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    xyz_FPD = np.cumsum(rng.normal(0, 0.01, (90, 6, 3)), axis=0)
    missing_FP = np.zeros((90, 6), bool)
    for _ in range(data.draw(st.integers(1, 12))):
        start = int(rng.integers(-10, 90))
        missing_FP[max(0, start) : max(0, start + int(rng.integers(1, 40))), rng.integers(6)] = True
    if data.draw(st.booleans()):
        missing_FP[:, 2] = True
    xyz_FPD[missing_FP] = np.nan
    rec = make_recording(tuple("abcdef"), 30.0, xyz_FPD)
    where_FP = rng.random((90, 6)) < data.draw(st.sampled_from([1.0, 0.5]))
    completion = fill_gaps(rec, where_FP, method)
    after, undo = completion.patch.apply(rec)
    unchanged_FP = np.ones((90, 6), bool)
    unchanged_FP[completion.patch.frames_N, completion.patch.points_N] = False
    assert rec.xyz_FPD[unchanged_FP].tobytes() == after.xyz_FPD[unchanged_FP].tobytes()
    assert not (unchanged_FP & ~rec.visible_FP & after.visible_FP).any() and not (~unchanged_FP & ~(where_FP & missing_FP)).any()
    assert (after.origin_FP[~unchanged_FP] == Origin.FILLED).all()
    assert (
        (completion.patch.sigma_N > 0).all() and np.isfinite(completion.patch.sigma_N).all() and np.isfinite(completion.patch.xyz_ND).all()
    )
    left_FP = where_FP & missing_FP & unchanged_FP
    reported_FP = np.zeros_like(left_FP)
    for gap, why in ((left.gap, left.why) for left in completion.left):
        assert why
        reported_FP[gap.start : gap.stop, gap.point] = True
    assert not (left_FP & ~reported_FP).any()
    assert undo.apply(after)[0].xyz_FPD.tobytes() == rec.xyz_FPD.tobytes()


@pytest.mark.parametrize("method", ["linear", "pchip", "spline", "quintic"])
def test_a_gap_at_the_start_or_end_is_left_with_a_reason(method: str) -> None:
    rec = with_gaps(smooth_take(), (0, 0, 10), (1, 110, 120), (2, 40, 50))
    completion = fill_gaps(rec, everywhere(rec), method)
    assert len(completion.patch) == 10
    assert [(left.gap.point, left.gap.start) for left in completion.left] == [(0, 0), (1, 110)]
    assert all(f"{method} needs a sample on both sides" in left.why for left in completion.left)


def test_coast_fills_gaps_at_the_start_and_end_alone() -> None:
    rec = with_gaps(smooth_take(), (0, 0, 10), (1, 110, 120), (2, 40, 50))
    completion = fill_gaps(rec, everywhere(rec), "coast")
    assert sorted(set(completion.patch.points_N.tolist())) == [0, 1]
    assert [left.gap.point for left in completion.left] == [2] and "both sides" in completion.left[0].why
    after, _ = completion.patch.apply(rec)
    step_F = np.linalg.norm(np.diff(after.xyz_FPD[105:, 1], axis=0), axis=1)
    assert step_F[-1] < step_F[4] and step_F[5] > 0.3 * step_F[3], "the motion continues and slows down"


@pytest.mark.parametrize("method", METHODS)
def test_takes_of_few_frames_and_few_samples(method: str) -> None:
    """One frame, one sample, or none: nothing raises, and points that are never visible stay missing."""
    for frames, problem in ((1, []), (1, [(0, 0)]), (3, [(1, 0)]), (5, [(0, 0), (4, 0), (2, 1)]), (0, [])):
        xyz_FPD = np.full((frames, 2, 3), np.nan)
        for frame, point in problem:
            xyz_FPD[frame, point] = 0.1 * frame
        rec = make_recording(("a", "b"), 100.0, xyz_FPD)
        patch = fill_gaps(rec, everywhere(rec), method).patch
        never_visible = [point for point in range(2) if not rec.visible_FP[:, point].any()]
        assert not set(patch.points_N.tolist()) & set(never_visible)
        assert np.isfinite(patch.sigma_N).all()


@pytest.mark.parametrize("method", METHODS)
def test_pixels_are_filled_like_metres_or_refused_with_a_reason(method: str) -> None:
    flat = walking_take(points=6)
    rec = with_gaps(make_recording(flat.points, flat.rate_hz, 200 * flat.xyz_FPD[..., :2]), (1, 300, 330))
    completion = fill_gaps(rec, everywhere(rec), method)
    if method in ("rigid", "relational", "regression", "weighted_pca"):
        assert len(completion.patch) == 0 and "3D only" in completion.left[0].why
    elif method == "coast":
        assert len(completion.patch) == 0
    else:
        assert len(completion.patch) == 30


def test_fills_are_continuous_in_position_and_velocity() -> None:
    truth = rigid_take(noise_m=0.0)
    for method in ("hermite", "pattern", "relational", "kalman", "quintic"):
        gapped = with_gaps(truth, (0, 150, 190))
        after, _ = fill_gaps(gapped, everywhere(gapped), method, sigma=False).patch.apply(gapped)
        step_FD = np.diff(after.xyz_FPD[:, 0].astype(np.float64), axis=0)
        jump_F = np.linalg.norm(np.diff(step_FD, axis=0), axis=1)
        true_change = np.linalg.norm(np.diff(np.diff(truth.xyz_FPD[:, 0], axis=0), axis=0), axis=1)
        assert max(jump_F[147:150].max(), jump_F[188:191].max()) < 3 * true_change.max(), method


def test_unknown_and_unused_donors_raise() -> None:
    rec = with_gaps(smooth_take(), (0, 40, 50))
    with pytest.raises(DataError, match="no point called"):
        fill_gaps(rec, everywhere(rec), "pattern", ("P9",))
    with pytest.raises(DataError, match="follows no donors"):
        fill_gaps(rec, everywhere(rec), "spline", ("P1",))


@pytest.mark.filterwarnings("error")
def test_quintic_fills_takes_of_very_few_frames_a_second() -> None:
    values_FD = np.arange(60.0)[:, None]
    values_FD[30:32] = np.nan
    assert np.allclose(quintic(values_FD, np.isfinite(values_FD[:, 0]), 0.1)[30:32, 0], [30, 31])
