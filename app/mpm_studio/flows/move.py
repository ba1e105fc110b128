"""Actions that move through a take: frames, playing, selecting."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton

from mpm_studio.operations.times import TIMES
from mpm_studio.views import timeline_paint as paint
from mpm_studio.window_parts import WindowParts

ROOM = 0.05  # at either side of the selected frames, of their number


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
    """Play or pause; or press the button that was reached by Tab, whose key this is, too."""
    playback, focused = window.playback, window.focusWidget()
    if isinstance(focused, QAbstractButton) and not focused.focusPolicy().value & Qt.FocusPolicy.ClickFocus.value:
        focused.click()
        return
    playback.pause() if playback.playing else playback.play(window.session.frame)


def next_time_kind(window: WindowParts) -> None:
    """Write times as frames, as seconds, or as SMPTE time code; kept in the settings."""
    kinds = list(TIMES)
    kind = kinds[(kinds.index(window.session.time_kind) + 1) % len(kinds)]
    window.settings.set_choice("time", kind)
    window.session.set_time_kind(kind)


def zoom_to_selection(window: WindowParts) -> None:
    """Timeline and graph show the selected frames, else those that are worked on, over their whole width."""
    selection, work = window.session.selection, window.session.work
    frames = (selection.start, selection.stop) if selection.has_range else work
    if frames is not None:
        window.workspace.timeline.show_range(*frames, around=ROOM * (frames[1] - frames[0]))


def zoom_time(window: WindowParts, factor: float) -> None:
    """Show fewer frames (a factor above 1), or more, in timeline and graph; the present frame stays where it is."""
    timeline = window.workspace.timeline
    timeline.zoom_at(timeline.x_of(window.session.frame + 0.5) - paint.NAMES, factor)


def shuttle(window: WindowParts, way: int) -> None:
    """Play ahead (1) or backwards (-1), each time faster."""
    window.playback.shuttle(window.session.frame, way)


def step(window: WindowParts, frames: int) -> None:
    window.playback.pause()
    window.session.set_frame(window.session.frame + frames)


def ask_frame(window: WindowParts) -> None:
    """Into the field of the frame, where a number and Enter go to it."""
    field = window.workspace.transport.frame
    field.setFocus(Qt.FocusReason.ShortcutFocusReason)
    field.selectAll()
    window.workspace.show_focused()


def go_to_end(window: WindowParts, last: bool) -> None:
    rec = window.session.shown
    if rec is not None:
        window.session.set_frame(rec.frames - 1 if last else 0)
        window.playback.jump(window.session.frame)
