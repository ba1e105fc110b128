"""The Edit menu."""

from __future__ import annotations

from mpm_studio.actions.action import Action, loaded, ready, selected, some_selected, two_selected
from mpm_studio.flows import move, repair, spans, suspects
from mpm_studio.session import Session


def _undo(session: Session) -> str:
    return ready(session) or ("" if session.undo_label else "there is nothing to undo")


def _redo(session: Session) -> str:
    if session.may_return and not session.jobs.busy:
        return ""
    return ready(session) or ("" if session.redo_label else "there is nothing to redo")


def _points(session: Session) -> str:
    return loaded(session) or ("" if session.selection.points else "no point is selected")


def _deselect(session: Session) -> str:
    return loaded(session) or ("" if session.selection.points or session.selection.gaps else "nothing is selected")


EDIT: tuple[Action | None, ...] = (
    Action("undo", "&Edit", "&Undo", "undo", ("Ctrl+Z",), _undo, lambda window: window.session.undo()),
    Action("redo", "&Edit", "&Redo", "redo", ("Ctrl+Shift+Z", "Ctrl+Y"), _redo, lambda window: window.session.redo()),
    None,
    Action("mark", "&Edit", "&Mark as wrong", "mark", ("M",), selected, repair.mark, "Mark the selected range as wrong"),
    Action("unmark", "&Edit", "U&nmark", "unmark", ("Shift+M",), selected, repair.unmark, "Take marks in the selected range back"),
    Action(
        "restore",
        "&Edit",
        "Back to the &original",
        "restore",
        ("Shift+R",),
        selected,
        repair.restore,
        "Restore the selected range as it was read",
    ),
    Action(
        "exchange",
        "&Edit",
        "E&xchange two points",
        "",
        ("X",),
        two_selected,
        suspects.exchange,
        "Exchange what the two selected points hold in the selected range, else between their gaps around this frame",
    ),
    Action(
        "unlabel",
        "&Edit",
        "Take the la&bel off",
        "",
        ("B",),
        some_selected,
        suspects.unlabel,
        "Measured samples of the selected range, else between the gaps around this frame, are of another point: mark them, clear fills",
    ),
    None,
    Action("name_range", "&Edit", "Name the ran&ge…", "", ("Ctrl+R",), selected, spans.name_range, "Keep the selected frames as a span"),
    Action(
        "remove_spans",
        "&Edit",
        "Remo&ve spans",
        "",
        (),
        selected,
        spans.remove,
        "Remove the spans that lie in the selected frames",
    ),
    None,
    Action("select_all", "&Edit", "Select &all", "", ("Ctrl+A",), loaded, move.select_all),
    Action(
        "select_frames",
        "&Edit",
        "Select their &frames",
        "",
        ("Shift+A",),
        _points,
        move.select_frames,
        "Of the selected points, select the frames that are worked on (I and O), or all",
    ),
    Action(
        "deselect",
        "&Edit",
        "&Deselect",
        "",
        ("Ctrl+Shift+A",),
        _deselect,
        lambda window: window.session.select(()),
    ),
)
