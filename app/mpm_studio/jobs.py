"""Work off the main thread: a job is (snapshot, cancel, progress) -> value. Only the main thread uses the value.

A failure keeps its traceback. A cancelled job is left behind at once: whatever it still returns is dropped.
"""

from __future__ import annotations

import threading
import time
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from mpm_core.errors import Cancelled
from mpm_core.progress import Cancel, Progress

S = TypeVar("S")
T = TypeVar("T")
PROGRESS_S = 1 / 30  # least time between two progress signals


@dataclass(frozen=True, slots=True)
class Failure:
    """An error for the banner. details: the whole traceback."""

    title: str
    error: Exception
    details: str


def failure(title: str, error: Exception) -> Failure:
    """A Failure from an exception that was caught."""
    return Failure(title, error, "".join(traceback.format_exception(error)))


@dataclass(slots=True)
class _Job:
    title: str
    done: Callable[[Any], None]
    failed: Callable[[Failure], None]
    stop: threading.Event
    thread: threading.Thread | None = None
    value: Any = None
    failure: Failure | None = None
    cancelled: bool = False


class Jobs(QObject):
    """Runs one job at a time in a thread of its own. `started` gives its title; `finished` comes once for each, also after errors."""

    started = Signal(str)
    progress = Signal(float, str)
    finished = Signal()
    _progressed = Signal(object, float, str)
    _ended = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._job: _Job | None = None
        self._left: list[_Job] = []
        self._progressed.connect(self._on_progress, Qt.ConnectionType.QueuedConnection)
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)

    @property
    def busy(self) -> bool:
        return self._job is not None

    @property
    def title(self) -> str:
        """Of the running job; '' when none runs."""
        return "" if self._job is None else self._job.title

    def run(
        self,
        title: str,
        work: Callable[[S, Cancel, Progress], T],
        snapshot: S,
        done: Callable[[T], None],
        failed: Callable[[Failure], None],
    ) -> None:
        """Start a job. `done` or `failed` is called later, on this thread; neither is when it was cancelled. One at a time."""
        if self._job is not None:
            raise RuntimeError(f"{self._job.title!r} is still running")
        job = _Job(title, done, failed, threading.Event())
        job.thread = threading.Thread(target=self._work, args=(job, work, snapshot), name=f"job: {title}", daemon=True)
        self._job = job
        self.started.emit(title)
        job.thread.start()

    def cancel(self) -> None:
        """Stop the running job and drop its result."""
        if self._job is None:
            return
        self._job.stop.set()
        self._left = [job for job in (*self._left, self._job) if job.thread is not None and job.thread.is_alive()]
        self._job = None
        self.finished.emit()

    def close(self, timeout_s: float = 10.0) -> bool:
        """Stop everything and wait for the threads to end. False when one did not in time."""
        self.cancel()
        until = time.monotonic() + timeout_s
        for job in self._left:
            if job.thread is not None:
                job.thread.join(max(0.0, until - time.monotonic()))
        return not any(job.thread is not None and job.thread.is_alive() for job in self._left)

    def _work(self, job: _Job, work: Callable[[Any, Cancel, Progress], Any], snapshot: Any) -> None:
        sent = 0.0

        def report(share: float, text: str) -> None:
            nonlocal sent
            now = time.monotonic()
            if not job.stop.is_set() and (now - sent >= PROGRESS_S or share >= 1):
                sent = now
                self._progressed.emit(job, share, text)

        try:
            job.value = work(snapshot, job.stop.is_set, report)
        except Cancelled:
            job.cancelled = True
        except Exception as error:  # noqa: BLE001 -- kept with its traceback and shown by the main thread
            job.failure = failure(job.title, error)
        if not job.stop.is_set():
            self._ended.emit(job)

    def _on_progress(self, job: _Job, share: float, text: str) -> None:
        if job is self._job:
            self.progress.emit(share, text)

    def _on_ended(self, job: _Job) -> None:
        if job is not self._job:
            return
        if job.thread is not None:
            job.thread.join()
        self._job = None
        self.finished.emit()
        if job.failure is not None:
            job.failed(job.failure)
        elif not job.cancelled:
            job.done(job.value)
