"""Session: what the window works on, and the signals that views follow. Everything here runs on the main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
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
from mpm_studio.operations.mapping import followed
from mpm_studio.place_in_take import PlaceInTake
from mpm_studio.take import Take
from mpm_studio.turns import Turns

NEVER = -1  # a revision that no document has
S = TypeVar("S")
T = TypeVar("T")


class Session(PlaceInTake):
    """One open take, as one object that every view follows; three files say it, each on top of the one before: what is proposed
    (Proposing), where the user is (PlaceInTake), and here edits, jobs and their signals.

    `changed` carries the edit (None after a save); `failed` a Failure, for the one place that shows it.
    """

    opened = Signal()
    changed = Signal(object)
    mapping_changed = Signal()
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
        self._original: tuple[Recording | None, object, Recording | None] = (None, None, None)  # read, its shape, in that shape
        self.turns = Turns(self)
        self.jobs = Jobs(self)
        self.jobs.started.connect(self.job_started)
        self.jobs.progress.connect(self.job_progress)
        self.jobs.finished.connect(self.job_finished)

    @property
    def original(self) -> Recording | None:
        """The take as it was read, in the shape of the document's recording; None when that has nothing to do with it, as after a lift."""
        if self.document is None:
            return None
        read, rec = self.document.original, self.document.recording
        shape = rec.points, rec.frames, rec.source.part
        if self._original[0] is not read or self._original[1] != shape:
            self._original = read, shape, in_shape_of(read, rec)
        return self._original[2]

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
        self.overrides = take.overrides
        self._begin(take)
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
        """Undo or redo until `steps` edits are made. Raises DataError while a proposal waits or a job runs."""
        if not self.ready:
            raise DataError("a job runs or a proposal waits", hint="end it first")
        self._open_document().go_to(steps)

    def set_mapping(self, overrides: Mapping[str, str]) -> None:
        """Which point is which joint or place on the body, from now on."""
        self.overrides = dict(overrides)
        self.mapping_changed.emit()

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
