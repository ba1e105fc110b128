"""The View and Help menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpm_studio.actions.action import Action, always, loaded, loaded_3d
from mpm_studio.flows import hiding, move, sticks
from mpm_studio.flows.help import begin_tour, show_about, show_help
from mpm_studio.session import Session
from mpm_studio.views.keys import show_keys
from mpm_studio.window_parts import WindowParts


def _viewer(name: str, *arguments: Any) -> Callable[[WindowParts], Any]:
    return lambda window: getattr(window.workspace.stage.viewer, name)(*arguments)


def _hold_before(window: WindowParts) -> None:
    window.workspace.stage.before.begin(window.actions_by_id["before"].shortcut())


def _layer(name: str, text: str, tip: str) -> Action:
    return Action(name, "&View", text, "", (), always, lambda window: window.workspace.stage.show_switches(), tip, True)


def _some(session: Session) -> str:
    return loaded(session) or ("" if session.selection.points else "no point is selected")


def _hidden(session: Session) -> str:
    return loaded(session) or ("" if session.hidden else "no point is hidden")


def _framed(session: Session) -> str:
    some = session.selection.has_range or session.work is not None
    return loaded(session) or ("" if some else "no frames are selected: drag over the timeline")


def _several(session: Session) -> str:
    return loaded(session) or ("" if len(session.selection.points) > 1 else "two points or more must be selected")


VIEW: tuple[Action | None, ...] = (
    Action(
        "frame",
        "&View",
        "&Frame the selection",
        "fit",
        ("F",),
        loaded,
        lambda window: window.workspace.stage.frame_selection(),
        "Fill the view with the selected points, or with the body",
    ),
    Action("fit", "&View", "Fit the &body", "", ("0",), loaded, lambda window: window.workspace.stage.fit(), "Fill the view with the body"),
    Action("view_front", "&View", "F&ront", "", ("1",), loaded_3d, _viewer("look", "front")),
    Action("view_side", "&View", "&Side", "", ("2",), loaded_3d, _viewer("look", "side")),
    Action("view_top", "&View", "&Top", "", ("3",), loaded_3d, _viewer("look", "top")),
    Action("view_persp", "&View", "Perspecti&ve", "", ("4",), loaded_3d, _viewer("look", "persp")),
    Action(
        "flat",
        "&View",
        "Orthograph&ic",
        "",
        ("5",),
        loaded_3d,
        _viewer("turn_flat"),
        "From perspective to orthographic, or back",
    ),
    None,
    Action("before", "&View", "Before (hol&d)", "before", ("A",), loaded, _hold_before, "Hold to see the take as it was before"),
    Action(
        "ghost",
        "&View",
        "Show the &original",
        "ghost",
        ("H",),
        always,
        lambda window: window.workspace.stage.show_ghost(),
        "Compare with the original",
        True,
    ),
    Action(
        "labels",
        "&View",
        "&Names",
        "labels",
        ("T",),
        always,
        lambda window: window.workspace.stage.show_switches(),
        "Name every point",
        False,
    ),
    Action(
        "trail",
        "&View",
        "Tr&ail",
        "trail",
        ("R",),
        always,
        lambda window: window.workspace.stage.show_switches(),
        "Draw the path of the selected points",
        False,
    ),
    Action(
        "follow",
        "&View",
        "Follo&w",
        "follow",
        ("V",),
        always,
        lambda window: window.workspace.stage.show_switches(),
        "Keep the camera beside the body",
        False,
    ),
    _layer("halos", "&Uncertainty", "Draw one sigma around filled samples; of a lifted take, around the selected ones"),
    _layer("contacts", "&Contacts", "Draw a ring on the floor where a point is in contact with it"),
    _layer("sticks", "Stic&ks", "Join markers that keep their distance, where no body is known"),
    Action(
        "join",
        "&View",
        "&Join by sticks",
        "",
        ("Shift+J",),
        _several,
        sticks.join,
        "Join the selected points, of more than two those that keep their distance; or part them again",
    ),
    Action(
        "hide",
        "&View",
        "Hide points",
        "",
        ("Shift+H",),
        _some,
        hiding.hide,
        "Draw the selected points no more, or again; they are repaired and exported all the same",
    ),
    Action("isolate", "&View", "Only these points", "", ("Ctrl+H",), _some, hiding.isolate, "Draw the selected points only, or all again"),
    Action("show_all", "&View", "All points", "", ("Ctrl+Shift+H",), _hidden, hiding.show_all, "Draw hidden points again"),
    None,
    Action(
        "next_curves",
        "&View",
        "Ne&xt kind of curves",
        "",
        ("Shift+V",),
        loaded,
        lambda window: window.workspace.graph.next_mode(),
        "Position, speed, acceleration; of a hierarchy rotations, too",
    ),
    Action("graph", "&View", "&Graph", "curves", ("C",), always, lambda window: window.show_graph(), "Curves of the selected points", True),
    None,
    Action(
        "fold",
        "&View",
        "C&lose or open all groups",
        "",
        ("Shift+C",),
        loaded,
        lambda window: window.workspace.timeline.toggle_all(),
        "Close all groups of the timeline, or open them",
    ),
    Action(
        "arrange",
        "&View",
        "Arrang&e panels",
        "",
        (),
        always,
        lambda window: window.workspace.arrange(window.is_on("arrange")),
        "Panels get title bars by which they are moved, floated and closed",
        False,
    ),
    Action("reset_layout", "&View", "Reset the la&yout", "", (), always, lambda window: window.workspace.reset(), "Panels as at first"),
    Action(
        "time_kind", "&View", "Fra&mes, seconds or time code", "", ("Shift+T",), loaded, move.next_time_kind, "Write times in another way"
    ),
    Action(
        "zoom_in",
        "&View",
        "&Zoom in on time",
        "",
        ("Ctrl+=", "Ctrl++"),
        loaded,
        lambda window: move.zoom_time(window, 2.0),
        "Timeline and graph show half as many frames around this one",
    ),
    Action("zoom_out", "&View", "Zoom out of time", "", ("Ctrl+-",), loaded, lambda window: move.zoom_time(window, 0.5)),
    Action(
        "zoom_to_selection",
        "&View",
        "Zoom to the selected frames",
        "",
        ("Z",),
        _framed,
        move.zoom_to_selection,
        "Timeline and graph show the selected frames over their whole width, else those that are worked on",
    ),
    Action("timeline_fit", "&View", "W&hole take", "", ("Shift+F",), loaded, lambda window: window.workspace.timeline.fit()),
)
HELP: tuple[Action | None, ...] = (
    Action("help", "&Help", "&Documentation", "", ("Shift+F1",), always, show_help, "What the program does, page by page"),
    Action("tour", "&Help", "&Tour", "", (), loaded, begin_tour, "Five steps over the parts of the window"),
    Action(
        "shortcuts",
        "&Help",
        "&Keyboard",
        "",
        ("F1",),
        always,
        lambda window: show_keys(window, list(window.actions_by_id.values()), window.actions_by_id["change_keys"]),
        "All keys",
    ),
    Action("change_keys", "&Help", "&Change keys…", "", (), always, lambda window: window.keys_wanted.emit(), "Give actions other keys"),
    None,
    Action("about", "&Help", "&About mpm-studio", "", (), always, show_about, "Versions and licences of what is in use"),
)
