"""SIGTERM and Ctrl-C to the window: the open take is autosaved and the program ends. Python handles them only when Qt's loop is woken."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier

ENDS = (signal.SIGTERM, signal.SIGINT)


class EndBySignal(QObject):
    """Calls `end` on the main thread when the system asks the process to end, then leaves Qt's loop. POSIX only."""

    def __init__(self, end: Callable[[], None], parent: QObject) -> None:
        super().__init__(parent)
        if os.name != "posix":
            return
        self._hear, self._wake = socket.socketpair()
        self._wake.setblocking(False)
        self._notifier = QSocketNotifier(self._hear.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal)
        self._end = end
        for number in ENDS:
            signal.signal(number, lambda number, frame: None)  # the number comes through the socket
        signal.set_wakeup_fd(self._wake.fileno())

    def _on_signal(self) -> None:
        heard = [number for number in self._hear.recv(64) if number in ENDS]
        if heard:
            self._end()
            QCoreApplication.exit(128 + heard[0])
