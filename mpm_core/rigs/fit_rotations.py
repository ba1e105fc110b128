"""The rotation that moves a joint's children to their targets. N frames, K children; float64, any unit of length."""

from __future__ import annotations

import numpy as np

from mpm_core.linalg.kabsch import nearest_rotations
from mpm_core.rigs.rotations import about_axes, cross_matrices, turn
from mpm_core.typing import Float, Int, Mask


def fit_rotations(
    reference_N33: Float, rest_NK3: Float, aim_NK3: Float, weight_NK: Float, rank_NK: Int, levers: tuple[float, ...]
) -> Float:
    """(N, 3, 3) rotations that move rest_NK3 (children in the joint's own frame) to aim_NK3 (targets in world axes, relative to the joint).

    Children have ranks, 0 first: a rank determines only what those before it leave open, so that hard targets are met exactly. If the
    children of a rank are collinear (root of the summed squared distances from the line below that rank's lever), they determine the
    smallest rotation of the reference that aligns the line with the targets, and later ranks may determine the twist about it; otherwise
    they determine the whole rotation, by weighted least squares (Wahba's problem; Kabsch 1976). What stays open is as in reference_N33.
    weight 0: no child.

    >>> import numpy as np
    >>> rest_NK3 = np.eye(3)[None]
    >>> fit = fit_rotations(np.eye(3)[None], rest_NK3, rest_NK3, np.ones((1, 3)), np.zeros((1, 3), int), (1e-6,))
    >>> np.allclose(fit, np.eye(3))
    True
    """
    out_N33 = reference_N33.copy()
    axis_N3 = np.zeros((len(reference_N33), 3))  # the axis whose direction is determined, in the joint's own frame; zeros: none
    open_N = np.ones(len(reference_N33), bool)
    for rank, lever in enumerate(levers):
        weights_NK = np.where(rank_NK == rank, weight_NK, 0.0)
        has_targets_N = open_N & (weights_NK > 0).any(axis=1)
        used_NK3, goal_NK3 = np.where(weights_NK[..., None] > 0, rest_NK3, 0.0), np.where(weights_NK[..., None] > 0, aim_NK3, 0.0)
        has_axis_N = axis_N3.any(axis=1)
        at = np.flatnonzero(has_targets_N & has_axis_N)
        if len(at):
            out_N33[at], open_N[at] = _twist(out_N33[at], axis_N3[at], used_NK3[at], goal_NK3[at], weights_NK[at], lever)
        at = np.flatnonzero(has_targets_N & ~has_axis_N)
        if len(at):
            _, sizes, axes_N33 = np.linalg.svd(_three_rows(used_NK3[at]))
            spatial_N, collinear_N = sizes[:, 1] >= lever, (sizes[:, 1] < lever) & (sizes[:, 0] > 0)
            spatial, collinear = at[spatial_N], at[collinear_N]
            out_N33[spatial] = wahba(used_NK3[spatial], goal_NK3[spatial], weights_NK[spatial])
            open_N[spatial] = False
            axis_N3[collinear] = axes_N33[collinear_N, 0]
            along_NK = turn(used_NK3[collinear], axis_N3[collinear]) * weights_NK[collinear]
            out_N33[collinear] = _swing(out_N33[collinear], axis_N3[collinear], (along_NK[..., None] * goal_NK3[collinear]).sum(axis=1))
    return out_N33


def _twist(rot_N33: Float, axis_N3: Float, rest_NK3: Float, aim_NK3: Float, weight_NK: Float, lever: float) -> tuple[Float, Mask]:
    """Rotations after the least-squares rotation about their axis, and where the twist is still undetermined."""
    normal_NK3 = rest_NK3 - (rest_NK3 @ axis_N3[..., None]) * axis_N3[:, None]
    now_NK3 = normal_NK3 @ rot_N33.transpose(0, 2, 1)
    axis_N3 = turn(rot_N33, axis_N3)
    cos_N = (weight_NK[..., None] * aim_NK3 * now_NK3).sum(axis=(1, 2))
    sin_N = (weight_NK[..., None] * aim_NK3 * np.cross(axis_N3[:, None], now_NK3)).sum(axis=(1, 2))
    open_N = np.linalg.norm(normal_NK3, axis=(1, 2)) < lever
    angle_N = np.where(open_N, 0.0, np.arctan2(sin_N, cos_N))
    return about_axes(axis_N3, angle_N) @ rot_N33, open_N


def _three_rows(rest_NK3: Float) -> Float:
    padding = max(0, 3 - rest_NK3.shape[1])
    return np.pad(rest_NK3, ((0, 0), (0, padding), (0, 0)))


def wahba(rest_NK3: Float, aim_NK3: Float, weight_NK: Float) -> Float:
    """(N, 3, 3) weighted least-squares rotations from rest_NK3 to aim_NK3; never a reflection."""
    share_NK = weight_NK / weight_NK.max(axis=1, keepdims=True)
    return nearest_rotations(np.einsum("nk,nki,nkj->nij", share_NK, aim_NK3, rest_NK3))


def _swing(reference_N33: Float, axis_N3: Float, aim_N3: Float) -> Float:
    """The reference after the smallest rotation that aligns the axis with the target direction; unchanged where that is zero."""
    length_N1 = np.linalg.norm(aim_N3, axis=1, keepdims=True)
    start_N3 = turn(reference_N33, axis_N3)
    end_N3 = np.where(length_N1 > 0, aim_N3 / np.where(length_N1 > 0, length_N1, 1.0), start_N3)
    cross_N3, cos_N = np.cross(start_N3, end_N3), (start_N3 * end_N3).sum(axis=1)
    opposite_N = cos_N < -1 + 1e-12
    if opposite_N.any():  # a rotation by 180 degrees: any orthogonal axis will do
        across_N3 = np.cross(start_N3, np.eye(3)[np.abs(start_N3).argmin(axis=1)])
        across_N3 /= np.linalg.norm(across_N3, axis=1, keepdims=True)
    skew_N33 = cross_matrices(cross_N3)
    swing_N33 = np.eye(3) + skew_N33 + skew_N33 @ skew_N33 / np.where(opposite_N, 1.0, 1 + cos_N)[:, None, None]
    if opposite_N.any():
        swing_N33[opposite_N] = 2 * across_N3[opposite_N, :, None] * across_N3[opposite_N, None, :] - np.eye(3)
    return np.asarray(swing_N33 @ reference_N33)
