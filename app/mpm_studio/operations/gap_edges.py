"""The edges of gaps, moved by the user. Frames start..stop-1, 0-based. F frames, P points."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from operator import attrgetter
from typing import NamedTuple

import numpy as np

from mpm_core.edit import gap_edges as core
from mpm_core.edit.patch import Edit, Patch
from mpm_core.edit.request import requested
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.operations.marking import place


class GapPlace(NamedTuple):
    """Frames start..stop-1 of a point."""

    point: int
    start: int
    stop: int

    def moved(self, start_by: int, stop_by: int, frames: int) -> GapPlace:
        """The gap with its edges moved by some frames, kept within a take of so many; it keeps at least one."""
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


def move_edges(rec: Recording, gaps: Sequence[GapPlace], start_by: int, stop_by: int, done: Sequence[Edit]) -> Patch:
    """The gaps with their edges moved, as `mpm_core.edit.gap_edges.move_edges` does it. Raises DataError."""
    moved = [gap.moved(start_by, stop_by, rec.frames) for gap in gaps]
    first, points = rec.source.first_frame, sorted({gap.point for gap in gaps})
    start, stop = min(gap.start for gap in moved), max(gap.stop for gap in moved)
    who = rec.points[points[0]] if len(points) == 1 else f"{len(points)} points"
    label = f"Move the edges of the gap of {who} to frames {start + first} to {stop - 1 + first}"
    patch = core.move_edges(rec, places_mask(rec, gaps), places_mask(rec, moved), done, label)
    return requested(patch, "move edges", **place(rec, points, start, stop))


def asked_method(gaps: Iterable[GapPlace], edits: Sequence[Edit]) -> str:
    """The method that the last fill of these gaps was asked for, 'auto' where that differs from gap to gap; '' where none was filled.

    edits: first to last, a proposed one too.
    """
    found = set()
    for point, start, stop in gaps:
        runs = (run for edit in reversed(edits) if isinstance(edit, Patch) for run in edit.filled if run.method != "hand")
        found |= {next((run.method for run in runs if run.point == point and run.start < stop and start < run.stop), "")} - {""}
    return found.pop() if len(found) == 1 else "auto" if found else ""
