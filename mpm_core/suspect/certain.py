"""Which swaps are certain enough to be exchanged back without a look at each. F frames, P points, D dimensions, N frames of a swap."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

import numpy as np

from mpm_core.recording import Recording
from mpm_core.suspect.causes import Cause, causes
from mpm_core.suspect.companions import Companions, find_companions
from mpm_core.suspect.evidence import measured, metre_length
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float


def pair_swaps(suspects: Sequence[Suspect]) -> list[Suspect]:
    """The swaps of two points among suspects."""
    return [each for each in suspects if each.kind == "swap" and len(each.points) == 2]


def overlapping(swaps: Sequence[Suspect]) -> set[Suspect]:
    """Those of which a point is in another of them in the same frames, so that not all of them can be exchanged.

    >>> one, other, apart = (Suspect("swap", points, 10, 20, 2.0, "") for points in ((0, 1), (1, 2), (3, 4)))
    >>> overlapping([one, other, apart]) == {one, other}
    True
    """
    of_point: dict[int, list[Suspect]] = defaultdict(list)
    for each in swaps:
        for point in each.points:
            of_point[point].append(each)
    found: set[Suspect] = set()
    for some in of_point.values():
        some.sort(key=lambda swap: swap.start)
        longest = some[0]  # of those that began before, the one that ends last
        for each in some[1:]:
            if each.start < longest.stop:
                found |= {longest, each}
            longest = max(longest, each, key=lambda swap: swap.stop)
    return found


def certain_swaps(rec: Recording, suspects: Sequence[Suspect]) -> list[Suspect]:
    """The swaps among suspects of `rec` that an exchange surely puts right: no point of their cause is in two pairs, or in two swaps in
    the same frames, and with all of them exchanged each point is nearer to its usual distances to its companions than it was. A point with
    fewer than two companions says nothing; one that has them must be in the pair.
    """
    swaps = pair_swaps(suspects)
    if not swaps:
        return []
    shared = overlapping(swaps)
    sure = [cause for cause in causes(rec, swaps) if not shared.intersection(cause.suspects) and _one_pair_each(cause)]
    clear = [each for cause in sure for each in cause.suspects]
    xyz_FPD = measured(rec)
    companions = find_companions(xyz_FPD, metre_length(xyz_FPD))
    exchanged_FPD = xyz_FPD.copy()
    for each in clear:
        exchanged_FPD[each.start : each.stop, list(each.points)] = xyz_FPD[each.start : each.stop, list(each.points[::-1])]
    return [each for each in clear if _nearer(xyz_FPD[each.start : each.stop], exchanged_FPD[each.start : each.stop], each, companions)]


def _one_pair_each(cause: Cause) -> bool:
    """Whether no point is part of two pairs: a jolt of many points looks like several swaps at once."""
    points = [point for pair in {frozenset(each.points) for each in cause.suspects} for point in pair]
    return len(set(points)) == len(points)


def _nearer(xyz_NPD: Float, exchanged_NPD: Float, swap: Suspect, companions: Companions) -> bool:
    known = 0
    for point in swap.points:
        before_N, after_N = companions.strain(xyz_NPD, point), companions.strain(exchanged_NPD, point)
        both_N = np.isfinite(before_N) & np.isfinite(after_N)
        if both_N.any():
            known += 1
            if np.median(after_N[both_N]) >= np.median(before_N[both_N]):
                return False
    return known > 0
