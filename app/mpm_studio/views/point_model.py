"""The points of a take as a Qt model: what state each is in, its name, how much of it is missing."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtGui import QColor, QFont

from mpm_core.recording import Origin, Recording
from mpm_studio import palette
from mpm_studio.operations.origin_runs import origin_counts
from mpm_studio.operations.point_names import short_names
from mpm_studio.views.dots import dot

Index = QModelIndex | QPersistentModelIndex
SORT = Qt.ItemDataRole.UserRole
# what a point's dot shows: the first of these that occurs in it
WORST = (Origin.MISSING, Origin.MARKED, Origin.PREDICTED, Origin.FILLED, Origin.HAND, Origin.FILTERED, Origin.MEASURED)


class PointModel(QAbstractTableModel):
    """Columns: name, missing share. Row = index of the point."""

    def __init__(self) -> None:
        super().__init__()
        self._rec: Recording | None = None
        self._names: tuple[str, ...] = ()
        self._short: tuple[str, ...] = ()
        self._share_P = np.zeros(0)
        self._state: list[Origin] = []
        self.hidden: frozenset[str] = frozenset()

    def set_recording(self, rec: Recording | None) -> None:
        if rec is not None and rec is self._rec:  # an accepted proposal is told twice
            return
        self._rec = rec
        names = rec.points if rec is not None else ()
        if names != self._names:
            self.beginResetModel()
            self._take(rec, names)
            self.endResetModel()
        else:
            self._take(rec, names)
            if names:
                self.dataChanged.emit(self.index(0, 0), self.index(len(names) - 1, 1))

    def set_hidden(self, names: frozenset[str]) -> None:
        """The names of the points that are not drawn."""
        self.hidden = names
        if self._names:
            self.dataChanged.emit(self.index(0, 0), self.index(len(self._names) - 1, 0))

    def _take(self, rec: Recording | None, names: tuple[str, ...]) -> None:
        self._names, self._short = names, short_names(names)
        count_PC = np.zeros((0, len(Origin)), int) if rec is None else origin_counts(rec)
        self._share_P = count_PC[:, [Origin.MISSING, Origin.MARKED]].sum(axis=1) / max(1, 0 if rec is None else rec.frames)
        has_PC = count_PC > 0
        self._state = [next((origin for origin in WORST if has_C[origin]), Origin.MEASURED) for has_C in has_PC]

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 -- Qt's own signature
        return len(self._names)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 2

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return ("Point", "Missing")[section]
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.TextAlignmentRole:
            return int((Qt.AlignmentFlag.AlignLeft, Qt.AlignmentFlag.AlignRight)[section] | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row, column = index.row(), index.column()
        share = float(self._share_P[row])
        if role == Qt.ItemDataRole.DisplayRole:
            return self._short[row] if column == 0 else share_text(share)
        if role == SORT:
            return row if column == 0 else share
        if role == Qt.ItemDataRole.DecorationRole and column == 0:
            return dot(self._state[row])
        if role == Qt.ItemDataRole.TextAlignmentRole and column == 1:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role == Qt.ItemDataRole.ForegroundRole and (column == 1 or self._names[row] in self.hidden):
            return QColor(palette.TEXT if share and column == 1 else palette.FAINT)
        if role == Qt.ItemDataRole.ToolTipRole:
            hidden = ", hidden in the view" if self._names[row] in self.hidden else ""
            return f"{self._names[row]}: {share_text(share)} missing or marked{hidden}"
        if role == Qt.ItemDataRole.FontRole and column == 0 and self._names[row] in self.hidden:
            font = QFont()
            font.setStrikeOut(True)
            return font
        return None


def share_text(share: float) -> str:
    """A share in words: never 0 % when something is missing, never 100 % when something is there."""
    if share <= 0:
        return "0 %"
    if share < 0.001:
        return "< 0.1 %"
    return f"{min(share * 100, 99.9):.1f} %" if share < 1 else "100 %"
