"""Stopping on request: Ctrl-C or a cluster's SIGTERM is noticed between steps, so that the checkpoint is whole."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class Request:
    """pending: the loop is to end after the step it is in."""

    pending = False


@contextmanager
def requests(*, insist: bool) -> Iterator[Request]:
    """Listens for SIGINT and SIGTERM while the block runs. insist: a second one stops at once (torchrun sends several by itself)."""
    request = Request()

    def handle(_number: int, _frame: FrameType | None) -> None:
        if request.pending and insist:
            raise KeyboardInterrupt
        request.pending = True

    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    before = {number: signal.signal(number, handle) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield request
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
