"""Tables to read: no grid, no row numbers, nothing to type into; and rows that are copied."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QAbstractItemView, QTableView, QTableWidget, QTableWidgetItem

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter


class CopiesRows(QObject):
    """Ctrl+C on a table puts its selected rows on the clipboard, with the heads, as a spreadsheet takes them."""

    def __init__(self, table: QTableView) -> None:
        super().__init__(table)
        table.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or not event.matches(QKeySequence.StandardKey.Copy) or not isinstance(watched, QTableView):
            return False
        if event.type() == QEvent.Type.KeyPress:
            QGuiApplication.clipboard().setText(_as_text(watched))
        event.accept()
        return True


def _as_text(table: QTableView) -> str:
    """The heads, and the selected rows, of the columns that are shown; tabs between columns."""
    model, across = table.model(), Qt.Orientation.Horizontal
    columns = [column for column in range(model.columnCount()) if not table.isColumnHidden(column)]
    lines = [[str(model.headerData(column, across) or "") for column in columns]]
    for index in sorted(table.selectionModel().selectedRows()):
        lines.append([str(model.index(index.row(), column).data() or "") for column in columns])
    return "\n".join("\t".join(line) for line in lines) + "\n"


def list_rows(table: QTableView, row_pixels: int) -> None:
    """Rows that are selected as a whole, several at a time, and left with Tab."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.verticalHeader().setDefaultSectionSize(row_pixels)


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
