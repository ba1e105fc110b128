"""The View and Help menus."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mpm_studio.actions.action import Action, always, loaded
from mpm_studio.flows import move
from mpm_studio.views.keys import show_keys
from mpm_studio.window_parts import WindowParts


def _viewer(name: str, *arguments: Any) -> Callable[[WindowParts], Any]:
    return lambda window: getattr(window.workspace.stage.viewer, name)(*arguments)


VIEW: tuple[Action | None, ...] = (
    Action("fit", "&View", "&Fit", "fit", ("F",), loaded, _viewer("fit"), "Bring the body into view"),
    Action("view_front", "&View", "F&ront", "", ("1",), loaded, _viewer("look", "front")),
    Action("view_side", "&View", "&Side", "", ("2",), loaded, _viewer("look", "side")),
    Action("view_top", "&View", "&Top", "", ("3",), loaded, _viewer("look", "top")),
    Action("view_persp", "&View", "&Perspective", "", ("4",), loaded, _viewer("look", "persp")),
    None,
    Action(
        "ghost",
        "&View",
        "Show the &original",
        "ghost",
        ("Shift+O",),
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
        "F&ollow",
        "follow",
        ("V",),
        always,
        lambda window: window.workspace.stage.show_switches(),
        "Keep the camera beside the body",
        False,
    ),
    Action("graph", "&View", "&Graph", "curves", ("C",), always, lambda window: window.show_graph(), "Curves of the selected points", True),
    None,
    Action(
        "time_kind", "&View", "Fra&mes, seconds or time code", "", ("Shift+T",), loaded, move.next_time_kind, "Write times in another way"
    ),
    Action("timeline_fit", "&View", "Who&le take", "", ("Shift+F",), loaded, lambda window: window.workspace.timeline.fit()),
)
HELP: tuple[Action | None, ...] = (
    Action(
        "shortcuts",
        "&Help",
        "&Keyboard",
        "",
        ("F1",),
        always,
        lambda window: show_keys(window, list(window.actions_by_id.values())),
        "All keys",
    ),
)
