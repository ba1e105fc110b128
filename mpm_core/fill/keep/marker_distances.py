"""Filled markers moved into the range of distances that they have to their neighbours. F frames, P points, K neighbours, R frames; metres.

The range is that of the frames in which both markers are visible, and one standard deviation more on both sides, as a short take does not
show the whole of it: markers on the same bone stay about between their least and greatest distance.
At the edges of a gap the distances are in the range, so the result is continuous.
"""

from __future__ import annotations

import numpy as np

from mpm_core.fill.neighbours import distance_spread
from mpm_core.gaps import known
from mpm_core.typing import Float, Int

NEIGHBOURS = 4
MOST_SPREAD_M = 0.05  # standard deviation of the distance to a neighbour
LEAST_S = 1.0  # in which both markers are visible
ROUNDS = 30
TINY_M = 1e-6


def keep_distances(filled_FP3: Float, known_FP3: Float, rate_hz: float) -> Float:
    """The fills (NaN = none), moved as little as possible into the ranges of distance to visible neighbours. known_FP3: NaN = missing.

    Neighbours are points whose distance varies little. They are applied in turn, ROUNDS times (position-based dynamics, Mueller et al.
    2007).
    """
    out_FP3, known_P3F = filled_FP3.copy(), np.ascontiguousarray(known_FP3.transpose(1, 2, 0))
    filled_FP = known(filled_FP3) & ~known(known_FP3)
    points = np.flatnonzero(filled_FP.any(axis=0))
    for point, spread_P in zip(points, distance_spread(known_FP3, points), strict=True):
        rows = np.flatnonzero(filled_FP[:, point])
        near_K, low_K, high_K = _distance_ranges(known_P3F, point, spread_P, LEAST_S * rate_hz)
        out_FP3[rows, point] = _move_into(filled_FP3[rows, point], known_FP3[np.ix_(rows, near_K)], low_K, high_K)
    return out_FP3


def _distance_ranges(known_P3F: Float, point: np.integer, spread_P: Float, least: float) -> tuple[Int, Float, Float]:
    """Neighbours that are visible with the point in enough frames, by decreasing spread; the least and greatest distance to allow."""
    near, low, high = [], [], []
    for other in np.argsort(spread_P)[:NEIGHBOURS][::-1]:  # the one with the least spread is applied last
        distance_F = np.sqrt(((known_P3F[other] - known_P3F[point]) ** 2).sum(axis=0))
        if spread_P[other] < MOST_SPREAD_M and np.isfinite(distance_F).sum() >= least:
            near.append(other)
            low.append(np.fmin.reduce(distance_F) - spread_P[other])
            high.append(np.fmax.reduce(distance_F) + spread_P[other])
    return np.array(near, np.int64), np.array(low), np.array(high)


def _move_into(xyz_R3: Float, near_RK3: Float, low_K: Float, high_K: Float) -> Float:
    """(R, 3) positions moved into the spherical shells around neighbours (NaN = missing), or between shells that do not intersect."""
    known_RK = known(near_RK3)
    low_RK, high_RK = np.where(known_RK, low_K, 0.0), np.where(known_RK, high_K, np.inf)
    near_RK3 = np.where(known_RK[..., None], near_RK3, 0.0)
    out_R3, rows = xyz_R3.copy(), np.arange(len(xyz_R3))
    for _ in range(ROUNDS):
        moved_r3 = out_R3[rows]
        for k in range(len(low_K)):
            along_r3 = moved_r3 - near_RK3[rows, k]
            distance_r = np.maximum(np.linalg.norm(along_r3, axis=1), TINY_M)
            moved_r3 += (np.clip(distance_r, low_RK[rows, k], high_RK[rows, k]) / distance_r - 1)[:, None] * along_r3
        step_r = np.linalg.norm(moved_r3 - out_R3[rows], axis=1)
        out_R3[rows] = moved_r3
        rows = rows[step_r > TINY_M]
        if not len(rows):
            break
    return out_R3
