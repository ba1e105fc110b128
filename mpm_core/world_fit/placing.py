"""The path of the root by least squares: poses placed so that they project to the keypoints, move smoothly and keep resting feet in place.

F frames, J joints, A = 2 ankles; metres, camera axes (x right, y down, z forward) where no others are named. A ray is a keypoint in focal
lengths from the middle of the image.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.errors import DataError
from mpm_core.gaps import known
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.camera import level_axes

FEWEST_VISIBLE = 4  # joints that must be visible in a frame to place its root
RAY_SIGMA = 0.02  # metres across the view by which a pose usually misses its keypoints
RAY_OUTLIER = 3.0  # in RAY_SIGMA: the scale of Cauchy's weights
ACCELERATION_M_S2 = np.array([1.0, 1.0, 9.8])  # usual one of the root, across, ahead and up; between steps of a run it falls
STEP_M_S = 0.05  # usual speed of an ankle at rest
FLOOR_M = 0.02  # usual height of a resting ankle above or below its usual height
ROUNDS = 4  # of weighing again, against outliers


@dataclass(frozen=True, slots=True)
class Ground:
    """A floor: up . x = level_m at a resting ankle. on_FA: ankles that rest on it, 0..1."""

    level_m: float
    on_FA: Float


def place_root(
    pose_FJ3: Float,
    ray_FJ2: Float,
    weight_FJ: Float,
    rest_FA: Float,
    ankles: tuple[int, int],
    rate_hz: float,
    up_3: Float,
    ground: Ground | None = None,
) -> Float:
    """(F, 3) root of poses relative to it: least squares of all frames together, keypoints by Cauchy's weights.

    ray_FJ2: NaN = missing. weight_FJ: of keypoints, 0..1. rest_FA: how surely each ankle is at rest, 0..1. up_3: unit vector. Raises
    DataError when no frame shows FEWEST_VISIBLE joints.
    """
    visible_FJ = known(ray_FJ2) & (weight_FJ > 0)
    placed_F = visible_FJ.sum(axis=1) >= FEWEST_VISIBLE
    if not placed_F.any():
        raise DataError(f"no frame shows {FEWEST_VISIBLE} body joints at once", hint="the person cannot be placed; use a better detection")
    equations = _equations(pose_FJ3, np.where(visible_FJ[..., None], ray_FJ2, 0.0))
    root_F3 = _first(equations, visible_FJ, placed_F)
    weight_JF = np.ascontiguousarray(np.where(visible_FJ, weight_FJ, 0.0).T)
    axes_33 = level_axes(up_3)
    for _ in range(ROUNDS):
        root_F3 = _solve(equations, weight_JF, pose_FJ3[:, list(ankles)], rest_FA, rate_hz, axes_33, ground, root_F3)
    return root_F3


def reprojection(pose_FJ3: Float, root_F3: Float, ray_FJ2: Float) -> Float:
    """(F, J, 2) by how much joints miss their keypoints, metres across the view at the joint's depth; NaN where the keypoint is missing."""
    xyz_FJ3 = pose_FJ3 + root_F3[:, None]
    return np.asarray(xyz_FJ3[..., :2] - ray_FJ2 * xyz_FJ3[..., 2:])


@dataclass(frozen=True, slots=True)
class _Equations:
    """Those of each keypoint (u, v) for the root t, tx - u tz = a and ty - v tz = b; joints first, so that sums over them are quick."""

    u_JF: Float
    v_JF: Float
    a_JF: Float
    b_JF: Float

    def off_JF(self, root_F3: Float) -> Float:
        """Squares of how far they are from being fulfilled, metres squared."""
        x_F, y_F, z_F = root_F3.T
        return np.asarray((x_F - self.u_JF * z_F - self.a_JF) ** 2 + (y_F - self.v_JF * z_F - self.b_JF) ** 2)

    def normal(self, weight_JF: Float) -> tuple[Float, Float]:
        """Normal matrices (F, 3, 3) and right sides (F, 3) of their least squares."""
        u_JF, v_JF = weight_JF * self.u_JF, weight_JF * self.v_JF
        w_F, u_F, v_F = weight_JF.sum(axis=0), u_JF.sum(axis=0), v_JF.sum(axis=0)
        square_F = _summed(u_JF, self.u_JF) + _summed(v_JF, self.v_JF)
        zero_F = np.zeros_like(w_F)
        rows = ((w_F, zero_F, -u_F), (zero_F, w_F, -v_F), (-u_F, -v_F, square_F))
        normal_F33 = np.stack([np.stack(row, axis=1) for row in rows], axis=1)
        along_F = -_summed(u_JF, self.a_JF) - _summed(v_JF, self.b_JF)
        return normal_F33, np.stack([_summed(weight_JF, self.a_JF), _summed(weight_JF, self.b_JF), along_F], axis=1)


def _equations(pose_FJ3: Float, ray_FJ2: Float) -> _Equations:
    """ray_FJ2: any number where it is missing."""
    (x_JF, y_JF, z_JF), (u_JF, v_JF) = np.ascontiguousarray(pose_FJ3.T), np.ascontiguousarray(ray_FJ2.T)
    return _Equations(u_JF, v_JF, u_JF * z_JF - x_JF, v_JF * z_JF - y_JF)


def _summed(a_JF: Float, b_JF: Float) -> Float:
    return np.asarray(np.einsum("jf,jf->f", a_JF, b_JF))


def _first(equations: _Equations, visible_FJ: Mask, placed_F: Mask) -> Float:
    """Each frame alone, those with too few joints interpolated."""
    normal_F33, rhs_F3 = equations.normal(np.ascontiguousarray(visible_FJ.T.astype(np.float64)))
    found_F3 = np.linalg.solve(normal_F33[placed_F] + 1e-9 * np.eye(3), rhs_F3[placed_F][..., None])[..., 0]
    frames = np.arange(len(placed_F))
    return np.stack([np.interp(frames, frames[placed_F], found_F3[:, axis]) for axis in range(3)], axis=1)


def _solve(
    equations: _Equations,
    weight_JF: Float,
    ankle_FA3: Float,
    rest_FA: Float,
    rate_hz: float,
    axes_33: Float,
    ground: Ground | None,
    root_F3: Float,
) -> Float:
    """One round: a banded system of 3 F unknowns, frame by frame, along the columns of axes_33, the third of which is up."""
    F = len(root_F3)
    robust_JF = weight_JF / (RAY_SIGMA**2 + equations.off_JF(root_F3) / RAY_OUTLIER**2)
    normal_F33, rhs_F3 = equations.normal(robust_JF)
    normal_F33, rhs_F3, ankle_FA3 = axes_33.T @ normal_F33 @ axes_33, rhs_F3 @ axes_33, ankle_FA3 @ axes_33
    band = np.zeros((7, 3 * F))  # upper form: band[6 - k, i] is the entry of unknowns i - k and i
    for row in range(3):
        for column in range(row, 3):
            band[6 - (column - row), column::3] += normal_F33[:, row, column]
    rhs = rhs_F3.ravel().copy()
    _smooth(band, F, rate_hz**2 / ACCELERATION_M_S2)
    _still(band, rhs, ankle_FA3, rest_FA, root_F3 @ axes_33, rate_hz)
    if ground is not None:
        _level(band, rhs, ankle_FA3, ground)
    from scipy.linalg import solveh_banded  # here, as its import takes long

    return np.asarray(solveh_banded(band, rhs, check_finite=False).reshape(F, 3) @ axes_33.T)


def _smooth(band: Float, F: int, scale_3: Float) -> None:
    """Add scale (t[f-1] - 2 t[f] + t[f+1]) = 0, each axis with its own scale, and a prior of one kilometre on the root."""
    band[6] += 1e-6
    if F < 3:
        return
    weight_3 = scale_3**2
    diagonal = np.zeros((F, 3))
    for offset, factor in ((0, 1.0), (1, 4.0), (2, 1.0)):
        diagonal[offset : F - 2 + offset] += weight_3 * factor
    band[6] += diagonal.ravel()
    one, two = np.zeros((F, 3)), np.zeros((F, 3))
    one[1 : F - 1] -= 2 * weight_3
    one[2:F] -= 2 * weight_3
    two[2:F] += weight_3
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
    """Ankles that rest on the floor are at its level: t + a = level along the last axis, which is up."""
    band[6, 2::3] += ground.on_FA.sum(axis=1) / FLOOR_M**2
    rhs[2::3] += (ground.on_FA * (ground.level_m - ankle_FA3[..., 2])).sum(axis=1) / FLOOR_M**2
