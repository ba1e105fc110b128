"""Actions that move through a take: frames, playing, selecting."""

from __future__ import annotations

from mpm_studio.window_parts import WindowParts


def select_all(window: WindowParts) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.select(tuple(range(len(rec.points))), 0, rec.frames)


def toggle_play(window: WindowParts) -> None:
    playback = window.playback
    playback.pause() if playback.playing else playback.play(window.session.frame)


def step(window: WindowParts, frames: int) -> None:
    window.playback.pause()
    window.session.set_frame(window.session.frame + frames)


def go_to_end(window: WindowParts, last: bool) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.set_frame(rec.frames - 1 if last else 0)
        window.playback.jump(window.session.frame)
