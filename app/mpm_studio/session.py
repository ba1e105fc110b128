"""Session: what the window works on, and the signals that views follow. Everything here runs on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from mpm_core.edit.document import Document
from mpm_core.edit.patch import Edit
from mpm_core.errors import DataError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_studio.jobs import Failure, Jobs, failure
from mpm_studio.take import Take

NEVER = -1  # a revision that no document has
S = TypeVar("S")
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Selection:
    """Points by index, and frames start..stop-1 (0-based; none when they are equal)."""

    points: tuple[int, ...] = ()
    start: int = 0
    stop: int = 0

    @property
    def has_range(self) -> bool:
        return bool(self.points) and self.stop > self.start


@dataclass(frozen=True, slots=True)
class Proposal:
    """An edit that waits for the user to accept it. preview: the recording with it; revision: the document's, which it was made for."""

    edit: Edit
    preview: Recording
    summary: str
    revision: int


class Session(QObject):
    """One open take. `changed` carries the edit (None after a save); `failed` a Failure, for the one place that shows it."""

    opened = Signal()
    changed = Signal(object)
    selection_changed = Signal()
    frame_changed = Signal(int)
    proposal_changed = Signal()
    job_started = Signal(str)
    job_progress = Signal(float, str)
    job_finished = Signal()
    failed = Signal(object)
    notice = Signal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.path: Path | None = None
        self.project_path: Path | None = None
        self.view: dict[str, Any] = {}
        self.overrides: dict[str, str] = {}
        self.options: dict[str, Any] = {}
        self.before_work: Callable[[], None] = lambda: None  # what each job waits for, in its own thread
        self.selection = Selection()
        self.frame = 0
        self.proposal: Proposal | None = None
        self.jobs = Jobs(self)
        self.jobs.started.connect(self.job_started)
        self.jobs.progress.connect(self.job_progress)
        self.jobs.finished.connect(self.job_finished)

    @property
    def shown(self) -> Recording | None:
        """What the views draw: the proposal while there is one, else the document."""
        if self.proposal is not None:
            return self.proposal.preview
        return None if self.document is None else self.document.recording

    @property
    def ready(self) -> bool:
        """An edit may be made now: a take is open, no job runs, no proposal waits."""
        return self.document is not None and not self.jobs.busy and self.proposal is None

    def open(self, take: Take) -> None:
        """Work on another take. Unsaved changes of the last one are lost."""
        self.document = Document(take.recording, take.original)
        if take.unsaved:
            self.document.saved_revision = NEVER
        self.document.on_changed.append(self._on_changed)
        self.path, self.project_path = take.path, take.project_path
        self.view, self.proposal, self.options = take.view, None, take.options
        overrides, frame = take.view.get("overrides"), take.view.get("frame")
        self.overrides = {str(joint): str(point) for joint, point in overrides.items()} if isinstance(overrides, dict) else {}
        self.selection, self.frame = Selection(), 0
        self.opened.emit()
        self.selection_changed.emit()
        self.set_frame(frame if isinstance(frame, int) else 0)

    def do(self, edit: Edit) -> None:
        """Apply an edit to the document. Raises DataError when it does not fit or no take is open."""
        self._open_document().do(edit)

    def undo(self) -> None:
        self._open_document().undo()

    def redo(self) -> None:
        self._open_document().redo()

    def select(self, points: tuple[int, ...], start: int = 0, stop: int = 0) -> None:
        """Select points, and frames start..stop-1 of them. Points outside the take are left out."""
        count = len(self.shown.points) if self.shown is not None else 0
        new = Selection(tuple(point for point in points if 0 <= point < count), start, stop)
        if new != self.selection:
            self.selection = new
            self.selection_changed.emit()

    def set_frame(self, frame: int) -> None:
        """Go to a frame, 0-based; one outside the take becomes its nearest."""
        if self.shown is None:
            return
        frame = max(0, min(frame, self.shown.frames - 1))
        if frame != self.frame:
            self.frame = frame
            self.frame_changed.emit(frame)

    def propose(self, edit: Edit, summary: str) -> None:
        """Show an edit without making it."""
        document = self._open_document()
        preview, _ = edit.apply(document.recording)
        self._show(Proposal(edit, preview, summary, document.revision))

    def accept(self) -> None:
        """Make the proposed edit. Raises DataError when the document moved on meanwhile."""
        document, proposal = self._open_document(), self.proposal
        if proposal is None:
            return
        self.reject()
        if proposal.revision != document.revision:
            raise DataError("the take was changed since this was proposed", hint="run it again")
        document.do(proposal.edit)

    def reject(self) -> None:
        if self.proposal is not None:
            self._show(None)

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

    def _open_document(self) -> Document:
        if self.document is None:
            raise DataError("no take is open", hint="open a motion file first")
        return self.document

    def _show(self, proposal: Proposal | None) -> None:
        self.proposal = proposal
        self._tell(self.proposal_changed.emit)

    def _on_changed(self, edit: Edit | None) -> None:
        self._tell(lambda: self.changed.emit(edit))

    def _tell(self, tell: Callable[[], None]) -> None:
        """Emit a change of the displayed recording after frame and selection are kept inside it, then theirs if they moved."""
        rec = self.shown
        assert rec is not None
        frame, selection = self.frame, self.selection
        self.frame = min(frame, max(rec.frames - 1, 0))
        if any(point >= len(rec.points) for point in selection.points) or selection.stop > rec.frames:
            self.selection = Selection()
        tell()
        if self.frame != frame:
            self.frame_changed.emit(self.frame)
        if self.selection != selection:
            self.selection_changed.emit()
