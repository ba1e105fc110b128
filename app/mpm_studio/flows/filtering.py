"""The action that filters."""

from __future__ import annotations

from mpm_core.filter.to_patch import Filter
from mpm_studio.flows.scope import samples_of
from mpm_studio.operations import filtering
from mpm_studio.views.filter_dialog import ask_filter
from mpm_studio.window_parts import WindowParts


def filter_take(window: WindowParts) -> None:
    """Ask how, and filter the selected range, the one that is worked on, or the take."""
    session = window.session
    if session.document is None:
        return
    rec = session.document.recording
    where_FP, what = samples_of(session, rec)
    request = ask_filter(window, rec, where_FP, what, session.selection.points)
    if request is None:
        return
    document, revision = session.document, session.document.revision

    def done(found: Filter) -> None:
        if session.document is not document or document.revision != revision:
            session.notice.emit("The take was changed since the filter was started: run it again.")
            return
        session.do(found.patch)
        session.notice.emit(f"{filtering.summary(rec, found)}.")

    session.run("Filtering", filtering.filter_take, request, done)
