"""Which points keep their distance to which, and where they do not. F frames, P points, K companions, S frames of a sample; metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.linalg.robust import MAD_TO_SIGMA
from mpm_core.typing import Float, Int

MOST_FRAMES, MOST_POINTS = 200, 250
STEADY_M = 0.012  # how much a distance between companions may vary (robust standard deviation)
LEAST_SHARE = 0.1  # of the sampled frames, in which both must be seen
COMPANIONS = 5


@dataclass(frozen=True, slots=True)
class Companions:
    """near_PK: for each point the K that keep their distance best (-1 = no more); far_PK, spread_PK: that distance and how it varies."""

    near_PK: Int
    far_PK: Float
    spread_PK: Float

    def count(self, point: int) -> int:
        return int((self.near_PK[point] >= 0).sum())

    def strain(self, xyz_FPD: Float, point: int, path_FD: Float | None = None) -> Float:
        """(F,) how far a path (None = the point's own) is from keeping the point's distances: the median over its companions, metres.

        NaN where fewer than two of them, or the path, are seen.
        """
        near_K = self.near_PK[point][self.near_PK[point] >= 0]
        path_FD = xyz_FPD[:, point] if path_FD is None else path_FD
        if len(near_K) < 2:
            return np.full(len(path_FD), np.nan)
        off_FK = np.abs(np.linalg.norm(xyz_FPD[:, near_K] - path_FD[:, None], axis=2) - self.far_PK[point, : len(near_K)])
        off_FK = np.sort(off_FK, axis=1)
        count_F = np.isfinite(off_FK).sum(axis=1)
        middle_F = np.take_along_axis(off_FK, np.maximum(count_F - 1, 0)[:, None] // 2, axis=1)[:, 0]
        return np.where(count_F >= 2, middle_F, np.nan)


def find_companions(xyz_FPD: Float, scale: float) -> Companions:
    """By the spread of the distance of each pair over the take, outliers aside; scale: the length of a metre (`kinds.metre`)."""
    F, P = xyz_FPD.shape[:2]
    near_PK, far_PK = np.full((P, COMPANIONS), -1, np.int64), np.full((P, COMPANIONS), np.nan)
    spread_PK = np.full((P, COMPANIONS), np.nan)
    if P > MOST_POINTS or not F:
        return Companions(near_PK, far_PK, spread_PK)
    some_SPD = xyz_FPD[np.linspace(0, F - 1, min(F, MOST_FRAMES)).astype(np.int64)]
    for point in range(P):
        apart_SP = np.linalg.norm(some_SPD - some_SPD[:, point, None], axis=2)
        count_P = np.isfinite(apart_SP).sum(axis=0)
        able = np.flatnonzero((count_P >= max(5, LEAST_SHARE * len(some_SPD))) & (np.arange(P) != point))
        if not len(able):
            continue
        far_A = _median(apart_SP[:, able])
        spread_A = MAD_TO_SIGMA * _median(np.abs(apart_SP[:, able] - far_A))
        steady = np.flatnonzero((spread_A < STEADY_M * scale) & (far_A > 0))
        best = steady[np.argsort(spread_A[steady] + 0.01 * far_A[steady])][:COMPANIONS]
        near_PK[point, : len(best)], far_PK[point, : len(best)] = able[best], far_A[best]
        spread_PK[point, : len(best)] = spread_A[best]
    return Companions(near_PK, far_PK, spread_PK)


def _median(values_SA: Float) -> Float:
    """(A,) the lower median of each column's known values; each has one."""
    sorted_SA = np.sort(values_SA, axis=0)
    place_A = (np.isfinite(sorted_SA).sum(axis=0) - 1) // 2
    return np.asarray(np.take_along_axis(sorted_SA, place_A[None], axis=0)[0])
