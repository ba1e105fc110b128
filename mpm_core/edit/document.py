"""Document: a recording that is edited, with undo, redo and listeners."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from mpm_core.edit.patch import Edit, Patch, in_one
from mpm_core.recording import Recording

Changed = Callable[[Edit | None], None]


class Document:
    """Holds one recording and its undo stack. `original` is the recording as it was opened.

    `revision` grows with every change and never repeats; `on_changed` callbacks get the edit just applied (None when it was saved).

    >>> import numpy as np
    >>> from mpm_core.edit.mark import mark
    >>> from mpm_core.recording import make_recording
    >>> document = Document(make_recording(("head",), 100.0, np.zeros((4, 1, 3))))
    >>> document.do(mark(document.recording, np.ones((4, 1), bool), "Mark the head"))
    >>> document.undo_label, int(document.recording.visible_FP.sum())
    ('Mark the head', 0)
    >>> document.undo()
    >>> int(document.recording.visible_FP.sum())
    4
    """

    def __init__(self, recording: Recording, original: Recording | None = None, done: Sequence[Edit] = ()) -> None:
        """done: the inverses of edits that were made before, first to last; they can be undone."""
        self.recording = recording
        self.original = recording if original is None else original
        self.revision = self.saved_revision = self._last_revision = len(done)
        self.on_changed: list[Changed] = []
        self._undo: list[tuple[Edit, int]] = [(edit, revision) for revision, edit in enumerate(done)]  # the revision it goes back to
        self._redo: list[tuple[Edit, int]] = []

    def do(self, edit: Edit, applied: tuple[Recording, Recording, Edit] | None = None, with_last: bool = False) -> None:
        """Apply an edit. Raises DataError, with nothing changed, when it does not fit. An empty patch is not an edit.

        applied: a recording and what `edit.apply` gave for it, which is taken over where that is the present one. with_last: a patch, after
        a patch, is one step with that, called as this one.
        """
        if isinstance(edit, Patch) and len(edit) == 0:
            return
        before = self.revision
        if applied is None or applied[0] is not self.recording:
            applied = self.recording, *edit.apply(self.recording)
        _, self.recording, inverse = applied
        last = self._undo[-1][0] if with_last and self._undo else None
        if isinstance(inverse, Patch) and isinstance(last, Patch):
            _, before = self._undo.pop()
            inverse = replace(in_one(inverse, last), label=edit.label, filled=inverse.filled, requests=inverse.requests)
        self._undo.append((inverse, before))
        self._redo.clear()
        self._last_revision += 1
        self.revision = self._last_revision
        self._notify(edit)

    def note(self, line: str) -> None:
        """Add a line to the recording's log, which is not an edit."""
        self.recording = self.recording.logged(line)

    def undo(self) -> None:
        """Take the last edit back; nothing happens when there is none."""
        self._step(self._undo, self._redo)

    def redo(self) -> None:
        self._step(self._redo, self._undo)

    @property
    def undo_label(self) -> str:
        return self._undo[-1][0].label if self._undo else ""

    @property
    def redo_label(self) -> str:
        return self._redo[-1][0].label if self._redo else ""

    @property
    def done(self) -> tuple[Edit, ...]:
        """The inverses of the edits that are made, first to last; each has its edit's label and places."""
        return tuple(edit for edit, _ in self._undo)

    @property
    def undone(self) -> tuple[Edit, ...]:
        """The edits that were taken back, in the order in which redo makes them again."""
        return tuple(edit for edit, _ in reversed(self._redo))

    def go_to(self, steps: int) -> None:
        """Undo or redo until `steps` edits are made, or there are no more."""
        while len(self._undo) > max(steps, 0):
            self.undo()
        while len(self._undo) < steps and self._redo:
            self.redo()

    @property
    def unsaved(self) -> bool:
        return self.revision != self.saved_revision

    def saved(self) -> None:
        self.saved_revision = self.revision
        self._notify(None)

    def _step(self, source: list[tuple[Edit, int]], target: list[tuple[Edit, int]]) -> None:
        if not source:
            return
        edit, revision = source[-1]
        self.recording, inverse = edit.apply(self.recording)
        source.pop()
        target.append((inverse, self.revision))
        self.revision = revision
        self._notify(edit)

    def _notify(self, edit: Edit | None) -> None:
        for callback in tuple(self.on_changed):
            callback(edit)
