"""Motion of visible joints while others are missing."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.model.motion_in_gaps import MOST_FRAMES, visible_motion


def walking(frames: int) -> np.ndarray:
    """Two joints: one moves straight; the other also goes up and down by 0.4 m in the middle of the take."""
    time_F = np.linspace(0.0, 1.0, frames)
    up_F = 0.4 * (1 - np.abs(2 * time_F - 1))
    return np.stack([np.stack([time_F, 0 * time_F, each_F], axis=1) for each_F in (0 * time_F, up_F)], axis=1)


def test_straight_motion_is_zero() -> None:
    known_FJ3 = walking(101)
    known_FJ3[40:60, 1] = np.nan
    assert visible_motion(known_FJ3, np.array([20]), np.array([80])) == pytest.approx(0.0, abs=1e-12), "the other is not visible throughout"


@pytest.mark.parametrize("frames", [51, 1001])
def test_distance_from_the_straight_line_is_averaged(frames: int) -> None:
    whole = visible_motion(walking(frames), np.array([1]), np.array([frames - 1]))
    assert whole == pytest.approx(0.1, rel=0.05), "the mean of a triangle of 0.4, and of zero"
    assert frames < MOST_FRAMES or whole == pytest.approx(visible_motion(walking(51), np.array([1]), np.array([50])), rel=0.05)


def test_with_one_side_any_motion_counts() -> None:
    known_FJ3 = walking(101)[:, :1]
    at_start, at_end, inside = visible_motion(known_FJ3, np.array([0, 50, 30]), np.array([51, 101, 60]))
    assert at_start == pytest.approx(0.25, rel=0.05)
    assert at_end == pytest.approx(0.25, rel=0.05)
    assert inside == pytest.approx(0.0, abs=1e-12)


def test_without_visible_joints_it_is_nan() -> None:
    known_FJ3 = walking(101)
    known_FJ3[50] = np.nan
    assert np.isnan(visible_motion(known_FJ3, np.array([40, 10]), np.array([60, 10]))).all(), "missing meanwhile; and no gap"
    assert visible_motion(known_FJ3, np.array([], int), np.array([], int)).shape == (0,)
