"""Which keypoint set a file's points are, told by where they lie on the body. N bodies, K points, D = 2 or 3, NaN = not detected.

A set's bones join points that are near each other on a body. In the right order they are hardly longer than the shortest tree through the
same points, and those of the left side about as long as those of the right; in a wrong order they cross the body. This depends neither on
the pose nor on the person's size, place and direction in the picture. Measured on real detections, and on motion capture seen by cameras at
any height (medians of a take): right order 0.3 to 0.95, wrong order 1.1 to 2.1, and the two at least 0.58 apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.names import NameSet, keypoint_set, name_sets
from mpm_core.errors import FormatError
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float

FEWEST_BONES = 8  # of a body, to say anything
MOST_BODIES = 200  # are looked at, evenly spread over the take
FITS, APART = 1.0, 0.3  # misfit of a set that fits at most, and how much more any other must have
UNNAMED = "unnamed"  # the set's name with which a user opens points of no known set
SAY_IT = f"say what they are with --points NAME, or --points {UNNAMED} (in the window: Open with options)"


def choose_set(xy_NKD: Float, where: str, asked: str | None = None) -> tuple[NameSet, str]:
    """The set of these points, and a note on how it was found. asked: the set's name, which overrules where the points lie.

    Raises FormatError, with the sets' names, when none fits, when more than one does, and for an unknown name or one of another count.
    """
    count = xy_NKD.shape[1]
    if asked is not None:
        names = _asked(asked, count, where)
        return names, f"{names.name}: {count} points (as asked)"
    candidates = [names for names in name_sets("keypoints") if len(names.points) == count]
    if not candidates:
        raise FormatError(
            f"a person has {count} points, which no known keypoint set has",
            where=where,
            hint=f"known: {listed()}; --points {UNNAMED} reads them without names",
        )
    found = {names.name: misfit(xy_NKD, names) for names in candidates}
    ordered = sorted(candidates, key=lambda names: found[names.name])
    least = found[ordered[0].name]
    titles = ", ".join(names.name for names in candidates)
    if not np.isfinite(least):
        raise FormatError(f"no person shows enough of their {count} points to tell what they are", where=where, hint=f"{SAY_IT}: {titles}")
    if least > FITS:
        raise FormatError(
            f"the {count} points do not lie on a body as those of {titles} do", where=where, hint=f"{SAY_IT}, if it is one: {titles}"
        )
    rivals = [names.name for names in ordered[1:] if found[names.name] < least + APART]
    if rivals:
        raise FormatError(f"the {count} points may be {' or '.join([ordered[0].name, *rivals])}", where=where, hint=f"{SAY_IT}: {titles}")
    return ordered[0], f"{ordered[0].name}: {count} points, by where they lie on the body"


def listed() -> str:
    """The known sets with their numbers of points, in words."""
    return ", ".join(f"{names.name} ({len(names.points)})" for names in name_sets("keypoints"))


def _asked(asked: str, count: int, where: str) -> NameSet:
    if asked.lower() == UNNAMED:
        return NameSet("keypoints", UNNAMED, (), (), (), tuple(f"P{number}" for number in range(1, count + 1)))
    names = keypoint_set(asked)
    if names is None:
        raise FormatError(f"there is no keypoint set called {asked!r}", where=where, hint=f"known to --points: {listed()}")
    if len(names.points) != count:
        raise FormatError(
            f"a person has {count} points here, {names.name} has {len(names.points)}", where=where, hint=f"known to --points: {listed()}"
        )
    return names


def misfit(xy_NKD: Float, names: NameSet) -> float:
    """How far these points are from lying as the set's do: the median over bodies; infinite where none has enough points.

    >>> misfit(np.full((1, 17, 2), np.nan), keypoint_set("COCO-17"))
    inf
    """
    index = {name: point for point, name in enumerate(names.points)}
    groups = [tuple((index[first], index[second]) for first, second in group) for group in names.bones]
    bodies = np.flatnonzero(np.asarray(np.isfinite(xy_NKD).all(axis=2)).any(axis=1))
    each = [_misfit(xy_NKD[body], groups) for body in bodies[subsample(len(bodies), MOST_BODIES)]]
    known = [value for value in each if value is not None]
    return float(np.median(known)) if known else np.inf


def _misfit(xy_KD: Float, groups: Sequence[tuple[tuple[int, int], ...]]) -> float | None:
    """Of one body: the bones' length over that of the shortest tree, and that of one side over the other's, as logarithms, added."""
    from scipy.sparse.csgraph import minimum_spanning_tree  # here, as its import takes long

    lengths = {bone: float(np.linalg.norm(xy_KD[bone[0]] - xy_KD[bone[1]])) for group in groups for bone in group}
    bones = [bone for bone, length in lengths.items() if np.isfinite(length)]
    if len(bones) < FEWEST_BONES:
        return None
    some_PD = xy_KD[sorted({point for bone in bones for point in bone})]
    least = 1e-6 * float(np.ptp(some_PD, axis=0).max())  # two points in one place are apart by nothing, which would be no edge
    if least == 0:
        return None
    apart_PP = np.linalg.norm(some_PD[:, None] - some_PD, axis=2) + least
    shortest = np.sort(minimum_spanning_tree(apart_PP).data)[: len(bones)].sum()
    pairs = [group for group in groups if len(group) == 2 and all(np.isfinite(lengths[bone]) for bone in group)]
    uneven = [abs(np.log((lengths[left] + least) / (lengths[right] + least))) for left, right in pairs]
    return float(np.log((sum(lengths[bone] for bone in bones) + least) / shortest) + (np.median(uneven) if uneven else 0.0))


def is_known_count(count: int) -> bool:
    """Whether any known set has this many points."""
    return any(len(names.points) == count for names in name_sets("keypoints"))


def with_extra(found: NameSet, extra: Sequence[int]) -> tuple[str, ...]:
    """The points' names of a set and of the further parts (hands, face) that a file has. extra: how many points each part has.

    >>> with_extra(keypoint_set("MediaPipe-33"), (21, 21))[-1]
    'left_hand_20'
    """
    more = [name for part, count in zip(found.extra, extra, strict=False) for name in part[:count]]
    return (*found.points, *more, *(f"P{number}" for number in range(len(more) + 1, sum(extra) + 1)))


def names_of(xyz_FPD: NDArray[Any], where: str, asked: str | None = None, extra: Sequence[int] = ()) -> tuple[tuple[str, ...], str]:
    """The names of an array's points, and a note: of the set that they lie as or that is asked for, else numbers.

    extra: how many points each further part (hands, face) has after the body. Raises FormatError for a set that is asked for and cannot be.
    """
    count = xyz_FPD.shape[1]
    body = count - sum(extra)
    numbers = tuple(f"P{number}" for number in range(1, count + 1))
    if asked is None and not is_known_count(body):
        return numbers, "the points have no names and were numbered"
    some_NKD = xyz_FPD[subsample(len(xyz_FPD), MOST_BODIES), :body].astype(np.float64)
    try:
        found, note = choose_set(some_NKD, where, asked)
    except FormatError as error:
        if asked is not None:
            raise
        return numbers, f"{error.what}, and were numbered; --points says what they are"
    return with_extra(found, extra), note
