"""Actions on marks: invert, grow, shrink, mark what a detector was unsure of; marks painted over the timeline and the graph."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.change_marks import grow_marks, invert_marks, mark_unsure
from mpm_core.typing import Mask
from mpm_studio.flows import repair
from mpm_studio.flows.scope import samples_of
from mpm_studio.views import take_dialogs
from mpm_studio.window_parts import WindowParts


def connect(window: WindowParts) -> None:
    """Connect the timeline and the graph, over which marks are painted."""
    for view in (window.workspace.timeline, window.workspace.graph.area):
        view.painted.connect(lambda marks: window.session.guard("Mark", lambda: paint(window, marks)))


def paint(window: WindowParts, marks: bool) -> None:
    """Mark the selected range as wrong, or take marks in it back."""
    session = window.session
    if not session.ready:
        session.notice.emit("Marks can be painted once the running job has ended, and the proposal is accepted or rejected.")
    elif not session.selection.has_range:
        session.notice.emit("Select the points first: a row of spans has none of its own.")
    elif marks:
        repair.mark(window)
    else:
        repair.unmark(window)


def invert(window: WindowParts) -> None:
    """Exchange marked and measured samples in the selected range, the one that is worked on, or the take."""
    document = window.session.document
    if document is not None:
        rec = document.recording
        where_FP, what = samples_of(window.session, rec)
        repair.do_patch(window, invert_marks(rec, _mask(where_FP, rec.origin_FP.shape), f"Invert marks of {what}"))


def grow(window: WindowParts, frames: int) -> None:
    """Let marks reach further, or less far, by some frames: those of the selected range, of the one that is worked on, or all."""
    document = window.session.document
    if document is not None:
        rec = document.recording
        repair.do_patch(window, grow_marks(rec, _mask(samples_of(window.session, rec)[0], rec.origin_FP.shape), frames))


def mark_low_confidence(window: WindowParts) -> None:
    """Ask for a confidence, and mark what is below it."""
    document = window.session.document
    if document is None:
        return
    where_FP, what = samples_of(window.session, document.recording)
    below = take_dialogs.ask_confidence(window, document.recording, where_FP, what)
    if below is not None:
        repair.do_patch(window, mark_unsure(document.recording, below, where_FP))


def _mask(where_FP: Mask | None, shape: tuple[int, ...]) -> Mask:
    return np.ones(shape, bool) if where_FP is None else where_FP
