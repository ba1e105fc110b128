"""Actions on suspects and labels: look for suspects, mark or exchange them, take labels off, map markers by motion."""

from __future__ import annotations

from pathlib import Path

from mpm_core.suspect.dismissed import dismiss
from mpm_core.suspect.kinds import Suspect
from mpm_studio.flows import repair
from mpm_studio.operations import mapping, suspects
from mpm_studio.operations.navigating import stretch_at
from mpm_studio.session import Session
from mpm_studio.views.dialogs import ask_exchange
from mpm_studio.views.motion_map_dialog import ask_motion_map
from mpm_studio.window_parts import WindowParts


def look(window: WindowParts, by_model: bool = False) -> None:
    """List what looks wrong."""
    session = window.session
    if session.document is None:
        return
    request = suspects.Request(session.document.recording, by_model, session.overrides, window.settings.networks())

    def done(found: list[Suspect]) -> None:
        window.workspace.suspects.show_found(request.recording, found)
        if not found:
            session.notice.emit("Nothing looks wrong.")

    session.run("Looking for bad data", suspects.look, request, done)


def connect(window: WindowParts) -> None:
    """Connect the buttons of the list."""
    panel = window.workspace.suspects
    guard = window.session.guard
    panel.go_to.connect(lambda suspect: go_to(window, suspect))
    panel.mark.connect(lambda some: guard("Mark", lambda: _mark(window, some)))
    panel.mark_listed.connect(lambda some: guard("Mark all", lambda: _mark_all(window, some)))
    panel.exchange.connect(lambda some: guard("Exchange", lambda: _exchange_back(window, some)))
    panel.dismiss.connect(lambda some: guard("Dismiss", lambda: _dismiss(window, some)))
    panel.look.connect(lambda: guard("Looking for bad data", lambda: look(window)))
    window.session.opened.connect(panel.refresh)
    for signal in (window.session.job_started, window.session.job_finished, window.session.proposal_changed):
        signal.connect(lambda *_: panel.refresh())


def go_to(window: WindowParts, suspect: Suspect) -> None:
    """Go there, with its points and frames selected, and bring it into view with what is around it."""
    window.playback.pause()
    window.session.select(suspect.points, suspect.start, suspect.stop)
    window.workspace.timeline.show_range(suspect.start, suspect.stop)
    window.session.set_frame(suspect.start)
    window.workspace.stage.show_point(suspect.points[0])


def exchange(window: WindowParts) -> None:
    """The two selected points exchange their samples in the selected range, else in the present stretch (`_select_frames`)."""
    if len(window.session.selection.points) == 2:
        _select_frames(window.session)
        selection = window.session.selection
        _exchange(window, selection.points, selection.start, selection.stop)


def unlabel(window: WindowParts) -> None:
    """The selected points lose their samples in the selected range, else in the present stretch (`_select_frames`)."""
    session = window.session
    if session.document is None or not session.selection.points:
        return
    _select_frames(session)
    patch = suspects.unlabel(session.document.recording, session.selection.points, session.selection.start, session.selection.stop)
    repair.do_patch(window, patch)


def _select_frames(session: Session) -> None:
    """Where no range is selected, select what lies between the selected points' gaps around the present frame: labels change at gaps."""
    selection, rec = session.selection, session.shown
    if rec is not None and not selection.has_range:
        session.select(selection.points, *stretch_at(session.gap_rows, selection.points, session.frame, rec.frames))


def map_by_motion(window: WindowParts) -> None:
    """Propose which marker is where on the body; use it when the user confirms."""
    session = window.session
    if session.document is None:
        return
    rec = session.document.recording

    def done(offered: mapping.Offered) -> None:
        dialog = ask_motion_map(window, rec, offered, Path(window.take_name).stem)
        if dialog is None:
            return
        session.set_mapping(dialog.places())
        name = dialog.kept_as()
        if name:
            path = mapping.remember(name, dialog.places(), dialog.segments())
            session.notice.emit(f"Remembered as {path}")

    session.run("Mapping the markers", mapping.offer, rec, done)


def _mark(window: WindowParts, some: list[Suspect]) -> None:
    if window.session.document is not None and some:
        repair.do_patch(window, suspects.mark_all(window.session.document.recording, some))


def _dismiss(window: WindowParts, some: list[Suspect]) -> None:
    """Keep with the take that these samples are right."""
    if window.session.document is not None and some:
        window.session.annotate(dismiss(window.session.document.recording, some))


def _mark_all(window: WindowParts, some: list[Suspect]) -> None:
    """Mark all of these; swaps are exchanged instead where the user wants it."""
    if window.session.document is None:
        return
    rec = window.session.document.recording
    repairs = suspects.repairs_of(rec, some)
    answer = ask_exchange(window, repairs) if repairs.exchange else "exchange"
    if answer == "cancel":
        return
    repair.do_patch(window, suspects.exchange_and_mark(rec, repairs) if answer == "exchange" else suspects.mark_all(rec, some))
    if repairs.pieces:
        window.session.notice.emit(f"{suspects.left_pieces(repairs.pieces)}: choose one, then Merge (Ctrl+M).")


def _exchange_back(window: WindowParts, some: list[Suspect]) -> None:
    """Exchange the two points of each, in one step."""
    if len(some) == 1:
        _exchange(window, some[0].points, some[0].start, some[0].stop)
    elif window.session.document is not None:
        repair.do_patch(window, suspects.exchange_all(window.session.document.recording, some))


def _exchange(window: WindowParts, points: tuple[int, ...], start: int, stop: int) -> None:
    if window.session.document is not None:
        window.session.do(suspects.exchange(window.session.document.recording, points, start, stop))
