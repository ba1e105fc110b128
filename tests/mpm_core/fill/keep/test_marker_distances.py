"""Filled markers stay within the distances that they have to neighbours where both are visible."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.fill.keep.marker_distances import keep_distances
from mpm_core.recording import Recording
from tests.makers import rigid_take, smooth_take, with_gap


def with_error(truth: Recording, gapped: Recording, error_m: float) -> np.ndarray:
    """The true positions in gaps plus an error that is zero at the edges, NaN elsewhere."""
    filled_FP3 = np.where(gapped.visible_FP[..., None], np.nan, truth.xyz_FPD).astype(np.float64)
    for point in np.flatnonzero(~gapped.visible_FP.all(axis=0)):
        rows = np.flatnonzero(~gapped.visible_FP[:, point])
        filled_FP3[rows, point] += error_m * np.sin(np.linspace(0, np.pi, len(rows) + 2)[1:-1])[:, None] * [0.6, -0.64, 0.48]
    return filled_FP3


def known_positions(rec: Recording) -> np.ndarray:
    return np.where(rec.visible_FP[..., None], rec.xyz_FPD, np.nan).astype(np.float64)


def test_a_fill_with_a_large_error_is_moved_back_to_its_body() -> None:
    truth = rigid_take(bodies=1, frames=600, noise_m=0.0)
    gapped = with_gap(truth, 0, 200, 300)
    wrong_FP3 = with_error(truth, gapped, 0.15)
    moved_FP3 = keep_distances(wrong_FP3, known_positions(gapped), gapped.rate_hz)
    assert np.linalg.norm(wrong_FP3 - truth.xyz_FPD, axis=2)[200:300, 0].max() > 0.1
    assert np.linalg.norm(moved_FP3 - truth.xyz_FPD, axis=2)[200:300, 0].max() < 0.005
    assert np.isnan(moved_FP3[gapped.visible_FP]).all(), "only filled samples are returned"


def test_a_fill_within_the_ranges_is_unchanged() -> None:
    clean, noisy = rigid_take(frames=600), rigid_take(frames=600, noise_m=0.002)  # the same motion
    gapped = with_gap(noisy, 0, 200, 300)
    true_FP3 = with_error(clean, gapped, 0.0)
    np.testing.assert_array_equal(keep_distances(true_FP3, known_positions(gapped), gapped.rate_hz), true_FP3)


def test_a_distance_may_be_one_standard_deviation_beyond_those_seen() -> None:
    """A short take does not show the whole range."""
    xyz_FP3 = np.zeros((400, 2, 3))
    xyz_FP3[:, 1, 0] = 0.3 + 0.01 * np.sin(np.arange(400) / 10)
    spread_m = xyz_FP3[:, 1, 0].std()
    filled_FP3 = np.full(xyz_FP3.shape, np.nan)
    xyz_FP3[200:203, 1], filled_FP3[200:203, 1] = np.nan, np.array([[0.313, 0, 0], [0.3, 0, 0], [0.4, 0, 0]])
    moved_F = keep_distances(filled_FP3, xyz_FP3, 100.0)[200:203, 1, 0]
    np.testing.assert_allclose(moved_F, [0.313, 0.3, 0.31 + spread_m], atol=2e-4)


def test_without_a_rigid_neighbour_nothing_moves() -> None:
    free = with_gap(smooth_take(frames=600, points=4), 0, 200, 300)
    far_FP3 = with_error(free, free, 5.0)
    np.testing.assert_array_equal(keep_distances(far_FP3, known_positions(free), free.rate_hz), far_FP3)


def test_neighbours_visible_together_in_few_frames_are_ignored() -> None:
    truth = rigid_take(bodies=1, frames=600, noise_m=0.0)
    few = round(0.8 * truth.rate_hz)
    gapped = with_gap(truth, 0, few, 600)
    wrong_FP3 = with_error(truth, gapped, 0.15)
    np.testing.assert_array_equal(keep_distances(wrong_FP3, known_positions(gapped), gapped.rate_hz), wrong_FP3)


def test_auto_keeps_distances_and_a_method_by_name_does_not() -> None:
    truth = rigid_take(bodies=2, frames=600, noise_m=0.0005)
    gapped = with_gap(truth, 0, 200, 300)
    anything = mpm.Limits(max_sigma_m=np.inf)
    auto, linear = (mpm.complete(gapped, method=method, limits=anything) for method in ("auto", "linear"))
    distance_FP = np.linalg.norm(known_positions(gapped) - known_positions(gapped)[:, [0]], axis=2)
    for other in range(1, 5):
        distance_F = np.linalg.norm(auto.xyz_FPD[200:300, other] - auto.xyz_FPD[200:300, 0], axis=1)
        beyond = np.nanstd(distance_FP[:, other]) + 1e-4
        assert distance_F.min() > np.nanmin(distance_FP[:, other]) - beyond
        assert distance_F.max() < np.nanmax(distance_FP[:, other]) + beyond
    acceleration_F = np.linalg.norm(np.diff(linear.xyz_FPD[200:300, 0], 2, axis=0), axis=1)
    assert acceleration_F.max() < 1e-5, "linear interpolation stays straight"
