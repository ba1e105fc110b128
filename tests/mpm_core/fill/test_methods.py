"""Classical fills: visible samples are unchanged, edges are continuous, straight motion is filled exactly."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.errors import DataError
from mpm_core.fill.curves import CURVES, hermite, linear, spline
from mpm_core.fill.hermite import MOTION, correct_edges, hermite_weights, interpolate
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.gaps import find_gaps
from mpm_core.recording import Origin
from tests.makers import smooth_take, with_gap

RATE = 60.0


def gapped(values_FD: np.ndarray, start: int, stop: int) -> tuple[np.ndarray, np.ndarray]:
    visible_F = np.ones(len(values_FD), bool)
    visible_F[start:stop] = False
    return np.where(visible_F[:, None], values_FD, np.nan), visible_F


@pytest.mark.parametrize("method", [name for name in CURVES if name != "coast"])
def test_straight_motion_is_filled_exactly(method: str) -> None:
    line_FD = np.arange(60.0)[:, None] * [0.01, -0.02, 0.0] + 1.0
    gapped_FD, visible_F = gapped(line_FD, 20, 30)
    np.testing.assert_allclose(CURVES[method](gapped_FD, visible_F, RATE), line_FD, atol=1e-12)


@pytest.mark.parametrize("method", CURVES)
@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_visible_samples_are_unchanged(method: str, data: st.DataObject) -> None:
    rng = np.random.default_rng(data.draw(st.integers(0, 2**31)))
    values_FD = rng.normal(size=(40, 3))
    visible_F = rng.random(40) < data.draw(st.floats(0.1, 0.95))
    gapped_FD = np.where(visible_F[:, None], values_FD, np.nan)
    np.testing.assert_array_equal(CURVES[method](gapped_FD, visible_F, RATE)[visible_F], values_FD[visible_F])


@pytest.mark.parametrize("method", [linear, spline])
def test_gaps_at_the_start_and_end_stay_missing(method) -> None:  # type: ignore[no-untyped-def]
    gapped_FD, visible_F = gapped(np.ones((30, 3)), 0, 5)
    visible_F[-4:] = False
    out_FD = method(gapped_FD, visible_F, RATE)
    assert np.isnan(out_FD[:5]).all()
    assert np.isfinite(out_FD[5:26]).all()


def test_hermite_is_continuous_in_position_and_velocity() -> None:
    time_F = np.arange(200) / 200.0
    curve_FD = np.stack([np.sin(3 * time_F), np.cos(2.5 * time_F), time_F**2], axis=1)
    gapped_FD, visible_F = gapped(curve_FD, 80, 120)
    out_FD = hermite(gapped_FD, visible_F, 200.0)
    speed_FD = np.diff(out_FD, axis=0) * 200
    for edge in (79, 119):
        jump = np.linalg.norm(speed_FD[edge] - speed_FD[edge - 1])
        assert jump < 0.15, f"velocity jumps by {jump} m/s at frame {edge}"


def test_hermite_does_not_overshoot_a_long_gap() -> None:
    curve_FD = np.zeros((400, 1))
    curve_FD[:100, 0] = np.arange(100) * 0.02
    curve_FD[100:, 0] = 2.0
    gapped_FD, visible_F = gapped(curve_FD, 100, 300)
    furthest = MOTION.reach_s * RATE * 0.02 * 4 / 27
    assert hermite(gapped_FD, visible_F, RATE).max() <= 2.0 + furthest + 0.02


def test_hermite_slows_to_a_stop_at_the_end_of_the_take() -> None:
    gapped_FD, visible_F = gapped(np.arange(200.0)[:, None] * 0.01, 100, 200)
    out_FD = hermite(gapped_FD, visible_F, RATE)
    step_F = np.diff(out_FD[98:, 0])
    np.testing.assert_allclose(step_F[1], 0.01, rtol=0.02)
    assert (np.diff(step_F[1:]) < 0).all()
    assert out_FD[-1, 0] - out_FD[99, 0] < MOTION.reach_s * RATE * 0.01


def random_visibility(rng: np.random.Generator) -> np.ndarray:
    """(50, 4) random visibility of three series; the fourth is never visible."""
    visible_FS = rng.random((50, 4)) < rng.uniform(0.05, 0.95)
    visible_FS[:, 3] = False
    return visible_FS


@given(st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_weights_sum_to_one_and_use_visible_frames(seed: int) -> None:
    visible_FS = random_visibility(np.random.default_rng(seed))
    weights = hermite_weights(visible_FS, 30.0)
    np.testing.assert_allclose(weights.weight_4N.sum(axis=0), 1.0)
    assert visible_FS[weights.index_4N, weights.series_N].all()
    filled_FS = visible_FS.copy()
    filled_FS[weights.frame_N, weights.series_N] = True
    assert not visible_FS[weights.frame_N, weights.series_N].any()
    assert (filled_FS == visible_FS.any(axis=0)).all(), "all of a series that is ever visible, nothing of one that never is"


@given(st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_interpolation_is_the_weighted_sum(seed: int) -> None:
    rng = np.random.default_rng(seed)
    visible_FS = random_visibility(rng)
    values_FSD = np.where(visible_FS[..., None], rng.normal(size=(50, 4, 3)), np.nan)
    weights = hermite_weights(visible_FS, 30.0)
    out_FSD = interpolate(values_FSD, visible_FS, 30.0)
    source_4ND = values_FSD[weights.index_4N, weights.series_N]
    np.testing.assert_allclose(
        out_FSD[weights.frame_N, weights.series_N], np.einsum("pn,pnd->nd", weights.weight_4N, source_4ND), atol=1e-12
    )
    np.testing.assert_array_equal(out_FSD[visible_FS], values_FSD[visible_FS])
    assert (out_FSD[:, ~visible_FS.any(axis=0)] == 0).all()


@pytest.mark.parametrize("method", CURVES)
def test_a_gap_filled_alone_equals_the_gap_filled_with_all_others(method: str) -> None:
    rng = np.random.default_rng(0)
    visible_F = rng.random(900) < 0.8
    visible_F[[0, 430, 449, -1]] = True
    visible_F[431:449] = False
    walk_FD = np.where(visible_F[:, None], np.cumsum(rng.normal(size=(900, 3)), axis=0), np.nan)
    wanted_F = np.zeros(900, bool)
    wanted_F[431:449] = True
    alone_FD, among_FD = (CURVES[method](walk_FD, visible_F, RATE, which_F) for which_F in (wanted_F, None))
    np.testing.assert_allclose(alone_FD[wanted_F], among_FD[wanted_F], rtol=1e-12)


def test_edge_correction_keeps_known_values_and_removes_a_constant_offset() -> None:
    rng = np.random.default_rng(3)
    truth_FSD = np.cumsum(rng.normal(0, 0.01, (90, 2, 3)), axis=0)
    known_FSD = truth_FSD.copy()
    known_FSD[30:60, 0] = np.nan
    shifted_FSD = truth_FSD + np.array([0.3, -0.2, 0.1])
    np.testing.assert_allclose(correct_edges(shifted_FSD, known_FSD, 30.0), truth_FSD, atol=1e-12)


def test_the_patch_has_the_samples_of_the_gap_alone() -> None:
    rec = with_gap(smooth_take(), 1, 30, 40)
    patch = fill_gaps(rec, np.ones(rec.origin_FP.shape, bool), "hermite").patch
    filled, _ = patch.apply(rec)
    assert len(patch) == 10
    assert not find_gaps(filled)
    assert (filled.origin_FP[30:40, 1] == Origin.FILLED).all()
    visible_FP = rec.visible_FP
    np.testing.assert_array_equal(filled.xyz_FPD[visible_FP].view(np.uint32), rec.xyz_FPD[visible_FP].view(np.uint32))


def test_an_unknown_method_raises() -> None:
    with pytest.raises(DataError, match="pattern-ish"):
        fill_gaps(smooth_take(), np.ones((120, 4), bool), "pattern-ish")
