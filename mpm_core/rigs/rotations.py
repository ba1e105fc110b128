"""The rotation that brings a joint's children onto their targets. N frames, K children; float64, any one unit of length."""

from __future__ import annotations

import numpy as np

from mpm_core.linalg.kabsch import nearest_rotations
from mpm_core.rigs.kinematics import turn
from mpm_core.typing import Float, Int, Mask


def fit_rotations(ref_N33: Float, rest_NK3: Float, aim_NK3: Float, weight_NK: Float, rank_NK: Int, levers: tuple[float, ...]) -> Float:
    """(N, 3, 3) rotations that turn rest_NK3 (children in the joint's own frame) onto aim_NK3 (the same in the world, seen from the joint).

    Children go by rank, 0 first: a rank decides only what those before it leave open, so what must be met is met exactly. Where the
    children of a rank lie on one line (root of the summed squared distances from it below that rank's lever) they give the smallest
    swing of the reference that brings the line onto their goals, and later ranks may give the twist about it; else they decide all, by
    the weighted least-squares rotation of Wahba's problem (Kabsch 1976, by singular value decomposition). What nothing decides is as in
    ref_N33. weight 0: no child there.
    """
    out_N33 = ref_N33.copy()
    axis_N3 = np.zeros((len(ref_N33), 3))  # what is settled, in the joint's own frame; zeros: nothing
    open_N = np.ones(len(ref_N33), bool)
    for rank, lever in enumerate(levers):
        weights_NK = np.where(rank_NK == rank, weight_NK, 0.0)
        there_N = open_N & (weights_NK > 0).any(axis=1)
        used_NK3, goal_NK3 = np.where(weights_NK[..., None] > 0, rest_NK3, 0.0), np.where(weights_NK[..., None] > 0, aim_NK3, 0.0)
        hung_N = axis_N3.any(axis=1)
        at = np.flatnonzero(there_N & hung_N)
        if len(at):
            out_N33[at], open_N[at] = _twisted(out_N33[at], axis_N3[at], used_NK3[at], goal_NK3[at], weights_NK[at], lever)
        at = np.flatnonzero(there_N & ~hung_N)
        if len(at):
            _, sizes, axes_N33 = np.linalg.svd(_three_rows(used_NK3[at]))
            full_N, line_N = sizes[:, 1] >= lever, (sizes[:, 1] < lever) & (sizes[:, 0] > 0)
            full, line = at[full_N], at[line_N]
            out_N33[full] = wahba(used_NK3[full], goal_NK3[full], weights_NK[full])
            open_N[full] = False
            axis_N3[line] = axes_N33[line_N, 0]
            along_NK = turn(used_NK3[line], axis_N3[line]) * weights_NK[line]
            out_N33[line] = _swung(out_N33[line], axis_N3[line], (along_NK[..., None] * goal_NK3[line]).sum(axis=1))
    return out_N33


def _twisted(rot_N33: Float, axis_N3: Float, rest_NK3: Float, aim_NK3: Float, weight_NK: Float, lever: float) -> tuple[Float, Mask]:
    """The rotations after the turn about their axis that best meets the goals (least squares), and where the twist is still open."""
    off_NK3 = rest_NK3 - (rest_NK3 @ axis_N3[..., None]) * axis_N3[:, None]
    now_NK3 = off_NK3 @ rot_N33.transpose(0, 2, 1)
    axis_N3 = turn(rot_N33, axis_N3)
    cos_N = (weight_NK[..., None] * aim_NK3 * now_NK3).sum(axis=(1, 2))
    sin_N = (weight_NK[..., None] * aim_NK3 * np.cross(axis_N3[:, None], now_NK3)).sum(axis=(1, 2))
    open_N = np.linalg.norm(off_NK3, axis=(1, 2)) < lever
    angle_N = np.where(open_N, 0.0, np.arctan2(sin_N, cos_N))
    skew_N33 = np.cross(np.eye(3), axis_N3[:, None, :])
    turn_N33 = np.eye(3) + np.sin(angle_N)[:, None, None] * skew_N33 + (1 - np.cos(angle_N))[:, None, None] * skew_N33 @ skew_N33
    return turn_N33 @ rot_N33, open_N


def _three_rows(rest_NK3: Float) -> Float:
    missing = max(0, 3 - rest_NK3.shape[1])
    return np.pad(rest_NK3, ((0, 0), (0, missing), (0, 0)))


def wahba(rest_NK3: Float, aim_NK3: Float, weight_NK: Float) -> Float:
    """(N, 3, 3) rotations that best turn rest_NK3 onto aim_NK3, by weighted least squares; never a reflection."""
    share_NK = weight_NK / weight_NK.max(axis=1, keepdims=True)
    return nearest_rotations(np.einsum("nk,nki,nkj->nij", share_NK, aim_NK3, rest_NK3))


def _swung(ref_N33: Float, axis_N3: Float, aim_N3: Float) -> Float:
    """The reference after the smallest turn that brings `axis` onto the direction of `aim`; untouched where aim has no direction."""
    length_N1 = np.linalg.norm(aim_N3, axis=1, keepdims=True)
    start_N3 = turn(ref_N33, axis_N3)
    end_N3 = np.where(length_N1 > 0, aim_N3 / np.where(length_N1 > 0, length_N1, 1.0), start_N3)
    cross_N3, cos_N = np.cross(start_N3, end_N3), (start_N3 * end_N3).sum(axis=1)
    behind_N = cos_N < -1 + 1e-12
    if behind_N.any():  # half a turn: any axis across is as small
        across_N3 = np.cross(start_N3, np.eye(3)[np.abs(start_N3).argmin(axis=1)])
        across_N3 /= np.linalg.norm(across_N3, axis=1, keepdims=True)
    skew_N33 = np.cross(np.eye(3), cross_N3[:, None, :])
    swing_N33 = np.eye(3) + skew_N33 + skew_N33 @ skew_N33 / np.where(behind_N, 1.0, 1 + cos_N)[:, None, None]
    if behind_N.any():
        swing_N33[behind_N] = 2 * across_N3[behind_N, :, None] * across_N3[behind_N, None, :] - np.eye(3)
    return np.asarray(swing_N33 @ ref_N33)
