"""The lines of the timeline, from the top: spans, groups and the points under them. F frames, P points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_core.spans import Span
from mpm_core.typing import UInt8
from mpm_studio.operations.point_groups import Group

EVENTS = "Events"
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
    """points: those that a click selects. spans: places in the recording's spans. open: a group that shows its points."""

    kind: Literal["spans", "group", "point"]
    text: str
    points: tuple[int, ...] = ()
    spans: tuple[int, ...] = ()
    open: bool = True


def lines_of(
    names: Sequence[str], order: Sequence[int], groups: Sequence[Group], closed: Collection[str], spans: Sequence[Span]
) -> list[Line]:
    """What the timeline shows. order: the listed points; they are grouped while they are in the take's own order. closed: titles.

    Events share a line; other spans of one name and of the same points do.
    """
    by_name: dict[str, list[int]] = {}
    for place, span in enumerate(spans):
        title = EVENTS if span.frames == 1 else span.name + (f" ({', '.join(span.points)})" if span.points else "")
        by_name.setdefault(title, []).append(place)
    found = [Line("spans", title, (), tuple(places)) for title, places in by_name.items()]
    listed = {*order}
    shown = [(group, tuple(point for point in group.points if point in listed)) for group in groups]
    shown = [(group, points) for group, points in shown if points]
    if len(shown) < 2 or list(order) != sorted(order):
        return found + [Line("point", names[point], (point,)) for point in order]
    for group, points in shown:
        is_open = group.title not in closed
        found.append(Line("group", group.title or "Other", points, open=is_open))
        found += [Line("point", names[point], (point,)) for point in points if is_open]
    return found


def worst_origins(rec: Recording, points: Sequence[int]) -> UInt8:
    """(F,) of the origins that some points have in a frame, the one that needs most attention."""
    worst_F = _RANK_C[rec.origin_FP[:, list(points)]].max(axis=1, initial=0)
    return np.asarray(np.array(WORST, np.uint8)[worst_F])
