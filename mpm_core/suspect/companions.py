"""Companions: points that keep their distance to each other; neighbours: the nearest points.

F frames, P points, K companions, S sampled frames; metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.linalg.robust import MAD_TO_SIGMA, lower_median
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int

MOST_FRAMES, MOST_POINTS = 200, 250
MOST_SPREAD_M = 0.012  # greatest spread (robust standard deviation) of the distance between companions
LEAST_SHARE = 0.1  # of the sampled frames, in which both must be visible
COMPANIONS = NEIGHBOURS = 5


@dataclass(frozen=True, slots=True)
class Companions:
    """near_PK: for each point the K points with the least variable distance (-1 = none). far_PK, spread_PK: the distance and its spread."""

    near_PK: Int
    far_PK: Float
    spread_PK: Float

    def count(self, point: int) -> int:
        return int((self.near_PK[point] >= 0).sum())

    def strain(self, xyz_FPD: Float, point: int, path_FD: Float | None = None) -> Float:
        """(F,) median error of the distances from a path (None = the point's own) to the point's companions, metres.

        NaN where the path, or all but one companion, is missing.
        """
        near_K = self.near_PK[point][self.near_PK[point] >= 0]
        path_FD = xyz_FPD[:, point] if path_FD is None else path_FD
        if len(near_K) < 2:
            return np.full(len(path_FD), np.nan)
        error_FK = np.abs(np.linalg.norm(xyz_FPD[:, near_K] - path_FD[:, None], axis=2) - self.far_PK[point, : len(near_K)])
        return np.where(np.isfinite(error_FK).sum(axis=1) >= 2, lower_median(error_FK, axis=1), np.nan)


def find_companions(xyz_FPD: Float, scale: float) -> Companions:
    """Companions by the robust spread of the distance of each pair; scale: the length of a metre (`evidence.metre_length`)."""
    F, P = xyz_FPD.shape[:2]
    near_PK, far_PK = np.full((P, COMPANIONS), -1, np.int64), np.full((P, COMPANIONS), np.nan)
    spread_PK = np.full((P, COMPANIONS), np.nan)
    if P > MOST_POINTS or not F:
        return Companions(near_PK, far_PK, spread_PK)
    sample_SPD = xyz_FPD[subsample(F, MOST_FRAMES)]
    for point in range(P):
        distance_SP = np.linalg.norm(sample_SPD - sample_SPD[:, point, None], axis=2)
        count_P = np.isfinite(distance_SP).sum(axis=0)
        candidates = np.flatnonzero((count_P >= max(5, LEAST_SHARE * len(sample_SPD))) & (np.arange(P) != point))
        if not len(candidates):
            continue
        far_A = lower_median(distance_SP[:, candidates])
        spread_A = MAD_TO_SIGMA * lower_median(np.abs(distance_SP[:, candidates] - far_A))
        rigid = np.flatnonzero((spread_A < MOST_SPREAD_M * scale) & (far_A > 0))
        chosen = rigid[np.argsort(spread_A[rigid] + 0.01 * far_A[rigid])][:COMPANIONS]
        near_PK[point, : len(chosen)], far_PK[point, : len(chosen)] = candidates[chosen], far_A[chosen]
        spread_PK[point, : len(chosen)] = spread_A[chosen]
    return Companions(near_PK, far_PK, spread_PK)


def neighbours(xyz_FPD: Float) -> Int:
    """(P, N) the points that are nearest to each one over the take."""
    sample_SPD = xyz_FPD[subsample(len(xyz_FPD), 60)]
    distance_PP = (
        np.stack([_mean_distance(sample_SPD, point) for point in range(sample_SPD.shape[1])]) if sample_SPD.shape[1] else np.zeros((0, 0))
    )
    count = min(NEIGHBOURS, max(len(distance_PP) - 1, 0))
    return np.argsort(distance_PP, axis=1)[:, :count]


def _mean_distance(sample_SPD: Float, point: int) -> Float:
    distance_SP = np.linalg.norm(sample_SPD - sample_SPD[:, point, None], axis=2)
    known_SP = np.isfinite(distance_SP)
    mean_P = np.where(known_SP, distance_SP, 0).sum(axis=0) / np.maximum(known_SP.sum(axis=0), 1)
    mean_P[~known_SP.any(axis=0)] = np.inf
    mean_P[point] = np.inf
    return np.asarray(mean_P)
