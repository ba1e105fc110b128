"""Buttons for the answers of other methods to a gap, in as many rows as they need: the one that is proposed is pressed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from mpm_studio import palette
from mpm_studio.operations.answers import Answer
from mpm_studio.operations.completing import METHODS, sigma_text
from mpm_studio.views.naming import named


class AnswerChips(QFrame):
    """picked: the answer whose button was pressed. Hidden while there are none."""

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "graph_answers", "Answers of other methods")
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buttons: dict[str, QToolButton] = {}
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(10, 0, 8, 2)
        self.rows.setSpacing(2)
        self._lines: list[QHBoxLayout] = []
        self.hide()

    def show_answers(self, answers: Sequence[Answer], dims: int) -> None:
        """A button for each answer, in the colour of its curve."""
        for button in self.buttons.values():
            button.hide()
            button.deleteLater()
        self.buttons = {answer.method: self._button(place, answer, dims) for place, answer in enumerate(answers)}
        self._arrange()
        self.setVisible(bool(answers))

    def show_proposed(self, method: str) -> None:
        """Press the button of the method whose answer is proposed, if any."""
        for name, button in self.buttons.items():
            button.setChecked(name == method)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _button(self, place: int, answer: Answer, dims: int) -> QToolButton:
        button = named(QToolButton(), f"answer_{answer.method}", f"Propose the fill by {answer.method}")
        button.setProperty("role", "small")
        sure = "" if math.isnan(answer.sigma) else f" ± {sigma_text(answer.sigma, dims)}"
        button.setText(f"{answer.method}{sure}")
        button.setToolTip(f"Propose this fill: {METHODS[answer.method]}; its largest sigma (E: the next, Shift+E: the one before)")
        pixmap = QPixmap(10, 10)
        pixmap.fill(QColor(palette.LINES[place % len(palette.LINES)]))
        button.setIcon(pixmap)
        button.setCheckable(True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.clicked.connect(lambda: self.picked.emit(answer))
        return button

    def _arrange(self) -> None:
        """As many in a row as fit with their whole text."""
        for line in self._lines:
            for button in self.buttons.values():
                line.removeWidget(button)
            self.rows.removeItem(line)
            line.deleteLater()
        self._lines, room = [], 0
        for button in self.buttons.values():
            width = button.sizeHint().width() + self.rows.spacing()
            if width > room or not self._lines:
                self._lines.append(QHBoxLayout())
                self._lines[-1].addStretch()
                self.rows.addLayout(self._lines[-1])
                room = self.width() - 18
            self._lines[-1].insertWidget(self._lines[-1].count() - 1, button)
            room -= width
