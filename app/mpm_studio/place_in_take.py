"""Where the user is in a take: the frame, what is selected, the frames that are worked on. Everything here runs on the main thread."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Container
from dataclasses import replace
from operator import attrgetter

from PySide6.QtCore import QObject, Signal

from mpm_core.recording import Recording
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.operations.moments import same_frame, same_range
from mpm_studio.operations.times import Clock
from mpm_studio.proposing import Proposing
from mpm_studio.selection import Selection
from mpm_studio.take import Take


class PlaceInTake(Proposing):
    """The part of a Session that keeps a place in the take, at the same moments while edits change its frames and points.

    work: the frames start..stop-1 that are worked on; None: all. hidden: names of points that are not drawn. time_kind: how times are
    written, of `operations.times.TIMES`.
    """

    selection_changed = Signal()
    hidden_changed = Signal()
    frame_changed = Signal(int)
    work_changed = Signal()
    clock_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.selection = Selection()
        self.frame = 0
        self._displayed: Recording | None = None  # when its last change was emitted
        self.work: tuple[int, int] | None = None
        self._steps = 0  # edits that are made
        self.hidden: frozenset[str] = frozenset()
        self._work_before: dict[int, tuple[int, int] | None] = {}  # by how many edits were made, where the next changed the frames
        self.time_kind = "frames"

    def select(self, points: tuple[int, ...], start: int = 0, stop: int = 0, gaps: tuple[tuple[int, int, int], ...] = ()) -> None:
        """Select points, and frames start..stop-1 of them; `gaps` as a Selection's. Points outside the take are left out."""
        count = len(self.shown.points) if self.shown is not None else 0
        self.select_as(Selection(tuple(point for point in points if 0 <= point < count), start, stop, gaps))

    def select_as(self, new: Selection) -> None:
        """Select what a selection of this take has."""
        if new != self.selection:
            self.selection = new
            self.selection_changed.emit()

    @property
    def selected_gaps(self) -> list[GapRow]:
        """The rows of the gaps that the selection touches; of those that were chosen one by one when there are such."""
        return self.selected_gaps_of()

    def selected_gaps_of(self, points: Container[int] | None = None) -> list[GapRow]:
        """`selected_gaps` of these points only; None: of all."""
        selection = self.selection
        if not selection.points and not selection.gaps:
            return []  # the rows need not be counted
        rows = self.gap_rows
        found: dict[GapRow, None] = {}
        for point, start, stop in selection.gaps or [(point, selection.start, selection.stop) for point in sorted(selection.points)]:
            if points is not None and point not in points:
                continue
            first = bisect_right(rows, (point, start), key=attrgetter("point", "stop"))
            found |= dict.fromkeys(rows[first : bisect_left(rows, (point, stop), key=attrgetter("point", "start"))])
        return list(found)

    def hide(self, names: Collection[str]) -> None:
        """Draw all points but these, by name; only what is drawn changes."""
        self.hidden = frozenset(names)
        self.hidden_changed.emit()

    def set_work(self, start: int, stop: int) -> None:
        """Work on frames start..stop-1 only, those of them that the take has; on all frames when it has none of them."""
        frames = self.shown.frames if self.shown is not None else 0
        work = max(start, 0), min(stop, frames)
        self.work = work if work[0] < work[1] and work != (0, frames) else None
        self.work_changed.emit()

    def set_time_kind(self, kind: str) -> None:
        """How times are written from now on."""
        self.time_kind = kind
        self.clock_changed.emit()

    @property
    def clock(self) -> Clock:
        """How the times of the take that is shown are written."""
        rec = self.shown
        return Clock(self.time_kind, 1.0) if rec is None else Clock(self.time_kind, rec.rate_hz, rec.source.first_frame)

    def set_frame(self, frame: int) -> None:
        """Go to a frame, 0-based; one outside the take becomes its nearest."""
        if self.shown is None:
            return
        frame = max(0, min(frame, self.shown.frames - 1))
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit(frame)

    def _begin(self, take: Take) -> None:
        """Nothing selected, at the frame of the take's project, else at the first that shows a point."""
        rec = take.recording
        self._displayed = rec
        self._steps, self._work_before = len(take.done), {}
        self.selection, self.frame = Selection(), take.first_frame
        self.work = _range(take.view.get("work"), rec.frames)
        hidden = take.view.get("hidden")
        self.hidden = frozenset(name for name in hidden if isinstance(name, str)) if isinstance(hidden, list) else frozenset()

    def _follow_frames(self, before: Recording, after: Recording) -> None:
        """Keep frame, selected range and range that is worked on at the same moments; the last comes back with the frames that it had."""
        assert self.document is not None
        if (before.frames, before.source.part) == (after.frames, after.source.part):
            return
        steps, work = len(self.document.done), self.work
        if steps > self._steps:
            self._work_before[self._steps] = work
        elif work is None:
            work = self._work_before.get(steps)
        if self.work is not None:
            work = same_range(*self.work, before, after)
        self.frame = same_frame(self.frame, before, after)
        start, stop = same_range(self.selection.start, self.selection.stop, before, after)
        self.selection = replace(self.selection, start=start, stop=stop)
        self.set_work(*((0, 0) if work is None or work[1] > after.frames else work))

    def _emit_change(self, emit: Callable[[], None], frame: int | None = None, selection: Selection | None = None) -> None:
        """Emit a change of the displayed recording after frame and selection are kept inside it, then theirs if they moved.

        frame, selection: before the change; None: the present ones.
        """
        rec = self.shown
        assert rec is not None
        frame, selection = self.frame if frame is None else frame, selection or self.selection
        self.frame = min(self.frame, max(rec.frames - 1, 0))
        self.selection = self._still_selected(rec)
        self._displayed = rec
        emit()
        if self.frame != frame:
            self.frame_changed.emit(self.frame)
        if self.selection != selection:
            self.selection_changed.emit()

    def _still_selected(self, rec: Recording) -> Selection:
        """The selection in what is displayed now: after a lift, whose points are others, those of the same names."""
        selection, before = self.selection, self._displayed
        points, gaps = selection.points, selection.gaps
        if before is None or (before.points, before.frames) != (rec.points, rec.frames):
            gaps = ()
        if before is not None and before.dims != rec.dims:
            names = [before.points[point] for point in points if point < len(before.points)]
            points = tuple(rec.points.index(name) for name in names if name in rec.points)
        inside = all(point < len(rec.points) for point in points) and selection.stop <= rec.frames
        return replace(selection, points=points, gaps=gaps) if inside and (points or not selection.points) else Selection()


def _range(value: object, frames: int) -> tuple[int, int] | None:
    """A range as a project keeps it; None for anything else, or outside the take."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(each, int) for each in value) and 0 <= value[0] < value[1] <= frames:
        return value[0], value[1]
    return None
