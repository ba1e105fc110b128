"""Session: what the window works on, and the signals that views follow. Everything here runs on the main thread."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from mpm_core.edit.document import Document
from mpm_core.edit.from_file import in_shape_of
from mpm_core.edit.patch import Edit, Patch, Replace
from mpm_core.errors import DataError
from mpm_core.gaps import Left
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.jobs import Failure, Jobs, failure
from mpm_studio.operations.gap_rows import GapRow, gap_rows
from mpm_studio.operations.mapping import followed
from mpm_studio.operations.navigating import first_visible
from mpm_studio.operations.proposals import Proposal, joined, parted, proposal_of
from mpm_studio.operations.times import Clock
from mpm_studio.selection import Selection
from mpm_studio.take import Take

NEVER = -1  # a revision that no document has
S = TypeVar("S")
T = TypeVar("T")


class Session(QObject):
    """One open take. `changed` carries the edit (None after a save); `failed` a Failure, for the one place that shows it.

    work: the frames start..stop-1 that are worked on; None: all. time_kind: how times are written, of `operations.times.TIMES`.
    left: the gaps that fills left, with the reasons. rejected: the proposal, or the parts of one, that Redo brings back; with the next
    change of the take, or the next proposal, there is none.
    """

    opened = Signal()
    changed = Signal(object)
    selection_changed = Signal()
    frame_changed = Signal(int)
    proposal_changed = Signal()
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
        self.document: Document | None = None
        self.path: Path | None = None
        self.project_path: Path | None = None
        self.view: dict[str, Any] = {}
        self.overrides: dict[str, str] = {}
        self.options: dict[str, Any] = {}
        self.before_work: Callable[[], None] = lambda: None  # what each job waits for, in its own thread
        self.selection = Selection()
        self.frame = 0
        self.work: tuple[int, int] | None = None
        self.time_kind = "frames"
        self.proposal: Proposal | None = None
        self.rejected: Proposal | None = None
        self.left: tuple[Left, ...] = ()
        self._rows: tuple[object, list[GapRow]] = (None, [])
        self._original: tuple[object, Recording | None] = (None, None)
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

    @property
    def gap_rows(self) -> list[GapRow]:
        """The gaps of the take, filled ones and proposed ones too, by point and then by time."""
        if self.document is None:
            return []
        state = (id(self.document), self.document.revision, self.proposal, self.left)
        if self._rows[0] != state:
            patch = self.proposal.edit if self.proposal is not None and isinstance(self.proposal.edit, Patch) else None
            self._rows = state, gap_rows(self.document.recording, patch, self.left, self.document.done)
        return self._rows[1]

    def open(self, take: Take) -> None:
        """Work on another take, from its first frame that shows a point. Unsaved changes of the last one are lost."""
        self.document = Document(take.recording, take.original)
        if take.unsaved:
            self.document.saved_revision = NEVER
        self.document.on_changed.append(self._on_changed)
        self.path, self.project_path = take.path, take.project_path
        self.view, self.proposal, self.options = take.view, None, take.options
        self.rejected, self.left = None, ()
        overrides, frame = take.view.get("overrides"), take.view.get("frame")
        self.overrides = {str(joint): str(point) for joint, point in overrides.items()} if isinstance(overrides, dict) else {}
        self.selection, self.frame = Selection(), 0
        self.work = _range(take.view.get("work"), take.recording.frames)
        self.opened.emit()
        self.selection_changed.emit()
        self.set_frame(frame if isinstance(frame, int) else first_visible(take.recording))

    def do(self, edit: Edit) -> None:
        """Apply an edit to the document. Raises DataError when it does not fit or no take is open."""
        self._open_document().do(edit)

    def annotate(self, edit: Edit) -> None:
        """Apply an edit of spans or subjects. Raises DataError while a proposal waits or a job runs."""
        if not self.ready:
            raise DataError("a job runs or a proposal waits", hint="end it first")
        self.do(edit)

    @property
    def undo_label(self) -> str:
        return "" if self.document is None else self.document.undo_label

    @property
    def redo_label(self) -> str:
        """What `redo` does: a rejected proposal comes back before edits that were undone."""
        if self.document is None:
            return ""
        return "the rejected proposal" if self.may_return else self.document.redo_label

    def undo(self) -> None:
        self._open_document().undo()

    def redo(self) -> None:
        document, rejected, proposal = self._open_document(), self.rejected, self.proposal
        if rejected is None or not self.may_return:
            document.redo()
            return
        edit = rejected.edit
        if proposal is not None and isinstance(proposal.edit, Patch) and isinstance(edit, Patch):
            edit = joined(proposal.edit, edit)
        returned = proposal_of(document, edit, rejected.summary)
        self.rejected = None
        self._show(returned)

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

    def propose(self, edit: Edit, summary: str, left: tuple[Left, ...] = (), revision: int | None = None) -> None:
        """Show an edit without making it. A patch is added to a proposed patch: where both set a sample, the new one does.

        left: the gaps that a fill left, and why. revision: the document's that the edit was made for; None: the present one. Raises
        DataError when the document, or a patch that is proposed, is of another revision.
        """
        document, proposal = self._open_document(), self.proposal
        if revision is not None and revision != document.revision:
            raise DataError("the take was changed since this was started", hint="run it again")
        if proposal is not None and isinstance(proposal.edit, Patch) and isinstance(edit, Patch):
            self._refuse_stale(proposal)
            edit = joined(proposal.edit, edit)
        proposed = proposal_of(document, edit, summary)
        self.add_left(left)
        self.rejected = None
        self._show(proposed)

    def add_left(self, left: tuple[Left, ...]) -> None:
        """Keep why a fill left some gaps."""
        gaps = {each.gap for each in left}
        self.left = (*(each for each in self.left if each.gap not in gaps), *left)

    def do_beside(self, edit: Edit, dropped_FP: Mask) -> None:
        """Apply an edit while a patch is proposed; the proposal stays without the samples of dropped_FP (F, P).

        Raises DataError, with nothing changed, when the edit does not fit, the document moved on, or what is proposed is no patch.
        """
        document, proposal = self._open_document(), self.proposal
        if proposal is None:
            document.do(edit)
            return
        if not isinstance(proposal.edit, Patch):
            raise DataError("a change of the whole take is proposed", hint="accept or reject it first")
        self._refuse_stale(proposal)
        _, rest = parted(proposal.edit, dropped_FP)
        self._do_unproposed(edit)
        self._show(None if rest is None else proposal_of(document, rest, proposal.summary))

    def accept(self, where_FP: Mask | None = None) -> None:
        """Make the proposed edit; of a patch only the samples of where_FP (F, P), while the others stay proposed.

        Raises DataError when the document moved on meanwhile; when the edit does not fit, it stays proposed.
        """
        document, proposal = self._open_document(), self.proposal
        if proposal is None:
            return
        if proposal.revision != document.revision:
            self._show(None)
            raise DataError("the take was changed since this was proposed", hint="run it again")
        edit, rest = parted(proposal.edit, where_FP)
        self._do_unproposed(edit)
        self._show(None if rest is None else proposal_of(document, rest, proposal.summary))

    def reject(self, where_FP: Mask | None = None) -> None:
        """Take the proposal away; of a patch only the samples of where_FP (F, P). `redo` brings back all that was rejected."""
        document, proposal = self.document, self.proposal
        if proposal is None or document is None:
            return
        part, rest = parted(proposal.edit, where_FP)
        if self.rejected is not None and self.may_return and isinstance(self.rejected.edit, Patch) and isinstance(part, Patch):
            part = joined(self.rejected.edit, part)
        self.rejected = replace(proposal, edit=part)
        self._show(None if rest is None else proposal_of(document, rest, proposal.summary))

    def _do_unproposed(self, edit: Edit) -> None:
        """Apply an edit with no proposal shown; when it does not fit, the proposal is there as before."""
        proposal, self.proposal = self.proposal, None
        try:
            self._open_document().do(edit)
        except Exception:
            self.proposal = proposal
            raise

    def _refuse_stale(self, proposal: Proposal) -> None:
        if proposal.revision != self._open_document().revision:
            raise DataError("the take was changed since this was proposed", hint="run it again")

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

    @property
    def may_return(self) -> bool:
        """Whether Redo brings a rejected proposal, or a part of one, back."""
        return self.rejected is not None and self.document is not None and self.rejected.revision == self.document.revision

    def _show(self, proposal: Proposal | None) -> None:
        self.proposal = proposal
        self._tell(self.proposal_changed.emit)

    def _on_changed(self, edit: Edit | None) -> None:
        if edit is not None:
            self.rejected = None
        if isinstance(edit, Replace):  # gaps that were left, and the range, are counted in the points and frames of the take before
            self.left = ()
            self.overrides = followed(self.overrides, edit.before, edit.after)
            if edit.before.frames != edit.after.frames:
                self.set_work(0, 0)
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


def _range(value: object, frames: int) -> tuple[int, int] | None:
    """A range as a project keeps it; None for anything else, or outside the take."""
    if isinstance(value, list) and len(value) == 2 and all(isinstance(each, int) for each in value) and 0 <= value[0] < value[1] <= frames:
        return value[0], value[1]
    return None
