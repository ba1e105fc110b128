"""Actions that move through a take: frames, playing, selecting."""

from __future__ import annotations

from mpm_studio.operations.times import TIMES
from mpm_studio.window_parts import WindowParts


def select_all(window: WindowParts) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.select(tuple(range(len(rec.points))), 0, rec.frames)


def select_frames(window: WindowParts) -> None:
    """Select the frames that are worked on, or all, of the selected points."""
    session = window.session
    if session.shown is not None:
        session.select(session.selection.points, *(session.work or (0, session.shown.frames)))


def toggle_play(window: WindowParts) -> None:
    playback = window.playback
    playback.pause() if playback.playing else playback.play(window.session.frame)


def next_time_kind(window: WindowParts) -> None:
    """Write times as frames, as seconds, or as SMPTE time code; kept in the settings."""
    kinds = list(TIMES)
    kind = kinds[(kinds.index(window.session.time_kind) + 1) % len(kinds)]
    window.settings.set_choice("time", kind)
    window.session.set_time_kind(kind)


def shuttle(window: WindowParts, way: int) -> None:
    """Play ahead (1) or backwards (-1), each time faster."""
    window.playback.shuttle(window.session.frame, way)


def step(window: WindowParts, frames: int) -> None:
    window.playback.pause()
    window.session.set_frame(window.session.frame + frames)


def go_to_end(window: WindowParts, last: bool) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.set_frame(rec.frames - 1 if last else 0)
        window.playback.jump(window.session.frame)
