"""The regression fill: a missing marker from how it lies among the visible ones, learned where all of them are visible.

Gaussian process regression (gaussian_process.py): poses that are near each other, and frames that are near in time, have the missing
markers at near places. Markers count by how firmly they are bound to the missing ones, after Kieu et al., PLOS ONE 17(8), e0272407 (2022)
and Gloersen and Federolf, PLOS ONE 11(3), e0152616 (2016). How the visible markers' axes lean is part of the pose: a trunk bends as the
legs do.

N frames to learn from, R rows (those, then the frames to predict), M coordinates of a pose, T missing markers.
"""

from __future__ import annotations

import numpy as np

from mpm_core.fill.among_visible import Poses, fill_among_visible
from mpm_core.fill.gaussian_process import expected
from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.typing import Float

LOOSE_M = 0.02  # spread of distance at which a marker's weight halves
UP_M = 0.3  # of the vertical's direction in the visible markers' axes, beside their places


def regression(problem: FillProblem) -> FillResult:
    """Each gap from the markers visible throughout it, by Gaussian processes; see `fill_among_visible` for what is left."""
    return fill_among_visible(problem, _by_processes)


def _by_processes(poses: Poses) -> Float:
    """(R - N, T, 3) places of the missing markers."""
    (N, T, _), R = poses.missing_NT3.shape, len(poses.time_s_R)
    loose_K = LOOSE_M / (LOOSE_M + poses.spread_K)
    pose_RM = np.concatenate([(poses.visible_RK3 * loose_K[:, None]).reshape(R, -1), UP_M * poses.axes_R33[:, 2]], axis=1)
    pose_RM -= pose_RM[:N].mean(axis=0)
    return expected(pose_RM, poses.time_s_R, poses.missing_NT3.reshape(N, -1), poses.gap_s).reshape(R - N, T, 3)
