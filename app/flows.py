"""Ask, then do: what each action asks the user and which operation it then runs. The operations themselves need no window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from app.jobs import Failure
from app.operations import completing, lifting, marking, navigating, opening, saving
from app.session import Take
from app.views import dialogs
from app.views.mapping_dialog import ask_mapping
from mpm_core.edit.patch import Patch, Replace
from mpm_core.errors import MappingError

if TYPE_CHECKING:
    from app.window import Window

Next = Callable[[], None]


def open_file(window: Window) -> None:
    path = dialogs.ask_file(window, window.last_folder)
    if path is not None:
        open_path(window, path)


def open_folder(window: Window) -> None:
    path = dialogs.ask_folder(window, window.last_folder)
    if path is not None:
        open_path(window, path)


def open_path(window: Window, path: Path) -> None:
    """Open a file in place of the one on show, once its changes are safe."""

    def opened(take: Take) -> None:
        window.session.open(take)
        window.remember(path)

    def go() -> None:
        window.session.jobs.cancel()
        window.session.run(f"Opening {path.name}", opening.open_take, path, opened)

    settle(window, go)


def settle(window: Window, then: Next) -> None:
    """Go on once unsaved changes are saved or given up; not at all when the user cancels."""
    document = window.session.document
    if document is None or not document.unsaved:
        then()
        return
    answer = dialogs.ask_unsaved(window, window.take_name)
    if answer == "save":
        window.session.jobs.cancel()  # what still runs would give an edit of a take that is being left
        save(window, then)
    elif answer == "discard":
        then()


def save(window: Window, then: Next | None = None) -> None:
    path = window.session.project_path
    _save_to(window, path, then) if path is not None else save_as(window, then)


def save_as(window: Window, then: Next | None = None) -> None:
    session = window.session
    suggested = session.project_path or (session.path or Path("take")).with_suffix(".mpm")
    path = dialogs.ask_project_path(window, suggested)
    if path is not None:
        _save_to(window, path, then)


def _save_to(window: Window, path: Path, then: Next | None) -> None:
    session = window.session
    document = session.document
    if document is None:
        return

    def saved(request: saving.SaveRequest) -> None:
        session.project_path = path
        if document.revision == request.revision:
            document.saved()
        window.remember(path)
        session.notice.emit(f"Saved {path.name}")
        if then is not None:
            then()

    session.run(f"Saving {path.name}", saving.save_project, saving.save_request(document, path, window.view_state()), saved)


def export(window: Window) -> None:
    document = window.session.document
    if document is None:
        return
    path = dialogs.ask_export(window, document.recording)
    if path is not None:
        export_to(window, path)


def export_to(window: Window, path: Path) -> None:
    session = window.session
    if session.document is not None:
        request = (session.document.recording, path)
        session.run(f"Exporting {path.name}", saving.export, request, lambda done: session.notice.emit(f"Exported {done}"))


def complete(window: Window, only_selection: bool = False) -> None:
    """Fill every hole, or those in the selection, and propose it."""
    session = window.session
    if session.document is None:
        return
    rec, selection = session.document.recording, session.selection
    if not completing.holes(rec):
        session.notice.emit("Nothing is missing. Drag over the timeline where something is wrong and press M, then complete again.")
        return
    request = completing.CompleteRequest(rec, window.method, overrides=session.overrides)
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
        run_lift(window, replace(request, overrides=window.session.overrides))


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


def select_all(window: Window) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.select(tuple(range(len(rec.points))), 0, rec.frames)


def go_to_gap(window: Window, step: int) -> None:
    """Go to the next gap (of the selected points, when some are) and select it."""
    session = window.session
    if session.shown is None:
        return
    chosen = session.selection.points if len(session.selection.points) > 1 else ()
    gap = navigating.next_gap(session.shown, session.frame, chosen, step)
    if gap is None:
        session.notice.emit("No gap: everything is there.")
        return
    window.playback.pause()
    if not chosen:
        session.select((gap.point,), gap.start, gap.stop)
    session.set_frame(gap.start)


def toggle_play(window: Window) -> None:
    playback = window.playback
    playback.pause() if playback.playing else playback.play(window.session.frame)


def step(window: Window, frames: int) -> None:
    window.playback.pause()
    window.session.set_frame(window.session.frame + frames)


def go_to_end(window: Window, last: bool) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.set_frame(rec.frames - 1 if last else 0)
        window.playback.jump(window.session.frame)
