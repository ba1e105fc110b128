"""The relational fill: a hidden point keeps its place among three neighbours. G gaps, L frames of a stretch, S stretches."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.fill.neighbours import distance_spread
from mpm_core.fill.problem import FillProblem, FillResult, Run, classical_result, fill_from_guess, visible_throughout
from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

LOOSEST_M = 0.1  # a neighbour whose distance varies more than this (standard deviation) is none, unless it was named
LEAST_SIDE_M = 0.03  # neighbours nearer to each other, or a triangle less than half as high, make no frame
CANDIDATES = 8
MOST_FRAMES = 500  # to learn a place from


def relational(problem: FillProblem) -> FillResult:
    """Each gap by the place its point has in the frame of three points that are visible all through it.

    The place is the mean where all four are visible; what is off at the gap's edges, in position and velocity, is carried across it within
    that frame. The three are seen.donors, or those whose distance to the point varies least. 3D only.
    """
    gaps = problem.gaps()
    wanted = np.unique([point for point, _, _ in gaps]).astype(np.int64)
    if problem.xyz_FPD.shape[2] != 3:
        return classical_result(problem.empty(), dict.fromkeys(wanted.tolist(), "three points make a frame in 3D only"))
    triple_G3 = _triples(problem, gaps, wanted)
    place_G3 = _places(problem, gaps, triple_G3)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, Float]:
        origin_LS3, axes_LS33 = _frames(problem.xyz_FPD[frame_LS[..., None], triple_G3[which_S]])
        return origin_LS3 + np.einsum("lsij,sj->lsi", axes_LS33, place_G3[which_S]), axes_LS33

    lost = {gaps[number][0] for number in np.flatnonzero(np.isnan(place_G3).any(axis=1))}
    reason = "fewer than three of its neighbours, not in one line, are visible all through it"
    return classical_result(fill_from_guess(problem, gaps, guess), dict.fromkeys(sorted(lost), reason))


def _triples(problem: FillProblem, gaps: Sequence[Run], wanted: Int) -> Int:
    """(G, 3) neighbours of each gap; its own point three times where there are not three."""
    able_GP = visible_throughout(problem, gaps)
    if problem.donors:
        order = {int(point): np.array([d for d in problem.donors if d != point], np.int64) for point in wanted}
    else:
        loose_nP = distance_spread(problem.xyz_FPD, wanted)
        order = {int(p): np.argsort(loose_P)[: int((loose_P < LOOSEST_M).sum())] for p, loose_P in zip(wanted, loose_nP, strict=True)}
    triple_G3 = np.array([[point] * 3 for point, _, _ in gaps], np.int64).reshape(-1, 3)
    for number, (point, start, stop) in enumerate(gaps):
        ranked = order[point]
        near = ranked[able_GP[number, ranked]][:CANDIDATES]
        triangle = _triangle(problem.xyz_FPD[[start, (start + stop) // 2, stop - 1]][:, near])
        if triangle is not None:
            triple_G3[number] = near[list(triangle)]
    return triple_G3


def _triangle(xyz_TK3: Float) -> tuple[int, int, int] | None:
    """The first of K points, the next that is apart from it, and the one that makes the widest triangle with both, at all T times."""
    apart_K = np.linalg.norm(xyz_TK3 - xyz_TK3[:, :1], axis=2).min(axis=0, initial=np.inf)
    second = next(iter(np.flatnonzero(apart_K > LEAST_SIDE_M)), None)
    if second is None:
        return None
    side_T13 = xyz_TK3[:, [second]] - xyz_TK3[:, :1]
    height_TK = np.linalg.norm(np.cross(side_T13, xyz_TK3 - xyz_TK3[:, :1]), axis=2) / np.linalg.norm(side_T13, axis=2)
    height_K = height_TK.min(axis=0)
    third = int(np.argmax(height_K))
    return (0, int(second), third) if height_K[third] > LEAST_SIDE_M / 2 else None


def _places(problem: FillProblem, gaps: Sequence[Run], triple_G3: Int) -> Float:
    """(G, 3) metres in the neighbours' frame, the mean where all are visible; NaN where they never are together."""
    place_G3 = np.full(triple_G3.shape, np.nan)
    learnt: dict[tuple[int, ...], Float] = {}
    visible_PF = np.ascontiguousarray(problem.visible_FP.T)
    for number, (point, _, _) in enumerate(gaps):
        triple = triple_G3[number]
        if triple[0] == triple[1]:
            continue
        key = (point, *triple.tolist())
        if key not in learnt:
            together_F: Mask = visible_PF[point] & visible_PF[triple].all(axis=0)
            frames = np.flatnonzero(together_F)
            frames = frames[subsample(len(frames), MOST_FRAMES)]
            origin_N3, axes_N33 = _frames(problem.xyz_FPD[frames[:, None], triple])
            local_N3 = np.einsum("nij,ni->nj", axes_N33, problem.xyz_FPD[frames, point] - origin_N3)
            local_N3 = local_N3[known(local_N3)]
            learnt[key] = local_N3.mean(axis=0) if len(local_N3) else np.full(3, np.nan)
        place_G3[number] = learnt[key]
    return place_G3


def _frames(corner_X33: Float) -> tuple[Float, Float]:
    """Origin and axes (in columns) of triangles (..., 3 corners, 3): the middle, along the first side, and square to both sides."""
    first, second, third = corner_X33[..., 0, :], corner_X33[..., 1, :], corner_X33[..., 2, :]
    with np.errstate(invalid="ignore", divide="ignore"):  # where the three are in one line, or on one spot, there is no frame: NaN
        x = second - first
        x = x / np.linalg.norm(x, axis=-1, keepdims=True)
        z = np.cross(x, third - first)
        z = z / np.linalg.norm(z, axis=-1, keepdims=True)
    return corner_X33.mean(axis=-2), np.stack([x, np.cross(z, x), z], axis=-1)
