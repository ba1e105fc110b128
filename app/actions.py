"""Every action, in one table: what it is called, its icon and key, when it may be used, what it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app import flows_file, flows_move, flows_repair, flows_settings, flows_suspects
from app.session import Session

if TYPE_CHECKING:
    from app.window import Window


def always(session: Session) -> bool:
    return True


def loaded(session: Session) -> bool:
    return session.shown is not None


def ready(session: Session) -> bool:
    return session.ready


def ready_3d(session: Session) -> bool:
    return session.ready and session.shown is not None and session.shown.dims == 3


def ready_2d(session: Session) -> bool:
    return session.ready and session.shown is not None and session.shown.dims == 2


def idle(session: Session) -> bool:
    return not session.jobs.busy and session.proposal is None


def selected(session: Session) -> bool:
    return session.ready and session.selection.has_range


def proposed(session: Session) -> bool:
    return session.proposal is not None


@dataclass(frozen=True, slots=True)
class Action:
    """text: with & before its menu key. keys: the first is shown. switch: whether a toggle starts on; None for a plain action."""

    id: str
    menu: str
    text: str
    icon: str
    keys: tuple[str, ...]
    enabled: Callable[[Session], bool]
    run: Callable[[Window], Any]
    tip: str = ""
    switch: bool | None = None


def _stage(name: str, *arguments: Any) -> Callable[[Window], Any]:
    return lambda window: getattr(window.workspace.stage.viewer, name)(*arguments)


LINE = None  # a separator
ACTIONS: tuple[Action | None, ...] = (
    Action("open", "&File", "&Open…", "open", ("Ctrl+O",), always, flows_file.open_file, "Open a motion file"),
    Action(
        "open_folder",
        "&File",
        "Open &folder…",
        "folder",
        ("Ctrl+Shift+O",),
        always,
        flows_file.open_folder,
        "Open a folder of keypoint files",
    ),
    Action("open_as", "&File", "Open &with options…", "", (), always, flows_file.open_as, "Say a file's unit, up axis, zeros and columns"),
    Action("read_again", "&File", "How it was &read…", "", (), ready, flows_file.read_again, "What was decided by evidence; overrule it"),
    LINE,
    Action("save", "&File", "&Save project", "save", ("Ctrl+S",), ready, flows_file.save, "Save the project, with marks and fills"),
    Action("save_as", "&File", "Save project &as…", "save", ("Ctrl+Shift+S",), ready, flows_file.save_as),
    Action("recipe", "&File", "Save re&cipe…", "", (), ready, flows_file.save_recipe, "For `mpm-studio clean` to treat many takes alike"),
    Action("export", "&File", "&Export…", "export", ("Ctrl+E",), ready, flows_file.export, "Write a motion file for the next program"),
    LINE,
    Action(
        "settings",
        "&File",
        "Se&ttings…",
        "",
        ("Ctrl+,",),
        idle,
        flows_settings.change_settings,
        "Device, model files, and edges in the 3D view",
    ),
    LINE,
    Action("quit", "&File", "&Quit", "close", ("Ctrl+Q",), always, lambda window: window.close()),
    Action(
        "undo",
        "&Edit",
        "&Undo",
        "undo",
        ("Ctrl+Z",),
        lambda s: s.ready and bool(s.document and s.document.undo_label),
        lambda window: window.session.undo(),
    ),
    Action(
        "redo",
        "&Edit",
        "&Redo",
        "redo",
        ("Ctrl+Shift+Z", "Ctrl+Y"),
        lambda s: s.ready and bool(s.document and s.document.redo_label),
        lambda window: window.session.redo(),
    ),
    LINE,
    Action("mark", "&Edit", "&Mark as wrong", "mark", ("M",), selected, flows_repair.mark, "Mark the selected range as wrong"),
    Action("unmark", "&Edit", "U&nmark", "unmark", ("Shift+M",), selected, flows_repair.unmark, "Take marks in the selected range back"),
    Action(
        "restore",
        "&Edit",
        "Back to the &original",
        "restore",
        ("Shift+R",),
        selected,
        flows_repair.restore,
        "Bring the selected range back as it was read",
    ),
    Action(
        "exchange",
        "&Edit",
        "E&xchange two points",
        "",
        ("X",),
        lambda s: selected(s) and len(s.selection.points) == 2,
        flows_suspects.exchange,
        "Exchange what the two selected points hold in the selected range",
    ),
    Action(
        "unlabel",
        "&Edit",
        "Take the la&bel off",
        "",
        ("B",),
        selected,
        flows_suspects.unlabel,
        "What is there is not this point's: mark it, and clear fills",
    ),
    LINE,
    Action("previous_gap", "&Edit", "&Previous gap", "previous_gap", ("Shift+N",), loaded, lambda window: flows_move.go_to_gap(window, -1)),
    Action("next_gap", "&Edit", "Ne&xt gap", "next_gap", ("N",), loaded, lambda window: flows_move.go_to_gap(window, 1)),
    Action(
        "select_all",
        "&Edit",
        "Select &all",
        "",
        ("Ctrl+A",),
        loaded,
        flows_move.select_all,
    ),
    Action(
        "deselect",
        "&Edit",
        "&Deselect",
        "",
        ("Esc",),
        lambda s: s.proposal is None and not s.jobs.busy and bool(s.selection.points),
        lambda window: window.session.select(()),
    ),
    Action("complete", "&Repair", "&Complete", "complete", ("G",), ready_3d, flows_repair.complete, "Fill everything missing or marked"),
    Action(
        "complete_selection",
        "&Repair",
        "Complete the &selection",
        "complete",
        ("Shift+G",),
        lambda s: ready_3d(s) and selected(s),
        lambda window: flows_repair.complete(window, only_selection=True),
    ),
    Action(
        "donors",
        "&Repair",
        "Fill by &donors…",
        "",
        (),
        ready_3d,
        flows_repair.follow_donors,
        "Fill what is selected, or everything, by points that you name",
    ),
    Action(
        "look",
        "&Repair",
        "Look for &bad data",
        "",
        ("K",),
        ready,
        flows_suspects.look,
        "List spikes, swaps, ghosts, frozen values and implausible poses",
    ),
    Action(
        "look_by_model",
        "&Repair",
        "Look for bad data, with the m&odel",
        "",
        (),
        ready_3d,
        lambda window: flows_suspects.look(window, by_model=True),
        "Also hide each joint in turn and see whether the model expects it there",
    ),
    Action(
        "self_test",
        "&Repair",
        "Self-&test",
        "",
        (),
        ready,
        flows_repair.self_test,
        "Hide what is known, fill it by every method, and see how far off each is",
    ),
    Action("lift", "&Repair", "&Lift to 3D…", "lift", ("L",), ready_2d, flows_repair.lift, "Turn 2D keypoints into 3D motion"),
    Action(
        "map_body", "&Repair", "&Body joints…", "body", (), ready_3d, flows_repair.map_body, "Say which point is which joint of the body"
    ),
    Action(
        "motion_map",
        "&Repair",
        "Markers by mot&ion…",
        "body",
        (),
        ready_3d,
        flows_suspects.map_by_motion,
        "Find from their motion which marker is where on the body, for labels that no known set has",
    ),
    LINE,
    Action("accept", "&Repair", "&Accept the proposal", "", ("Return", "Enter"), proposed, lambda window: window.session.accept()),
    Action("reject", "&Repair", "&Reject the proposal", "", ("Esc",), proposed, lambda window: window.session.reject()),
    Action(
        "cancel", "&Repair", "Ca&ncel the running job", "", ("Esc",), lambda s: s.jobs.busy, lambda window: window.session.jobs.cancel()
    ),
    Action("play", "&Play", "&Play or pause", "play", ("Space",), loaded, flows_move.toggle_play),
    Action("previous_frame", "&Play", "Pre&vious frame", "previous", ("Left",), loaded, lambda window: flows_move.step(window, -1)),
    Action("next_frame", "&Play", "&Next frame", "next", ("Right",), loaded, lambda window: flows_move.step(window, 1)),
    Action("back_10", "&Play", "10 frames &back", "", ("Shift+Left",), loaded, lambda window: flows_move.step(window, -10)),
    Action("ahead_10", "&Play", "10 frames &ahead", "", ("Shift+Right",), loaded, lambda window: flows_move.step(window, 10)),
    Action("first_frame", "&Play", "&First frame", "first", ("Home",), loaded, lambda window: flows_move.go_to_end(window, last=False)),
    Action("last_frame", "&Play", "&Last frame", "last", ("End",), loaded, lambda window: flows_move.go_to_end(window, last=True)),
    Action(
        "loop",
        "&Play",
        "L&oop",
        "loop",
        (),
        always,
        lambda window: window.playback.set_loop(window.is_on("loop")),
        "Start again at the end",
        False,
    ),
    Action("fit", "&View", "&Fit", "fit", ("F",), loaded, _stage("fit"), "Bring the body into view"),
    Action("view_front", "&View", "F&ront", "", ("1",), loaded, _stage("look", "front")),
    Action("view_side", "&View", "&Side", "", ("2",), loaded, _stage("look", "side")),
    Action("view_top", "&View", "&Top", "", ("3",), loaded, _stage("look", "top")),
    Action("view_persp", "&View", "&Perspective", "", ("4",), loaded, _stage("look", "persp")),
    LINE,
    Action(
        "ghost",
        "&View",
        "Show the &original",
        "ghost",
        ("O",),
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
        "Draw the way of the selected points",
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
    Action(
        "curves", "&View", "&Curves", "curves", ("C",), always, lambda window: window.show_curves(), "Curves of the selected point", True
    ),
    LINE,
    Action("timeline_fit", "&View", "Who&le take", "", ("Shift+F",), loaded, lambda window: window.workspace.timeline.fit()),
    Action("shortcuts", "&Help", "&Keyboard", "", ("F1",), always, lambda window: window.show_keys(), "All keys"),
)
