"""The lines of the timeline, from the top: spans, groups and the points under them. F frames, P points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_core.spans import CHECKED, Span
from mpm_core.typing import UInt8
from mpm_studio.operations.point_groups import Group

EVENTS, DISMISSED = "Events", "Dismissed"
WORST = (
    Origin.MEASURED,
    Origin.FILTERED,
    Origin.HAND,
    Origin.FILLED,
    Origin.PREDICTED,
    Origin.MARKED,
    Origin.MISSING,
)  # a group shows the last that it has
_RANK_C = np.zeros(len(Origin), np.uint8)
_RANK_C[list(WORST)] = np.arange(len(WORST))


@dataclass(frozen=True, slots=True)
class Line:
    """points: those that a click selects. spans: places in the recording's spans. open: a subject or group that shows what is in it.

    depth: how many lines it is inside of. key: by which it is closed.
    """

    kind: Literal["spans", "subject", "group", "point"]
    text: str
    points: tuple[int, ...] = ()
    spans: tuple[int, ...] = ()
    open: bool = True
    depth: int = 0
    key: str = ""


def lines_of(
    names: Sequence[str], order: Sequence[int], groups: Sequence[Group], closed: Collection[str], spans: Sequence[Span]
) -> list[Line]:
    """What the timeline shows. order: the listed points; they are grouped while they are in the take's own order. closed: keys of lines.

    Events share a line, dismissed suspects do, and other spans of one name and of the same points.
    """
    by_name: dict[str, list[int]] = {}
    for place, span in enumerate(spans):
        title = EVENTS if span.frames == 1 else span.name + (f" ({', '.join(span.points)})" if span.points else "")
        by_name.setdefault(DISMISSED if span.source == CHECKED else title, []).append(place)
    found = [Line("spans", title, (), tuple(places)) for title, places in by_name.items()]
    listed = {*order}
    shown = [(group, tuple(point for point in group.points if point in listed)) for group in groups]
    shown = [(group, points) for group, points in shown if points]
    if len(shown) < 2 or list(order) != sorted(order):
        return found + [Line("point", names[point], (point,)) for point in order]
    for subject, parts in groupby(shown, lambda each: each[0].subject):
        found += _subject(subject, list(parts), names, closed)
    return found


def keys_of(groups: Sequence[Group]) -> set[str]:
    """The keys of all lines that can be closed."""
    return {group.subject for group in groups if group.subject} | {group.title for group in groups}


def _subject(subject: str, parts: Sequence[tuple[Group, tuple[int, ...]]], names: Sequence[str], closed: Collection[str]) -> list[Line]:
    """A line for the subject, where it has a name, one for each of its parts, and one for each point."""
    found, depth = [], 0
    if subject:
        points = tuple(sorted(point for _, own in parts for point in own))
        found, depth = [Line("subject", subject, points, open=subject not in closed, key=subject)], 1
        if subject in closed:
            return found
    for group, points in parts:
        if not group.part and subject:
            found += [Line("point", names[point], (point,), depth=depth) for point in points]
            continue
        is_open = group.title not in closed
        found.append(Line("group", group.part or "Other", points, open=is_open, depth=depth, key=group.title))
        found += [Line("point", names[point], (point,), depth=depth + 1) for point in points if is_open]
    return found


def worst_origins(rec: Recording, points: Sequence[int]) -> UInt8:
    """(F,) of the origins that some points have in a frame, the one that needs most attention."""
    worst_F = np.zeros(rec.frames, np.uint8)
    for point in points:  # much faster than .max() over so short an axis
        np.maximum(worst_F, _RANK_C[rec.origin_FP[:, point]], out=worst_F)
    return np.asarray(np.array(WORST, np.uint8)[worst_F])
