"""The weighted PCA fill: exact where markers are linear in the others; nothing is made of markers that say nothing, or are too few."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill.methods import problem_of, reason, run_fill
from mpm_core.recording import Recording, make_recording
from tests.mpm_core.fill.test_regression import bending_take, errors_m


def sheared_take(frames: int = 300) -> Recording:
    """Six markers in the plane y = 0, of which those in the middle move against the outer ones, and a seventh that moves in proportion."""
    time_F = np.arange(frames) / 100
    xyz_FP3 = np.tile(np.array([[x, 0.0, z] for x in (0.0, 0.3, 0.6) for z in (0.0, 0.4)] + [[0.3, 0.2, 0.2]]), (frames, 1, 1))
    shear_F = 0.05 * np.sin(2 * np.pi * 0.7 * time_F) + 0.04 * np.sin(2 * np.pi * 0.45 * time_F + 1)
    xyz_FP3[:, 2:4, 2] += shear_F[:, None]
    xyz_FP3[:, 6, 1] += 1.5 * shear_F
    return make_recording(tuple(f"M{number}" for number in range(7)), 100.0, xyz_FP3)


def test_a_marker_that_is_linear_in_the_others_is_where_it_was() -> None:
    truth = sheared_take()
    assert errors_m(truth, (6, 100, 200), method="weighted_pca").max() < 1e-6
    assert errors_m(truth, (6, 100, 200), method="hermite").max() > 5e-3


def test_walking_and_turning_are_taken_away() -> None:
    truth = bending_take()
    assert errors_m(truth, (6, 100, 200), (7, 100, 200), method="weighted_pca").max() < 0.01


def test_markers_at_rest_leave_the_mean_place() -> None:
    """The visible markers do not move at all, so that there are no components."""
    truth = sheared_take()
    xyz_FP3 = np.broadcast_to(truth.xyz_FPD[:1], truth.xyz_FPD.shape)
    resting = make_recording(truth.points, truth.rate_hz, xyz_FP3)
    assert errors_m(resting, (6, 100, 200), method="weighted_pca").max() < 1e-6


def test_a_marker_that_rested_where_it_was_learned_counts_no_more_than_it_moves() -> None:
    """M0 rests, but for noise of 0.1 mm, until it moves 0.2 m in the gap."""
    truth = sheared_take()
    xyz_FP3 = truth.xyz_FPD + np.random.default_rng(0).normal(0, 1e-4, truth.xyz_FPD.shape)
    xyz_FP3[150:160, 0, 1] += 0.2
    moved = make_recording(truth.points, truth.rate_hz, xyz_FP3)
    assert errors_m(moved, (6, 100, 200), method="weighted_pca").max() < 0.2


@pytest.mark.parametrize("gaps", [[(point, 100, 120) for point in range(6)], [(6, 8, 292)]])
def test_what_cannot_be_learned_is_left_with_a_reason(gaps: list[tuple[int, int, int]]) -> None:
    xyz_FPD = bending_take(300).xyz_FPD.copy()
    for point, start, stop in gaps:
        xyz_FPD[start:stop, point] = np.nan
    gapped = make_recording(bending_take(300).points, 100.0, xyz_FPD)
    problem = problem_of(gapped, ~gapped.visible_FP)
    result = run_fill(problem, "weighted_pca")
    left = [gap for gap in problem.gaps() if np.isnan(problem.in_place(result.xyz_ND)[gap[1] : gap[2], gap[0]]).any()]
    assert left
    assert all("too few markers" in reason(problem, result, "weighted_pca", gap) for gap in left)
