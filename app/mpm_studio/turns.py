"""Work that is cut into turns of the event loop, so that a key or a click waits for no more than one of them."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer


class Turns(QObject):
    """Runs what it is given in the order in which it was asked for, each in a turn of its own; what is asked for again waits once."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._waiting: list[Callable[[], None]] = []
        self._timer = QTimer(self)
        self._timer.setInterval(0)
        self._timer.timeout.connect(self._run_next)

    @property
    def busy(self) -> bool:
        return bool(self._waiting)

    def ask(self, act: Callable[[], None], *, first: bool = False) -> None:
        """Run something in a later turn. first: before all that waits."""
        if act not in self._waiting:
            self._waiting.insert(0 if first else len(self._waiting), act)
            self._timer.start()

    def finish(self) -> None:
        """Run all that waits now."""
        while self._waiting:
            self._run_next()

    def _run_next(self) -> None:
        act = self._waiting.pop(0)
        if not self._waiting:
            self._timer.stop()
        act()
