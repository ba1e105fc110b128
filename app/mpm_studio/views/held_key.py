"""What is shown only while a key is held down."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QKeyEvent, QKeySequence


class WhileHeld(QObject):
    """Calls `show(True)`, and `show(False)` once the key is let go, the mouse is pressed or the window is left."""

    def __init__(self, show: Callable[[bool], None], parent: QObject) -> None:
        super().__init__(parent)
        self._show = show
        self._key = ""
        self._on = False

    def begin(self, keys: QKeySequence) -> None:
        """keys: those that began it. While it lasts, it hears every event of the application."""
        if self._on:
            return
        self._on = True
        self._key = keys.toString().rpartition("+")[2]
        application = QCoreApplication.instance()
        assert application is not None
        application.installEventFilter(self)
        self._show(True)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyRelease and not event.isAutoRepeat():
            if QKeySequence(event.key()).toString() == self._key:
                self._end()
        elif kind in (QEvent.Type.MouseButtonPress, QEvent.Type.WindowDeactivate):
            self._end()
        return False

    def _end(self) -> None:
        if not self._on:
            return
        self._on = False
        application = QCoreApplication.instance()
        assert application is not None
        application.removeEventFilter(self)
        self._show(False)
