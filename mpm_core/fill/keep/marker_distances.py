"""Filled markers keep the distances that neighbours have naturally. F frames, P points, K neighbours, R frames of a point; metres.

What is natural is learned where both are seen: a marker on the same bone stays between its nearest and its furthest. Whatever a fill was
mixed from, it is moved as little as that takes. Beside a gap every distance is natural, so nothing jumps there.
"""

from __future__ import annotations

import numpy as np

from mpm_core.fill.neighbours import distance_spread
from mpm_core.gaps import known
from mpm_core.typing import Float, Int

NEIGHBOURS = 4
STEADY_M = 0.05  # standard deviation of the distance to a neighbour
LEAST_S = 1.0  # seen together
ROUNDS = 30
TINY_M = 1e-6


def keep_distances(filled_FP3: Float, seen_FP3: Float, rate_hz: float) -> Float:
    """The fills (NaN = none), moved to natural distances from those steady neighbours that are visible. seen_FP3: NaN = not visible.

    One neighbour after the other, over and over (position-based dynamics, Mueller et al. 2007).
    """
    out_FP3, seen_P3F = filled_FP3.copy(), np.ascontiguousarray(seen_FP3.transpose(1, 2, 0))
    open_FP = known(filled_FP3) & ~known(seen_FP3)
    points = np.flatnonzero(open_FP.any(axis=0))
    for point, loose_P in zip(points, distance_spread(seen_FP3, points), strict=True):
        rows = np.flatnonzero(open_FP[:, point])
        near_K, low_K, high_K = _shells(seen_P3F, point, loose_P, LEAST_S * rate_hz)
        out_FP3[rows, point] = _within(filled_FP3[rows, point], seen_FP3[np.ix_(rows, near_K)], low_K, high_K)
    return out_FP3


def _shells(seen_P3F: Float, point: np.integer, loose_P: Float, least: float) -> tuple[Int, Float, Float]:
    """The steadiest neighbours seen beside the point in so many frames, the steadiest last; how near and how far they were."""
    near, low, high = [], [], []
    for each in np.argsort(loose_P)[:NEIGHBOURS][::-1]:  # the steadiest has the last word
        away_F = np.sqrt(((seen_P3F[each] - seen_P3F[point]) ** 2).sum(axis=0))
        if loose_P[each] < STEADY_M and np.isfinite(away_F).sum() >= least:
            near.append(each)
            low.append(np.fmin.reduce(away_F))
            high.append(np.fmax.reduce(away_F))
    return np.array(near, np.int64), np.array(low), np.array(high)


def _within(xyz_R3: Float, near_RK3: Float, low_K: Float, high_K: Float) -> Float:
    """(R, 3) the places, each moved into all of its shells around what is near (NaN = not there), or between those that do not meet."""
    there_RK = known(near_RK3)
    low_RK, high_RK = np.where(there_RK, low_K, 0.0), np.where(there_RK, high_K, np.inf)
    near_RK3 = np.where(there_RK[..., None], near_RK3, 0.0)
    out_R3, rows = xyz_R3.copy(), np.arange(len(xyz_R3))
    for _ in range(ROUNDS):
        moved_r3 = out_R3[rows]
        for k in range(len(low_K)):
            along_r3 = moved_r3 - near_RK3[rows, k]
            now_r = np.maximum(np.linalg.norm(along_r3, axis=1), TINY_M)
            moved_r3 += (np.clip(now_r, low_RK[rows, k], high_RK[rows, k]) / now_r - 1)[:, None] * along_r3
        step_r = np.linalg.norm(moved_r3 - out_R3[rows], axis=1)
        out_R3[rows] = moved_r3
        rows = rows[step_r > TINY_M]
        if not len(rows):
            break
    return out_R3
