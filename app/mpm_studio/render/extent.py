"""The place and size of a take, measured on a few hundred of its frames. F frames, P points, D dimensions; metres, Z up.

A 2D recording is placed on the upright plane y = 0: image right is +x, up is +z, a person is FIGURE_M tall and stands at z = 0.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d

from mpm_core.gaps import known
from mpm_core.recording import Recording
from mpm_core.typing import Float, Float32, Floating
from mpm_studio.render.sides import LEFT, RIGHT

FIGURE_M = 1.7
SAMPLES = 400
FOLLOW_S = 0.5


@dataclass(frozen=True, slots=True)
class Placing:
    """From a recording's own coordinates to the world: 3D as it is; 2D by metres per pixel, with image point (u0, v0) at the origin."""

    scale: float = 1.0
    u0: float = 0.0
    v0: float = 0.0

    def place(self, xyz: Float32) -> Float32:
        """(..., D) to (..., 3); NaN stays NaN."""
        if xyz.shape[-1] == 3:
            return xyz
        across, up = (xyz[..., 0] - self.u0) * self.scale, (self.v0 - xyz[..., 1]) * self.scale
        return np.stack([across, np.where(np.isnan(across), np.nan, 0), up], axis=-1).astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Extent:
    """low_3, high_3: a box around nearly the whole take. size: the diagonal of a box around a body. anchor_F3: where the body is, smooth.

    front: azimuth in degrees that it looks to.
    """

    low_3: Float
    high_3: Float
    size: float
    anchor_F3: Float
    front: float


def placing(rec: Recording) -> Placing:
    """Where a recording stands in the world."""
    if rec.dims == 3:
        return Placing()
    low, high = _boxes(_some(rec))
    if not len(low):
        return Placing()
    tall = float(np.percentile(high[:, 1] - low[:, 1], 90))
    return Placing(FIGURE_M / max(tall, 1e-6), float(np.median(low[:, 0] + high[:, 0]) / 2), float(np.percentile(high[:, 1], 90)))


def extent(rec: Recording, where: Placing, side_P: NDArray[np.intp]) -> Extent:
    """Measure a placed recording; a unit box around a standing person when it holds no sample at all."""
    xyz_FP3 = where.place(rec.xyz_FPD)
    low, high = _boxes(where.place(_some(rec)))
    if not len(low):
        return Extent(np.array([-0.5, -0.5, 0.0]), np.array([0.5, 0.5, FIGURE_M]), FIGURE_M, np.zeros((rec.frames, 3)), 0.0)
    size = max(1e-3, float(np.median(np.linalg.norm(high - low, axis=1))))
    front = -90.0 if rec.dims == 2 else _front(where.place(_some(rec)), side_P)
    return Extent(np.percentile(low, 4, axis=0), np.percentile(high, 96, axis=0), size, _anchor(xyz_FP3, rec.rate_hz), front)


def corners(low_3: Float, high_3: Float) -> Float:
    """(8, 3) the corners of a box."""
    return np.array([[(low_3, high_3)[bit >> axis & 1][axis] for axis in range(3)] for bit in range(8)])


def there(xyz_P3: Floating) -> Float:
    """The points that are not missing."""
    return xyz_P3[np.isfinite(xyz_P3).all(axis=1)].astype(np.float64)


def _some(rec: Recording) -> Float32:
    frames = np.unique(np.linspace(0, max(0, rec.frames - 1), min(rec.frames, SAMPLES)).astype(int))
    return np.take(rec.xyz_FPD, frames, axis=0)


def _boxes(xyz_FPD: Float32) -> tuple[Float, Float]:
    """Per frame that has a sample, its lowest and highest corner."""
    xyz_FPD = xyz_FPD[np.isfinite(xyz_FPD).any(axis=(1, 2))].astype(np.float64)
    if not xyz_FPD.size:
        return np.zeros((0, 3)), np.zeros((0, 3))
    return np.nanmin(xyz_FPD, axis=1), np.nanmax(xyz_FPD, axis=1)


def _front(xyz_FP3: Float32, side_P: NDArray[np.intp]) -> float:
    """Azimuth from which the body is seen from the front in the take's first frames, a multiple of 45 degrees; 0 when unknown."""
    if not ((side_P == LEFT).any() and (side_P == RIGHT).any()):
        return 0.0
    for xyz_P3 in xyz_FP3.astype(np.float64):
        left, right = (xyz_P3[(side_P == side) & np.isfinite(xyz_P3).all(axis=1)] for side in (LEFT, RIGHT))
        if len(left) and len(right):
            across = left.mean(axis=0) - right.mean(axis=0)
            if np.hypot(across[0], across[1]) > 1e-3:
                return float(np.round(np.degrees(np.arctan2(-across[0], across[1])) / 45) * 45)
    return 0.0


def _anchor(xyz_FP3: Float32, rate_hz: float) -> Float:
    """(F, 3) the mean of the known points, smoothed for a camera that follows it."""
    known_FP = known(xyz_FP3)
    count_F = known_FP.sum(axis=1)
    mean_F3 = np.where(known_FP[..., None], xyz_FP3, 0).sum(axis=1, dtype=np.float64) / np.maximum(count_F, 1)[:, None]
    known_frames = np.flatnonzero(count_F)
    if len(known_frames) < len(count_F):
        mean_F3 = np.stack([np.interp(np.arange(len(count_F)), known_frames, mean_F3[known_frames, axis]) for axis in range(3)], axis=1)
    return np.asarray(uniform_filter1d(mean_F3, max(1, round(FOLLOW_S * rate_hz)), axis=0, mode="nearest"))
