"""A view whose mouse has a state of its own, kept in another object."""

from __future__ import annotations

from typing import Generic, Protocol, TypeVar

from PySide6.QtGui import QMouseEvent


class MouseState(Protocol):
    """What the mouse does between press and release."""

    def press(self, event: QMouseEvent) -> None: ...

    def move(self, event: QMouseEvent) -> None: ...

    def release(self, event: QMouseEvent) -> None: ...


M = TypeVar("M", bound=MouseState)


class MouseEvents(Generic[M]):
    """Hands a widget's mouse events to its `_mouse`. A base to be named before the widget's own."""

    _mouse: M

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._mouse.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._mouse.release(event)
