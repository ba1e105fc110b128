"""Trials: visible samples are masked as others of the same take are missing, so that a fill of them can be compared with the truth.

F frames of a round of trials, P points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from mpm_core.fill.problem import FillProblem, Run
from mpm_core.typing import Float, Int, Mask

SIDE_S = 0.1  # beside a trial its point stays visible, and other points are masked as they are missing beside the gap
POINTS_EACH = 25  # points for each trial that may overlap in time
MOST_SHARE = 0.2  # of the take's frames in the trials of one round, unless one trial alone is longer: a fill learns from the rest
NO_FRAME = -1  # in Round.frames_F
PLACES = 12  # tried for each trial; the one with the fewest other missing samples is used


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
    trials at its edges (`_with_edges_elsewhere`). Trials and masks are in this order.
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
        visible_FP = _in_order(problem.visible_FP, self.frames_F) & ~self.masked_FP
        xyz_FPD = np.where(visible_FP[..., None], problem.xyz_FPD[self.frames_F], np.nan)
        return FillProblem(problem.points, problem.rate_hz, xyz_FPD, visible_FP, self.wanted_FP, problem.donors)


def trials_at_once(points: int) -> int:
    """How many trials of a round may overlap in time."""
    return max(1, points // POINTS_EACH)


def draw_rounds(
    visible_FP: Mask,
    gaps: Sequence[Run],
    pattern_FP: Mask,
    rate_hz: float,
    rng: np.random.Generator,
    most_rounds: int,
    *,
    together: bool = False,
) -> list[Round]:
    """The gaps (point, start, stop) moved to other times at which their point is visible, as many as fit into most_rounds rounds.

    pattern_FP: what is missing around each gap; its other points move along. Gaps for which there is no place are left out. together: gaps
    beside each other in time are one trial, a round holds no more trials inside the take than fill MOST_SHARE of it, and gaps at the
    take's edges are tried in every round, with the take's edges at another frame, so that a fill has all other frames to learn from.
    """
    F = len(visible_FP)
    edges = [gap for gap in gaps if gap[1] == 0 or gap[2] == F]
    inside = [gap for gap in gaps if gap[1] > 0 and gap[2] < F]
    always, remaining = (dict.fromkeys(edges), inside) if together else ({}, [*edges, *inside])
    rounds: list[Round] = []
    while (always or remaining) and len(rounds) < most_rounds:
        drawn, left = _one_round(visible_FP, [*always, *remaining], pattern_FP, rate_hz, rng, together)
        if not drawn.trials:
            break
        remaining = [gap for gap in left if gap not in always]
        rounds.append(drawn)
    return rounds


def _one_round(
    visible_FP: Mask, gaps: list[Run], pattern_FP: Mask, rate_hz: float, rng: np.random.Generator, together: bool
) -> tuple[Round, list[Run]]:
    take, side = len(visible_FP), max(2, round(SIDE_S * rate_hz))
    frames_F = _with_edges_elsewhere(visible_FP, gaps, side, rng) if together else np.arange(take)
    visible_FP = _in_order(visible_FP, frames_F)
    F, added = len(frames_F), len(frames_F) - take
    missing_FP = _running_total(~visible_FP)
    overlap_F, masked_FP, needed_FP = np.zeros(F, np.int64), np.zeros_like(visible_FP), np.zeros_like(visible_FP)
    inside_F = np.zeros(F, bool)  # frames in trials that are not at the take's edges
    at_once, places = trials_at_once(visible_FP.shape[1]), 0
    trials: list[Trial] = []
    remaining = list(gaps)
    for gap in gaps:
        if gap not in remaining:  # tried together with another
            continue
        point, start, stop = gap
        free_F = (overlap_F < at_once) & (not together or inside_F.mean() < MOST_SHARE)
        if (start == 0 or stop == take) and together:
            trial = _at_edge(visible_FP[:, point], gap, added, side)  # masked or not, as it is for the gaps before
        elif start == 0 or stop == take:  # the only trial of its point, which is masked from there on
            alone = all(other.point != point for other in trials)
            trial = _at_end(visible_FP, free_F, gap, side, rng) if alone else None
        else:
            trial = _inside(missing_FP, free_F & ~masked_FP[:, point], gap, side, rng)
        if trial is None:
            continue
        shift = trial.start - start
        low, high = max(0, trial.start - side), min(F, trial.stop + side)
        company = [trial, *(_companions(visible_FP & ~masked_FP, take, remaining, gap, trial, side) if together else ())]
        for each in company:
            remaining.remove((each.point, each.start - shift, each.stop - shift))
            needed_FP[low : each.start, each.point] = needed_FP[each.stop : high, each.point] = True
        others_LP = np.zeros((high - low, visible_FP.shape[1]), bool)
        source = np.arange(low, high) - shift
        in_take = (source >= 0) & (source < take)
        others_LP[in_take] = pattern_FP[source[in_take]]
        masked_FP[low:high] |= others_LP & visible_FP[low:high] & ~needed_FP[low:high]
        for each in company:
            masked_FP[each.start : each.stop, each.point] = True
            if each.open_end and not together:
                outside = slice(0, each.start) if start == 0 else slice(each.stop, F)
                masked_FP[outside, each.point] |= visible_FP[outside, each.point]
        overlap_F[low:high] += 1
        inside_F[low:high] |= not (trial.open_end and together)
        places += not (trial.open_end and together)
        trials += [replace(each, place=0 if each.open_end and together else places) for each in company]
    return Round(tuple(trials), masked_FP, frames_F), remaining


def _companions(free_FP: Mask, take: int, gaps: Sequence[Run], gap: Run, trial: Trial, side: int) -> list[Trial]:
    """The gaps that lie beside this one in time, moved along with it: markers lost together are tried together."""
    F, (point, start, stop) = len(free_FP), gap
    shift, found = trial.start - start, {point: trial}
    for other, first, last in gaps:
        inside = start - side <= first and last <= stop + side and (first == 0) == (start == 0) and (last == take) == (stop == take)
        low, high = (each + shift for each in (first, last))
        if other in found or not inside or low < 0 or high > F:
            continue
        beside = slice(low if first == 0 else max(0, low - side), high if last == take else high + side)
        if free_FP[beside, other].all():
            found[other] = Trial(other, low, high, trial.open_end)
    return list(found.values())[1:]


def _with_edges_elsewhere(visible_FP: Mask, gaps: Sequence[Run], side: int, rng: np.random.Generator) -> Int:
    """The take's frames in an order in which one of the gaps at its edges can be tried where it is; in their own order if none can.

    The order begins with a later frame, and the frames before it come last. Where the take's end meets its start, one frame more than lie
    beside a trial are none of the take, so that no motion leads across.
    """
    F, missing_FP = len(visible_FP), _running_total(~visible_FP)
    for point, start, stop in gaps:
        if start == 0 or stop == F:
            first = _place(missing_FP, np.ones(F, bool), point, stop - start + side, rng)
            if first is not None:
                first += 0 if start == 0 else stop - start + side
                return np.concatenate([np.arange(first, F), np.full(side + 1, NO_FRAME), np.arange(first)])
    return np.arange(F)


def _at_edge(visible_F: Mask, gap: Run, added: int, side: int) -> Trial | None:
    """A gap at the start or end of the take where it is, the take having so many frames more. visible_F: of its point."""
    point, start, stop = gap
    if start == 0:
        return Trial(point, 0, stop, "start") if visible_F[: stop + side].all() else None
    low, high = start + added, stop + added
    return Trial(point, low, high, "stop") if visible_F[max(0, low - side) : high].all() else None


def _inside(missing_FP: Int, free_F: Mask, gap: Run, side: int, rng: np.random.Generator) -> Trial | None:
    """A place at which the point is visible throughout."""
    point, start, stop = gap
    first = _place(missing_FP, free_F, point, stop - start + 2 * side, rng)
    return None if first is None else Trial(point, first + side, first + side + stop - start)


def _place(missing_FP: Int, free_F: Mask, point: int, length: int, rng: np.random.Generator) -> int | None:
    """The first of so many frames in which the point is visible; of PLACES drawn at random, those with the fewest missing samples."""
    if length >= len(free_F):
        return None
    taken_F = _running_total(~free_F)
    clear = (missing_FP[length:, point] == missing_FP[:-length, point]) & (taken_F[length:] == taken_F[:-length])
    places = np.flatnonzero(clear)
    if not len(places):
        return None
    places = rng.choice(places, min(len(places), PLACES), replace=False)
    missing = (missing_FP[places + length] - missing_FP[places]).sum(axis=1)
    return int(places[np.argmin(missing)])


def _running_total(of_FX: Mask) -> Int:
    """How many are True before each frame, and in all."""
    return np.concatenate([np.zeros((1, *of_FX.shape[1:]), np.int64), np.cumsum(of_FX, axis=0)])


def _in_order(visible_FP: Mask, frames_F: Int) -> Mask:
    return np.asarray(visible_FP[frames_F] & (frames_F != NO_FRAME)[:, None])


def _at_end(visible_FP: Mask, free_F: Mask, gap: Run, side: int, rng: np.random.Generator) -> Trial | None:
    """A place for a gap at the start or end of the take; everything beyond it is masked, too."""
    point, start, stop = gap
    frames, before = stop - start, start == 0
    taken_F = np.concatenate([[0], np.cumsum(~(visible_FP[:, point] & free_F))])
    places = np.flatnonzero(taken_F[frames + side :] == taken_F[: -frames - side])
    if not len(places):
        return None
    first = int(rng.choice(places)) + (0 if before else side)
    return Trial(point, first, first + frames, "start" if before else "stop")


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
