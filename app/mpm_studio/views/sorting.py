"""Sorting of tables by their heads: the first click on a figure puts the largest at the top."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTableView


def sort_by_heads(table: QTableView, most_first: Collection[int]) -> None:
    """A click on a head sorts by its column, a second one the other way round. most_first: columns whose largest come first."""
    header = table.horizontalHeader()
    header.setSectionsClickable(True)
    header.setSortIndicatorShown(True)
    header.setHighlightSections(False)
    state = {"column": 0, "order": Qt.SortOrder.AscendingOrder}

    def sort(column: int) -> None:
        up, down = Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder
        if header.property("sorted") == column:
            order = down if state["order"] == up else up
        else:
            order = down if column in most_first else up
        state["order"] = order
        header.setProperty("sorted", column)
        table.sortByColumn(column, order)

    header.sectionClicked.connect(sort)
