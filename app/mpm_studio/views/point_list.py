"""The list of points: what state each is in, its name, how much of it is missing; a filter, sorting, and body parts to select."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import (
    QItemSelection,
    QItemSelectionModel,
    QSignalBlocker,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtWidgets import (
    QHBoxLayout,
    QHeaderView,
    QMenu,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from mpm_studio.operations.marking import BODY_PARTS, body_part
from mpm_studio.session import Session
from mpm_studio.views.filter_field import filter_field
from mpm_studio.views.naming import named
from mpm_studio.views.point_model import SORT, PointModel
from mpm_studio.views.sorting import sort_by_heads
from mpm_studio.views.table import list_rows
from mpm_studio.views.text_labels import in_the_middle


class PointList(QWidget):
    """order_changed: the listed points, from the top. The selection is the session's."""

    order_changed = Signal(list)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "point_list", "Points")
        self.setMinimumWidth(150)
        self.session = session
        self.model = PointModel()
        self.proxy = QSortFilterProxyModel(self)
        self.proxy.setSourceModel(self.model)
        self.proxy.setSortRole(SORT)
        self.proxy.setFilterCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        self.filter = filter_field("point_filter", "Show only points whose name contains this", "Filter points")
        self.filter.textChanged.connect(self._on_filter)
        self.parts = named(QToolButton(), "body_parts", "Select a body part")
        _offer_parts(self.parts, self.select_part)
        self.table = named(QTableView(), "point_table", "Points with their missing share")
        self.table.setModel(self.proxy)
        list_rows(self.table, 24)
        self.table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        sort_by_heads(self.table, (1,))
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.Fixed)
        header.resizeSection(1, 78)
        self.empty = named(in_the_middle("No point has this in its name"), "point_filter_empty", "No point matches the filter")
        self.empty.hide()
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 8, 8)
        top.addWidget(self.filter)
        top.addWidget(self.parts)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.empty)
        layout.addWidget(self.table)
        self.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
        self.table.selectionModel().selectionChanged.connect(self._on_selected)
        self.proxy.layoutChanged.connect(self._tell_order)
        self.proxy.modelReset.connect(self._tell_order)
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._refresh())
        session.proposal_changed.connect(self._refresh)
        session.selection_changed.connect(self._on_selection)
        session.hidden_changed.connect(lambda: self.model.set_hidden(session.hidden))

    @property
    def order(self) -> list[int]:
        """The listed points, from the top."""
        return [self.proxy.mapToSource(self.proxy.index(row, 0)).row() for row in range(self.proxy.rowCount())]

    def select_part(self, part: str) -> None:
        rec = self.session.shown
        if rec is not None:
            selection = self.session.selection
            self.session.guard(
                f"Selecting {part.replace('_', ' ')}",
                lambda: self.session.select(body_part(rec, part, self.session.overrides), selection.start, selection.stop),
            )

    def _on_opened(self) -> None:
        self.filter.clear()
        self.model.set_hidden(self.session.hidden)
        self._refresh()
        self.table.scrollToTop()

    def _refresh(self) -> None:
        self.model.set_recording(self.session.shown)
        self._tell_order()
        self._show_selection()

    def _on_filter(self, text: str) -> None:
        with QSignalBlocker(self.table.selectionModel()):  # rows that are filtered out stay selected
            self.proxy.setFilterFixedString(text)
        self._show_selection()
        self.empty.setVisible(bool(text) and self.proxy.rowCount() == 0)
        self._tell_order()

    def _tell_order(self) -> None:
        self.order_changed.emit(self.order)

    def _on_selected(self) -> None:
        rows = {self.proxy.mapToSource(index).row() for index in self.table.selectionModel().selectedRows()}
        kept = self.session.selection
        if rows != set(kept.points):
            self.session.select(tuple(sorted(rows)), kept.start, kept.stop)

    def _show_selection(self) -> None:
        wanted = QItemSelection()
        for point in self.session.selection.points:
            index = self.proxy.mapFromSource(self.model.index(point, 0))
            if index.isValid():
                wanted.select(index, index)
        model = self.table.selectionModel()
        model.blockSignals(True)
        model.select(wanted, QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows)
        model.blockSignals(False)
        self.table.viewport().update()

    def _on_selection(self) -> None:
        """Show what is selected, and scroll there when one point is; edits alone scroll nothing."""
        self._show_selection()
        points = self.session.selection.points
        if len(points) == 1:
            self.table.scrollTo(self.proxy.mapFromSource(self.model.index(points[0], 0)))


def _offer_parts(button: QToolButton, select: Callable[[str], None]) -> None:
    """A menu of the body's parts under the button."""
    button.setText("Parts")
    button.setToolTip("Select the points of a body part")
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    menu = QMenu(button)
    for part in BODY_PARTS:
        menu.addAction(part.replace("_", " ").capitalize(), partial(select, part))
    button.setMenu(menu)
