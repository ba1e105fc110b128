"""The tool bar: the actions used most."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QToolBar, QToolButton, QWidget

from mpm_studio.views.naming import named

TOOLS = (
    ("open", "save", "export"),
    ("undo", "redo"),
    ("previous_gap", "next_gap", "mark", "unmark"),
    ("complete", "lift"),
    ("graph",),
)
SHORT = {"mark": "Mark", "lift": "Lift"}
WORDED = ("open", "export", "mark", "complete", "lift")


class Tools(QToolBar):
    """Groups of actions with lines between them; those that need a word have one."""

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__("Tools", parent)
        named(self, "tools", "Tools")
        self.setMovable(False)
        self.setIconSize(QSize(20, 20))
        for name, word in SHORT.items():
            actions[name].setIconText(word)
        for number, group in enumerate(TOOLS):
            if number:
                self.addSeparator()
            for name in group:
                self.addAction(actions[name])
                button = named(self.widgetForAction(actions[name]), f"tool_{name}", actions[name].iconText())
                button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
                if isinstance(button, QToolButton) and name in WORDED:
                    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
