"""Every classical fill through its door: exact on the motion it is meant for, careful with what was measured, honest about the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.errors import DataError
from mpm_core.fill.methods import METHODS
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.recording import Origin, Recording, make_recording
from tests.makers import low_rank_take, rigid_take, smooth_take, walking_take, with_gap


def polynomial(degree: int, frames: int = 240) -> Recording:
    """Three points on polynomials of a degree, of the size of a person."""
    rng = np.random.default_rng(degree)
    u_F = np.linspace(-1, 1, frames)
    factors = rng.normal(0, 0.5, (3, 3, degree + 1))
    return make_recording(("a", "b", "c"), 100.0, np.stack([[np.polyval(c, u_F) for c in point] for point in factors]).transpose(2, 0, 1))


def hide(rec: Recording, *gaps: tuple[int, int, int]) -> Recording:
    for point, start, stop in gaps:
        rec = with_gap(rec, point, start, stop)
    return rec


def everywhere(rec: Recording) -> np.ndarray:
    return np.ones(rec.origin_FP.shape, bool)


def off(truth: Recording, gapped: Recording, method: str, donors: tuple[str, ...] = ()) -> float:
    """Furthest filled sample from the truth, metres; every hole must have been filled."""
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
def test_a_fill_is_exact_on_the_motion_it_is_meant_for(method: str, truth: Recording, gap: int, worst_m: float) -> None:
    middle = truth.frames // 2
    assert off(truth, hide(truth, (1, middle - gap // 2, middle + gap - gap // 2)), method) < worst_m


def test_a_pattern_is_exact_when_a_donor_moves_alike() -> None:
    take = smooth_take(frames=200, points=5)
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[:, 3] = xyz_FPD[:, 0] + [0.1, 0.2, -0.1]
    truth = make_recording(take.points, take.rate_hz, xyz_FPD)
    gapped = hide(truth, (0, 60, 140))
    assert off(truth, gapped, "pattern") < 1e-5
    assert off(truth, gapped, "pattern", ("P3",)) < 1e-5
    assert off(truth, gapped, "pattern", ("P1",)) > 0.01, "a donor that was named is followed even when it is a bad one"


def test_named_donors_make_the_body() -> None:
    truth = rigid_take()
    gapped = hide(truth, (0, 100, 180))
    assert off(truth, gapped, "rigid", ("A1", "A2", "A3")) < 1e-5
    assert off(truth, gapped, "relational", ("A1", "A2", "A4")) < 1e-5
    left = fill_gaps(gapped, everywhere(gapped), "rigid", ("A1", "A2", "B0"), sigma=False).left
    assert [(each.gap.point, each.gap.start, each.gap.stop) for each in left] == [(0, 100, 180)] and "one body" in left[0].why


def test_a_quintic_smooths_noise_that_a_cubic_follows() -> None:
    truth = smooth_take(frames=400, points=6, rate_hz=100.0)
    rng = np.random.default_rng(1)
    noisy = make_recording(truth.points, truth.rate_hz, truth.xyz_FPD + rng.normal(0, 0.002, truth.xyz_FPD.shape))
    gaps = [(point, start, start + 20) for point in range(6) for start in range(30 + 7 * point, 350, 80)]
    gapped = hide(noisy, *gaps)
    error = {}
    for method in ("quintic", "spline"):
        filled, _ = fill_gaps(gapped, everywhere(gapped), method, sigma=False).patch.apply(gapped)
        error[method] = np.linalg.norm(filled.xyz_FPD - truth.xyz_FPD, axis=2)[~gapped.visible_FP].mean()
    assert error["quintic"] < 0.7 * error["spline"]


def test_a_kalman_fill_learns_though_no_frame_is_whole() -> None:
    truth = low_rank_take(points=10)
    gaps = [(point, start, start + 40) for point in range(10) for start in range(5 + 10 * point, 450, 100)]
    gapped = hide(truth, *gaps, *[(point, 0, 5) for point in range(10)])
    filled, _ = fill_gaps(gapped, everywhere(gapped), "kalman", sigma=False).patch.apply(gapped)
    hidden_FP = ~gapped.visible_FP & filled.visible_FP
    hermite, _ = fill_gaps(gapped, everywhere(gapped), "hermite", sigma=False).patch.apply(gapped)
    error, plain = (np.linalg.norm(each.xyz_FPD - truth.xyz_FPD, axis=2)[hidden_FP].mean() for each in (filled, hermite))
    assert error < 0.3 * plain


def test_a_cyclic_fill_refuses_what_does_not_repeat() -> None:
    rng = np.random.default_rng(0)
    wander = make_recording(("a", "b", "c"), 100.0, np.cumsum(np.cumsum(rng.normal(0, 1e-4, (900, 3, 3)), axis=0), axis=0))
    gapped = hide(wander, (0, 400, 440))
    found = fill_gaps(gapped, everywhere(gapped), "cyclic")
    assert len(found.patch) == 0 and "does not repeat" in found.left[0].why


def test_cycles_of_changing_length_are_followed() -> None:
    truth = walking_take(period=100)
    stretched_F = np.cumsum(1 + 0.06 * np.sin(np.arange(truth.frames) / 120))
    stretched_F = stretched_F[stretched_F < truth.frames - 1]
    low_F = stretched_F.astype(int)
    share_F11 = (stretched_F - low_F)[:, None, None]
    xyz_FPD = (1 - share_F11) * truth.xyz_FPD[low_F] + share_F11 * truth.xyz_FPD[low_F + 1]
    drifting = make_recording(truth.points, truth.rate_hz, xyz_FPD)
    gapped = hide(drifting, (2, 350, 410))
    assert off(drifting, gapped, "cyclic") < 0.3 * off(drifting, gapped, "hermite")


@pytest.mark.parametrize("method", METHODS)
@given(data=st.data())
@settings(max_examples=12, deadline=None)
def test_what_is_measured_keeps_every_bit(method: str, data: st.DataObject) -> None:
    """Whatever is hidden, wherever, overlapping or not: only wanted hidden samples change, each with a sigma, the rest has a reason."""
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    xyz_FPD = np.cumsum(rng.normal(0, 0.01, (90, 6, 3)), axis=0)
    hidden_FP = np.zeros((90, 6), bool)
    for _ in range(data.draw(st.integers(1, 12))):
        start = int(rng.integers(-10, 90))
        hidden_FP[max(0, start) : max(0, start + int(rng.integers(1, 40))), rng.integers(6)] = True
    if data.draw(st.booleans()):
        hidden_FP[:, 2] = True
    xyz_FPD[hidden_FP] = np.nan
    rec = make_recording(tuple("abcdef"), 30.0, xyz_FPD)
    where_FP = rng.random((90, 6)) < data.draw(st.sampled_from([1.0, 0.5]))
    found = fill_gaps(rec, where_FP, method)
    after, undo = found.patch.apply(rec)
    kept_FP = np.ones((90, 6), bool)
    kept_FP[found.patch.frames_N, found.patch.points_N] = False
    assert rec.xyz_FPD[kept_FP].tobytes() == after.xyz_FPD[kept_FP].tobytes()
    assert not (kept_FP & ~rec.visible_FP & after.visible_FP).any() and not (~kept_FP & ~(where_FP & hidden_FP)).any()
    assert (after.origin_FP[~kept_FP] == Origin.FILLED).all()
    assert (found.patch.sigma_N > 0).all() and np.isfinite(found.patch.sigma_N).all() and np.isfinite(found.patch.xyz_ND).all()
    open_FP = where_FP & hidden_FP & kept_FP
    told_FP = np.zeros_like(open_FP)
    for gap, why in ((left.gap, left.why) for left in found.left):
        assert why
        told_FP[gap.start : gap.stop, gap.point] = True
    assert not (open_FP & ~told_FP).any()
    assert undo.apply(after)[0].xyz_FPD.tobytes() == rec.xyz_FPD.tobytes()


@pytest.mark.parametrize("method", ["linear", "pchip", "spline", "quintic"])
def test_a_gap_at_the_clips_edge_is_left_open_with_the_reason(method: str) -> None:
    rec = hide(smooth_take(), (0, 0, 10), (1, 110, 120), (2, 40, 50))
    found = fill_gaps(rec, everywhere(rec), method)
    assert len(found.patch) == 10
    assert [(left.gap.point, left.gap.start) for left in found.left] == [(0, 0), (1, 110)]
    assert all(f"{method} needs a sample on both sides" in left.why for left in found.left)


def test_running_on_is_for_the_edges_alone() -> None:
    rec = hide(smooth_take(), (0, 0, 10), (1, 110, 120), (2, 40, 50))
    found = fill_gaps(rec, everywhere(rec), "coast")
    assert sorted(set(found.patch.points_N.tolist())) == [0, 1]
    assert [left.gap.point for left in found.left] == [2] and "both sides" in found.left[0].why
    after, _ = found.patch.apply(rec)
    step_F = np.linalg.norm(np.diff(after.xyz_FPD[105:, 1], axis=0), axis=1)
    assert step_F[-1] < step_F[4] and step_F[5] > 0.3 * step_F[3], "it runs on, slowing, and does not stand still"


@pytest.mark.parametrize("method", METHODS)
def test_a_take_with_next_to_nothing_in_it(method: str) -> None:
    """One frame, one sample, no sample: nothing breaks, and nothing is made up where nothing was ever seen."""
    for frames, problem in ((1, []), (1, [(0, 0)]), (3, [(1, 0)]), (5, [(0, 0), (4, 0), (2, 1)]), (0, [])):
        xyz_FPD = np.full((frames, 2, 3), np.nan)
        for frame, point in problem:
            xyz_FPD[frame, point] = 0.1 * frame
        rec = make_recording(("a", "b"), 100.0, xyz_FPD)
        patch = fill_gaps(rec, everywhere(rec), method).patch
        never = [point for point in range(2) if not rec.visible_FP[:, point].any()]
        assert not set(patch.points_N.tolist()) & set(never)
        assert np.isfinite(patch.sigma_N).all()


@pytest.mark.parametrize("method", METHODS)
def test_pixels_are_filled_like_metres_or_refused_with_a_reason(method: str) -> None:
    flat = walking_take(points=6)
    rec = hide(make_recording(flat.points, flat.rate_hz, 200 * flat.xyz_FPD[..., :2]), (1, 300, 330))
    found = fill_gaps(rec, everywhere(rec), method)
    if method in ("rigid", "relational"):
        assert len(found.patch) == 0 and "3D only" in found.left[0].why
    elif method == "coast":
        assert len(found.patch) == 0
    else:
        assert len(found.patch) == 30


def test_edges_meet_in_position_and_velocity() -> None:
    truth = rigid_take(noise_m=0.0)
    for method in ("hermite", "pattern", "relational", "kalman", "quintic"):
        gapped = hide(truth, (0, 150, 190))
        after, _ = fill_gaps(gapped, everywhere(gapped), method, sigma=False).patch.apply(gapped)
        step_FD = np.diff(after.xyz_FPD[:, 0].astype(np.float64), axis=0)
        jump_F = np.linalg.norm(np.diff(step_FD, axis=0), axis=1)
        natural = np.linalg.norm(np.diff(np.diff(truth.xyz_FPD[:, 0], axis=0), axis=0), axis=1)
        assert max(jump_F[147:150].max(), jump_F[188:191].max()) < 3 * natural.max(), method


def test_donors_that_nobody_knows_or_needs_are_refused() -> None:
    rec = hide(smooth_take(), (0, 40, 50))
    with pytest.raises(DataError, match="no point called"):
        fill_gaps(rec, everywhere(rec), "pattern", ("P9",))
    with pytest.raises(DataError, match="follows no donors"):
        fill_gaps(rec, everywhere(rec), "spline", ("P1",))
