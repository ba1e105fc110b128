"""Actions that move through a take: frames, gaps, playing, selecting."""

from __future__ import annotations

from mpm_studio.operations import navigating
from mpm_studio.window_parts import WindowParts


def select_all(window: WindowParts) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.select(tuple(range(len(rec.points))), 0, rec.frames)


def go_to_gap(window: WindowParts, step: int) -> None:
    """Go to the next gap (of the selected points, when some are) and select it."""
    session = window.session
    if session.shown is None:
        return
    chosen = session.selection.points if len(session.selection.points) > 1 else ()
    gap = navigating.next_gap(session.shown, session.frame, chosen, step)
    if gap is None:
        session.notice.emit("No gap: no sample is missing.")
        return
    window.playback.pause()
    if not chosen:
        session.select((gap.point,), gap.start, gap.stop)
    session.set_frame(gap.start)


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
