"""The bar over the 3D view: views and switches; in a narrow window as short as they go, never hidden."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QMenu, QSizePolicy, QToolButton, QWidget

from mpm_studio.views.naming import named

VIEWS = ("view_front", "view_side", "view_top", "view_persp")
SWITCHES = ("frame", "ghost", "labels", "trail", "follow")


class ViewBar(QFrame):
    """Without room for all, the switches show their icons only; without room for that, the views become one menu.

    before_held: whether the button that shows the take as it was before is held down.
    """

    before_held = Signal(bool)

    def __init__(self, actions: dict[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "view_bar", "Views")
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 3, 6, 3)
        row.setSpacing(2)
        self.views = [self._button(actions[name]) for name in VIEWS]
        self.choice = named(QToolButton(), "view_choice", "View")
        self.choice.setText("View ▾")
        self.choice.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.choice.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        menu = QMenu(self.choice)
        menu.addActions([actions[name] for name in VIEWS])
        self.choice.setMenu(menu)
        self.switches = [self._button(actions[name]) for name in SWITCHES]
        self.switches.append(self._before(actions["before"]))
        for button in (*self.views, self.choice):
            row.addWidget(button)
        row.addSpacing(6)
        for button in self.switches:
            row.addWidget(button)
        row.addStretch(1)

    def _button(self, action: QAction) -> QToolButton:
        button = named(QToolButton(), f"button_{action.objectName().removeprefix('action_')}", action.iconText())
        button.setDefaultAction(action)
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return button

    def _before(self, action: QAction) -> QToolButton:
        button = named(QToolButton(), "button_before", "Show the take as it was before, while this is held")
        button.setText(action.iconText())
        button.setIcon(action.icon())
        button.setToolTip(action.toolTip())
        button.setIconSize(QSize(18, 18))
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.pressed.connect(lambda: self.before_held.emit(True))
        button.released.connect(lambda: self.before_held.emit(False))
        return button

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        row = self.layout()
        assert row is not None
        words, icons = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly
        for style, apart in ((words, True), (icons, True), (icons, False)):
            for button in self.switches:
                button.setToolButtonStyle(style)
            for button in self.views:
                button.setVisible(apart)
            self.choice.setVisible(not apart)
            row.invalidate()
            if row.sizeHint().width() <= self.width():
                break
