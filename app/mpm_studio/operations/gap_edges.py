"""The edges of gaps, moved by the user. Frames start..stop-1, 0-based. F frames, P points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from mpm_core.edit import gap_edges as core
from mpm_core.edit.patch import Edit, Patch, since_reshaped
from mpm_core.edit.request import Request, requested
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.operations.marking import place

MOVE_EDGES = "move edges"  # the action of its requests


class GapPlace(NamedTuple):
    """Frames start..stop-1 of a point."""

    point: int
    start: int
    stop: int

    def moved(self, start_by: int, stop_by: int, frames: int) -> GapPlace:
        """The gap with its edges moved by start_by and stop_by frames, within a take of `frames` frames and at least one frame long."""
        start = max(0, min(self.start + start_by, self.stop - 1))
        return GapPlace(self.point, start, min(frames, max(self.stop + stop_by, start + 1)))


def whole_gaps(rows: Iterable[GapRow]) -> tuple[GapPlace, ...]:
    """The gaps that rows of the gap table make: rows of a point that touch are one gap, parted by states or by samples set by hand.

    >>> whole_gaps([GapRow(0, 10, 20, "proposed"), GapRow(0, 20, 21, "open"), GapRow(1, 3, 4, "open")])
    (GapPlace(point=0, start=10, stop=21), GapPlace(point=1, start=3, stop=4))
    """
    gaps: list[GapPlace] = []
    for row in sorted(rows, key=attrgetter("point", "start")):
        if gaps and (gaps[-1].point, gaps[-1].stop) == (row.point, row.start):
            gaps[-1] = gaps[-1]._replace(stop=row.stop)
        else:
            gaps.append(GapPlace(row.point, row.start, row.stop))
    return tuple(gaps)


def places_mask(rec: Recording, gaps: Iterable[GapPlace]) -> Mask:
    """(F, P) True in these gaps."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for point, start, stop in gaps:
        where_FP[start:stop, point] = True
    return where_FP


def move_edges(
    rec: Recording, gaps: Sequence[GapPlace], start_by: int, stop_by: int, done: Sequence[Edit], edge: str | None = None
) -> Patch:
    """The gaps with their edges moved, as `mpm_core.edit.gap_edges.move_edges` does it. edge: as for `goes_on`. Raises DataError."""
    moved = [gap.moved(start_by, stop_by, rec.frames) for gap in gaps]
    first, points = rec.source.first_frame, sorted({gap.point for gap in gaps})
    start, stop = min(gap.start for gap in moved), max(gap.stop for gap in moved)
    who = rec.points[points[0]] if len(points) == 1 else f"{len(points)} points"
    label = f"Move the edges of the gap of {who} to frames {start + first} to {stop - 1 + first}"
    patch = core.move_edges(rec, places_mask(rec, gaps), places_mask(rec, moved), done, label)
    return requested(patch, MOVE_EDGES, **place(rec, points, start, stop), edge=edge)


def goes_on(rec: Recording, gaps: Sequence[GapPlace], edge: str | None, done: Sequence[Edit]) -> bool:
    """Whether the last edit moved the same edge ("start" or "stop"; None: no single one) of the gaps to where they are now.

    >>> from mpm_core.edit.document import Document
    >>> from mpm_core.edit.mark import mark, region
    >>> from mpm_core.recording import make_recording
    >>> document = Document(make_recording(("a",), 10.0, np.zeros((30, 1, 3))))
    >>> document.do(mark(document.recording, region(document.recording, [0], 10, 20)))
    >>> document.do(move_edges(document.recording, [GapPlace(0, 10, 20)], -1, 0, document.done, "start"))
    >>> [goes_on(document.recording, [GapPlace(0, 9, 20)], edge, document.done) for edge in ("start", "stop", None)]
    [True, False, False]
    """
    if edge is None or not done:
        return False
    points, start, stop = sorted({gap.point for gap in gaps}), min(gap.start for gap in gaps), max(gap.stop for gap in gaps)
    return Request(MOVE_EDGES, {**place(rec, points, start, stop), "edge": edge}) in done[-1].requests


def selection_of(gaps: Iterable[GapPlace]) -> tuple[tuple[int, ...], int, int, tuple[GapPlace, ...]]:
    """Points, start, stop and gaps of a Selection of these gaps: several are chosen one by one, since others may lie between them."""
    some = tuple(sorted(gaps))
    points = tuple(dict.fromkeys(gap.point for gap in some))
    return points, min(gap.start for gap in some), max(gap.stop for gap in some), some if len(some) > 1 else ()


class Asked(NamedTuple):
    """What a fill was asked for: a method, or a mixture's text, and the points that it follows, by name; none: those that fit best."""

    method: str
    donors: tuple[str, ...] = ()


def asked_for(gaps: Iterable[GapPlace], edits: Sequence[Edit]) -> Asked:
    """What the last fill of these gaps was asked for; 'auto' where that differs from gap to gap, or is not known any more.

    edits: first to last, a proposed one too.
    """
    edits = since_reshaped(edits)
    found = {asked for gap in gaps if (asked := _last_asked(gap, edits)) is not None}
    return found.pop() if len(found) == 1 else Asked("auto")


def _last_asked(gap: GapPlace, edits: Sequence[Edit]) -> Asked | None:
    for edit in reversed(edits):
        for run in reversed(edit.filled) if isinstance(edit, Patch) else ():
            if run.point == gap.point and run.start < gap.stop and gap.start < run.stop and run.method != "hand":
                asked = (each.settings for each in reversed(edit.requests) if each.settings.get("method") == run.method)
                return Asked(run.method, tuple(next(asked, {}).get("donors", ())))
    return None
