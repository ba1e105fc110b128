"""A ring around a view that paints itself, while the view has the keyboard focus; other widgets have theirs from the style sheet."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from mpm_studio.views.naming import named


class FocusRing(QFrame):
    """Lies over a view, or the viewport of one that scrolls, and lets the mouse through."""

    def __init__(self, view: QWidget) -> None:
        self._view = view
        self._under = view.viewport() if isinstance(view, QAbstractScrollArea) else view
        super().__init__(self._under)
        named(self, f"{view.objectName()}_focus", "Keyboard focus")
        self.setProperty("role", "focus")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()
        for watched in {self._view, self._under}:
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Follow the view's size and its focus."""
        if event.type() == QEvent.Type.Resize and watched is self._under:
            self.resize(self._under.size())
        elif event.type() in (QEvent.Type.FocusIn, QEvent.Type.FocusOut) and watched is self._view:
            self.setVisible(event.type() == QEvent.Type.FocusIn)
        return False
