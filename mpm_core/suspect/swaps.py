"""Swaps: exchanged labels of two points. F frames, P points, D dimensions.

Two signs: at both ends of a swap two paths break, and exchanging what follows makes both continuous; and during a swap, a point keeps its
distances to its rigid companions only with the positions of the other.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import combinations, pairwise

import numpy as np

from mpm_core.edit.labels import labelled
from mpm_core.gaps import known, runs
from mpm_core.recording import Recording
from mpm_core.suspect.companions import Companions, find_companions
from mpm_core.suspect.evidence import abrupt, length_text, local_level, measured, metre_length
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Mask

REACH_S = 0.3  # longest gap at a break
VELOCITY_FRAMES = 3  # samples used for the velocity
JUMP_M, TIMES = 0.02, 8.0  # a break: distance, and factor on the typical one
BETTER = 0.35  # greatest error of exchanged paths, relative to the original ones
STRAIN_M, STRAIN_TIMES = 0.025, 8.0  # error of distances: metres, and factor on their spread
STRAIN_LEFT = 0.4  # share of the strain that may remain after exchanging
ABRUPT = 0.5  # least change of the strain between two frames, as a share of its limit
LEAST_FRAMES = 2
MOST_BREAKS = 60  # within REACH_S of each other; more are not swaps but a take in disorder

Event = tuple[int, int, int]  # point, the first frame after the break, the last one before it


def swaps(rec: Recording) -> list[Suspect]:
    """Every pair that looks exchanged over a stretch. Of the two states of a pair, the rarer one is taken to be wrong."""
    xyz_FPD = measured(rec)
    if rec.rig is not None or len(rec.points) < 2 or len(xyz_FPD) < 4:
        return []
    scale = metre_length(xyz_FPD)
    companions, labelled_P = find_companions(xyz_FPD, scale), labelled(rec)
    found = _by_paths(rec, xyz_FPD, scale, companions)
    explained_FP = np.zeros(xyz_FPD.shape[:2], bool)
    for suspect in found:
        explained_FP[suspect.start : suspect.stop, list(suspect.points)] = True
    found += _by_companions(rec, xyz_FPD, scale, companions, explained_FP)
    return [each for each in found if labelled_P[list(each.points)].any()]


def _by_paths(rec: Recording, xyz_FPD: Float, scale: float, companions: Companions) -> list[Suspect]:
    """Swaps at whose ends two paths break within REACH_S of each other and each goes on in the other.

    A pair with a single such end is swapped up to an end of the take. It is left out where exchanging the part before and exchanging the
    part after both spoil the distances to companions.
    """
    reach = max(1, round(REACH_S * rec.rate_hz))
    events = _breaks(xyz_FPD, rec.rate_hz, reach, scale)
    at_frame: dict[int, list[Event]] = defaultdict(list)
    for event in events:
        at_frame[event[1]].append(event)
    fits: list[tuple[float, Event, Event]] = []
    for frame, frame_events in at_frame.items():
        nearby = [event for later in range(frame, frame + reach + 1) for event in at_frame.get(later, [])]
        pairs = [(a, b) for a, b in combinations(nearby, 2) if a in frame_events and a[0] != b[0]] if len(nearby) < MOST_BREAKS else []
        fits += [(gain, a, b) for a, b in pairs if (gain := _crossed(xyz_FPD, a, b, scale)) > 1]
    crossings: dict[tuple[int, int], list[tuple[int, float]]] = defaultdict(list)
    used: set[Event] = set()
    for gain, a, b in sorted(fits, reverse=True):
        if not used & {a, b}:
            used |= {a, b}
            crossings[min(a[0], b[0]), max(a[0], b[0])].append((max(a[1], b[1]) if b[2] >= a[1] else a[1], gain))
    pairs_F: list[list[tuple[int, int]]] = [[] for _ in xyz_FPD]
    for pair, of_pair in crossings.items():
        for frame, _ in of_pair:
            pairs_F[frame].append(pair)
    found = []
    for pair, of_pair in crossings.items():
        if len(of_pair) == 1:
            frame = of_pair[0][0]
            at_once = [each for beside in pairs_F[max(0, frame - reach) : frame + reach + 1] for each in beside]
            if _spoils(xyz_FPD[:frame], pair, at_once, companions, scale) and _spoils(xyz_FPD[frame:], pair, at_once, companions, scale):
                continue
        found += _stretches(rec, xyz_FPD, pair, sorted(of_pair))
    return found


def _breaks(xyz_FPD: Float, rate_hz: float, reach: int, scale: float) -> list[Event]:
    """Frames at which a point is not where its path leads: after a step, or after a gap of at most `reach` frames."""
    step_FP = np.zeros(xyz_FPD.shape[:2])
    step_FP[2:] = np.linalg.norm(xyz_FPD[2:] - 2 * xyz_FPD[1:-1] + xyz_FPD[:-2], axis=2)
    typical_FP = local_level(np.where(step_FP > 0, step_FP, np.nan), rate_hz)
    known_FP = known(xyz_FPD)
    found = []
    for point in map(int, np.flatnonzero(known_FP.sum(axis=0) > 2)):
        frames = np.flatnonzero(known_FP[:, point])
        frame_gap_N = np.diff(frames)
        jump_N = np.linalg.norm(xyz_FPD[frames[1:], point] - xyz_FPD[frames[:-1], point], axis=1)
        limit_N = np.maximum(JUMP_M * scale, 0.5 * TIMES * typical_FP[frames[1:], point])
        for place in np.flatnonzero((frame_gap_N <= reach) & (jump_N > limit_N)):
            before, after = int(frames[place]), int(frames[place + 1])
            error = np.linalg.norm(xyz_FPD[after, point] - _ahead(xyz_FPD, point, before, after))
            if error > max(JUMP_M * scale, TIMES * typical_FP[before, point] * (after - before)):
                found.append((point, after, before))
    return found


def _ahead(xyz_FPD: Float, point: int, frame: int, wanted: int) -> Float:
    """The path up to `frame` extrapolated to `wanted`, by the velocity of its last VELOCITY_FRAMES samples after a gap (a single one: at
    rest).
    """
    path_ND = xyz_FPD[max(0, frame - VELOCITY_FRAMES) : frame + 1, point]
    whole = known(path_ND)
    first = 0 if whole.all() else int(np.flatnonzero(~whole)[-1]) + 1
    velocity_D = (path_ND[-1] - path_ND[first]) / max(len(path_ND) - 1 - first, 1)
    return np.asarray(path_ND[-1] + velocity_D * (wanted - frame))


def _crossed(xyz_FPD: Float, a: Event, b: Event, scale: float) -> float:
    """Above 1 when exchanging the two paths makes them more continuous; greater is better."""
    straight, crossed = (_miss(xyz_FPD, a, a), _miss(xyz_FPD, b, b)), (_miss(xyz_FPD, a, b), _miss(xyz_FPD, b, a))
    if max(crossed) > BETTER * min(straight) or sum(straight) - sum(crossed) < JUMP_M * scale:
        return 0.0
    return float(BETTER * min(straight) / max(max(crossed), 0.1 * JUMP_M * scale))


def _miss(xyz_FPD: Float, ended: Event, begun: Event) -> float:
    """How far the path that breaks at `ended` leads past the place where a point goes on at `begun`."""
    return float(np.linalg.norm(xyz_FPD[begun[1], begun[0]] - _ahead(xyz_FPD, ended[0], ended[2], begun[1])))


def _stretches(rec: Recording, xyz_FPD: Float, pair: tuple[int, int], crossings: list[tuple[int, float]]) -> list[Suspect]:
    """The frames in which a pair is in the rarer of its two states."""
    pieces = list(pairwise([0, *(frame for frame, _ in crossings), len(xyz_FPD)]))
    known_F: Mask = np.asarray(known(xyz_FPD[:, list(pair)]).any(axis=1))
    rarer = min((pieces[1::2], pieces[::2]), key=lambda state: sum(int(known_F[start:stop].sum()) for start, stop in state))
    score, why = max(gain for _, gain in crossings), f"the paths of {rec.points[pair[0]]} and {rec.points[pair[1]]} go on in each other"
    return [Suspect("swap", pair, start, stop, score, why) for start, stop in rarer if stop > start]


def _spoils(xyz_NPD: Float, pair: tuple[int, int], at_once: Sequence[tuple[int, int]], companions: Companions, scale: float) -> bool:
    """Whether exchanging a pair, and with it those that cross at the same time, makes its distances to companions clearly wrong: in a jolt
    of many points, paths go on in each other by chance. A whole limb that is exchanged keeps its distances.
    """
    exchanged_NPD = xyz_NPD.copy()
    for each in at_once:
        exchanged_NPD[:, each] = xyz_NPD[:, each[::-1]]
    growth_NA = [companions.strain(exchanged_NPD, point) - companions.strain(xyz_NPD, point) for point in pair]
    return bool(np.nansum(growth_NA) > STRAIN_M * scale * len(xyz_NPD))


def _by_companions(rec: Recording, xyz_FPD: Float, scale: float, companions: Companions, explained_FP: Mask) -> list[Suspect]:
    found: list[Suspect] = []
    strain_FP = np.stack([companions.strain(xyz_FPD, point) for point in range(len(rec.points))], axis=1)
    limit_P = np.maximum(STRAIN_M * scale, STRAIN_TIMES * np.nan_to_num(np.nanmax(_zero_if_none(companions.spread_PK), axis=1)))
    strained_FP = (np.nan_to_num(strain_FP) > limit_P) & ~explained_FP
    for point in np.flatnonzero(strained_FP.any(axis=0)):
        for start, stop in runs(strained_FP[:, point]):
            if stop - start < LEAST_FRAMES or explained_FP[start:stop, point].any():
                continue
            if not abrupt(strain_FP[:, point], start, stop, ABRUPT * float(limit_P[point])):
                continue
            strain = float(np.nanmedian(strain_FP[start:stop, point]))
            most_strain = min(STRAIN_LEFT * strain, float(limit_P[point]))
            other, other_strain = _who_fits(xyz_FPD[start:stop], strain_FP[start:stop], companions, int(point), most_strain)
            if other < 0:
                continue
            pair = (min(int(point), other), max(int(point), other))
            explained_FP[start:stop, pair] = True
            off, other_off = (length_text(each, rec.dims) for each in (strain, other_strain))
            why = f"{rec.points[point]} keeps its distances (off by {off}) with the place of {rec.points[other]} ({other_off})"
            found.append(Suspect("swap", pair, start, stop, strain / float(limit_P[point]), why))
    return found


def _who_fits(xyz_NPD: Float, strain_NP: Float, companions: Companions, point: int, most_strain: float) -> tuple[int, float]:
    """The point whose positions reduce the strain of `point` to below `most_strain`, and its own strain, too, if it has one; -1 = none."""
    best, other_strain = -1, most_strain
    visible = np.flatnonzero(known(xyz_NPD).sum(axis=0) > 0.8 * len(xyz_NPD))
    for other in visible:
        if other == point or other in companions.near_PK[point]:
            continue
        swapped_strain = float(np.nanmedian(companions.strain(xyz_NPD, point, xyz_NPD[:, other])))
        if not swapped_strain < other_strain:
            continue
        if companions.count(int(other)) >= 2:
            now_N, then_N = strain_NP[:, other], companions.strain(xyz_NPD, int(other), xyz_NPD[:, point])
            both_N = np.isfinite(now_N) & np.isfinite(then_N)
            if both_N.any() and not np.median(then_N[both_N]) < STRAIN_LEFT * np.median(now_N[both_N]):
                continue
        best, other_strain = int(other), swapped_strain
    return best, other_strain


def _zero_if_none(spread_PK: Float) -> Float:
    """Rows without any companion are 0, so that their maximum is defined."""
    return np.where(np.isfinite(spread_PK).any(axis=1, keepdims=True), spread_PK, 0.0)
