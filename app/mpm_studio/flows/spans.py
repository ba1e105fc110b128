"""Actions on spans: name the selected range, remove those that lie in it."""

from __future__ import annotations

from mpm_core.edit.annotate import Annotate
from mpm_core.spans import Span
from mpm_studio.views import dialogs
from mpm_studio.window_parts import WindowParts


def name_range(window: WindowParts) -> None:
    """Ask for a name, and keep the selected frames under it; of the selected points, where these are not all of the take's."""
    session, selection = window.session, window.session.selection
    if session.document is None:
        return
    rec = session.document.recording
    name = dialogs.ask_name(window, "Name the range", "An event, a contact, a phase of the motion:")
    if name:
        points = () if len(selection.points) == len(rec.points) else tuple(rec.points[point] for point in selection.points)
        span = Span(name, selection.start, selection.stop, points)
        session.do(Annotate(f"Name {name}", spans=(*rec.spans, span)))


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
