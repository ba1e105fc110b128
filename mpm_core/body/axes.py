"""Axes of the body's segments from its 17 joints. F frames, S segments; joints in body17's order; columns of rotations are x, y, z in the
world.

Every segment has x forward, y left, z up, for a person who stands with hanging arms. y of a limb is the normal of the plane in which its
hinge bends. While the limb is straight, the plane is interpolated in time relative to the neighbouring segment, so it never flips.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.joints import ARMS, HEAD_TOP, HIP, L_HIP, L_KNEE, L_SHOULDER, LEGS, NECK, R_HIP, R_KNEE, R_SHOULDER, SPINE, THORAX
from mpm_core.typing import Float

UP = (0.0, 0.0, 1.0)
SEGMENTS = ("pelvis", "torso", "head", "left_thigh", "left_shank", "right_thigh", "right_shank",
            "left_upper_arm", "left_forearm", "right_upper_arm", "right_forearm")  # fmt: skip
STRAIGHT = 0.25  # sine of a hinge's angle below which its plane is not used (an elbow has a carrying angle)
BENT = 0.6  # and above which it is used alone


def unit(vector_F3: NDArray[Any]) -> Float:
    """Vectors scaled to length 1; NaN for zero vectors."""
    length_F1 = np.linalg.norm(vector_F3, axis=-1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(length_F1 > 1e-9, vector_F3 / length_F1, np.nan))


def axes(up_F3: NDArray[Any], left_F3: NDArray[Any]) -> Float:
    """(F, 3, 3) axes with z along up_F3 and y as near to left_F3 as possible."""
    z_F3 = unit(up_F3)
    x_F3 = unit(np.cross(left_F3, z_F3))
    return np.stack([x_F3, np.cross(z_F3, x_F3), z_F3], axis=-1)


def swing(vector_F3: Float, from_F3: Float, to_F3: Float) -> Float:
    """The vector rotated by the shortest rotation from direction from_F3 to to_F3 (damped where they are opposite)."""
    u_F3, w_F3 = unit(from_F3), unit(to_F3)
    k_F3 = np.cross(u_F3, w_F3)
    c_F1 = (u_F3 * w_F3).sum(-1, keepdims=True)
    along_F1 = (k_F3 * vector_F3).sum(-1, keepdims=True)
    return np.asarray(vector_F3 * c_F1 + np.cross(k_F3, vector_F3) + k_F3 * along_F1 / np.maximum(1 + c_F1, 0.05))


def hinge_left(upper_F3: Float, middle_F3: Float, lower_F3: Float, parent_F33: Float, bends: int) -> Float:
    """(F, 3) unit vector to the left, about which a knee (bends = 1, backwards) or an elbow (bends = -1, forwards) turns.

    parent_F33: axes of the pelvis or torso. Frames are consecutive. NaN where the upper bone is unknown; where only the lower one is,
    interpolated as in frames with a straight limb.
    """
    bone_F3, next_F3 = unit(middle_F3 - upper_F3), unit(lower_F3 - middle_F3)
    rest_F3 = swing(parent_F33[..., 1], -parent_F33[..., 2], bone_F3)
    rest_F3 = unit(rest_F3 - bone_F3 * (rest_F3 * bone_F3).sum(-1, keepdims=True))
    side_F3 = np.cross(bone_F3, rest_F3)
    plane_F3 = np.cross(bone_F3, next_F3) * bends
    sine_F = np.linalg.norm(plane_F3, axis=-1)
    turn_F = (plane_F3 * rest_F3).sum(-1) + 1j * (plane_F3 * side_F3).sum(-1)
    known_F = np.flatnonzero(np.isfinite(turn_F) & (sine_F > BENT))
    interpolated_F = np.ones(len(turn_F), complex)
    if len(known_F):
        unit_F = turn_F[known_F] / sine_F[known_F]
        frames = np.arange(len(turn_F))
        interpolated_F = np.interp(frames, known_F, unit_F.real) + 1j * np.interp(frames, known_F, unit_F.imag)
    share_F = np.where(np.isfinite(turn_F), np.clip((np.nan_to_num(sine_F) - STRAIGHT) / (BENT - STRAIGHT), 0, 1), 0)
    share_F = share_F * share_F * (3 - 2 * share_F)
    blended_F = share_F * np.nan_to_num(turn_F) / np.maximum(np.nan_to_num(sine_F), 1e-9) + (1 - share_F) * interpolated_F
    return unit(blended_F.real[:, None] * rest_F3 + blended_F.imag[:, None] * side_F3)


def segment_axes(joints_FJ3: Float) -> tuple[Float, Float]:
    """Origin (F, S, 3) and axes (F, S, 3, 3) of SEGMENTS; NaN where a joint is unknown.

    The origin is the middle of the bone; of the pelvis the hip.
    """

    def at(joint: int) -> Float:
        return joints_FJ3[:, joint]

    def middle(a: int, b: int) -> Float:
        return (at(a) + at(b)) / 2

    pelvis, torso = _trunk(joints_FJ3)
    segments = [
        (at(HIP), pelvis),
        (middle(SPINE, THORAX), torso),
        (middle(NECK, HEAD_TOP), axes(at(HEAD_TOP) - at(NECK), torso[..., 1])),
    ]
    for chains, parent, bends in ((LEGS, _legs_parent(joints_FJ3, pelvis), 1), (ARMS, torso, -1)):
        for top, mid, end in chains:
            left_F3 = hinge_left(at(top), at(mid), at(end), parent, bends)
            segments.append((middle(top, mid), axes(at(top) - at(mid), left_F3)))
            segments.append((middle(mid, end), axes(at(mid) - at(end), left_F3)))
    return np.stack([origin for origin, _ in segments], axis=1), np.stack([rot for _, rot in segments], axis=1)


def joint_axes(joints_XJ3: Float) -> Float:
    """(..., J, 3, 3) axes of the segment that each joint is fixed to: torso or pelvis; for wrists and ankles rotated with the bone above.

    For the hip: the body's heading, Z up. The world's axes where the joints that define them are unknown.
    """

    def at(joint: int) -> Float:
        return joints_XJ3[..., joint, :]

    across_X3 = at(L_HIP) - at(R_HIP) + at(L_SHOULDER) - at(R_SHOULDER)
    level_X33 = axes(np.broadcast_to(UP, across_X3.shape), across_X3)
    pelvis_X33, torso_X33 = _trunk(joints_XJ3)
    axes_XJ33 = np.repeat(torso_X33[..., None, :, :], joints_XJ3.shape[-2], axis=-3)
    axes_XJ33[..., HIP, :, :] = level_X33
    for joint in (R_HIP, L_HIP, R_KNEE, L_KNEE, SPINE, THORAX):
        axes_XJ33[..., joint, :, :] = pelvis_X33
    for chains, body_X33 in ((LEGS, pelvis_X33), (ARMS, torso_X33)):
        for top, middle, end in chains:
            down_X3, bone_X3 = -body_X33[..., 2], at(middle) - at(top)
            axes_XJ33[..., end, :, :] = np.moveaxis(swing(np.moveaxis(body_X33, -1, 0), down_X3, bone_X3), 0, -1)
    return np.where(np.isfinite(axes_XJ33).all(axis=(-2, -1), keepdims=True), axes_XJ33, np.eye(3))


def _trunk(joints_XJ3: Float) -> tuple[Float, Float]:
    """Axes (..., 3, 3) of the pelvis and of the torso."""

    def along(start: int, end: int) -> Float:
        return joints_XJ3[..., end, :] - joints_XJ3[..., start, :]

    return axes(along(HIP, SPINE), along(R_HIP, L_HIP)), axes(along(SPINE, THORAX), along(R_SHOULDER, L_SHOULDER))


def _legs_parent(joints_FJ3: Float, pelvis_F33: Float) -> Float:
    """Axes of the pelvis; where the spine is unknown, with y along the hips and z as near to the vertical as possible."""
    level_F33 = axes(np.broadcast_to(UP, (len(joints_FJ3), 3)), joints_FJ3[:, L_HIP] - joints_FJ3[:, R_HIP])
    return np.where(np.isfinite(pelvis_F33), pelvis_F33, level_F33)
