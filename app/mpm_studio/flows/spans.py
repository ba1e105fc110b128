"""Actions on spans: name the selected range, remove those that lie in it; go to one, rename and remove it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMenu

from mpm_core.edit.annotate import Annotate
from mpm_core.spans import CHECKED, Span
from mpm_studio.views import input_dialogs
from mpm_studio.views.naming import named
from mpm_studio.window_parts import WindowParts


def name_range(window: WindowParts) -> None:
    """Ask for a name, and keep the selected frames under it; of the selected points, where these are not all of the take's."""
    session, selection = window.session, window.session.selection
    if session.document is None:
        return
    rec = session.document.recording
    name = input_dialogs.ask_name(window, "Name the range", "An event, a contact, a phase of the motion:")
    if name:
        points = () if len(selection.points) == len(rec.points) else tuple(rec.points[point] for point in selection.points)
        span = Span(name, selection.start, selection.stop, points)
        session.do(Annotate(f"Name {name}", spans=(*rec.spans, span)))


def go_to(window: WindowParts, span: Span) -> None:
    """Select the frames and points of a span, and bring it into view."""
    session = window.session
    if session.shown is not None:
        points = tuple(session.shown.index(name) for name in span.points)
        session.select(points or session.selection.points, span.start, span.stop)
        session.set_frame(span.start)
        window.workspace.timeline.show_range(span.start, span.stop)


def go_next(window: WindowParts, step: int) -> None:
    """Go to the next frame (step 1), or the one before (-1), in which an event is, or a contact or another span begins or ends. Spans
    that say that a suspect was dismissed are left out."""
    session = window.session
    if session.shown is None:
        return
    edges = {edge for span in session.shown.spans if span.source != CHECKED for edge in (span.start, span.stop - 1)}
    ahead = sorted(edge for edge in edges if (edge - session.frame) * step > 0)
    if not ahead:
        session.notice.emit(f"No event, and no end of a span, {'after' if step > 0 else 'before'} this frame.")
        return
    window.playback.pause()
    session.set_frame(ahead[0] if step > 0 else ahead[-1])


def rename(window: WindowParts, span: Span) -> None:
    """Ask for another name of a span."""
    name = input_dialogs.ask_name(window, "Rename", "The name of this span:", span.name)
    if name and name != span.name:
        _exchange(window, f"Rename {span.name}", span, (replace(span, name=name),))


def remove_one(window: WindowParts, span: Span) -> None:
    """Remove a span."""
    _exchange(window, f"Remove {span.name}", span, ())


def menu_of(window: WindowParts, place: int) -> QMenu:
    """What can be done to one of the take's spans."""
    session = window.session
    assert session.shown is not None
    span, menu = session.shown.spans[place], named(QMenu(window), "context_span", "What can be done to this span")
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    menu.addAction("Go there", lambda: go_to(window, span))
    menu.addAction("Work on its frames only", lambda: session.set_work(span.start, span.stop))
    menu.addSeparator()
    for text, act in (("Rename…", rename), ("Remove", remove_one)):
        made = menu.addAction(text, partial(session.guard, text, partial(act, window, span)))
        made.setEnabled(session.ready)
    return menu


def _exchange(window: WindowParts, label: str, span: Span, others: tuple[Span, ...]) -> None:
    """Other spans in the place of one; a step of the history."""
    document = window.session.document
    if document is None or span not in document.recording.spans:
        return
    spans = document.recording.spans
    place = spans.index(span)
    window.session.annotate(Annotate(label, spans=(*spans[:place], *others, *spans[place + 1 :])))


def remove(window: WindowParts) -> None:
    """Remove the spans that lie in the selected frames."""
    session, selection = window.session, window.session.selection
    if session.document is None:
        return
    spans = session.document.recording.spans
    kept = tuple(span for span in spans if not selection.start <= span.start < span.stop <= selection.stop)
    if len(kept) == len(spans):
        session.notice.emit("No span lies in the selected frames.")
    else:
        session.do(Annotate("Remove spans", spans=kept))
