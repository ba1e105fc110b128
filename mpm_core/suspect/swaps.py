"""Swaps: two labels that changed places. F frames, P points, D dimensions.

Two signs. At both ends of a swap two paths break, and exchanging what follows makes both whole again. And all through it a point keeps
its distances to its rigid companions only with the other's place.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import combinations, pairwise

import numpy as np

from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.companions import Companions, find_companions
from mpm_core.suspect.kinds import Suspect, level, metre, seen
from mpm_core.typing import Float, Mask

REACH_S = 0.3  # a path that vanishes is looked for this long
BACK = 3  # samples its velocity is taken from
JUMP_M, TIMES = 0.02, 8.0  # a break: this far, and this many times the usual
BETTER = 0.35  # crossed paths must fit this much better than straight ones
STRAIN_M, STRAIN_TIMES = 0.025, 8.0  # distances off by this much, and by this many of their usual variations
EASED = 0.4  # of the strain is left with the other's place
LEAST_FRAMES = 2
MOST_BREAKS = 60  # within reach of each other: more are not swaps but a scene in disorder

Event = tuple[int, int, int]  # point, the first frame after the break, the last one before it


def swaps(rec: Recording) -> list[Suspect]:
    """Every pair that looks exchanged over a stretch. Of the two states of a pair the rarer one is taken for wrong."""
    xyz_FPD = seen(rec)
    if rec.rig is not None or len(rec.points) < 2 or len(xyz_FPD) < 4:
        return []
    scale = metre(xyz_FPD)
    found = _by_paths(rec, xyz_FPD, scale)
    taken_FP = np.zeros(xyz_FPD.shape[:2], bool)
    for each in found:
        taken_FP[each.start : each.stop, list(each.points)] = True
    return found + _by_companions(rec, xyz_FPD, scale, find_companions(xyz_FPD, scale), taken_FP)


def _by_paths(rec: Recording, xyz_FPD: Float, scale: float) -> list[Suspect]:
    reach = max(1, round(REACH_S * rec.rate_hz))
    events = _breaks(xyz_FPD, rec.rate_hz, reach, scale)
    at_frame: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        at_frame[event[1]].append(event)
    fits: list[tuple[float, Event, Event]] = []
    for frame, mine in at_frame.items():
        near = [event for later in range(frame, frame + reach + 1) for event in at_frame.get(later, [])]
        pairs = [(a, b) for a, b in combinations(near, 2) if a in mine and a[0] != b[0]] if len(near) < MOST_BREAKS else []
        fits += [(gain, a, b) for a, b in pairs if (gain := _crossed(xyz_FPD, a, b, scale)) > 1]
    crossings: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    used: set[Event] = set()
    for gain, a, b in sorted(fits, reverse=True):
        if not used & {a, b}:
            used |= {a, b}
            crossings[min(a[0], b[0]), max(a[0], b[0])].append((max(a[1], b[1]) if b[2] >= a[1] else a[1], gain))
    return [each for pair, some in crossings.items() for each in _stretches(rec, xyz_FPD, pair, sorted(some))]


def _breaks(xyz_FPD: Float, rate_hz: float, reach: int, scale: float) -> list[Event]:
    """Where a point is not where its path leads: after a step, or when it comes back within reach."""
    step_FP = np.zeros(xyz_FPD.shape[:2])
    step_FP[2:] = np.linalg.norm(xyz_FPD[2:] - 2 * xyz_FPD[1:-1] + xyz_FPD[:-2], axis=2)
    usual_FP = level(np.where(step_FP > 0, step_FP, np.nan), rate_hz)
    seen_FP = known(xyz_FPD)
    found = []
    for point in map(int, np.flatnonzero(seen_FP.sum(axis=0) > 2)):
        frames = np.flatnonzero(seen_FP[:, point])
        beside = np.diff(frames)
        jump_N = np.linalg.norm(xyz_FPD[frames[1:], point] - xyz_FPD[frames[:-1], point], axis=1)
        limit_N = np.maximum(JUMP_M * scale, 0.5 * TIMES * usual_FP[frames[1:], point])
        for place in np.flatnonzero((beside <= reach) & (jump_N > limit_N)):
            before, after = int(frames[place]), int(frames[place + 1])
            off = np.linalg.norm(xyz_FPD[after, point] - _ahead(xyz_FPD, point, before, after))
            if off > max(JUMP_M * scale, TIMES * usual_FP[before, point] * (after - before)):
                found.append((point, after, before))
    return found


def _ahead(xyz_FPD: Float, point: int, frame: int, wanted: int) -> Float:
    """Where the path up to `frame` leads at `wanted`, by the velocity of its last BACK samples (none before a gap of its own: it stays)."""
    path_ND = xyz_FPD[max(0, frame - BACK) : frame + 1, point]
    whole = known(path_ND)
    first = 0 if whole.all() else int(np.flatnonzero(~whole)[-1]) + 1
    velocity_D = (path_ND[-1] - path_ND[first]) / max(len(path_ND) - 1 - first, 1)
    return np.asarray(path_ND[-1] + velocity_D * (wanted - frame))


def _crossed(xyz_FPD: Float, a: Event, b: Event, scale: float) -> float:
    """Above 1 when the two paths go on better in each other; how much better."""
    ends = [_ahead(xyz_FPD, each[0], each[2], wanted[1]) for each in (a, b) for wanted in (a, b)]
    starts = {0: xyz_FPD[a[1], a[0]], 1: xyz_FPD[b[1], b[0]]}
    straight = [float(np.linalg.norm(starts[0] - ends[0])), float(np.linalg.norm(starts[1] - ends[3]))]
    across = [float(np.linalg.norm(starts[1] - ends[1])), float(np.linalg.norm(starts[0] - ends[2]))]
    if max(across) > BETTER * min(straight) or sum(straight) - sum(across) < JUMP_M * scale:
        return 0.0
    return float(BETTER * min(straight) / max(max(across), 0.1 * JUMP_M * scale))


def _stretches(rec: Recording, xyz_FPD: Float, pair: tuple[int, int], crossings: list[tuple[int, float]]) -> list[Suspect]:
    """The frames in which a pair is in the rarer of its two states."""
    cuts = [0, *(frame for frame, _ in crossings), len(xyz_FPD)]
    pieces = list(pairwise(cuts))
    seen_F: Mask = np.asarray(known(xyz_FPD[:, list(pair)]).any(axis=1))
    size = [sum(int(seen_F[start:stop].sum()) for start, stop in pieces[state::2]) for state in (0, 1)]
    names = " and ".join(rec.points[point] for point in pair)
    wrong = 0 if size[0] < size[1] else 1
    return [
        Suspect("swap", pair, start, stop, max(gain for _, gain in crossings), f"the paths of {names} go on in each other")
        for start, stop in pieces[wrong::2]
        if stop > start
    ]


def _by_companions(rec: Recording, xyz_FPD: Float, scale: float, companions: Companions, taken_FP: Mask) -> list[Suspect]:
    found: list[Suspect] = []
    strain_FP = np.stack([companions.strain(xyz_FPD, point) for point in range(len(rec.points))], axis=1)
    limit_P = np.maximum(STRAIN_M * scale, STRAIN_TIMES * np.nan_to_num(np.nanmax(_or_nan(companions.spread_PK), axis=1)))
    strained_FP = (np.nan_to_num(strain_FP) > limit_P) & ~taken_FP
    for point in np.flatnonzero(strained_FP.any(axis=0)):
        for start, stop in runs(strained_FP[:, point]):
            if stop - start < LEAST_FRAMES or taken_FP[start:stop, point].any():
                continue
            mine = float(np.nanmedian(strain_FP[start:stop, point]))
            enough = min(EASED * mine, float(limit_P[point]))
            other, left = _who_fits(xyz_FPD[start:stop], strain_FP[start:stop], companions, int(point), enough)
            if other < 0:
                continue
            pair = (min(int(point), other), max(int(point), other))
            taken_FP[start:stop, pair] = True
            why = (f"{rec.points[point]} keeps its distances (off by {mine / scale * 1000:.0f} mm) with the place of {rec.points[other]} "
                   f"({left / scale * 1000:.0f} mm)")  # fmt: skip
            found.append(Suspect("swap", pair, start, stop, mine / float(limit_P[point]), why))
    return found


def _who_fits(xyz_NPD: Float, strain_NP: Float, companions: Companions, point: int, enough: float) -> tuple[int, float]:
    """The point whose places ease the strain of `point` to below `enough`, its own strain eased too if it has one; -1 = none."""
    best, left = -1, enough
    there = np.flatnonzero(known(xyz_NPD).sum(axis=0) > 0.8 * len(xyz_NPD))
    for other in there:
        if other == point or other in companions.near_PK[point]:
            continue
        theirs = float(np.nanmedian(companions.strain(xyz_NPD, point, xyz_NPD[:, other])))
        if not theirs < left:
            continue
        if companions.count(int(other)) >= 2:
            now_N, then_N = strain_NP[:, other], companions.strain(xyz_NPD, int(other), xyz_NPD[:, point])
            both_N = np.isfinite(now_N) & np.isfinite(then_N)
            if both_N.any() and not np.median(then_N[both_N]) < EASED * np.median(now_N[both_N]):
                continue
        best, left = int(other), theirs
    return best, left


def _or_nan(spread_PK: Float) -> Float:
    """Rows without any companion hold a 0, so that a maximum over them is defined."""
    return np.where(np.isfinite(spread_PK).any(axis=1, keepdims=True), spread_PK, 0.0)
