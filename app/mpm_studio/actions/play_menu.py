"""The Play menu."""

from __future__ import annotations

from mpm_studio.actions.action import Action, always, loaded
from mpm_studio.flows import move, spans, take
from mpm_studio.session import Session


def _ranged(session: Session) -> str:
    return loaded(session) or ("" if session.work is not None else "the whole take is worked on")


PLAY: tuple[Action | None, ...] = (
    Action("play", "&Play", "&Play or pause", "play", ("Space",), loaded, move.toggle_play),
    Action("shuttle_back", "&Play", "Play &backwards", "", ("J",), loaded, lambda window: move.shuttle(window, -1), "Again: twice as fast"),
    Action("shuttle_stop", "&Play", "&Stop", "", ("K",), loaded, lambda window: window.playback.pause()),
    Action("shuttle_ahead", "&Play", "Play a&head", "", ("L",), loaded, lambda window: move.shuttle(window, 1), "Again: twice as fast"),
    None,
    Action("previous_frame", "&Play", "Pre&vious frame", "previous", ("Left",), loaded, lambda window: move.step(window, -1)),
    Action("next_frame", "&Play", "&Next frame", "next", ("Right",), loaded, lambda window: move.step(window, 1)),
    Action("back_10", "&Play", "10 frames bac&k", "", ("Shift+Left",), loaded, lambda window: move.step(window, -10)),
    Action("ahead_10", "&Play", "10 frames &ahead", "", ("Shift+Right",), loaded, lambda window: move.step(window, 10)),
    Action("go_to_frame", "&Play", "&Go to frame", "", ("Ctrl+Shift+J",), loaded, move.ask_frame, "Type the number of a frame"),
    Action(
        "next_event",
        "&Play",
        "Next even&t",
        "",
        ("Ctrl+Right",),
        loaded,
        lambda window: spans.go_next(window, 1),
        "Go to the next event, or end of a span",
    ),
    Action(
        "previous_event",
        "&Play",
        "P&revious event",
        "",
        ("Ctrl+Left",),
        loaded,
        lambda window: spans.go_next(window, -1),
        "Go to the event, or end of a span, before",
    ),
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
        "Start again at the end of the range that is worked on, of the selected one, or of the take",
        False,
    ),
    None,
    Action("work_in", "&Play", "Work from her&e", "", ("I",), loaded, take.set_in, "The range that is worked on begins at this frame"),
    Action("work_out", "&Play", "Work &up to here", "", ("O",), loaded, take.set_out, "The range that is worked on ends at this frame"),
    Action(
        "work_all",
        "&Play",
        "&Work on all",
        "",
        ("Shift+I",),
        _ranged,
        lambda window: window.session.set_work(0, 0),
        "Clear the range that is worked on: loop, Complete, Filter and Export are of the whole take",
    ),
)
