"""Session: what the window works on, and the signals that views follow. Everything here runs on the main thread."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Mapping
from dataclasses import replace
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.patch import Edit, Replace
from mpm_core.errors import DataError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_studio.jobs import Failure, Jobs, failure
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.operations.mapping import followed
from mpm_studio.operations.moments import same_frame, same_range
from mpm_studio.operations.navigating import first_visible
from mpm_studio.operations.times import Clock
from mpm_studio.proposing import Proposing
from mpm_studio.selection import Selection
from mpm_studio.take import Take

NEVER = -1  # a revision that no document has
S = TypeVar("S")
T = TypeVar("T")


class Session(Proposing):
    """One open take. `changed` carries the edit (None after a save); `failed` a Failure, for the one place that shows it.

    work: the frames start..stop-1 that are worked on; None: all. time_kind: how times are written, of `operations.times.TIMES`.
    """

    opened = Signal()
    changed = Signal(object)
    selection_changed = Signal()
    frame_changed = Signal(int)
    mapping_changed = Signal()
    work_changed = Signal()
    clock_changed = Signal()
    job_started = Signal(str)
    job_progress = Signal(float, str)
    job_finished = Signal()
    failed = Signal(object)
    notice = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.path: Path | None = None
        self.project_path: Path | None = None
        self.view: dict[str, Any] = {}
        self.overrides: dict[str, str] = {}
        self.options: dict[str, Any] = {}
        self.before_work: Callable[[], None] = lambda: None  # what each job waits for, in its own thread
        self.selection = Selection()
        self.frame = 0
        self._displayed: Recording | None = None  # when its last change was emitted
        self.work: tuple[int, int] | None = None
        self._steps = 0  # edits that are made
        self._work_before: dict[int, tuple[int, int] | None] = {}  # by how many edits were made, where the next changed the frames
        self.time_kind = "frames"
        self._original: tuple[object, Recording | None] = (None, None)
        self.jobs = Jobs(self)
        self.jobs.started.connect(self.job_started)
        self.jobs.progress.connect(self.job_progress)
        self.jobs.finished.connect(self.job_finished)

    @property
    def original(self) -> Recording | None:
        """The take as it was read, in the shape of the document's recording; None when that has nothing to do with it, as after a lift."""
        if self.document is None:
            return None
        rec = self.document.recording
        key = (id(self.document.original), rec.points, rec.frames, rec.source.part)
        if self._original[0] != key:
            self._original = key, in_shape_of(self.document.original, rec)
        return self._original[1]

    @property
    def ready(self) -> bool:
        """An edit may be made now: a take is open, no job runs, no proposal waits."""
        return self.document is not None and not self.jobs.busy and self.proposal is None

    def open(self, take: Take) -> None:
        """Work on another take, from its first frame that shows a point. Unsaved changes of the last one are lost."""
        self.document = Document(take.recording, take.original, take.done)
        if take.unsaved:
            self.document.saved_revision = NEVER
        self.document.on_changed.append(self._on_changed)
        self.path, self.project_path = take.path, take.project_path
        self.view, self.proposal, self.options = take.view, None, take.options
        self.rejected, self.left = None, ()
        self.overrides, frame = take.overrides, take.view.get("frame")
        first = frame if isinstance(frame, int) else first_visible(take.recording)
        self._displayed = take.recording
        self._steps, self._work_before = len(take.done), {}
        self.selection, self.frame = Selection(), max(0, min(first, take.recording.frames - 1))
        self.work = _range(take.view.get("work"), take.recording.frames)
        self.opened.emit()
        self.proposal_changed.emit()  # that of the last take is gone
        self.selection_changed.emit()
        self.frame_changed.emit(self.frame)

    def do(self, edit: Edit) -> None:
        """Apply an edit to the document. Raises DataError when it does not fit or no take is open."""
        self._open_document().do(edit)

    def annotate(self, edit: Edit) -> None:
        """Apply an edit of spans or subjects. Raises DataError while a proposal waits or a job runs."""
        if not self.ready:
            raise DataError("a job runs or a proposal waits", hint="end it first")
        self.do(edit)

    def go_to_step(self, steps: int) -> None:
        """Undo or redo until so many edits are made. Raises DataError while a proposal waits or a job runs."""
        if not self.ready:
            raise DataError("a job runs or a proposal waits", hint="end it first")
        self._open_document().go_to(steps)

    def set_mapping(self, overrides: Mapping[str, str]) -> None:
        """Which point is which joint or place on the body, from now on."""
        self.overrides = dict(overrides)
        self.mapping_changed.emit()

    def select(self, points: tuple[int, ...], start: int = 0, stop: int = 0) -> None:
        """Select points, and frames start..stop-1 of them. Points outside the take are left out."""
        count = len(self.shown.points) if self.shown is not None else 0
        new = Selection(tuple(point for point in points if 0 <= point < count), start, stop)
        if new != self.selection:
            self.selection = new
            self.selection_changed.emit()

    @property
    def selected_gaps(self) -> list[GapRow]:
        """The rows of the gaps that the selection touches."""
        rows, selection = self.gap_rows, self.selection
        found: list[GapRow] = []
        for point in sorted(selection.points):
            own = rows[bisect_left(rows, point, key=attrgetter("point")) : bisect_right(rows, point, key=attrgetter("point"))]
            found += [row for row in own if selection.touches(point, row.start, row.stop)]
        return found

    def set_work(self, start: int, stop: int) -> None:
        """Work on frames start..stop-1 only, as far as the take has them; on all when that is none."""
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

    def run(
        self,
        title: str,
        work: Callable[[S, Cancel, Progress], T],
        snapshot: S,
        done: Callable[[T], None],
        failed: Callable[[Failure], None] | None = None,
    ) -> None:
        """Start a job; a failure goes to `failed`, else to the signal of that name."""

        def safely(given: S, cancel: Cancel, progress: Progress) -> T:
            self.before_work()
            return work(given, cancel, progress)

        self.jobs.run(title, safely, snapshot, lambda value: self.guard(title, lambda: done(value)), failed or self.failed.emit)

    def guard(self, title: str, act: Callable[[], None]) -> None:
        """Run something for the user; what it raises is shown with its traceback instead of being lost in an event loop."""
        try:
            act()
        except Exception as error:  # noqa: BLE001 -- shown to the user with its traceback
            self.failed.emit(failure(title, error))

    def _on_changed(self, edit: Edit | None) -> None:
        frame, selection = self.frame, self.selection
        if edit is not None:
            self.rejected = None
        if isinstance(edit, Replace):  # gaps that were left, and frames, are counted in the points and frames of the take before
            self.left = ()
            self.overrides = followed(self.overrides, edit.before, edit.after)
            self._follow_frames(edit.before, edit.after)
        assert self.document is not None
        self._steps = len(self.document.done)
        self._emit_change(lambda: self.changed.emit(edit), frame, selection)

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
        points = selection.points
        if before is not None and before.dims != rec.dims:
            names = [before.points[point] for point in points if point < len(before.points)]
            points = tuple(rec.points.index(name) for name in names if name in rec.points)
        inside = all(point < len(rec.points) for point in points) and selection.stop <= rec.frames
        return replace(selection, points=points) if inside and (points or not selection.points) else Selection()


def _range(value: object, frames: int) -> tuple[int, int] | None:
    """A range as a project keeps it; None for anything else, or outside the take."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(each, int) for each in value) and 0 <= value[0] < value[1] <= frames:
        return value[0], value[1]
    return None
