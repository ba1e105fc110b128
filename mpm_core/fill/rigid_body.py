"""The rigid-body fill: a hidden marker from three or more that move with it as one body. F frames, P points, K donors."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.problem import FillProblem, FillResult, classical_result, fill_from_guess
from mpm_core.fill.rigid_clusters import learn_clusters, rigid_fills
from mpm_core.linalg.kabsch import kabsch
from mpm_core.typing import Float, Int, Mask


def rigid_body(problem: FillProblem) -> FillResult:
    """Each gap by the least-squares placement of the body its donors make, the error at the gap's edges carried across it.

    With no donors named, those that keep their distance to the point (see `rigid_fills`). A gap, or a part of one, with fewer than three
    of them visible stays open. 3D only.
    """
    wanted = np.flatnonzero(problem.wanted_FP.any(axis=0))
    if problem.xyz_FPD.shape[2] != 3:
        return classical_result(problem.empty(), dict.fromkeys(wanted.tolist(), "a body can be placed in 3D only"))
    if problem.donors:
        return _by_named(problem)
    xyz_ND, (frame_N, point_N) = problem.empty(), problem.wanted
    for each in rigid_fills(problem.xyz_FPD, problem.visible_FP, problem.rate_hz, problem.wanted_FP):
        rows = np.flatnonzero(point_N == each.point)
        xyz_ND[rows] = each.xyz_H3[np.searchsorted(each.frame_H, frame_N[rows])]
    reason = "no three visible points keep their distance to it all through it"
    return classical_result(xyz_ND, dict.fromkeys(np.unique(point_N[np.isnan(xyz_ND[:, 0])]).tolist(), reason))


def _by_named(problem: FillProblem) -> FillResult:
    gaps = problem.gaps()
    placed_FP3 = np.full(problem.xyz_FPD.shape, np.nan)
    why: dict[int, str] = {}
    near_FP, visible_PF = _beside(problem), np.ascontiguousarray(problem.visible_FP.T)
    for point in np.unique([gap[0] for gap in gaps]).astype(int):
        donors = [d for d in problem.donors if d != point]
        frames = np.flatnonzero(near_FP[:, point])
        patterns, which = np.unique(problem.visible_FP[frames][:, donors], axis=0, return_inverse=True)
        for number, shown_K in enumerate(patterns):
            members = [d for d, shown in zip(donors, shown_K, strict=True) if shown]
            if len(members) < 3:
                why[point] = "fewer than three of the donors are visible all through it"
                continue
            cluster = *members, point
            learnt = learn_clusters(problem.xyz_FPD, visible_PF, [cluster]).get(cluster)
            if learnt is None:
                why[point] = "it does not move as one body with the donors"
                continue
            some = frames[which.reshape(-1) == number]
            rot_N33, shift_N3 = kabsch(learnt.shape_K3, problem.xyz_FPD[some][:, members])
            placed_FP3[some, point] = rot_N33 @ learnt.place_3 + shift_N3
    point_G = np.array([gap[0] for gap in gaps], np.int64)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        return placed_FP3[frame_LS, point_G[which_S]], None

    return classical_result(fill_from_guess(problem, gaps, guess), why)


def _beside(problem: FillProblem) -> Mask:
    """(F, P) True in the gaps and in the frames beside them whose samples a fill is matched to."""
    near_FP = np.zeros(problem.visible_FP.shape, bool)
    beside = max(2, round(problem.rate_hz / 10))
    for point, start, stop in problem.gaps():
        near_FP[max(0, start - beside) : stop + beside, point] = True
    return near_FP
