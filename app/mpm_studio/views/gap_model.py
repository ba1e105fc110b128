"""The rows of the gap table as a Qt model, sorted and filtered."""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from operator import attrgetter
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor

from mpm_core.recording import Origin, Recording
from mpm_studio import palette
from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.gap_rows import LEFT_ALONE, GapRow
from mpm_studio.operations.point_names import short_names
from mpm_studio.views.dots import dot
from mpm_studio.views.table import LEFT, RIGHT

Index = QModelIndex | QPersistentModelIndex
HEADS = ("Point", "Start", "Length", "Method", "Sigma", "State")
POINT, START, LENGTH, METHOD, SIGMA, STATE = range(6)
MOST_FIRST = (LENGTH, SIGMA)  # columns whose first click sorts the largest to the top
STATES = ("open", "left", LEFT_ALONE, "proposed", "filled")
ORDER: dict[int, Callable[[GapRow], Any]] = {
    POINT: attrgetter("point"),
    START: attrgetter("start"),
    LENGTH: attrgetter("frames"),
    METHOD: attrgetter("method"),
    SIGMA: lambda row: -1.0 if math.isnan(row.sigma) else row.sigma,
    STATE: lambda row: STATES.index(row.state),
}
"""What a column sorts by."""
SIZE = re.compile(r"([<>])(\d+(?:\.\d+)?)(s?)")


class GapModel(QAbstractTableModel):
    """Row = a GapRow of the session: those that match the filter's words, sorted by a column.

    A word of the filter is part of a point's name, of a state, a method or a reason, or a length such as >0.5s or <3 (frames).
    Gaps that are left alone are listed only by a filter. unlisted: how many are not listed because of that.
    """

    def __init__(self) -> None:
        super().__init__()
        self.rec: Recording | None = None
        self.all: list[GapRow] = []
        self.rows: list[GapRow] = []
        self.names: tuple[str, ...] = ()
        self.words: list[str] = []
        self.unlisted = 0
        self._sorted: tuple[int, bool] = (START, False)
        self._widest: dict[int, set[str]] = {}  # by column, of the rows as they are

    def set_rows(self, rec: Recording | None, rows: list[GapRow]) -> None:
        self.rec, self.all = rec, rows
        self.names = () if rec is None else short_names(rec.points)
        self._order()

    def set_text(self, text: str) -> None:
        """Show the rows that match every word of a text."""
        self.words = text.lower().split()
        self._order()

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        self._sorted = column, order == Qt.SortOrder.DescendingOrder
        self._order()

    def widest(self, column: int) -> set[str]:
        """Texts of a column, with the widest among them."""
        if not self._widest and self.rec is not None and self.rows:
            rec, rows = self.rec, self.rows
            certain = sorted(row.sigma for row in rows if not math.isnan(row.sigma))
            self._widest = {
                POINT: {self.names[point] for point in {row.point for row in rows}},
                START: {self._text(rec, max(rows, key=attrgetter("start")), START)},
                LENGTH: {self._text(rec, max(rows, key=attrgetter("frames")), LENGTH)},
                METHOD: {row.method for row in rows},
                SIGMA: {sigma_text(sigma, rec.dims) for sigma in (*certain[:1], *certain[-1:])},
            }
        return self._widest.get(column, set())

    def _order(self) -> None:
        self.beginResetModel()
        column, down = self._sorted
        rows = [row for row in self.all if (self._fits(row) if self.words else row.state != LEFT_ALONE)]
        self.unlisted = 0 if self.words else len(self.all) - len(rows)
        rows.sort(key=attrgetter("start", "point"))
        rows.sort(key=ORDER[column], reverse=down)
        self.rows, self._widest = rows, {}
        self.endResetModel()

    def _fits(self, row: GapRow) -> bool:
        assert self.rec is not None
        text = f"{self.rec.points[row.point]} {row.state} {row.method} {row.why} {row.origin.name}".lower()
        return all(_longer(size, row.frames, self.rec.rate_hz) if (size := SIZE.fullmatch(word)) else word in text for word in self.words)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's own signature
        return len(self.rows)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return HEADS[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int(RIGHT if section in (START, LENGTH, SIGMA) else LEFT)
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.ToolTipRole:
            return {LENGTH: "Seconds without a value", SIGMA: "The largest standard deviation in the gap"}.get(section)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column, rec = self.rows[index.row()], index.column(), self.rec
        if rec is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return self._text(rec, row, column)
        if role == Qt.ItemDataRole.DecorationRole and column == STATE:
            return dot(
                row.origin if row.state in ("proposed", "filled") else Origin.MARKED if row.state in ("left", LEFT_ALONE) else row.origin
            )
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(RIGHT if column in (START, LENGTH, SIGMA) else LEFT)
        if role == Qt.ItemDataRole.ForegroundRole and (column in (START, LENGTH, METHOD, SIGMA) or row.state == "filled"):
            return QColor(palette.DIM)
        if role == Qt.ItemDataRole.ToolTipRole:
            return about(rec, row)
        return None

    def _text(self, rec: Recording, row: GapRow, column: int) -> str:
        if column == POINT:
            return self.names[row.point]
        if column == START:
            return f"{row.start + rec.source.first_frame}"
        if column == LENGTH:
            return f"{row.frames / rec.rate_hz:.2f} s"
        if column == METHOD:
            return row.method or "–"
        if column == SIGMA:
            return "–" if math.isnan(row.sigma) else sigma_text(row.sigma, rec.dims)
        return f"left: {row.why}" if row.state in ("left", LEFT_ALONE) else "marked" if row.origin == Origin.MARKED else row.state


def about(rec: Recording, row: GapRow) -> str:
    """A gap in one sentence."""
    first = rec.source.first_frame
    frames = f"frame {row.start + first}" if row.frames == 1 else f"frames {row.start + first} to {row.stop - 1 + first}"
    text = f"{rec.points[row.point]}, {frames}: {row.frames:,} {'frame' if row.frames == 1 else 'frames'}, {row.state}"
    text += f", {row.method}" if row.method else ""
    text += "" if math.isnan(row.sigma) else f", ± {sigma_text(row.sigma, rec.dims)}"
    return f"{text}: {row.why}" if row.why else text


def _longer(size: re.Match[str], frames: int, rate_hz: float) -> bool:
    value = frames / rate_hz if size[3] else frames
    return value > float(size[2]) if size[1] == ">" else value < float(size[2])
