"""Panels that can be moved, floated and closed while they are being arranged; otherwise they stay where they are, without title bars."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

from mpm_studio.views.naming import named

FIXED = QDockWidget.DockWidgetFeature.DockWidgetClosable  # from the menu
FREE = FIXED | QDockWidget.DockWidgetFeature.DockWidgetMovable | QDockWidget.DockWidgetFeature.DockWidgetFloatable


class Dock(QDockWidget):
    """A panel of the work area. Its title may end with a number; its place is remembered by its objectName."""

    def __init__(self, home: QMainWindow, panel: QWidget, title: str, area: Qt.DockWidgetArea) -> None:
        super().__init__(title, home)
        named(self, f"dock_{panel.objectName()}", f"Panel: {title}")
        self._no_title = QWidget(self)
        self.setWidget(panel)
        home.addDockWidget(area, self)
        self.arrange(False)

    def arrange(self, on: bool) -> None:
        """Show the title bar by which it is moved, or hide it."""
        self.setFeatures(FREE if on else FIXED)
        self.setTitleBarWidget(None if on or self.isFloating() else self._no_title)  # type: ignore[arg-type]
        self._no_title.setVisible(False)
