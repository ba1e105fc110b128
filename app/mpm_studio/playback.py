"""Playing a take by the wall clock: a slow screen drops frames, it never slows the motion."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer, Signal

SPEEDS = (0.1, 0.25, 0.5, 1.0, 2.0, 4.0)
TICK_MS = 15
FASTEST = 8


def frame_after(
    start: float, elapsed_s: float, rate_hz: float, speed: float, frames: int, loop: bool, part: tuple[int, int] | None = None
) -> tuple[float, bool]:
    """(position in frames, still playing) after elapsed_s seconds of playing from `start`; backwards with a negative speed.

    part: first and last + 1 frame to repeat.
    """
    position = start + elapsed_s * rate_hz * speed
    first, stop = part if part is not None else (0, frames)
    if loop and stop > first:
        beyond = position >= stop if speed > 0 else position < first
        return first + (position - first) % (stop - first) if beyond else position, True
    if position >= frames - 1 and speed > 0:
        return float(max(frames - 1, 0)), False
    return (0.0, False) if position <= 0 and speed < 0 else (position, True)


class Playback(QObject):
    """frame(int) while playing; playing_changed(bool). `clock` gives seconds."""

    frame = Signal(int)
    playing_changed = Signal(bool)

    def __init__(self, parent: QObject | None = None, clock: Callable[[], float] = time.perf_counter) -> None:
        super().__init__(parent)
        self._clock = clock
        self._frames, self._rate_hz = 0, 1.0
        self._speed, self._loop = 1.0, False
        self._shuttle = 1  # times the speed; negative: backwards
        self._part: tuple[int, int] | None = None
        self._start, self._since = 0.0, 0.0
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.setInterval(TICK_MS)
        self._timer.timeout.connect(self.tick)

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def speed(self) -> float:
        return self._speed

    @property
    def loop(self) -> bool:
        return self._loop

    @property
    def take(self) -> tuple[int, float]:
        """Frames and rate of what is played."""
        return self._frames, self._rate_hz

    def set_take(self, frames: int, rate_hz: float) -> None:
        """What is to be played; stops."""
        self.pause()
        self._frames, self._rate_hz = frames, rate_hz

    def set_speed(self, speed: float) -> None:
        self._rebase()
        self._speed = speed

    def set_loop(self, loop: bool) -> None:
        self._rebase()
        self._loop = loop

    def set_part(self, start: int, stop: int) -> None:
        """The frames start..stop-1 that a loop repeats; of less than two frames: the whole take."""
        self._rebase()
        self._part = (start, stop) if stop - start > 1 else None

    def play(self, frame: int) -> None:
        """Start from a frame; from the first one when it is the last."""
        self._play(frame, 1)

    def shuttle(self, frame: int, way: int) -> None:
        """Play ahead (way 1) or backwards (-1) from a frame; while it plays that way, twice as fast each time, up to FASTEST times."""
        same = self.playing and self._shuttle * way > 0
        self._play(frame, way * min(2 * abs(self._shuttle), FASTEST) if same else way)

    def _play(self, frame: int, shuttle: int) -> None:
        if self._frames < 2:
            return
        self._shuttle = shuttle
        first, stop = self._part if self._part is not None and self._loop else (0, self._frames)
        ahead = shuttle > 0
        inside = first <= frame < stop - 1 if ahead else first < frame < stop
        self._start = float(frame) if inside else float(first if ahead else stop - 1)
        self._since = self._clock()
        self._timer.start()
        self.playing_changed.emit(True)

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self.playing_changed.emit(False)

    def jump(self, frame: int) -> None:
        """Go on from another frame."""
        self._start, self._since = float(frame), self._clock()

    def tick(self) -> None:
        position, playing = self._now()
        self.frame.emit(int(position))
        if not playing:
            self.pause()

    def _now(self) -> tuple[float, bool]:
        speed = self._speed * self._shuttle
        return frame_after(self._start, self._clock() - self._since, self._rate_hz, speed, self._frames, self._loop, self._part)

    def _rebase(self) -> None:
        if self.playing:
            self._start = self._now()[0]
            self._since = self._clock()
