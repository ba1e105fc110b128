"""Actions on files: open, save, export."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpm_core.edit.trim import trimmed
from mpm_core.io.registry import detect, open_options
from mpm_core.recording import Recording, Source
from mpm_core.seen_person import people_count
from mpm_studio.flows import repair, video
from mpm_studio.operations import opening, saving
from mpm_studio.operations.moments import same_frame
from mpm_studio.operations.video import SUFFIXES
from mpm_studio.session import Session
from mpm_studio.take import Take
from mpm_studio.views import dialogs
from mpm_studio.views.export_dialog import ask_export
from mpm_studio.views.import_dialog import ask_import
from mpm_studio.views.person_dialog import ask_person, size_that_holds
from mpm_studio.window_parts import WindowParts

Next = Callable[[], None]


def open_file(window: WindowParts) -> None:
    path = dialogs.ask_file(window, window.last_folder)
    if path is not None:
        open_path(window, path)


def open_folder(window: WindowParts) -> None:
    path = dialogs.ask_folder(window, window.last_folder)
    if path is not None:
        open_path(window, path)


def open_as(window: WindowParts) -> None:
    """Open a file with the unit, up axis, zeros, rate and columns that the user gives."""
    path = dialogs.ask_file(window, window.last_folder)
    if path is not None:
        window.session.guard(f"Opening {path.name}", lambda: _ask_and_open(window, path, ()))


def read_again(window: WindowParts) -> None:
    """Show what was detected in the file, and read it again with the options the user gives."""
    path, rec = window.session.path, window.session.shown
    if path is not None and rec is not None:
        window.session.guard(f"Opening {path.name}", lambda: _ask_and_open(window, path, rec.source.notes))


def choose_person(window: WindowParts) -> None:
    """Ask who of the people in the keypoints is read, and read the file again so; the moment that is shown and the video stay."""
    source = people_source(window.session)
    if source is None:
        return
    image_wh = source.image_wh or size_that_holds(source.people, window.workspace.stage.plane.image_wh)
    person = ask_person(window, source.people, image_wh)
    if person is not None:
        session = window.session
        path = session.path if session.path is not None and session.project_path is None else Path(source.path)
        open_path(window, path, {**session.options, "person": person}, stay=True)


def people_source(session: Session) -> Source | None:
    """Where the open keypoints are from, when they show several people."""
    source = None if session.document is None else session.document.original.source
    return source if source is not None and len(source.people) > 1 else None


def _ask_and_open(window: WindowParts, path: Path, notes: tuple[str, ...]) -> None:
    options = ask_import(window, path.name, open_options(detect(path)), notes)
    if options is not None:
        open_path(window, path, options, stay=path == window.session.path)


def open_path(window: WindowParts, path: Path, options: dict[str, Any] | None = None, stay: bool = False) -> None:
    """Open a file in place of the present one, once its changes are saved or discarded. options: keywords of `mpm_core.read`.

    stay: it is the same file, so the moment that is shown and the video stay. A video is shown behind the keypoints that are open.
    """
    if path.suffix.lower() in SUFFIXES:
        window.session.guard(f"Opening {path.name}", lambda: video.open_beside(window, path))
        return

    def opened(take: Take) -> None:
        shown = window.session.shown
        if stay and shown is not None:
            state = {**window.view_state(), "frame": same_frame(window.session.frame, shown, take.recording)}
            take = replace(take, view={**take.view, **{name: state[name] for name in ("video", "frame") if name in state}})
        window.session.open(take)
        window.remember(path)
        source = people_source(window.session)
        if source is not None and "person" not in window.session.options:
            window.session.notice.emit(
                f"{people_count(source.people)} people are in these keypoints. Person {source.people[0].name}, seen longest and largest, "
                "is shown; File, Choose the person, shows another."
            )

    def go() -> None:
        window.session.jobs.cancel()
        window.session.run(f"Opening {path.name}", opening.open_as, opening.ReadRequest(path, options or {}), opened)

    settle(window, go)


def settle(window: WindowParts, then: Next) -> None:
    """Call `then` once a proposal is accepted or rejected, and unsaved changes are saved or discarded; not when the user cancels, or
    accepts a lift that is still being fitted."""
    session, document = window.session, window.session.document
    if session.proposal is not None:
        decision = dialogs.ask_proposed(window, window.take_name, session.proposal.summary)
        if decision == "cancel":
            return
        repair.accept(window) if decision == "accept" else session.reject()
        if session.proposal is not None:  # a lift that is still being fitted
            return
    if document is None or not document.unsaved:
        then()
        return
    answer = dialogs.ask_unsaved(window, window.take_name)
    if answer == "save":
        window.session.jobs.cancel()  # its result would belong to a take that is being closed
        save(window, then)
    elif answer == "discard":
        then()


def save(window: WindowParts, then: Next | None = None) -> None:
    path = window.session.project_path
    _save_to(window, path, then) if path is not None else save_as(window, then)


def save_as(window: WindowParts, then: Next | None = None) -> None:
    session = window.session
    suggested = session.project_path or (session.path or Path("take")).with_suffix(".mpm")
    path = dialogs.ask_project_path(window, suggested)
    if path is not None:
        _save_to(window, path, then)


def _save_to(window: WindowParts, path: Path, then: Next | None) -> None:
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


def export(window: WindowParts) -> None:
    document = window.session.document
    if document is None:
        return
    part = window.session.work is not None
    asked = ask_export(window, exported(window, document.recording), window.session.overrides, part)
    if asked is not None:
        export_to(window, *asked)


def exported(window: WindowParts, rec: Recording) -> Recording:
    """The part of the take that is worked on."""
    return rec if window.session.work is None else trimmed(rec, *window.session.work)


def export_to(window: WindowParts, path: Path, as_body: bool = False) -> None:
    session = window.session
    if session.document is None:
        return
    rec = exported(window, session.document.recording)
    request = saving.ExportRequest(rec, session.document.original, path, session.options, as_body, session.overrides)
    session.run(f"Exporting {path.name}", saving.export, request, lambda proof: session.notice.emit(f"Exported {path}: {proof}"))
