"""How long the window's event loop stands still: a heartbeat in it, and a second thread that looks at its age and where the loop is.

Three measures of a stall: the time between two beats, which other programs lengthen; the processor time that the window's thread used
between them, which they do not; and that of all threads, among them those in which software OpenGL draws.
"""

from __future__ import annotations

import sys
import threading
import time
import traceback
from dataclasses import dataclass, field
from types import TracebackType

from PySide6.QtCore import Qt, QTimer

BEAT_MS, LOOK_S, LONG_S = 5, 0.005, 0.1


@dataclass(slots=True)
class Stall:
    """wall_s, cpu_s, all_s (of all threads): between two beats. where: the innermost lines that the loop was found standing in."""

    wall_s: float
    cpu_s: float
    all_s: float
    where: str = ""


@dataclass(slots=True)
class Stalls:
    """Use as a context around what is measured; the event loop has to run in it."""

    beats: list[Stall] = field(default_factory=list)
    _last: tuple[float, float, float] = (0.0, 0.0, 0.0)
    _where: str = ""
    _stop: threading.Event = field(default_factory=threading.Event)
    _timer: QTimer | None = None
    _thread: threading.Thread | None = None

    def __enter__(self) -> Stalls:
        self._last = _now()
        timer = QTimer()
        timer.setTimerType(Qt.TimerType.PreciseTimer)
        timer.setInterval(BEAT_MS)
        timer.timeout.connect(self._beat)
        timer.start()
        self._timer = timer
        self._thread = threading.Thread(target=self._watch, args=(threading.get_ident(),), name="stalls", daemon=True)
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._beat()
        self._stop.set()
        assert self._timer is not None and self._thread is not None
        self._timer.stop()
        self._thread.join()

    @property
    def longest(self) -> Stall:
        """By processor time."""
        return max(self.beats, key=lambda each: each.cpu_s, default=Stall(0, 0, 0))

    @property
    def longest_wall_s(self) -> float:
        return max((each.wall_s for each in self.beats), default=0.0)

    def histogram(self) -> str:
        """Beats by the processor time between them."""
        edges = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
        counts = [sum(low < each.cpu_s <= high for each in self.beats) for low, high in zip((-1, *edges), (*edges, 1e9), strict=True)]
        names = [f"<= {1000 * edge:.0f} ms" for edge in edges] + ["longer"]
        return ", ".join(f"{name}: {count}" for name, count in zip(names, counts, strict=True))

    def _beat(self) -> None:
        now = _now()
        wall_s, cpu_s, all_s = (after - before for after, before in zip(now, self._last, strict=True))
        self.beats.append(Stall(wall_s, cpu_s, all_s, self._where))
        self._last, self._where = now, ""

    def _watch(self, loop: int) -> None:
        while not self._stop.wait(LOOK_S):
            if time.perf_counter() - self._last[0] > LONG_S / 2 and not self._where:
                self._where = _where(loop)


def _now() -> tuple[float, float, float]:
    return time.perf_counter(), time.thread_time(), time.process_time()


def _where(thread: int) -> str:
    """The innermost lines that a thread is in; its frames are let go at once, because they keep painters alive."""
    frame = sys._current_frames().get(thread)
    lines = [] if frame is None else traceback.StackSummary.extract(traceback.walk_stack(frame), limit=3, lookup_lines=False)
    del frame
    return "".join(traceback.StackSummary.from_list(list(reversed(lines))).format())
