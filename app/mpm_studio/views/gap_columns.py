"""The widths of the gap table's columns: as wide as their texts, if there is room."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QStyledItemDelegate, QStyleOptionViewItem, QTableView, QWidget

from mpm_studio.views.gap_model import HEADS, METHOD, POINT, STATE, GapModel

HEAD_EDGES = 16  # pixels beside a head
LEAST_POINT = 62  # pixels in which the ends of names are read
WORDS = ("proposed", "marked", "filled")  # states whose word is never cut; why a gap is left takes what room there is


class EndsOfName(QStyledItemDelegate):
    """Cuts a name that is too long in its middle: the side is at one end, what it is of at the other."""

    def initStyleOption(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().initStyleOption(option, index)
        option.textElideMode = Qt.TextElideMode.ElideMiddle


class PressedHeads(QObject):
    """held: the mouse is pressed on the heads, so that what is resized is resized by it."""

    def __init__(self, parent: QObject, heads: QWidget) -> None:
        super().__init__(parent)
        self.held = False
        heads.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick):
            self.held = True
        elif event.type() == QEvent.Type.MouseButtonRelease:
            self.held = False
        return False


class GapColumns(QObject):
    """Widths that the user gave columns are kept. In a narrow table the methods are left out first, then names are cut."""

    def __init__(self, table: QTableView, model: GapModel) -> None:
        super().__init__(table)
        self.table, self.model = table, model
        self._own: set[int] = set()
        self._fitting = False
        self._fitted: tuple[object, ...] = ()
        table.setItemDelegateForColumn(POINT, EndsOfName(table))
        table.horizontalHeader().sectionResized.connect(self._on_resized)
        self._pressed = PressedHeads(self, table.horizontalHeader().viewport())
        table.viewport().installEventFilter(self)

    def fit(self) -> None:
        """Give each column its width, unless nothing that it depends on has changed."""
        header = self.table.horizontalHeader()
        now = self.model.rows, self.table.viewport().width(), {column: header.sectionSize(column) for column in self._own}
        if self._fitted and self._fitted[0] is now[0] and self._fitted[1:] == now[1:]:
            return
        self._fitted = now
        outer, self._fitting = self._fitting, True  # what is resized meanwhile, the user does not resize; a resize may fit once more
        self._fit()
        self._fitting = outer

    def _fit(self) -> None:
        header, room = self.table.horizontalHeader(), self.table.viewport().width()
        wide = {column: self._needs(column) for column in range(len(HEADS))}
        wide.update({column: header.sectionSize(column) for column in self._own if not header.isSectionHidden(column)})
        without = sum(wide.values()) - wide[METHOD]
        self.table.setColumnHidden(METHOD, METHOD not in self._own and without + wide[METHOD] > room)
        over = without + (0 if header.isSectionHidden(METHOD) else wide[METHOD]) - room
        if over > 0 and POINT not in self._own:
            wide[POINT] = max(min(LEAST_POINT, wide[POINT]), wide[POINT] - over)
        for column, width in wide.items():
            if column not in self._own and column != STATE:
                header.resizeSection(column, width)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.fit()
        return False

    def _needs(self, column: int) -> int:
        header, metrics = self.table.horizontalHeader(), self.table.fontMetrics()
        head = header.fontMetrics().horizontalAdvance(HEADS[column]) + HEAD_EDGES
        texts = WORDS if column == STATE else self.model.widest(column)
        first = self.model.index(0, column)
        if not texts or not self.model.rows:
            return head
        edges = self.table.sizeHintForIndex(first).width() - metrics.horizontalAdvance(str(first.data()))  # as the style has them
        return max([head, *(metrics.horizontalAdvance(text) + edges + 1 for text in texts)])

    def _on_resized(self, column: int, _old: int, _new: int) -> None:
        if not self._fitting and column != STATE and self._pressed.held:
            self._own.add(column)
