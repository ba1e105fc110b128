"""Buttons for the answers of other methods to a gap, in as many rows as they need, or in one: the one that is proposed is pressed."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QSizePolicy, QToolButton, QWidget

from mpm_studio import palette
from mpm_studio.operations.answers import Answer
from mpm_studio.operations.completing import METHODS, sigma_text
from mpm_studio.views.naming import named

LEFT, RIGHT, SPACING = 10, 8, 2  # pixels


class AnswerChips(QFrame):
    """picked: the answer whose button was pressed. Hidden while there are none.

    Where there is little height, only those are shown that fit into one row, the most certain and the proposed one; `more` shows all.
    """

    picked = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "graph_answers", "Answers of other methods")
        self.setProperty("role", "bar")
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.buttons: dict[str, QToolButton] = {}
        self.more = named(QToolButton(self), "answers_more", "Show the buttons of all answers")
        self.more.setProperty("role", "small")
        self.more.setCheckable(True)
        self.more.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.more.toggled.connect(lambda _on: self._arrange())
        self._in_one_row = False
        self.hide()

    def show_answers(self, answers: Sequence[Answer], dims: int) -> None:
        """A button for each answer, in the colour of its curve."""
        for button in self.buttons.values():
            button.hide()
            button.deleteLater()
        self.buttons = {answer.method: self._button(place, answer, dims) for place, answer in enumerate(answers)}
        self.more.setChecked(False)
        self._arrange()
        self.setVisible(bool(answers))

    def set_in_one_row(self, on: bool) -> None:
        """Whether there is little height."""
        if on != self._in_one_row:
            self._in_one_row = on
            self._arrange()

    def show_proposed(self, method: str) -> None:
        """Press the button of the method whose answer is proposed, if any."""
        before = [button.isChecked() for button in self.buttons.values()]
        for name, button in self.buttons.items():
            button.setChecked(name == method)
        if before != [button.isChecked() for button in self.buttons.values()]:
            self._arrange()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange()

    def _button(self, place: int, answer: Answer, dims: int) -> QToolButton:
        button = named(QToolButton(self), f"answer_{answer.method}", f"Propose the fill by {answer.method}")
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
        button.show()
        return button

    def _arrange(self) -> None:
        """As many in a row as fit with their whole text; those that are not shown are counted by `more`."""
        row_height = max((button.sizeHint().height() for button in self.buttons.values()), default=0) + SPACING
        shown = self._fitting()
        hidden = len(self.buttons) - len(shown)
        self.more.setText("Fewer" if self.more.isChecked() else f"{hidden} more")
        self.more.setVisible(hidden > 0 or (self._in_one_row and self.more.isChecked()))
        for button in self.buttons.values():
            button.setVisible(button in shown)
        x, row = LEFT, 0
        for button in [*shown, *([self.more] if not self.more.isHidden() else [])]:
            size = button.sizeHint()
            if x > LEFT and x + size.width() > self.width() - RIGHT:
                x, row = LEFT, row + 1
            button.setGeometry(x, row * row_height, size.width(), size.height())
            x += size.width() + SPACING
        self.setFixedHeight((row + 1) * row_height)

    def _fitting(self) -> list[QToolButton]:
        """The buttons that are to be shown."""
        every = list(self.buttons.values())
        if not self._in_one_row or self.more.isChecked():
            return every
        self.more.setText(f"{len(every)} more")
        widths = {button: button.sizeHint().width() + SPACING for button in every}
        room = self.width() - LEFT - RIGHT
        if sum(widths.values()) <= room:
            return every
        room -= self.more.sizeHint().width()
        fitting = set()
        for button in sorted(every, key=lambda each: not each.isChecked()):
            if widths[button] > room:
                break
            room -= widths[button]
            fitting.add(button)
        return [button for button in every if button in fitting]
