"""Who is read of the people whom a keypoint file shows: a list, and where each of them is in the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QItemSelectionModel, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractItemView, QDialog, QHeaderView, QTableWidgetItem, QWidget

from mpm_core.seen_person import SeenPerson
from mpm_core.typing import Float
from mpm_studio import palette
from mpm_studio.views.dialog_parts import cancel_and, lay_out
from mpm_studio.views.naming import named
from mpm_studio.views.table import read_only_table
from mpm_studio.views.text_labels import wrapped

COLUMNS = ("Person", "Seen in", "Frames", "Size")
EDGE, ROW = 10, 24


class PeoplePicture(QWidget):
    """Each person as they are seen best, in their place in the picture. clicked: the number in the list of the one who was clicked."""

    clicked = Signal(int)

    def __init__(self, people: Sequence[SeenPerson], image_wh: tuple[int, int]) -> None:
        super().__init__()
        named(self, "person_picture", "Where each person is in the picture")
        self.setFixedHeight(250)
        self.people, self.chosen = list(people), set[int]()
        self.size_2 = np.array(image_wh, np.float64)

    def set_chosen(self, chosen: set[int]) -> None:
        self.chosen = chosen
        self.update()

    def _to_view(self, xy_K2: Float) -> Float:
        room_2 = np.array([self.width(), self.height()]) - 2 * EDGE
        scale = float((room_2 / self.size_2).min())
        return xy_K2 * scale + (np.array([self.width(), self.height()]) - self.size_2 * scale) / 2

    def _box(self, person: SeenPerson) -> QRectF:
        at_K2 = self._to_view(person.pose_K2)
        low_2, high_2 = np.nanmin(at_K2, axis=0), np.nanmax(at_K2, axis=0)
        return QRectF(QPointF(*low_2.tolist()), QPointF(*high_2.tolist())).adjusted(-6, -6, 6, 6)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        inside = [number for number, person in enumerate(self.people) if self._box(person).contains(event.position())]
        if inside:
            self.clicked.emit(min(inside, key=lambda number: self._box(self.people[number]).width()))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(palette.VIEW_BOTTOM))
        painter.setPen(QColor(palette.LINE))
        painter.drawRect(QRectF(*(QPointF(*corner.tolist()) for corner in self._to_view(np.array([np.zeros(2), self.size_2])))))
        for number in sorted(range(len(self.people)), key=lambda each: each in self.chosen):
            self._paint(painter, self.people[number], number in self.chosen)
        painter.end()

    def _paint(self, painter: QPainter, person: SeenPerson, chosen: bool) -> None:
        colour = QColor(palette.ACCENT if chosen else palette.DIM)
        at_K2, box = self._to_view(person.pose_K2), self._box(person)
        painter.setPen(QPen(colour, 2.0 if chosen else 1.2))
        for first, second in person.bones:
            if np.isfinite(at_K2[[first, second]]).all():
                painter.drawLine(QPointF(*at_K2[first].tolist()), QPointF(*at_K2[second].tolist()))
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(colour)
        for at_2 in at_K2[np.isfinite(at_K2[:, 0])]:
            painter.drawEllipse(QPointF(*at_2.tolist()), 1.6, 1.6)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawText(box.topLeft() + QPointF(4, 13), person.name)


class PersonDialog(QDialog):
    """image_wh: the picture's width and height. Several that are chosen are joined to one."""

    def __init__(self, people: Sequence[SeenPerson], image_wh: tuple[int, int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "person_dialog", "Choose the person")
        self.setWindowTitle("Choose the person")
        self.people = list(people)
        self.picture = PeoplePicture(people, image_wh)
        self.table = named(read_only_table(len(people), COLUMNS, (), ROW), "person_table", "The people whom the keypoints show")
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
        for row, person in enumerate(people):
            size = f"{person.size_px:.0f} px"
            for column, text in enumerate((person.name, f"{person.frames:,} frames", f"{person.first:,} to {person.last:,}", size)):
                self.table.setItem(row, column, QTableWidgetItem(text))
            if person.read:
                self._select(row)
        rows = min(len(people), 6)
        self.table.setFixedHeight(self.table.horizontalHeader().sizeHint().height() + rows * ROW + 4)
        hint = wrapped(
            "One person is read. Choose several, with Ctrl, only where the detector gave one person several numbers: they are joined. "
            "The file is read again; changes to the take that is open are offered to be saved first."
        )
        hint.setMinimumWidth(520)
        buttons, self.read = cancel_and(self, "Read", "person_do", "Read this person")
        lay_out(self, self.picture, self.table, hint, buttons)
        self.read.setDefault(True)
        self.picture.clicked.connect(self._choose)
        self.table.itemSelectionChanged.connect(self._show)
        self._show()

    def person(self) -> str:
        """As `mpm_core.read` takes it: '2', or '1+3'."""
        return "+".join(self.people[row].name for row in sorted(self._rows()))

    def _rows(self) -> set[int]:
        return {index.row() for index in self.table.selectionModel().selectedRows()}

    def _select(self, row: int) -> None:
        flags = QItemSelectionModel.SelectionFlag
        self.table.selectionModel().select(self.table.model().index(row, 0), flags.Select | flags.Rows)

    def _choose(self, row: int) -> None:
        self.table.clearSelection()
        self._select(row)

    def _show(self) -> None:
        self.picture.set_chosen(self._rows())
        self.read.setEnabled(bool(self._rows()))


def size_that_holds(people: Sequence[SeenPerson], image_wh: tuple[int, int]) -> tuple[int, int]:
    """The size of a picture that is at least so large and shows everyone whole."""
    most_2 = np.nanmax([image_wh, *(np.nanmax(person.pose_K2, axis=0) for person in people)], axis=0)
    wide, high = np.ceil(most_2).astype(int).tolist()
    return wide, high


def ask_person(parent: QWidget, people: Sequence[SeenPerson], image_wh: tuple[int, int]) -> str | None:
    """Who is to be read; None when the user cancels, or chooses those who are read already."""
    dialog = PersonDialog(people, image_wh, parent)
    before = dialog.person()
    accepted = dialog.exec() == QDialog.DialogCode.Accepted
    return dialog.person() if accepted and dialog.person() != before else None
