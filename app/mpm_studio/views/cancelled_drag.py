"""Esc takes a drag back, while the mouse is still pressed."""

from __future__ import annotations

from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget


class Drag(Protocol):
    """What a mouse does between press and release."""

    @property
    def busy(self) -> bool: ...

    def cancel(self) -> None: ...


class CancelledDrag(QObject):
    """Watches a view's keys, and has Esc for itself while something is dragged there."""

    def __init__(self, view: QWidget, mouse: Drag) -> None:
        super().__init__(view)
        self._mouse = mouse
        view.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A key that is taken as an override comes again as a press, instead of as a shortcut of the window."""
        keys = QEvent.Type.ShortcutOverride, QEvent.Type.KeyPress
        if event.type() not in keys or not isinstance(event, QKeyEvent) or event.key() != Qt.Key.Key_Escape or not self._mouse.busy:
            return False
        event.accept()
        if event.type() == QEvent.Type.KeyPress:
            self._mouse.cancel()
        return True
