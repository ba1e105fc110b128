"""The rotation that brings a joint's children onto their targets. N frames, K children; float64, any one unit of length."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.kinematics import turn

Float = NDArray[np.float64]


def fit_rotations(ref_N33: Float, rest_NK3: Float, aim_NK3: Float, weight_NK: Float, lever: float) -> Float:
    """(N, 3, 3) rotations that turn rest_NK3 (children in the joint's own frame) onto aim_NK3 (the same in the world, seen from the joint).

    ref_N33 decides what the children leave open: all of it without a child (weight 0), the twist when they lie on one line, that is
    when their distance from it (root of the summed squares) is below `lever`. Then the fit is the smallest swing of the reference;
    else it is the weighted least-squares rotation of Wahba's problem (Kabsch 1976, by singular value decomposition).
    """
    here_NK = weight_NK > 0
    used_NK3 = np.where(here_NK[..., None], rest_NK3, 0.0)
    aim_NK3 = np.where(here_NK[..., None], aim_NK3, 0.0)
    if used_NK3.shape[1] == 0:
        return ref_N33
    _, sizes, axes_N33 = np.linalg.svd(_three_rows(used_NK3))
    full_N = sizes[:, 1] >= lever
    out_N33 = ref_N33.copy()
    if full_N.any():
        out_N33[full_N] = wahba(used_NK3[full_N], aim_NK3[full_N], weight_NK[full_N])
    line_N = ~full_N & (sizes[:, 0] > 0)
    if line_N.any():
        along_NK = turn(used_NK3[line_N], axes_N33[line_N, 0]) * weight_NK[line_N]
        out_N33[line_N] = _swung(ref_N33[line_N], axes_N33[line_N, 0], (along_NK[..., None] * aim_NK3[line_N]).sum(axis=1))
    return out_N33


def _three_rows(rest_NK3: Float) -> Float:
    missing = max(0, 3 - rest_NK3.shape[1])
    return np.pad(rest_NK3, ((0, 0), (0, missing), (0, 0)))


def wahba(rest_NK3: Float, aim_NK3: Float, weight_NK: Float) -> Float:
    """(N, 3, 3) rotations that best turn rest_NK3 onto aim_NK3, by weighted least squares; never a reflection."""
    share_NK = weight_NK / weight_NK.max(axis=1, keepdims=True)
    left_N33, _, right_N33 = np.linalg.svd(np.einsum("nk,nki,nkj->nij", share_NK, aim_NK3, rest_NK3))
    left_N33[:, :, 2] *= np.sign(np.linalg.det(left_N33) * np.linalg.det(right_N33))[:, None]
    return np.asarray(left_N33 @ right_N33)


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
