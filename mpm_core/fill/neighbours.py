"""Which points move alike, and which keep their distance: learned from the take itself. F frames, P points, N samples, K pairs."""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known
from mpm_core.typing import Float, Int

STEP_S = 0.1  # movement is what happens in this time
MOST_FRAMES = 2000  # to learn from
LEAST_FRAMES = 10  # seen together


def shared_motion(xyz_FPD: Float, rate_hz: float) -> Float:
    """(P, P) how much of the row's movement the column's explains: 1 all, 0 none, below 0 it is worse than standing still.

    Movement is displacement over STEP_S. -inf where two points are hardly seen together, and for a point with itself.
    """
    step = max(1, round(STEP_S * rate_hz))
    if len(xyz_FPD) <= step:
        return np.full((xyz_FPD.shape[1],) * 2, -np.inf)
    frames = _sample(len(xyz_FPD) - step)
    move_NPD = xyz_FPD[frames + step] - xyz_FPD[frames]
    known_NP = known(move_NPD)
    zeroed_NPD = np.where(known_NP[..., None], move_NPD, 0.0)
    both_PP = known_NP.T.astype(np.float64) @ known_NP
    energy_PP = (zeroed_NPD**2).sum(axis=2).T @ known_NP  # the row's, where both are seen
    product_PP = np.einsum("npd,nqd->pq", zeroed_NPD, zeroed_NPD, optimize=True)
    apart_PP = energy_PP + energy_PP.T - 2 * product_PP
    explained_PP = np.where(energy_PP > 0, 1 - apart_PP / np.where(energy_PP > 0, energy_PP, 1.0), -np.inf)
    explained_PP[both_PP < LEAST_FRAMES] = -np.inf
    np.fill_diagonal(explained_PP, -np.inf)
    return np.asarray(explained_PP)


def distance_spread(xyz_FPD: Float, points: Int) -> Float:
    """(n, P) standard deviation, in metres, of each of the points' distance to every point; inf for itself and where it is not known."""
    some_DNP = np.ascontiguousarray(np.moveaxis(xyz_FPD[_sample(len(xyz_FPD))], -1, 0))
    loose_nP = np.full((len(points), xyz_FPD.shape[1]), np.inf)
    for row, point in enumerate(points):
        apart_NP = np.sqrt(sum((some_NP - some_NP[:, point, None]) ** 2 for some_NP in some_DNP))
        known_NP = np.isfinite(apart_NP)
        count_P = known_NP.sum(axis=0)
        apart_NP[~known_NP] = 0.0
        mean_P = apart_NP.sum(axis=0) / np.maximum(count_P, 1)
        spread_P = np.sqrt((np.where(known_NP, apart_NP - mean_P, 0.0) ** 2).sum(axis=0) / np.maximum(count_P, 1))
        loose_nP[row, count_P >= LEAST_FRAMES] = spread_P[count_P >= LEAST_FRAMES]
        loose_nP[row, point] = np.inf
    return loose_nP


def _sample(frames: int) -> Int:
    """Up to MOST_FRAMES of so many frames, spread over all."""
    return np.linspace(0, max(frames - 1, 0), min(frames, MOST_FRAMES)).astype(np.int64)
