"""Ask, then do, for repairs: mark, complete, lift. What the user is asked, and which operation then runs; the operations need no window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from app.jobs import Failure
from app.operations import completing, lifting, marking
from app.views import dialogs
from app.views.mapping_dialog import ask_mapping
from mpm_core.edit.patch import Patch, Replace
from mpm_core.errors import MappingError

if TYPE_CHECKING:
    from app.window import Window

Next = Callable[[], None]


def complete(window: Window, only_selection: bool = False) -> None:
    """Fill every hole, or those in the selection, and propose it."""
    session = window.session
    if session.document is None:
        return
    rec, selection = session.document.recording, session.selection
    if not completing.holes(rec):
        session.notice.emit("Nothing is missing. Drag over the timeline where something is wrong and press M, then complete again.")
        return
    request = completing.CompleteRequest(rec, window.method, overrides=session.overrides, networks=window.settings.networks())
    if only_selection and selection.has_range:
        request = replace(request, points=selection.points, start=selection.start, stop=selection.stop)
    run_complete(window, request)


def run_complete(window: Window, request: completing.CompleteRequest) -> None:
    session = window.session

    def done(patch: Patch) -> None:
        text = completing.summary(request.recording, patch)
        if len(patch):
            session.propose(patch, text)
        if not len(patch):
            session.notice.emit(f"Completed: {text}.")
        elif request.method == "auto" and not completing.body_known(request):
            session.notice.emit(
                "Filled without the model: these points are not known to be a body. Repair, Body joints tells which is which."
            )

    _run_mapped(
        window,
        "Completing",
        lambda failed: session.run("Completing", completing.complete, request, done, failed),
        lambda: run_complete(window, replace(request, overrides=session.overrides)),
    )


def lift(window: Window) -> None:
    """Ask for what a lift needs, lift, and propose it."""
    document = window.session.document
    if document is None:
        return
    request = dialogs.ask_lift(window, document.recording)
    if request is not None:
        run_lift(window, replace(request, overrides=window.session.overrides, networks=window.settings.networks()))


def run_lift(window: Window, request: lifting.LiftRequest) -> None:
    session = window.session

    def done(edit: Replace) -> None:
        session.propose(edit, lifting.summary(edit))

    title = "Lifting to 3D"
    _run_mapped(
        window,
        title,
        lambda failed: session.run(title, lifting.lift, request, done, failed),
        lambda: run_lift(window, replace(request, overrides=session.overrides)),
    )


def _run_mapped(window: Window, title: str, start: Callable[[Callable[[Failure], None]], None], again: Next) -> None:
    """Start a job; when the body joints cannot be told, ask for them and start again."""

    def failed(failure: Failure) -> None:
        if isinstance(failure.error, MappingError):
            window.session.guard(title, lambda: again() if map_body(window, str(failure.error)) else window.session.failed.emit(failure))
        else:
            window.session.failed.emit(failure)

    start(failed)


def map_body(window: Window, why: str = "") -> bool:
    """Ask which point is which joint. True when the user said so."""
    session = window.session
    if session.document is None:
        return False
    overrides = ask_mapping(window, session.document.recording, session.overrides, why)
    if overrides is None:
        return False
    session.overrides = overrides
    return True


def mark(window: Window) -> None:
    _edit_selection(window, marking.mark)


def unmark(window: Window) -> None:
    _edit_selection(window, marking.unmark)


def restore(window: Window) -> None:
    document = window.session.document
    if document is not None:
        _edit_selection(window, lambda rec, points, start, stop: marking.restore(rec, document.original, points, start, stop))


def _edit_selection(window: Window, make: Callable[..., Patch]) -> None:
    session = window.session
    if session.document is None or not session.selection.has_range:
        return
    selection = session.selection
    patch = make(session.document.recording, selection.points, selection.start, selection.stop)
    if len(patch):
        session.do(patch)
    else:
        session.notice.emit("Nothing to change there.")
