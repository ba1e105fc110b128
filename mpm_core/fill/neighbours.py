"""Statistics of pairs of points: how similarly they move, how much their distance varies. F frames, P points, N frames used."""

from __future__ import annotations

from functools import partial

import numpy as np

from mpm_core.fill.problem import FillProblem
from mpm_core.gaps import known
from mpm_core.typing import Float, Int

STEP_S = 0.1  # motion is displacement over this time
MOST_FRAMES = 2000  # used at most
LEAST_FRAMES = 10  # in which both points must be visible


def shared_motion(xyz_FPD: Float, rate_hz: float) -> Float:
    """(P, P) share of the row's motion that the column's motion explains: 1 all, 0 none, negative: less than a point at rest would.

    Motion is displacement over STEP_S. -inf on the diagonal and for points that are visible together in fewer than LEAST_FRAMES frames.
    """
    step = max(1, round(STEP_S * rate_hz))
    if len(xyz_FPD) <= step:
        return np.full((xyz_FPD.shape[1],) * 2, -np.inf)
    frames = _sample(len(xyz_FPD) - step)
    move_NPD = xyz_FPD[frames + step] - xyz_FPD[frames]
    known_NP = known(move_NPD)
    zeroed_NPD = np.where(known_NP[..., None], move_NPD, 0.0)
    both_PP = known_NP.T.astype(np.float64) @ known_NP
    energy_PP = (zeroed_NPD**2).sum(axis=2).T @ known_NP  # of the row's point, where both are known
    product_PP = np.einsum("npd,nqd->pq", zeroed_NPD, zeroed_NPD, optimize=True)
    difference_PP = energy_PP + energy_PP.T - 2 * product_PP
    explained_PP = np.where(energy_PP > 0, 1 - difference_PP / np.where(energy_PP > 0, energy_PP, 1.0), -np.inf)
    explained_PP[both_PP < LEAST_FRAMES] = -np.inf
    np.fill_diagonal(explained_PP, -np.inf)
    return np.asarray(explained_PP)


def distance_spread(xyz_FPD: Float, points: Int) -> Float:
    """(n, P) standard deviation in metres of the distance from each of `points` to every point.

    inf from a point to itself, and for points that are visible together in fewer than LEAST_FRAMES frames.
    """
    xyz_DNP = _by_axis(xyz_FPD)
    return np.array([_spread(xyz_DNP, point) for point in points.tolist()]).reshape(len(points), xyz_FPD.shape[1])


def distance_spread_once(problem: FillProblem, points: Int) -> Float:
    """`distance_spread` of a problem's visible samples, of each point once (`FillProblem.once`)."""

    def of(point: int) -> Float:
        return _spread(problem.once("positions by axis", lambda: _by_axis(problem.xyz_FPD)), point)

    spread = [problem.once(("spread of distances", point), partial(of, point)) for point in points.tolist()]
    return np.array(spread).reshape(len(points), problem.xyz_FPD.shape[1])


def _by_axis(xyz_FPD: Float) -> Float:
    """(D, N, P) the frames that are used."""
    return np.ascontiguousarray(np.moveaxis(xyz_FPD[_sample(len(xyz_FPD))], -1, 0))


def _spread(xyz_DNP: Float, point: int) -> Float:
    """(P,) the standard deviation of the distance from one point to every point."""
    distance_NP = np.sqrt(sum((axis_NP - axis_NP[:, point, None]) ** 2 for axis_NP in xyz_DNP))
    known_NP = np.isfinite(distance_NP)
    count_P = known_NP.sum(axis=0)
    distance_NP[~known_NP] = 0.0
    mean_P = distance_NP.sum(axis=0) / np.maximum(count_P, 1)
    spread_P = np.sqrt((np.where(known_NP, distance_NP - mean_P, 0.0) ** 2).sum(axis=0) / np.maximum(count_P, 1))
    spread_P[count_P < LEAST_FRAMES] = np.inf
    spread_P[point] = np.inf
    return np.asarray(spread_P)


def _sample(frames: int) -> Int:
    """At most MOST_FRAMES frame numbers, equally spaced."""
    return np.linspace(0, max(frames - 1, 0), min(frames, MOST_FRAMES)).astype(np.int64)
