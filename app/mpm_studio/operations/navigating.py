"""Where navigation goes: the next gap in time or by sigma, the gap at a frame, the first frame that shows the body."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from operator import attrgetter

import numpy as np

from mpm_core.gaps import Gap, find_gaps
from mpm_core.recording import Recording
from mpm_studio.operations.gap_rows import GapRow

Here = tuple[int, int, int] | None
"""Point, start and stop of the gap to go on from."""


def next_row(rows: Sequence[GapRow], frame: int, here: Here = None, step: int = 1) -> GapRow | None:
    """The gap after (step 1) or before (-1) the one at `here`, by start and then by point; without it from `frame`. Round at the ends.

    None when there is no gap.
    """
    if not rows:
        return None
    by_time = sorted(rows, key=_place)
    at: tuple[float, float] = (frame, step * math.inf)  # gaps that start at this very frame are passed
    if here is not None and here[1] <= frame < here[2]:
        at = here[1], here[0]
    beyond = [row for row in by_time if (_place(row) > at if step > 0 else _place(row) < at)]
    return (beyond or by_time)[0 if step > 0 else -1]


def next_by_sigma(rows: Sequence[GapRow], here: Here = None, step: int = 1) -> GapRow | None:
    """The fill with the largest sigma; from the one at `here`, the next smaller (step 1) or larger (-1). Round at the ends.

    None when no fill has a sigma.
    """
    return _next_by([row for row in rows if not math.isnan(row.sigma)], attrgetter("sigma"), here, step)


def next_by_length(rows: Sequence[GapRow], here: Here = None, step: int = 1) -> GapRow | None:
    """The longest gap; from the one at `here`, the next shorter (step 1) or longer (-1). Round at the ends. None when there is no gap.

    >>> rows = [GapRow(0, 10, 20, "open"), GapRow(1, 10, 40, "open"), GapRow(0, 50, 55, "open")]
    >>> [next_by_length(rows, here).frames for here in (None, (1, 10, 40), (0, 50, 55))]
    [30, 10, 30]
    """
    return _next_by(rows, attrgetter("frames"), here, step)


def _next_by(rows: Sequence[GapRow], size: Callable[[GapRow], float], here: Here, step: int) -> GapRow | None:
    by_size = sorted(rows, key=lambda row: (-size(row), _place(row)))
    if not by_size:
        return None
    at = next((place for place, row in enumerate(by_size) if (row.point, row.start, row.stop) == here), None)
    return by_size[(0 if step > 0 else -1) if at is None else (at + step) % len(by_size)]


def first_visible(rec: Recording) -> int:
    """The first frame that shows half as many points as the fullest one; 0 when none shows any."""
    count_F = rec.visible_FP.sum(axis=1)
    return int(np.argmax(2 * count_F >= count_F.max())) if count_F.any() else 0


def _place(row: GapRow) -> tuple[float, float]:
    return row.start, row.point


def stretch_at(rows: Sequence[GapRow], points: Sequence[int], frame: int, frames: int) -> tuple[int, int]:
    """Start and stop of the gap, open or filled, that any of the points has at a frame; else of the stretch there in which none has one.

    frames: of the take.

    >>> stretch_at([GapRow(0, 10, 20, "open")], [0], 12, 50), stretch_at([GapRow(0, 10, 20, "open")], [0], 30, 50)
    ((10, 20), (20, 50))
    """
    own = [row for row in rows if row.point in points]
    here = [row for row in own if row.start <= frame < row.stop]
    if here:
        return min(row.start for row in here), max(row.stop for row in here)
    return max((row.stop for row in own if row.stop <= frame), default=0), min(
        (row.start for row in own if row.start > frame), default=frames
    )


def gap_at(rec: Recording, point: int, frame: int) -> Gap | None:
    """The gap of a point that holds a frame, if any."""
    return next((gap for gap in find_gaps(rec) if gap.point == point and gap.start <= frame < gap.stop), None)
