"""Widgets that keep keys for themselves which are also shortcuts of the window, such as Space on a button."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QPushButton, QSlider

SLIDER_KEYS = {getattr(Qt.Key, f"Key_{name}") for name in ("Left", "Right", "Up", "Down", "Home", "End", "PageUp", "PageDown")}
ENTER_KEYS = {Qt.Key.Key_Return, Qt.Key.Key_Enter}
HELD = Qt.KeyboardModifier.ShiftModifier | Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.AltModifier


def _is_key(event: QEvent, keys: set[Qt.Key]) -> bool:
    """Whether a widget may take one of these keys before a shortcut does."""
    override = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
    return override and event.key() in keys and not event.modifiers() & HELD  # type: ignore[attr-defined]


class KeySlider(QSlider):
    """A slider that arrows, Home, End and page keys move."""

    def event(self, event: QEvent) -> bool:
        if _is_key(event, SLIDER_KEYS):
            event.accept()
            return True
        return super().event(event)


class KeyButton(QPushButton):
    """A button that Enter presses, like Space, while it has the focus."""

    def __init__(self, text: str) -> None:
        super().__init__(text)
        self.setAutoDefault(True)

    def event(self, event: QEvent) -> bool:
        if _is_key(event, ENTER_KEYS):
            event.accept()
            return True
        return super().event(event)
