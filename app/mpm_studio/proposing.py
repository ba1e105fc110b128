"""Proposals: edits that are shown before they are made, and made or rejected whole or in part. Everything here runs on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import QObject, Signal

from mpm_core.edit.document import Document
from mpm_core.edit.patch import Edit, Patch
from mpm_core.errors import DataError
from mpm_core.gaps import Left
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.operations.gap_rows import GapRow, gap_rows
from mpm_studio.operations.proposals import Proposal, joined, parted, proposal_of


class Proposing(QObject):
    """A document with at most one proposed edit: the part of a Session that shows edits before they are made.

    left: the gaps that fills left, with the reasons. rejected: the proposal, or the parts of one, that Redo brings back; the next change of
    the take and the next proposal discard it.
    """

    proposal_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.document: Document | None = None
        self.proposal: Proposal | None = None
        self.rejected: Proposal | None = None
        self.left: tuple[Left, ...] = ()
        self._rows: tuple[object, list[GapRow]] = (None, [])

    @property
    def shown(self) -> Recording | None:
        """What the views draw: the proposal while there is one, else the document."""
        if self.proposal is not None:
            return self.proposal.preview
        return None if self.document is None else self.document.recording

    @property
    def proposes_take(self) -> bool:
        """Whether a change of the whole take is proposed, such as a lift, and no patch: its points and frames are not the document's."""
        return self.proposal is not None and not isinstance(self.proposal.edit, Patch)

    @property
    def gap_rows(self) -> list[GapRow]:
        """The gaps of the take that is shown, filled ones and proposed ones too, by point and then by time."""
        if self.document is None:
            return []
        state = (self.document, self.document.revision, self.proposal, self.left)
        if self._rows[0] != state:
            made, proposal = self.document.done, self.proposal
            if proposal is None:
                self._rows = state, gap_rows(self.document.recording, None, self.left, made)
            elif isinstance(proposal.edit, Patch):
                self._rows = state, gap_rows(proposal.preview, proposal.edit, self.left, made)
            else:  # of other points and frames than the edits before
                self._rows = state, gap_rows(proposal.preview, None, ())
        return self._rows[1]

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

    def do_beside(self, edit: Edit, dropped_FP: Mask, with_last: bool = False) -> None:
        """Apply an edit while a patch is proposed; the proposal stays without the samples of dropped_FP (F, P).

        with_last: as for `Document.do`. Raises DataError, with nothing changed, when the edit does not fit, the document moved on, or what
        is proposed is not a patch.
        """
        document, proposal = self._open_document(), self.proposal
        if proposal is None:
            document.do(edit, with_last=with_last)
            return
        if not isinstance(proposal.edit, Patch):
            raise DataError("a change of the whole take is proposed", hint="accept or reject it first")
        self._refuse_stale(proposal)
        _, rest = parted(proposal.edit, dropped_FP)
        self._do_unproposed(edit, with_last=with_last)
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
        self._do_unproposed(edit, (proposal.base, proposal.preview, proposal.inverse) if edit is proposal.edit else None)
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

    def _do_unproposed(self, edit: Edit, applied: tuple[Recording, Recording, Edit] | None = None, with_last: bool = False) -> None:
        """Apply an edit with no proposal shown; when it does not fit, the proposal is there as before. applied, with_last: as for
        `Document.do`."""
        proposal, self.proposal = self.proposal, None
        try:
            self._open_document().do(edit, applied, with_last)
        except Exception:
            self.proposal = proposal
            raise

    def _refuse_stale(self, proposal: Proposal) -> None:
        if proposal.revision != self._open_document().revision:
            raise DataError("the take was changed since this was proposed", hint="run it again")

    @property
    def may_return(self) -> bool:
        """Whether Redo brings a rejected proposal, or a part of one, back."""
        return self.rejected is not None and self.document is not None and self.rejected.revision == self.document.revision

    def _emit_change(self, emit: Callable[[], None]) -> None:
        """Emit a change of the displayed recording."""
        emit()

    def _show(self, proposal: Proposal | None) -> None:
        self.proposal = proposal
        self._emit_change(self.proposal_changed.emit)

    def _open_document(self) -> Document:
        if self.document is None:
            raise DataError("no take is open", hint="open a motion file first")
        return self.document
