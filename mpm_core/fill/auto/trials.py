"""Trial gaps: samples that are visible are hidden as others of the same take are, so that a fill of them can be compared with the truth.

F frames, P points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mpm_core.fill.problem import FillProblem, Run
from mpm_core.typing import Float, Int, Mask

SIDE_S = 0.1  # beside a trial gap its point is visible, and the others are hidden as they were
POINTS_EACH = 25  # trials of one round overlap in time only in takes of many points: one more for as many
PLACES = 12  # looked at for each trial; the one where the least else is hidden is taken


@dataclass(frozen=True, slots=True)
class Trial:
    """start..stop-1 of a point is hidden, and the truth known; open_end: "start" or "stop" when nothing is visible beyond it there."""

    point: int
    start: int
    stop: int
    open_end: Literal["", "start", "stop"] = ""

    @property
    def frames(self) -> int:
        return self.stop - self.start


@dataclass(frozen=True, slots=True)
class Round:
    """Trials whose gaps are hidden together. masked_FP: all that is hidden for them, other points' samples included."""

    trials: tuple[Trial, ...]
    masked_FP: Mask

    @property
    def wanted_FP(self) -> Mask:
        """The trials' samples alone."""
        wanted_FP = np.zeros_like(self.masked_FP)
        for trial in self.trials:
            wanted_FP[trial.start : trial.stop, trial.point] = True
        return wanted_FP

    def problem(self, problem: FillProblem) -> FillProblem:
        """What is still visible in this round, and wanted of it."""
        visible_FP = problem.visible_FP & ~self.masked_FP
        xyz_FPD = np.where(visible_FP[..., None], problem.xyz_FPD, np.nan)
        return FillProblem(problem.points, problem.rate_hz, xyz_FPD, visible_FP, self.wanted_FP, problem.donors)


def trials_at_once(points: int) -> int:
    """How many trials of a round may overlap in time."""
    return max(1, points // POINTS_EACH)


def draw_rounds(
    visible_FP: Mask, gaps: Sequence[Run], pattern_FP: Mask, rate_hz: float, rng: np.random.Generator, most_rounds: int
) -> list[Round]:
    """The gaps (point, start, stop) of a take moved to other times at which their point is visible, as many as most_rounds hold.

    pattern_FP: what is hidden around each gap; the other points' part of it moves along. Gaps that find no place are left out.
    """
    total_FP = np.concatenate([np.zeros((1, visible_FP.shape[1]), np.int64), np.cumsum(~visible_FP, axis=0)])
    left = sorted(gaps, key=lambda gap: gap[1] > 0 and gap[2] < len(visible_FP))
    rounds: list[Round] = []
    while left and len(rounds) < most_rounds:
        made, left = _one_round(visible_FP, total_FP, left, pattern_FP, rate_hz, rng)
        if not made.trials:
            break
        rounds.append(made)
    return rounds


def _one_round(
    visible_FP: Mask, total_FP: Int, gaps: list[Run], pattern_FP: Mask, rate_hz: float, rng: np.random.Generator
) -> tuple[Round, list[Run]]:
    F = len(visible_FP)
    side = max(2, round(SIDE_S * rate_hz))
    load_F, masked_FP, kept_FP = np.zeros(F, np.int64), np.zeros_like(visible_FP), np.zeros_like(visible_FP)
    room = trials_at_once(visible_FP.shape[1])
    trials: list[Trial] = []
    left: list[Run] = []
    for gap in gaps:
        point, start, stop = gap
        if start == 0 or stop == F:  # alone of its point, which is hidden from there on
            alone = all(other.point != point for other in trials)
            trial = _at_the_end(visible_FP, load_F < room, gap, side, rng) if alone else None
        else:
            trial = _inside(total_FP, (load_F < room) & ~masked_FP[:, point], gap, side, rng)
        if trial is None:
            left.append(gap)
            continue
        low, high = max(0, trial.start - side), min(F, trial.stop + side)
        shift = trial.start - start
        others_LP = np.zeros((high - low, visible_FP.shape[1]), bool)
        came_from = np.arange(low, high) - shift
        real = (came_from >= 0) & (came_from < F)
        others_LP[real] = pattern_FP[came_from[real]]
        others_LP[:, point] = False
        kept_FP[low : trial.start, point] = kept_FP[trial.stop : high, point] = True
        masked_FP[low:high] |= others_LP & visible_FP[low:high] & ~kept_FP[low:high]
        masked_FP[trial.start : trial.stop, point] = True
        if trial.open_end:
            beyond = slice(0, trial.start) if start == 0 else slice(trial.stop, F)
            masked_FP[beyond, point] |= visible_FP[beyond, point]
        load_F[low:high] += 1
        trials.append(trial)
    return Round(tuple(trials), masked_FP), left


def _inside(total_FP: Int, free_F: Mask, gap: Run, side: int, rng: np.random.Generator) -> Trial | None:
    """A place, among a few drawn, in which the point is visible throughout and the least else is hidden."""
    point, start, stop = gap
    length = stop - start + 2 * side
    if length >= len(free_F):
        return None
    taken_F = np.concatenate([[0], np.cumsum(~free_F)])
    clear = (total_FP[length:, point] == total_FP[:-length, point]) & (taken_F[length:] == taken_F[:-length])
    places = np.flatnonzero(clear)
    if not len(places):
        return None
    places = rng.choice(places, min(len(places), PLACES), replace=False)
    hidden = (total_FP[places + length] - total_FP[places]).sum(axis=1)
    first = int(places[np.argmin(hidden)]) + side
    return Trial(point, first, first + stop - start)


def _at_the_end(visible_FP: Mask, free_F: Mask, gap: Run, side: int, rng: np.random.Generator) -> Trial | None:
    """The gap, moved to where its samples are known; all beyond it is hidden too."""
    point, start, stop = gap
    frames, before = stop - start, start == 0
    taken_F = np.concatenate([[0], np.cumsum(~(visible_FP[:, point] & free_F))])
    places = np.flatnonzero(taken_F[frames + side :] == taken_F[: -frames - side])
    if not len(places):
        return None
    first = int(rng.choice(places)) + (0 if before else side)
    return Trial(point, first, first + frames, "start" if before else "stop")


def errors(problem: FillProblem, each: Round, filled_ND: Float) -> list[tuple[Trial, Float]]:
    """Each trial with how far its samples were filled from the truth, (frames, D) metres; NaN where they were not.

    filled_ND: what was found of the wanted samples, as `FillProblem.wanted` has them.
    """
    frame_N, point_N = np.nonzero(each.wanted_FP)
    place_N = point_N * len(problem.xyz_FPD) + frame_N
    by_point_N = np.argsort(place_N)
    first_T = np.searchsorted(place_N[by_point_N], [trial.point * len(problem.xyz_FPD) + trial.start for trial in each.trials])
    found = []
    for trial, first in zip(each.trials, first_T.tolist(), strict=True):
        rows = by_point_N[first : first + trial.frames]
        found.append((trial, filled_ND[rows] - problem.xyz_FPD[trial.start : trial.stop, trial.point]))
    return found
