"""The table in which gaps are rows: how it looks, is sorted and takes keys."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHeaderView, QTableView

from mpm_studio.views.gap_model import MOST_FIRST, START, STATE, GapModel
from mpm_studio.views.sorting import sort_by_heads
from mpm_studio.views.table import CopiesRows, list_rows


class GapList(QTableView):
    """entered_row: the user pressed Enter on a row."""

    entered_row = Signal()

    def __init__(self, model: GapModel) -> None:
        super().__init__()
        self.setModel(model)
        CopiesRows(self)
        list_rows(self, 23)
        self.setWordWrap(False)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setProperty("role", "small")
        header = self.horizontalHeader()
        header.setMinimumSectionSize(36)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setSectionResizeMode(STATE, QHeaderView.ResizeMode.Stretch)
        sort_by_heads(self, MOST_FIRST)
        self.sortByColumn(START, Qt.SortOrder.AscendingOrder)
        header.setProperty("sorted", START)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.entered_row.emit()
        else:
            super().keyPressEvent(event)
