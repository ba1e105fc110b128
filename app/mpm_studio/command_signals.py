"""SIGTERM ends the program as Ctrl-C does: unfinished files are deleted."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

TERMINATED = 128 + signal.SIGTERM  # exit code


class Terminated(KeyboardInterrupt):
    """The system asked the process to end."""


def stop(number: int, frame: FrameType | None) -> None:
    """The handler. Further signals are ignored, so that unfinished files can be deleted."""
    signal.signal(number, signal.SIG_IGN)
    raise Terminated


@contextmanager
def orderly_end() -> Iterator[None]:
    """SIGTERM raises Terminated within the block. Outside the main thread, where no signal arrives, nothing is changed."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)
