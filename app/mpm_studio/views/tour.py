"""A tour: a few words beside one part of the window after the other. It never keeps the window from being used."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim

WIDTH, APART, EDGE = 320, 12, 10  # of the words; from the part; from the window's edge


@dataclass(frozen=True, slots=True, eq=False)
class TourStep:
    """part: the widget that the words are about. bring: brings it to the front, where it may be behind another."""

    part: QWidget
    title: str
    text: str
    bring: Callable[[], None] = lambda: None


class Tour(QFrame):
    """The words float over the window, the part is framed. Escape, or Skip, ends it."""

    ended = Signal()

    def __init__(self, window: QWidget, steps: Sequence[TourStep]) -> None:
        super().__init__(window)
        named(self, "tour", "Tour")
        self.setProperty("role", "float")
        self.steps, self.place, self._window = list(steps), 0, window
        self.frame_ = named(QFrame(window), "tour_frame", "The part that the tour is about")
        self.frame_.setProperty("role", "tour")
        self.frame_.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.title = named(QLabel(), "tour_title", "What this part is")
        self.title.setProperty("role", "strong")
        self.text = named(QLabel(), "tour_text", "What it does")
        self.text.setWordWrap(True)
        self.text.setFixedWidth(WIDTH - 32)
        self.count = named(dim(), "tour_count", "Step")
        self.skip = named(QPushButton("Skip"), "tour_skip", "End the tour")
        self.skip.clicked.connect(self.end)
        self.next = named(QPushButton("Next"), "tour_next", "The next step")
        self.next.setProperty("primary", "true")
        self.next.clicked.connect(self._on_next)
        row = QHBoxLayout()
        row.addWidget(self.count)
        row.addStretch(1)
        row.addWidget(self.skip)
        row.addWidget(self.next)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 14, 16, 12)
        column.setSpacing(8)
        column.addWidget(self.title)
        column.addWidget(self.text)
        column.addLayout(row)
        window.installEventFilter(self)

    def begin(self) -> None:
        self._bring(0)
        self.next.setFocus()

    def end(self) -> None:
        self._window.removeEventFilter(self)
        for widget in (self.frame_, self):
            widget.hide()
            widget.deleteLater()
        self.ended.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Right):
            self._on_next()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            self._show()
        return super().eventFilter(watched, event)

    def _on_next(self) -> None:
        if self.place + 1 == len(self.steps):
            self.end()
            return
        self._bring(self.place + 1)

    def _bring(self, place: int) -> None:
        self.place = place
        self.steps[place].bring()
        self._show()

    def _show(self) -> None:
        step, window = self.steps[self.place], self._window
        self.title.setText(step.title)
        self.text.setText(step.text)
        self.count.setText(f"{self.place + 1} of {len(self.steps)}")
        self.next.setText("Done" if self.place + 1 == len(self.steps) else "Next")
        self.text.ensurePolished()  # before it is shown a label does not know its font
        self.text.setFixedHeight(self.text.heightForWidth(self.text.width()))
        self.adjustSize()
        shown = step.part.isVisible()
        area = QRect(step.part.mapTo(window, QPoint(0, 0)), step.part.size()) if shown else window.rect()
        self.frame_.setGeometry(area)
        self.frame_.setVisible(shown)
        self.frame_.raise_()
        self.move(beside(area, self.rect(), window.rect()))
        self.show()
        self.raise_()


def beside(area: QRect, words: QRect, window: QRect) -> QPoint:
    """Where words of this size have their top left: beside the area where there is room, else inside it, always in the window."""
    places = (
        QPoint(area.left() - words.width() - APART, area.top() + APART),
        QPoint(area.right() + APART, area.top() + APART),
        QPoint(area.left() + APART, area.top() - words.height() - APART),
        QPoint(area.left() + APART, area.bottom() + APART),
    )
    inner = window.adjusted(EDGE, EDGE, -EDGE, -EDGE)
    found = next((at for at in places if inner.contains(QRect(at, words.size()))), None)
    if found is not None:
        return found
    middle = area.center() - words.center()
    return QPoint(
        max(inner.left(), min(middle.x(), inner.right() - words.width())),
        max(inner.top(), min(middle.y(), inner.bottom() - words.height())),
    )
