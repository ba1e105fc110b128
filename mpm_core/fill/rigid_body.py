"""The rigid-body fill: a missing marker from three or more that move with it as one body. F frames, P points, K donors."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.problem import FillProblem, FillResult, classical_result, fill_from_guess
from mpm_core.fill.rigid_clusters import learn_clusters, rigid_fills
from mpm_core.linalg.kabsch import kabsch
from mpm_core.typing import Float, Int, Mask


def rigid_body(problem: FillProblem) -> FillResult:
    """Each gap from the least-squares rigid placement of the body that its donors make; the error at the edges is interpolated across it.

    Without named donors, from those that keep their distance to the point (see `rigid_fills`). A gap, or part of one, with fewer than three
    visible donors is left. 3D only.
    """
    wanted = np.flatnonzero(problem.wanted_FP.any(axis=0))
    if problem.xyz_FPD.shape[2] != 3:
        return classical_result(problem.empty(), dict.fromkeys(wanted.tolist(), "a body can be placed in 3D only"))
    if problem.donors:
        return _by_named(problem)
    xyz_ND, (frame_N, point_N) = problem.empty(), problem.wanted
    for fill in rigid_fills(problem.xyz_FPD, problem.visible_FP, problem.rate_hz, problem.wanted_FP):
        rows = np.flatnonzero(point_N == fill.point)
        xyz_ND[rows] = fill.xyz_H3[np.searchsorted(fill.frame_H, frame_N[rows])]
    reason = "no three visible points keep their distance to it all through it"
    return classical_result(xyz_ND, dict.fromkeys(np.unique(point_N[np.isnan(xyz_ND[:, 0])]).tolist(), reason))


def _by_named(problem: FillProblem) -> FillResult:
    gaps = problem.gaps()
    placed_FP3 = np.full(problem.xyz_FPD.shape, np.nan)
    why: dict[int, str] = {}
    used_FP, visible_PF = _in_and_beside_gaps(problem), np.ascontiguousarray(problem.visible_FP.T)
    for point in np.unique([gap[0] for gap in gaps]).astype(int):
        donors = [d for d in problem.donors if d != point]
        frames = np.flatnonzero(used_FP[:, point])
        patterns, which = np.unique(problem.visible_FP[frames][:, donors], axis=0, return_inverse=True)
        for number, visible_K in enumerate(patterns):
            members = [d for d, is_visible in zip(donors, visible_K, strict=True) if is_visible]
            if len(members) < 3:
                why[point] = "fewer than three of the donors are visible all through it"
                continue
            cluster = *members, point
            shape = learn_clusters(problem.xyz_FPD, visible_PF, [cluster]).get(cluster)
            if shape is None:
                why[point] = "it does not move as one body with the donors"
                continue
            rows = frames[which.reshape(-1) == number]
            rot_N33, shift_N3 = kabsch(shape.shape_K3, problem.xyz_FPD[rows][:, members])
            placed_FP3[rows, point] = rot_N33 @ shape.place_3 + shift_N3
    point_G = np.array([gap[0] for gap in gaps], np.int64)

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        return placed_FP3[frame_LS, point_G[which_S]], None

    return classical_result(fill_from_guess(problem, gaps, guess), why)


def _in_and_beside_gaps(problem: FillProblem) -> Mask:
    """(F, P) True in the gaps and in the frames beside them that are used to correct the fill."""
    used_FP = np.zeros(problem.visible_FP.shape, bool)
    beside = max(2, round(problem.rate_hz / 10))
    for point, start, stop in problem.gaps():
        used_FP[max(0, start - beside) : stop + beside, point] = True
    return used_FP
