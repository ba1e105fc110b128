"""Filled markers between the distances that neighbours have where both are seen."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.fill.keep.marker_distances import keep_distances
from mpm_core.recording import Recording
from tests.makers import rigid_take, smooth_take, with_gap


def astray(truth: Recording, gapped: Recording, off_m: float) -> np.ndarray:
    """The truth where something is hidden, off by a bump that begins and ends at nothing; NaN elsewhere."""
    filled_FP3 = np.where(gapped.visible_FP[..., None], np.nan, truth.xyz_FPD).astype(np.float64)
    for point in np.flatnonzero(~gapped.visible_FP.all(axis=0)):
        rows = np.flatnonzero(~gapped.visible_FP[:, point])
        filled_FP3[rows, point] += off_m * np.sin(np.linspace(0, np.pi, len(rows) + 2)[1:-1])[:, None] * [0.6, -0.64, 0.48]
    return filled_FP3


def problem(rec: Recording) -> np.ndarray:
    return np.where(rec.visible_FP[..., None], rec.xyz_FPD, np.nan).astype(np.float64)


def test_a_fill_that_left_its_body_comes_back_to_it() -> None:
    truth = rigid_take(bodies=1, frames=600, noise_m=0.0)
    gapped = with_gap(truth, 0, 200, 300)
    wrong_FP3 = astray(truth, gapped, 0.15)
    kept_FP3 = keep_distances(wrong_FP3, problem(gapped), gapped.rate_hz)
    assert np.linalg.norm(wrong_FP3 - truth.xyz_FPD, axis=2)[200:300, 0].max() > 0.1
    assert np.linalg.norm(kept_FP3 - truth.xyz_FPD, axis=2)[200:300, 0].max() < 0.005
    assert np.isnan(kept_FP3[gapped.visible_FP]).all(), "only fills are given back"


def test_what_is_natural_stays_to_the_bit() -> None:
    clean, noisy = rigid_take(frames=600), rigid_take(frames=600, noise_m=0.002)  # the same motion
    gapped = with_gap(noisy, 0, 200, 300)
    natural_FP3 = astray(clean, gapped, 0.0)
    np.testing.assert_array_equal(keep_distances(natural_FP3, problem(gapped), gapped.rate_hz), natural_FP3)


def test_without_a_steady_neighbour_anything_is_natural() -> None:
    free = with_gap(smooth_take(frames=600, points=4), 0, 200, 300)
    far_FP3 = astray(free, free, 5.0)
    np.testing.assert_array_equal(keep_distances(far_FP3, problem(free), free.rate_hz), far_FP3)


def test_neighbours_that_were_hardly_ever_seen_beside_it_say_nothing() -> None:
    truth = rigid_take(bodies=1, frames=600, noise_m=0.0)
    few = round(0.8 * truth.rate_hz)
    gapped = with_gap(truth, 0, few, 600)
    wrong_FP3 = astray(truth, gapped, 0.15)
    np.testing.assert_array_equal(keep_distances(wrong_FP3, problem(gapped), gapped.rate_hz), wrong_FP3)


def test_fills_by_auto_keep_natural_distances_and_those_asked_for_by_name_are_left_alone() -> None:
    truth = rigid_take(bodies=2, frames=600, noise_m=0.0005)
    gapped = with_gap(truth, 0, 200, 300)
    auto, linear = (mpm.complete(gapped, method=method) for method in ("auto", "linear"))
    natural_FP = np.linalg.norm(problem(gapped) - problem(gapped)[:, [0]], axis=2)
    for other in range(1, 5):
        away_F = np.linalg.norm(auto.xyz_FPD[200:300, other] - auto.xyz_FPD[200:300, 0], axis=1)
        assert away_F.min() > np.nanmin(natural_FP[:, other]) - 1e-4
        assert away_F.max() < np.nanmax(natural_FP[:, other]) + 1e-4
    bend_F = np.linalg.norm(np.diff(linear.xyz_FPD[200:300, 0], 2, axis=0), axis=1)
    assert bend_F.max() < 1e-5, "a straight line stays one"
