"""The pattern fill: a missing point copies the motion of another. P points, G gaps, L frames of a stretch, S stretches, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.neighbours import shared_motion
from mpm_core.fill.problem import FillProblem, FillResult, classical_result, fill_from_guess, visible_throughout
from mpm_core.typing import Float, Int


def pattern(problem: FillProblem) -> FillResult:
    """Each gap from the motion of a donor that is visible throughout, corrected to be continuous in position and velocity at the edges.

    The donor is the first of problem.donors that is visible throughout the gap; when none is named, the point whose motion explains most of
    the missing point's motion where both are visible. A gap without a visible donor, or whose best donor explains none of its motion, is
    left.
    """
    gaps = problem.gaps()
    visible_GP = visible_throughout(problem, gaps)
    point_G = np.array([point for point, _, _ in gaps], np.int64)
    if problem.donors:
        rank_GP = np.full(visible_GP.shape, -np.inf)
        rank_GP[:, list(problem.donors)] = np.arange(len(problem.donors), 0, -1)
    else:
        rank_GP = shared_motion(problem.xyz_FPD, problem.rate_hz)[point_G]
    rank_GP = np.where(visible_GP, rank_GP, -np.inf)
    donor_G = np.argmax(rank_GP, axis=1) if len(gaps) else point_G
    usable_G = rank_GP[np.arange(len(gaps)), donor_G] > 0

    def guess(frame_LS: Int, which_S: Int) -> tuple[Float, None]:
        return np.where(usable_G[which_S, None], problem.xyz_FPD[frame_LS, donor_G[which_S]], np.nan), None

    reason = (
        "no donor that was named is visible all through it" if problem.donors else "no point that moves like it is visible all through it"
    )
    return classical_result(fill_from_guess(problem, gaps, guess), {int(point): reason for point in point_G[~usable_G]})
