"""The Play menu."""

from __future__ import annotations

from mpm_studio.actions.action import Action, always, loaded
from mpm_studio.flows import move

PLAY: tuple[Action | None, ...] = (
    Action("play", "&Play", "&Play or pause", "play", ("Space",), loaded, move.toggle_play),
    Action("previous_frame", "&Play", "Pre&vious frame", "previous", ("Left",), loaded, lambda window: move.step(window, -1)),
    Action("next_frame", "&Play", "&Next frame", "next", ("Right",), loaded, lambda window: move.step(window, 1)),
    Action("back_10", "&Play", "10 frames &back", "", ("Shift+Left",), loaded, lambda window: move.step(window, -10)),
    Action("ahead_10", "&Play", "10 frames &ahead", "", ("Shift+Right",), loaded, lambda window: move.step(window, 10)),
    Action("first_frame", "&Play", "&First frame", "first", ("Home",), loaded, lambda window: move.go_to_end(window, last=False)),
    Action("last_frame", "&Play", "&Last frame", "last", ("End",), loaded, lambda window: move.go_to_end(window, last=True)),
    Action(
        "loop",
        "&Play",
        "L&oop",
        "loop",
        (),
        always,
        lambda window: window.playback.set_loop(window.is_on("loop")),
        "Start again at the end of the selected range, or of the take",
        False,
    ),
)
