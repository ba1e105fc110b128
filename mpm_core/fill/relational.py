"""The relational fill: a missing point keeps its coordinates in the frame of three neighbours. G gaps, L frames, S stretches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.fill.neighbours import distance_spread_once
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result, fill_from_guess, visible_throughout
from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

MOST_SPREAD_M = 0.1  # standard deviation of the distance to a neighbour, unless the user named it
LEAST_SIDE_M = 0.03  # least distance of two neighbours, and twice the least height of the triangle
CANDIDATES = 8
MOST_FRAMES = 500  # used to estimate the local coordinates


def relational(problem: FillProblem) -> FillResult:
    """Each gap from the mean coordinates of its point in the frame of three points that are visible throughout.

    The mean is over frames in which all four are visible. The error at the gap's edges, in position and velocity, is interpolated across
    the gap in that frame. The three are problem.donors, or those whose distance to the point varies least. 3D only.
    """
    gaps = problem.gaps()
    wanted = np.unique([point for point, _, _ in gaps]).astype(np.int64)
    if problem.xyz_FPD.shape[2] != 3:
        return classical_result(problem.empty(), dict.fromkeys(wanted.tolist(), "three points make a frame in 3D only"))
    triple_G3 = _triples(problem, gaps, wanted)
    local_G3 = _places(problem, gaps, triple_G3)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, Float]:
        origin_LS3, axes_LS33 = _frames(problem.xyz_FPD[frame_LS[..., None], triple_G3[which_S]])
        return origin_LS3 + np.einsum("lsij,sj->lsi", axes_LS33, local_G3[which_S]), axes_LS33

    left_points = {gaps[number][0] for number in np.flatnonzero(np.isnan(local_G3).any(axis=1))}
    reason = "fewer than three of its neighbours, not in one line, are visible all through it"
    return classical_result(fill_from_guess(problem, gaps, guess), dict.fromkeys(sorted(left_points), reason))


def _triples(problem: FillProblem, gaps: Sequence[Run], wanted: Int) -> Int:
    """(G, 3) neighbours of each gap; the gap's own point three times where there are fewer than three."""
    visible_GP = visible_throughout(problem, gaps)
    if problem.donors:
        order = {int(point): np.array([d for d in problem.donors if d != point], np.int64) for point in wanted}
    else:
        spread_nP = distance_spread_once(problem, wanted)
        order = {
            int(p): np.argsort(spread_P)[: int((spread_P < MOST_SPREAD_M).sum())] for p, spread_P in zip(wanted, spread_nP, strict=True)
        }
    triple_G3 = np.array([[point] * 3 for point, _, _ in gaps], np.int64).reshape(-1, 3)
    for number, (point, start, stop) in enumerate(gaps):
        ranked = order[point]
        near = ranked[visible_GP[number, ranked]][:CANDIDATES]
        triangle = _triangle(problem.xyz_FPD[[start, (start + stop) // 2, stop - 1]][:, near])
        if triangle is not None:
            triple_G3[number] = near[list(triangle)]
    return triple_G3


def _triangle(xyz_TK3: Float) -> tuple[int, int, int] | None:
    """The first of K points, the next at a distance from it, and the one that makes the highest triangle with both, at all T times."""
    distance_K = np.linalg.norm(xyz_TK3 - xyz_TK3[:, :1], axis=2).min(axis=0, initial=np.inf)
    second = next(iter(np.flatnonzero(distance_K > LEAST_SIDE_M)), None)
    if second is None:
        return None
    side_T13 = xyz_TK3[:, [second]] - xyz_TK3[:, :1]
    height_TK = np.linalg.norm(np.cross(side_T13, xyz_TK3 - xyz_TK3[:, :1]), axis=2) / np.linalg.norm(side_T13, axis=2)
    height_K = height_TK.min(axis=0)
    third = int(np.argmax(height_K))
    return (0, int(second), third) if height_K[third] > LEAST_SIDE_M / 2 else None


def _places(problem: FillProblem, gaps: Sequence[Run], triple_G3: Int) -> Float:
    """(G, 3) mean coordinates in the neighbours' frame, metres; NaN where the four are never visible together."""
    local_G3 = np.full(triple_G3.shape, np.nan)
    means: dict[tuple[int, ...], Float] = {}
    visible_PF = np.ascontiguousarray(problem.visible_FP.T)
    for number, (point, _, _) in enumerate(gaps):
        triple = triple_G3[number]
        if triple[0] == triple[1]:
            continue
        key = (point, *triple.tolist())
        if key not in means:
            together_F: Mask = visible_PF[point] & visible_PF[triple].all(axis=0)
            frames = np.flatnonzero(together_F)
            frames = frames[subsample(len(frames), MOST_FRAMES)]
            origin_N3, axes_N33 = _frames(problem.xyz_FPD[frames[:, None], triple])
            local_N3 = np.einsum("nij,ni->nj", axes_N33, problem.xyz_FPD[frames, point] - origin_N3)
            local_N3 = local_N3[known(local_N3)]
            means[key] = local_N3.mean(axis=0) if len(local_N3) else np.full(3, np.nan)
        local_G3[number] = means[key]
    return local_G3


def _frames(corner_X33: Float) -> tuple[Float, Float]:
    """Origin and axes (in columns) of triangles (..., 3 corners, 3): centroid; along the first side; normal to the triangle."""
    first, second, third = corner_X33[..., 0, :], corner_X33[..., 1, :], corner_X33[..., 2, :]
    with np.errstate(invalid="ignore", divide="ignore"):  # collinear or coincident corners have no frame: NaN
        x = second - first
        x = x / np.linalg.norm(x, axis=-1, keepdims=True)
        z = np.cross(x, third - first)
        z = z / np.linalg.norm(z, axis=-1, keepdims=True)
    return corner_X33.mean(axis=-2), np.stack([x, np.cross(z, x), z], axis=-1)
