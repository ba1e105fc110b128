"""What looks wrong in the take, as a panel: a row for each cause, opened by a double click. Buttons mark one or all, exchange points, or
dismiss what is right."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QObject, Qt, Signal, SignalInstance
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QHBoxLayout,
    QHeaderView,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from mpm_core.gaps import range_text
from mpm_core.recording import Recording
from mpm_core.suspect.causes import Cause, causes
from mpm_core.suspect.certain import overlapping, pair_swaps
from mpm_core.suspect.kinds import KINDS, Suspect
from mpm_studio.operations.suspects import still_open
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.own_keys import HELD
from mpm_studio.views.table import RIGHT, CopiesRows, read_only_table
from mpm_studio.views.text_labels import in_the_middle, wrapped

ALL = "All kinds"
HEADS = ("Kind", "Points", "Frames", "Score")
EXCHANGED = ("swap", "ghost")  # kinds that an exchange of two points may put right


class Suspects(QWidget):
    """Empty until the first search. mark, mark_listed, exchange and dismiss carry the suspects to act on, which then leave the list; look
    asks for a search.

    rows: what is listed; below a cause that is open, each of its suspects. counted: how many causes; shown: a search ended.
    """

    mark = Signal(list)
    mark_listed = Signal(list)
    exchange = Signal(list)
    dismiss = Signal(list)
    go_to = Signal(object)
    look = Signal()
    counted = Signal(int)
    shown = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "suspects", "What looks wrong")
        self.session = session
        self.found: list[Suspect] = []
        self.then: Recording | None = None
        self.rows: list[Cause] = []
        self.causes: list[Cause] = []  # of `grouped`
        self.grouped: list[Suspect] = []
        self.open: set[Suspect] = set()  # the worst of each cause that is open
        self.search = named(QPushButton("Look for bad data"), "suspects_look", "Look for spikes, swaps, ghosts and frozen values")
        self.search.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.search.clicked.connect(self.look)
        self.kind = named(QComboBox(), "suspects_kind", "Show only this kind")
        self.kind.currentIndexChanged.connect(self._fill)
        self.table = named(self._make_table(), "suspects_table", "Samples that look wrong")
        self.empty = named(in_the_middle("Nothing looks wrong."), "suspects_empty", "Nothing looks wrong")
        self.why = named(wrapped(), "suspects_why", "Why it looks wrong")
        self.why.setMinimumHeight(38)
        self.why.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.why.setContentsMargins(10, 6, 10, 0)
        self.mark_one = named(QPushButton("Mark"), "suspects_mark", "Mark the chosen as wrong")
        self.mark_every = named(QPushButton("Mark all"), "suspects_mark_all", "Mark everything listed as wrong")
        self.swap = named(QPushButton("Exchange"), "suspects_exchange", "Exchange the two points over these frames")
        self.right = named(QPushButton("Dismiss"), "suspects_dismiss", "These samples are right: list them no more, which the take keeps")
        self._lay_out()
        self.mark_one.clicked.connect(lambda: self._act(self.mark))
        self.right.clicked.connect(lambda: self._act(self.dismiss))
        self.mark_every.clicked.connect(lambda: self.mark_listed.emit(self.listed()))
        self.swap.clicked.connect(lambda: self._act(self.exchange))
        self.table.installEventFilter(self)
        self.table.itemSelectionChanged.connect(self._on_chosen)
        self.table.itemActivated.connect(lambda item: self._toggle(self.rows[item.row()]))
        session.opened.connect(self.forget)
        session.changed.connect(lambda _edit: self._fill())
        self._fill()

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setContentsMargins(10, 8, 8, 8)
        top.addWidget(self.search)
        top.addStretch(1)
        top.addWidget(self.kind)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        buttons.setContentsMargins(10, 8, 10, 10)
        for button in (self.mark_one, self.swap, self.right, self.mark_every):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            buttons.addWidget(button)
        buttons.insertStretch(3, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.why)
        layout.addLayout(buttons)

    def show_found(self, rec: Recording, found: list[Suspect]) -> None:
        """List what was found in a recording."""
        self.found, self.then, self.grouped, self.causes = found, rec, [], []
        self.kind.blockSignals(True)
        self.kind.clear()
        self.kind.addItem(ALL, "")
        for kind, about in KINDS.items():
            if any(each.kind == kind for each in found):
                self.kind.addItem(kind.capitalize(), kind)
                self.kind.setItemData(self.kind.count() - 1, about, Qt.ItemDataRole.ToolTipRole)
        self.kind.blockSignals(False)
        self._fill()
        self.shown.emit()
        if self.rows:
            self.table.setFocus()  # for the arrows, M and D

    def forget(self) -> None:
        """Empty the list, for another take."""
        self.found, self.then = [], None
        self.open.clear()
        self._fill()

    def chosen(self) -> list[Suspect]:
        """The suspects of the rows that are selected, from the top."""
        return list(dict.fromkeys(each for cause in self._chosen_rows() for each in cause.suspects))

    def listed(self) -> list[Suspect]:
        """The suspects of every cause in the list."""
        return [each for cause in self.causes for each in cause.suspects]

    def _chosen_rows(self) -> list[Cause]:
        return [self.rows[index.row()] for index in sorted(self.table.selectionModel().selectedRows())]

    def _toggle(self, cause: Cause) -> None:
        """Show each suspect of a cause below it, or no more."""
        if len(cause.suspects) > 1:
            self.open ^= {cause.worst}
            self._fill()

    def _make_table(self) -> QTableWidget:
        table = read_only_table(0, HEADS, (2, 3), 24)
        CopiesRows(table)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        table.setTabKeyNavigation(False)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        for column, mode in enumerate(("ResizeToContents", "Stretch", "ResizeToContents", "ResizeToContents")):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode[mode])
        return table

    def _fill(self) -> None:
        rec = self.session.document.recording if self.session.document is not None else None
        kept = self._chosen_rows()
        kind = self.kind.currentData()
        some = still_open(rec, self.then, self.found) if rec is not None and self.then is not None else []
        some = [each for each in some if not kind or each.kind == kind]
        if some != self.grouped:
            self.causes, self.grouped = causes(rec, some) if rec is not None else [], some
        self.rows = []
        for cause in self.causes:
            self.rows.append(cause)
            if len(cause.suspects) > 1 and cause.worst in self.open:
                self.rows += [Cause((each,)) for each in sorted(cause.suspects, key=lambda each: each.start)]
        self.table.blockSignals(True)
        self.table.setRowCount(len(self.rows))
        for row, each in enumerate(self.rows):
            assert rec is not None
            inside = len(each.suspects) == 1 and each not in self.causes
            for column, text in enumerate(_cells(rec, each, inside, each.worst in self.open)):
                item = QTableWidgetItem(text)
                item.setToolTip(each.why)
                if column > 1:
                    item.setTextAlignment(RIGHT)
                self.table.setItem(row, column, item)
        self.table.clearSelection()
        self.table.blockSignals(False)
        for row, each in enumerate(self.rows):
            if each in kept:
                flags = QItemSelectionModel.SelectionFlag.Select | QItemSelectionModel.SelectionFlag.Rows
                self.table.selectionModel().select(self.table.model().index(row, 0), flags)
        self.table.setVisible(bool(self.rows))
        unsearched = "Nothing was looked for yet." if self.then is None else "Nothing looks wrong."
        self.empty.setText("None of these is left." if self.found else unsearched)
        self.empty.setVisible(not self.rows)
        self.kind.setVisible(bool(self.found))
        self.counted.emit(len(self.causes))
        self._show_chosen()

    def refresh(self) -> None:
        """Enable the buttons that can be used now."""
        self._show_chosen()

    def _show_chosen(self) -> None:
        chosen, rows = self.chosen(), self._chosen_rows()
        if len(rows) == 1:
            more = " A double click shows each." if len(chosen) > 1 else ""
            self.why.setText(f"{rows[0].why[:1].upper()}{rows[0].why[1:]}.{more}")
        else:
            listed = f"{len(self.rows)} listed. Choose one to go there." if self.rows else ""
            self.why.setText(f"{len(rows)} chosen." if rows else listed)
        ready = self.session.ready
        self.search.setEnabled(ready)
        self.mark_one.setEnabled(ready and bool(chosen))
        self.right.setEnabled(ready and bool(chosen))
        self.mark_every.setEnabled(ready and bool(self.rows))
        one = len(chosen) == 1 and chosen[0].kind in EXCHANGED and len(chosen[0].points) == 2
        self.swap.setEnabled(ready and (one or (len(chosen) > 1 and self._can_all_be_exchanged(chosen))))

    def _act(self, signal: SignalInstance) -> None:
        """Act on what is chosen; where that leaves the list, choose what is in its place then, and go there."""
        before, place = self.rows, min((index.row() for index in self.table.selectionModel().selectedRows()), default=-1)
        signal.emit(self.chosen())
        if place >= 0 and self.rows and self.rows != before and not self._chosen_rows():
            self.table.selectRow(min(place, len(self.rows) - 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """M and D on the table are the buttons Mark and Dismiss, for all suspects of the chosen rows."""
        if not isinstance(event, QKeyEvent) or event.modifiers() & HELD:
            return False
        button = {Qt.Key.Key_M: self.mark_one, Qt.Key.Key_D: self.right}.get(Qt.Key(event.key()))
        if button is None or event.type() not in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return False
        if event.type() == QEvent.Type.KeyPress:
            button.click()
        event.accept()
        return True

    def _can_all_be_exchanged(self, some: list[Suspect]) -> bool:
        """Whether all of them are swaps of two points, and none shares a sample with another of the list."""
        swaps = pair_swaps(self.listed())
        return set(some) <= set(swaps) and not overlapping(swaps).intersection(some)

    def _on_chosen(self) -> None:
        self._show_chosen()
        rows = self._chosen_rows()
        if len(rows) == 1:
            self.go_to.emit(rows[0].worst)


def _cells(rec: Recording, cause: Cause, inside: bool, is_open: bool) -> tuple[str, str, str, str]:
    """The texts of a row. inside: it is one suspect of the cause above."""
    first, worst, count = rec.source.first_frame, cause.worst, len(cause.suspects)
    frames = range_text(worst.start, worst.stop, first)
    prefixed = len(rec.subjects) > 1  # without its prefix a name could be of any of them
    names = ", ".join(rec.points[point] if prefixed else rec.points[point].rpartition(":")[2] for point in cause.points)
    kind = worst.kind.capitalize()
    if count > 1:
        return f"{'▾' if is_open else '▸'} {kind}", names, f"{count} places", f"{worst.score:.1f}"
    return f"    {kind}" if inside else kind, names, frames, f"{worst.score:.1f}"
