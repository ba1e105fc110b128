"""Trials: visible samples are masked as others of the same take are missing, so that a fill of them can be compared with the truth.

F frames of a round of trials, P points.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from mpm_core.fill.problem import FillProblem
from mpm_core.typing import Float, Int, Mask

NO_FRAME = -1  # in Round.frames_F


@dataclass(frozen=True, slots=True)
class Trial:
    """Frames start..stop-1 of a point, masked. open_end: "start" or "stop" where the point has no visible sample on that side.

    place: the same for all trials of a round that are tried together, and for those at the take's edges.
    """

    point: int
    start: int
    stop: int
    open_end: Literal["", "start", "stop"] = ""
    place: int = 0

    @property
    def frames(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True, eq=False)
class Round:
    """Trials that are masked together. masked_FP: everything masked for them, samples of other points included.

    frames_F: the take's frames in the order of the trials; NO_FRAME is one in which nothing is visible. They are the take's own but for
    trials at its edges (`draw_trials._with_edges_elsewhere`). Trials and masks are in this order.
    """

    trials: tuple[Trial, ...]
    masked_FP: Mask
    frames_F: Int

    @property
    def wanted_FP(self) -> Mask:
        """The samples of the trials alone."""
        wanted_FP = np.zeros_like(self.masked_FP)
        for trial in self.trials:
            wanted_FP[trial.start : trial.stop, trial.point] = True
        return wanted_FP

    def problem(self, problem: FillProblem) -> FillProblem:
        """The problem of filling the trials, with everything masked."""
        visible_FP = in_order(problem.visible_FP, self.frames_F) & ~self.masked_FP
        xyz_FPD = np.where(visible_FP[..., None], problem.xyz_FPD[self.frames_F], np.nan)
        return FillProblem(problem.points, problem.rate_hz, xyz_FPD, visible_FP, self.wanted_FP, problem.donors)


def in_order(visible_FP: Mask, frames_F: Int) -> Mask:
    """(F, P) the take's samples in the order of a round's frames; False in frames that are not of the take."""
    return np.asarray(visible_FP[frames_F] & (frames_F != NO_FRAME)[:, None])


def errors(problem: FillProblem, trials_round: Round, filled_ND: Float) -> list[tuple[Trial, Float]]:
    """Each trial with its error, filled minus true, (frames, D) metres; NaN where nothing was filled.

    filled_ND: the wanted samples of the round as filled, in the order of `FillProblem.wanted`.
    """
    frame_N, point_N = np.nonzero(trials_round.wanted_FP)
    F = len(trials_round.frames_F)
    key_N = point_N * F + frame_N
    order_N = np.argsort(key_N)
    first_T = np.searchsorted(key_N[order_N], [trial.point * F + trial.start for trial in trials_round.trials])
    by_trial = []
    for trial, first in zip(trials_round.trials, first_T.tolist(), strict=True):
        rows = order_N[first : first + trial.frames]
        true_LD = problem.xyz_FPD[trials_round.frames_F[trial.start : trial.stop], trial.point]
        by_trial.append((trial, filled_ND[rows] - true_LD))
    return by_trial
