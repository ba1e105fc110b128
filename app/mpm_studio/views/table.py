"""Tables to read: no grid, no row numbers, nothing to type into."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QTableWidget, QTableWidgetItem

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


def read_only_table(rows: int, heads: Sequence[str], right: Sequence[int], row_pixels: int) -> QTableWidget:
    """An empty table with these column heads, those of the columns in `right` aligned like figures."""
    table = QTableWidget(rows, len(heads))
    for column, text in enumerate(heads):
        head = QTableWidgetItem(text)
        head.setTextAlignment(RIGHT if column in right else LEFT)
        table.setHorizontalHeaderItem(column, head)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setShowGrid(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_pixels)
    return table
