"""The weighted PCA fill: a missing marker by linear regression on the principal components of the visible ones, the nearest counting most.

After Gloersen and Federolf, PLOS ONE 11(3), e0152616 (2016): a Gaussian weight for each marker by its mean distance to the missing one,
whose own is so small that the components are those of the visible markers. As in Kieu et al., PLOS ONE 17(8), e0272407 (2022), each
missing marker has components of its own, in which other missing markers have no part. Both take away the mean position of the markers
only; here coordinates are in axes that turn with the body (among_visible.py), and how these lean, which they would hide, is among the
coordinates. Both standardize coordinates; here they are metres, because a marker at rest where it was learned would count without limit.

N frames to learn from, R rows (those, then the frames to predict), K visible markers, T missing ones, M coordinates, X values.
"""

from __future__ import annotations

import numpy as np

from mpm_core.fill.among_visible import Poses, fill_among_visible
from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.typing import Float

NEAR_M = 0.2  # standard deviation of the weight by distance
LEAN_M = 0.1  # of the vertical's direction in the visible markers' axes, beside their places
VARIANCE = 0.9999  # share of the weighted variance that the components in use hold


def weighted_pca(problem: FillProblem) -> FillResult:
    """Each gap from the markers visible throughout it, by principal components; see `fill_among_visible` for what is left."""
    return fill_among_visible(problem, _by_components)


def _by_components(poses: Poses) -> Float:
    """(R - N, T, 3) places of the missing markers."""
    (N, T, _), R = poses.missing_NT3.shape, len(poses.time_s_R)
    mean_T3, lean_R3 = poses.missing_NT3.mean(axis=0), LEAN_M * poses.axes_R33[:, 2]
    place_RT3 = np.empty((R - N, T, 3))
    for target in range(T):
        distance_NK = np.linalg.norm(poses.visible_RK3[:N] - poses.missing_NT3[:, target, None], axis=2)
        weight_K = np.exp(-(distance_NK.mean(axis=0) ** 2) / (2 * NEAR_M**2))
        coordinate_RM = np.concatenate([(poses.visible_RK3 * weight_K[:, None]).reshape(R, -1), lean_R3], axis=1)
        coordinate_RM -= coordinate_RM[:N].mean(axis=0)
        coefficient_M3 = _component_regression(coordinate_RM[:N], poses.missing_NT3[:, target] - mean_T3[target])
        place_RT3[:, target] = mean_T3[target] + coordinate_RM[N:] @ coefficient_M3
    return place_RT3


def _component_regression(coordinate_NM: Float, value_NX: Float) -> Float:
    """(M, X) coefficients of the values along the fewest principal components that hold VARIANCE of the coordinates; zero where nothing
    moves. Coordinates and values have zero mean.
    """
    score_NC, size_C, axis_CM = np.linalg.svd(coordinate_NM, full_matrices=False)
    held_C = np.cumsum(size_C**2)
    count = int(np.searchsorted(held_C, VARIANCE * held_C[-1])) + 1 if held_C[-1] > 0 else 0
    return np.asarray(axis_CM[:count].T @ ((score_NC[:, :count].T @ value_NX) / size_C[:count, None]))
