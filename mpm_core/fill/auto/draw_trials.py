"""Where trials are made: gaps moved to other times at which their points are visible, along with what is missing around them.

F frames of a round of trials, P points.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.fill.auto.trials import NO_FRAME, Round, Trial, in_order
from mpm_core.fill.problem import Run
from mpm_core.typing import Int, Mask

SIDE_S = 0.1  # beside a trial its point stays visible, and other points are masked as they are missing beside the gap
POINTS_EACH = 25  # points for each trial that may overlap in time
MOST_SHARE = 0.2  # of the take's frames in the trials of one round, unless one trial alone is longer: a fill learns from the rest
PLACES = 12  # tried for each trial; the one with the fewest other missing samples is used


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

    pattern_FP: what is missing around each gap; these samples are moved, too. Gaps for which there is no place are left out. together: gaps
    that are adjacent in time are one trial; the trials of a round inside the take cover at most MOST_SHARE of it; gaps at the edges of the
    take are tried in every round, with the edges placed at another frame, so that all other frames remain for the fill to learn from.
    """
    F, side = len(visible_FP), max(2, round(SIDE_S * rate_hz))
    edges = [gap for gap in gaps if gap[1] == 0 or gap[2] == F]
    inside = [gap for gap in gaps if gap[1] > 0 and gap[2] < F]
    always, remaining = (dict.fromkeys(edges), inside) if together else ({}, [*edges, *inside])
    rounds: list[Round] = []
    while (always or remaining) and len(rounds) < most_rounds:
        one_round = _round_together if together else _round_of_single_gaps
        drawn, left = one_round(visible_FP, [*always, *remaining], pattern_FP, side, rng)
        if not drawn.trials:
            break
        remaining = [gap for gap in left if gap not in always]
        rounds.append(drawn)
    return rounds


def _round_of_single_gaps(
    visible_FP: Mask, gaps: list[Run], pattern_FP: Mask, side: int, rng: np.random.Generator
) -> tuple[Round, list[Run]]:
    """Each gap by itself, and the gaps left. One at the take's edge is the only trial of its point, which is masked from there on."""
    F, missing_FP, at_once = len(visible_FP), _running_total(~visible_FP), trials_at_once(visible_FP.shape[1])
    masked_FP, needed_FP, overlap_F = np.zeros_like(visible_FP), np.zeros_like(visible_FP), np.zeros(F, np.int64)
    trials: list[Trial] = []
    left: list[Run] = []
    for gap in gaps:
        point, start, stop = gap
        free_F = overlap_F < at_once
        if start > 0 and stop < F:
            trial = _inside(missing_FP, free_F & ~masked_FP[:, point], gap, side, rng)
        else:
            alone = all(other.point != point for other in trials)
            trial = _at_end(visible_FP, free_F, gap, side, rng) if alone else None
        if trial is None:
            left.append(gap)
            continue
        overlap_F[_mask(masked_FP, needed_FP, visible_FP, pattern_FP, [trial], trial.start - start, side)] += 1
        if trial.open_end:
            outside = slice(0, trial.start) if start == 0 else slice(trial.stop, F)
            masked_FP[outside, point] |= visible_FP[outside, point]
        trials.append(replace(trial, place=len(trials) + 1))
    return Round(tuple(trials), masked_FP, np.arange(F)), left


def _round_together(visible_FP: Mask, gaps: list[Run], pattern_FP: Mask, side: int, rng: np.random.Generator) -> tuple[Round, list[Run]]:
    """Gaps beside each other in time as one trial, those at the take's edges where they are, and the gaps left."""
    take, frames_F = len(visible_FP), _with_edges_elsewhere(visible_FP, gaps, side, rng)
    visible_FP, F = in_order(visible_FP, frames_F), len(frames_F)
    missing_FP, at_once = _running_total(~visible_FP), trials_at_once(visible_FP.shape[1])
    masked_FP, needed_FP, overlap_F = np.zeros_like(visible_FP), np.zeros_like(visible_FP), np.zeros(F, np.int64)
    inside_F, places = np.zeros(F, bool), 0  # frames in trials that are not at the take's edges
    trials: list[Trial] = []
    left = list(gaps)
    for gap in gaps:
        if gap not in left:  # tried together with another
            continue
        point, start, stop = gap
        if start == 0 or stop == take:
            trial = _at_edge(visible_FP[:, point], gap, F - take, side)  # masked or not, as it is for the gaps before
        else:
            free_F = (overlap_F < at_once) & ~masked_FP[:, point] & (inside_F.mean() < MOST_SHARE)
            trial = _inside(missing_FP, free_F, gap, side, rng)
        if trial is None:
            continue
        shift = trial.start - start
        company = [trial, *_companions(visible_FP & ~masked_FP, take, left, gap, trial, side)]
        for each in company:
            left.remove((each.point, each.start - shift, each.stop - shift))
        beside = _mask(masked_FP, needed_FP, visible_FP, pattern_FP, company, shift, side)
        overlap_F[beside] += 1
        inside_F[beside] |= not trial.open_end
        places += not trial.open_end
        trials += [replace(each, place=0 if each.open_end else places) for each in company]
    return Round(tuple(trials), masked_FP, frames_F), left


def _mask(masked_FP: Mask, needed_FP: Mask, visible_FP: Mask, pattern_FP: Mask, company: Sequence[Trial], shift: int, side: int) -> slice:
    """Set, in place, masked_FP in trials that are made together and where samples beside their gaps are missing, and needed_FP in samples
    beside them that stay visible. Returns the range of frames that was set.

    shift: frames from the gaps to the trials.
    """
    take, trial = len(pattern_FP), company[0]
    low, high = max(0, trial.start - side), min(len(masked_FP), trial.stop + side)
    for each in company:
        needed_FP[low : each.start, each.point] = needed_FP[each.stop : high, each.point] = True
    others_LP = np.zeros((high - low, masked_FP.shape[1]), bool)
    source = np.arange(low, high) - shift
    in_take = (source >= 0) & (source < take)
    others_LP[in_take] = pattern_FP[source[in_take]]
    masked_FP[low:high] |= others_LP & visible_FP[low:high] & ~needed_FP[low:high]
    for each in company:
        masked_FP[each.start : each.stop, each.point] = True
    return slice(low, high)


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
    """The take's frames in an order in which a gap at one of its edges can be tried in its place; in their own order if none can.

    The order begins with a later frame, and the frames before it come last. Between the take's end and its start there are `side` + 1
    frames that are not of the take, so that no motion is continuous there.
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
    """A gap at the start or end of the take, in its place, in a take that is longer by `added` frames. visible_F: of its point."""
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


def _place(missing_FP: Int, free_F: Mask, point: int, length: int, rng: np.random.Generator) -> int | None:
    """The start of `length` frames in which the point is visible: of PLACES random ones, the one with the fewest missing samples."""
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
