"""The gap table: every gap with its state, what filled it and how certain it is; quality before and now below it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QItemSelection, QItemSelectionModel, QPoint, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QMenu,
    QVBoxLayout,
    QWidget,
)

from mpm_studio.operations.completing import METHODS
from mpm_studio.operations.gap_rows import GapRow
from mpm_studio.session import Session
from mpm_studio.views.filter_field import filter_field
from mpm_studio.views.gap_buttons import GapButtons
from mpm_studio.views.gap_columns import GapColumns
from mpm_studio.views.gap_list import GapList
from mpm_studio.views.gap_model import GapModel, about
from mpm_studio.views.naming import named
from mpm_studio.views.quality_table import QualityTable
from mpm_studio.views.text_labels import in_the_middle, wrapped

ROOM_FOR_QUALITY = 420  # pixels of height
NONE_CHOSEN = "No gap is selected: the buttons are for all that are listed. A double click goes to a gap, N to the next."
WHOLE = "These are of the take as it is proposed, which is accepted or rejected as a whole, by the buttons below or by Enter and Esc."
UNLISTED = "{count} of trajectories without a label and of computed points are not listed; the filter “alone” lists them."
NONE_THERE = "No gap is in the selected frames of these points. While nothing is selected, the buttons are for all that are listed."


class GapTable(QWidget):
    """Shows the session's gap rows. go_to carries a row. counted: gaps not filled or proposed."""

    go_to = Signal(object)
    counted = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "gap_table_panel", "Gaps")
        self.session = session
        self.model = GapModel()
        self.filter = filter_field(
            "gap_filter", "Show only gaps with these words: point, state, method, >0.5s", "Filter: point, state, >0.5s"
        )
        self.filter.setToolTip("Words of a point's name, a state or a method; >0.5s or <3 for lengths in seconds or frames")
        self.filter.textChanged.connect(self._on_filter)
        self.table = named(GapList(self.model), "gap_table", "Gaps")
        self.columns = GapColumns(self.table, self.model)
        self.empty = named(in_the_middle("No gap"), "gap_table_empty", "No gap is listed")
        self.empty.setWordWrap(True)
        self.about = named(wrapped(), "gap_about", "The chosen gap")
        self.about.setContentsMargins(10, 6, 10, 0)
        self.about.setMinimumHeight(40)
        self.about.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.buttons = GapButtons(session)
        top = QHBoxLayout()
        top.setContentsMargins(8, 8, 8, 8)
        top.addWidget(self.filter)
        self.quality = QualityTable(session)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(top)
        layout.addWidget(self.empty, 1)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.about)
        layout.addWidget(self.buttons)
        layout.addWidget(self.quality)
        self._connect()
        self._on_filter("")

    def _connect(self) -> None:
        session = self.session
        self.table.doubleClicked.connect(lambda _index: self._go())
        self.table.entered_row.connect(self._go)
        self.table.customContextMenuRequested.connect(self._menu)
        self.table.selectionModel().selectionChanged.connect(self._on_chosen)
        self.model.modelReset.connect(self._show_selection)
        session.opened.connect(self._on_opened)
        for signal in (session.changed, session.proposal_changed):
            signal.connect(lambda *_: self._on_changed())
        session.selection_changed.connect(self._show_selection)
        for signal in (session.job_started, session.job_finished):
            signal.connect(lambda *_: self._show_buttons())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little height, the rows have it."""
        super().resizeEvent(event)
        self.quality.setVisible(self.height() >= ROOM_FOR_QUALITY)

    def set_method(self, method: str) -> None:
        """Show the method that is used from now on."""
        self.buttons.method.setCurrentIndex(self.buttons.method.findData(method))

    def _on_opened(self) -> None:
        """The gaps of the last take are gone at once, those of this one listed in a turn of their own."""
        self.model.set_rows(None, [])
        self.session.turns.ask(self.refresh)

    def _on_changed(self) -> None:
        """List the gaps in a turn of its own; those of a take of another shape are gone at once."""
        listed, rec = self.model.rec, self.session.shown
        if listed is not None and (rec is None or (listed.points, listed.frames) != (rec.points, rec.frames)):
            self.model.set_rows(None, [])
        self.session.turns.ask(self.refresh)

    def refresh(self) -> None:
        """List the gaps as they are now."""
        rows, top = self.session.gap_rows, self.table.verticalScrollBar().value()
        if rows is not self.model.all:
            self.model.set_rows(self.session.shown, rows)
            self.table.verticalScrollBar().setValue(top)
        self.counted.emit(sum(row.state in ("open", "left") for row in rows))
        self._on_filter(self.filter.text())

    def chosen(self) -> list[GapRow]:
        """The rows that are selected, from the top."""
        indexes = sorted(self.table.selectionModel().selectedRows())
        return [self.model.rows[index.row()] for index in indexes]

    def _on_filter(self, text: str) -> None:
        if text.lower().split() != self.model.words:
            chosen = self.chosen()
            self.model.set_text(text)
            if len(self.chosen()) < len(chosen):  # those that are not listed any more are not chosen any more
                self._on_chosen()
        nothing = f"No gap to fill; {self._unlisted()}" if self.model.unlisted else "No gap: every sample has a value"
        self.empty.setText("No gap has all of these words" if self.model.words and self.model.all else nothing)
        shown, hidden = (self.table, self.empty) if self.model.rows else (self.empty, self.table)
        hidden.hide()  # first: while both are shown, each is drawn in half of the room
        shown.show()
        self.columns.fit()
        self._show_buttons()

    def _choose(self, places: set[tuple[int, int, int]]) -> None:
        """Select the rows of these gaps, without telling anyone."""
        wanted = QItemSelection()
        for row, each in enumerate(self.model.rows):
            if _place(each) in places:
                index = self.model.index(row, 0)
                wanted.select(index, index)
        flags = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
        self.table.selectionModel().blockSignals(True)
        self.table.selectionModel().select(wanted, flags)
        self.table.selectionModel().blockSignals(False)
        if len(places) == 1 and not wanted.isEmpty():
            self.table.scrollTo(wanted.indexes()[0])
        self.table.viewport().update()

    def _show_selection(self) -> None:
        """The rows of the gaps that were chosen one by one, else of those that are exactly what is selected."""
        selection = self.session.selection
        places = {(point, selection.start, selection.stop) for point in selection.points}
        if selection.gaps:
            places = {_place(row) for row in self.session.selected_gaps}
        if places != {_place(row) for row in self.chosen()}:  # else the user may be choosing them
            self._choose(places)
        self._show_buttons()

    def _on_chosen(self) -> None:
        """Select the gap that the user chose, or several of them; nothing when none is chosen any more."""
        places, selection = [_place(row) for row in self.chosen()], self.session.selection
        if not places:
            self.session.select(())
        elif len(places) == 1:
            self.session.select(places[0][:1], *places[0][1:])
        else:
            self.session.select(selection.points, selection.start, selection.stop, tuple(places))
        self._show_buttons()

    def _show_buttons(self) -> None:
        """The buttons are for the selected gaps, as keys are, and for all that are listed while nothing is selected."""
        chosen, rec, selection = self.session.selected_gaps, self.model.rec, self.session.selection
        some = bool(selection.points or selection.gaps)
        if rec is None or not chosen:
            self.about.setText(self._about_none(some) if self.model.rows else "")
        else:
            seconds = sum(row.frames for row in chosen) / rec.rate_hz
            self.about.setText(about(rec, chosen[0]) if len(chosen) == 1 else f"{len(chosen)} gaps chosen, {seconds:.2f} s together")
        session = self.session
        fits = rec is not None and session.document is not None and not (session.jobs.busy or session.proposes_take)
        self.buttons.show_rows(chosen if some else self.model.rows, fits)

    def _about_none(self, some: bool) -> str:
        """What is said while no gap is chosen. some: points or frames are selected."""
        if self.session.proposes_take:
            return WHOLE
        return NONE_THERE if some else self._unlisted() if self.model.unlisted else NONE_CHOSEN

    def _unlisted(self) -> str:
        return UNLISTED.format(count=f"{self.model.unlisted:,} {'gap' if self.model.unlisted == 1 else 'gaps'}")

    def _go(self) -> None:
        chosen = self.chosen()
        if chosen:
            self.go_to.emit(chosen[0])

    def _menu(self, at: QPoint) -> None:
        menu = named(QMenu(self), "gap_menu", "Chosen gaps")
        menu.addAction("Go there", self._go)
        for button, text in ((self.buttons.accept_button, "Accept"), (self.buttons.reject_button, "Reject")):
            menu.addAction(text, button.click).setEnabled(button.isEnabled())
        fills = menu.addMenu("Fill by")
        fills.setEnabled(self.buttons.fill_button.isEnabled())
        for name, what in METHODS.items():
            fills.addAction(f"{name}: {what}", partial(self.buttons.fill_by, name))
        menu.exec(self.table.viewport().mapToGlobal(at))


def _place(row: GapRow) -> tuple[int, int, int]:
    return row.point, row.start, row.stop
