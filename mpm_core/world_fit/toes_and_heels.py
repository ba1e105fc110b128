"""Toes and heels of a fitted body, from their keypoints where there are some. F frames, J = 17 joints; world axes, Z up, metres.

A foot's usual direction is at right angles to the shank, to where the body faces. Each toe and heel is the least-squares compromise of
that, of its keypoint, and of the floor where the foot rests on it, at a constant distance from the ankle.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mpm_core.body.joints import body17
from mpm_core.gaps import known
from mpm_core.linalg.kabsch import nearest_rotations
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.ankle_rests import Rest
from mpm_core.world_fit.balance import ahead

UP_3 = np.array([0.0, 0.0, 1.0])
TOE, HEEL = "toe", "heel"
AHEAD = {TOE: 0.105, HEEL: -0.03}  # of the ankle, in body heights, of a foot flat on the floor
BELOW = {TOE: 0.04, HEEL: 0.038}
SOLE_M = 0.012  # height of a toe or heel keypoint over the floor
RAY_SIGMA, USUAL_SIGMA, FLOOR_SIGMA = 0.02, 0.06, 0.01  # metres
SMOOTH_S = 0.06  # standard deviation in time of the smoothing of a toe and a heel around their ankle
NAMES = {
    "left_toe": ("LBigToe", "left_big_toe", "left_foot_index"),
    "left_heel": ("LHeel", "left_heel"),
    "right_toe": ("RBigToe", "right_big_toe", "right_foot_index"),
    "right_heel": ("RHeel", "right_heel"),
}
"""Joints of the feet, and what detectors call them."""


@dataclass(frozen=True, slots=True)
class View:
    """The camera of world points: camera axes = (x - place_3) turned by turn_33, and rays (F, 2) of keypoints by joint, NaN = missing."""

    turn_33: Float
    place_3: Float
    rays: Mapping[str, Float]


def foot_points(points: Sequence[str]) -> dict[str, str]:
    """Joint of the feet -> the point that shows it; empty where not all four are there.

    >>> foot_points(("LBigToe", "LHeel", "RBigToe", "RHeel"))["left_heel"]
    'LHeel'
    """
    found = {joint: name for joint, names in NAMES.items() for name in names if name in points}
    return found if len(found) == len(NAMES) else {}


def place_toes_and_heels(
    xyz_FJ3: Float, height_m: float, rests: Sequence[Rest], on_N: Sequence[bool], view: View, rate_hz: float, floor: bool
) -> dict[str, Float]:
    """(F, 3) of each joint of NAMES. on_N: rests on the floor. floor: there is one, at height 0, which no foot goes through."""
    names, placed = body17().names, {}
    ahead_F3 = ahead(xyz_FJ3, UP_3)
    for number, side in enumerate(("left", "right")):
        ankle_F3, knee_F3 = (xyz_FJ3[:, names.index(f"{side}_{joint}")] for joint in ("ankle", "knee"))
        flat_F: Mask = np.zeros(len(xyz_FJ3), bool)
        for rest, on in zip(rests, on_N, strict=True):
            if on and rest.ankle == number:
                flat_F[rest.frames] = True
        down_F3 = np.where(flat_F[:, None], [0.0, 0.0, -1.0], _unit(ankle_F3 - knee_F3))
        along_F3 = _unit(ahead_F3 - (ahead_F3 * down_F3).sum(axis=1, keepdims=True) * down_F3)
        towards = {}
        for part in (TOE, HEEL):
            usual_F3 = ankle_F3 + height_m * (AHEAD[part] * along_F3 + BELOW[part] * down_F3)
            point_F3 = _compromise(usual_F3, flat_F, view, view.rays[f"{side}_{part}"])
            smooth_F3 = gaussian_filter1d(point_F3 - ankle_F3, SMOOTH_S * rate_hz, axis=0, mode="nearest")
            lowest_F = SOLE_M - ankle_F3[:, 2] if floor else np.full(len(ankle_F3), -np.inf)
            towards[part] = _not_below(height_m * float(np.hypot(AHEAD[part], BELOW[part])) * _unit(smooth_F3), lowest_F)
        for part, along_F3 in _rigid(towards, height_m).items():
            placed[f"{side}_{part}"] = ankle_F3 + along_F3
    return placed


def _rigid(towards: Mapping[str, Float], height_m: float) -> dict[str, Float]:
    """The foot of a constant shape, turned so that its toe and heel are nearest to where they should be; vectors (F, 3) from the ankle."""
    shape = {part: height_m * np.array([0.0, AHEAD[part], -BELOW[part]]) for part in towards}
    cross_F33 = sum((shape[part][:, None] * towards[part][:, None, :] for part in towards), np.zeros((1, 3, 3)))
    turn_F33 = nearest_rotations(cross_F33)
    return {part: np.asarray(shape[part] @ turn_F33) for part in towards}


def _not_below(along_F3: Float, lowest_F: Float) -> Float:
    """Vectors turned upwards so that they do not reach below a height; their length is kept."""
    length_F = np.linalg.norm(along_F3, axis=1)
    up_F = np.clip(np.maximum(along_F3[:, 2], lowest_F), -length_F, length_F)
    level_F = np.sqrt(length_F**2 - up_F**2) / np.maximum(np.hypot(along_F3[:, 0], along_F3[:, 1]), 1e-9)
    return np.stack([along_F3[:, 0] * level_F, along_F3[:, 1] * level_F, up_F], axis=1)


def _compromise(usual_F3: Float, flat_F: Mask, view: View, ray_F2: Float) -> Float:
    """Least squares of six linear equations a frame: the usual place (three), the keypoint (two), the floor (one)."""
    normal_F33 = np.tile(np.eye(3) / USUAL_SIGMA**2, (len(usual_F3), 1, 1))
    rhs_F3 = usual_F3 / USUAL_SIGMA**2
    known_F = known(ray_F2)
    for axis in (0, 1):
        row_F3 = view.turn_33[axis] - np.where(known_F, ray_F2[:, axis], 0.0)[:, None] * view.turn_33[2]
        row_F3 = row_F3 * (known_F / RAY_SIGMA)[:, None]
        normal_F33 += row_F3[:, :, None] * row_F3[:, None]
        rhs_F3 = rhs_F3 + row_F3 * (row_F3 @ view.place_3)[:, None]
    normal_F33[:, 2, 2] += flat_F / FLOOR_SIGMA**2
    rhs_F3[:, 2] += flat_F * SOLE_M / FLOOR_SIGMA**2
    return np.asarray(np.linalg.solve(normal_F33, rhs_F3[..., None])[..., 0])


def _unit(vector_F3: Float) -> Float:
    return np.asarray(vector_F3 / np.maximum(np.linalg.norm(vector_F3, axis=1, keepdims=True), 1e-9))
