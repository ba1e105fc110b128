"""The path of the root: where the poses are, so that they project to the keypoints, move smoothly and keep resting feet in place.

F frames, J joints, A = 2 ankles; camera axes (x right, y down, z forward), metres. A ray is a keypoint in focal lengths from the middle of
the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.errors import DataError
from mpm_core.gaps import known
from mpm_core.typing import Float, Mask

FEWEST_VISIBLE = 4  # joints that must be visible in a frame to place its root
RAY_SIGMA = 0.02  # metres across the view by which a pose usually misses its keypoints
RAY_OUTLIER = 3.0  # in RAY_SIGMA: the scale of Cauchy's weights
ACCELERATION_M_S2 = 1.0  # usual acceleration of the root, across the view and along it
STEP_M_S = 0.05  # usual speed of an ankle at rest
FLOOR_M = 0.02  # usual height of a resting ankle above or below its usual height
ROUNDS = 4  # of weighing again, against outliers


@dataclass(frozen=True, slots=True)
class Ground:
    """A floor in camera axes: up_3 . x = level_m at a resting ankle. on_FA: ankles that rest on it, 0..1."""

    up_3: Float
    level_m: float
    on_FA: Float


def place_root(
    pose_FJ3: Float, ray_FJ2: Float, weight_FJ: Float, rest_FA: Float, ankles: tuple[int, int], rate_hz: float, ground: Ground | None = None
) -> Float:
    """(F, 3) root of poses relative to it: least squares of all frames together, keypoints by Cauchy's weights.

    ray_FJ2: NaN = missing. weight_FJ: of keypoints, 0..1. rest_FA: how surely each ankle is at rest, 0..1. Raises DataError when no frame
    shows FEWEST_VISIBLE joints.
    """
    visible_FJ = known(ray_FJ2) & (weight_FJ > 0)
    if not (visible_FJ.sum(axis=1) >= FEWEST_VISIBLE).any():
        raise DataError(f"no frame shows {FEWEST_VISIBLE} body joints at once", hint="the person cannot be placed; use a better detection")
    root_F3 = _first(pose_FJ3, ray_FJ2, visible_FJ)
    ray_FJ2, weight_FJ = np.nan_to_num(ray_FJ2), np.where(visible_FJ, weight_FJ, 0.0)
    for _ in range(ROUNDS):
        root_F3 = _solve(pose_FJ3, ray_FJ2, weight_FJ, rest_FA, ankles, rate_hz, ground, root_F3)
    return root_F3


def reprojection(pose_FJ3: Float, root_F3: Float, ray_FJ2: Float) -> Float:
    """(F, J, 2) by how much joints miss their keypoints, metres across the view at the joint's depth; NaN where the keypoint is missing."""
    xyz_FJ3 = pose_FJ3 + root_F3[:, None]
    return np.asarray(xyz_FJ3[..., :2] - ray_FJ2 * xyz_FJ3[..., 2:])


def _first(pose_FJ3: Float, ray_FJ2: Float, visible_FJ: Mask) -> Float:
    """Each frame alone, those with too few joints interpolated: (X + tx) = u (Z + tz) and (Y + ty) = v (Z + tz) are linear in the root
    t."""
    placed_F = visible_FJ.sum(axis=1) >= FEWEST_VISIBLE
    ray_FJ2 = np.where(visible_FJ[..., None], ray_FJ2, 0.0)
    normal_F33, rhs_F3 = _rays(pose_FJ3, ray_FJ2, visible_FJ.astype(np.float64))
    found_F3 = np.linalg.solve(normal_F33[placed_F] + 1e-9 * np.eye(3), rhs_F3[placed_F][..., None])[..., 0]
    frames = np.arange(len(pose_FJ3))
    return np.stack([np.interp(frames, frames[placed_F], found_F3[:, axis]) for axis in range(3)], axis=1)


def _rays(pose_FJ3: Float, ray_FJ2: Float, weight_FJ: Float) -> tuple[Float, Float]:
    """Normal matrices (F, 3, 3) and right sides (F, 3) of the two equations of each keypoint. ray_FJ2: any number where the weight is 0."""
    u_FJ, v_FJ = ray_FJ2[..., 0], ray_FJ2[..., 1]
    a_FJ, b_FJ = u_FJ * pose_FJ3[..., 2] - pose_FJ3[..., 0], v_FJ * pose_FJ3[..., 2] - pose_FJ3[..., 1]
    w, wu, wv = (values.sum(axis=1) for values in (weight_FJ, weight_FJ * u_FJ, weight_FJ * v_FJ))
    wuv = (weight_FJ * (u_FJ**2 + v_FJ**2)).sum(axis=1)
    zero = np.zeros_like(w)
    normal_F33 = np.stack([np.stack([w, zero, -wu], 1), np.stack([zero, w, -wv], 1), np.stack([-wu, -wv, wuv], 1)], axis=1)
    along_F = -(weight_FJ * (u_FJ * a_FJ + v_FJ * b_FJ)).sum(axis=1)
    return normal_F33, np.stack([(weight_FJ * a_FJ).sum(axis=1), (weight_FJ * b_FJ).sum(axis=1), along_F], axis=1)


def _solve(
    pose_FJ3: Float,
    ray_FJ2: Float,
    weight_FJ: Float,
    rest_FA: Float,
    ankles: tuple[int, int],
    rate_hz: float,
    ground: Ground | None,
    root_F3: Float,
) -> Float:
    """One round: a banded system of 3 F unknowns, frame by frame."""
    F = len(pose_FJ3)
    off_FJ = np.linalg.norm(reprojection(pose_FJ3, root_F3, ray_FJ2), axis=2) / RAY_SIGMA
    robust_FJ = weight_FJ / (1 + (off_FJ / RAY_OUTLIER) ** 2) / RAY_SIGMA**2
    normal_F33, rhs_F3 = _rays(pose_FJ3, ray_FJ2, robust_FJ)
    band = np.zeros((7, 3 * F))  # upper form: band[6 - k, i] is the entry of unknowns i - k and i
    for row in range(3):
        for column in range(row, 3):
            band[6 - (column - row), column::3] += normal_F33[:, row, column]
    rhs = rhs_F3.ravel().copy()
    _smooth(band, F, rate_hz**2 / ACCELERATION_M_S2)
    _still(band, rhs, pose_FJ3[:, list(ankles)], rest_FA, root_F3, rate_hz)
    if ground is not None:
        _level(band, rhs, pose_FJ3[:, list(ankles)], ground)
    from scipy.linalg import solveh_banded  # here, as its import takes long

    return np.asarray(solveh_banded(band, rhs, check_finite=False).reshape(F, 3))


def _smooth(band: Float, F: int, scale: float) -> None:
    """scale (t[f-1] - 2 t[f] + t[f+1]) = 0, each axis; and the root is not known better than to a kilometre."""
    band[6] += 1e-6
    if F < 3:
        return
    weight = scale**2
    diagonal = np.zeros((F, 3))
    for offset, factor in ((0, 1.0), (1, 4.0), (2, 1.0)):
        diagonal[offset : F - 2 + offset] += weight * factor
    band[6] += diagonal.ravel()
    one, two = np.zeros((F, 3)), np.zeros((F, 3))
    one[1 : F - 1] -= 2 * weight
    one[2:F] -= 2 * weight
    two[2:F] += weight
    band[3] += one.ravel()
    band[0] += two.ravel()


def _still(band: Float, rhs: Float, ankle_FA3: Float, rest_FA: Float, root_F3: Float, rate_hz: float) -> None:
    """Ankles at rest in two frames stay: t[f] + a[f] = t[f-1] + a[f-1], by Cauchy's weights."""
    both_FA = rest_FA[1:] * rest_FA[:-1]
    step_FA3 = np.diff(ankle_FA3, axis=0)
    off_FA = np.linalg.norm(step_FA3 + np.diff(root_F3, axis=0)[:, None], axis=2) * rate_hz / STEP_M_S
    weight_FA = both_FA / (1 + (off_FA / 4) ** 2) * (rate_hz / STEP_M_S) ** 2
    total_F1 = weight_FA.sum(axis=1)[:, None]
    pull_F3 = (weight_FA[..., None] * step_FA3).sum(axis=1)
    F = len(ankle_FA3)
    diagonal, one, right = np.zeros((F, 3)), np.zeros((F, 3)), rhs.reshape(F, 3)
    diagonal[1:] += total_F1
    diagonal[:-1] += total_F1
    one[1:] -= total_F1
    band[6] += diagonal.ravel()
    band[3] += one.ravel()
    right[1:] -= pull_F3
    right[:-1] += pull_F3


def _level(band: Float, rhs: Float, ankle_FA3: Float, ground: Ground) -> None:
    """Ankles that rest on the floor are at its level: up . (t + a) = level."""
    weight_F = ground.on_FA.sum(axis=1) / FLOOR_M**2
    height_FA = ankle_FA3 @ ground.up_3
    miss_F = (ground.on_FA * (ground.level_m - height_FA)).sum(axis=1) / FLOOR_M**2
    for row in range(3):
        for column in range(row, 3):
            band[6 - (column - row), column::3] += weight_F * ground.up_3[row] * ground.up_3[column]
    rhs += (miss_F[:, None] * ground.up_3).ravel()
