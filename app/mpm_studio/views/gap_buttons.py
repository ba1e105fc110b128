"""The buttons below the gap table: fill by a method, accept, reject; each says for how many gaps it is."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QWidget

from mpm_studio.operations.completing import METHODS
from mpm_studio.operations.gap_rows import UNFILLED, GapRow
from mpm_studio.session import Session
from mpm_studio.views.naming import named


class GapButtons(QWidget):
    """accept, reject and fill carry the gaps that the buttons name, as far as the take still has them; fill: and the method."""

    accept = Signal(list)
    reject = Signal(list)
    fill = Signal(list, str)
    method_chosen = Signal(str)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "gap_buttons", "Fill, accept or reject gaps")
        self.session = session
        self._rows: Sequence[GapRow] = ()
        self.method = named(QComboBox(), "gap_method", "Method to fill by")
        for name, what in METHODS.items():
            self.method.addItem(name, name)
            self.method.setItemData(self.method.count() - 1, what, Qt.ItemDataRole.ToolTipRole)
        self.method.activated.connect(lambda _index: self.method_chosen.emit(self.method.currentData()))
        self.fill_button = named(QPushButton("Fill"), "gap_fill", "Fill the chosen gaps by this method")
        self.accept_button = named(QPushButton("Accept"), "gap_accept", "Accept the proposed fill of the chosen gaps")
        self.reject_button = named(QPushButton("Reject"), "gap_reject", "Reject the proposed fill of the chosen gaps")
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 8)
        row.setSpacing(6)
        for button in (self.fill_button, self.accept_button, self.reject_button):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # they are disabled when clicked: the focus stays in the table
        for widget in (self.method, self.fill_button, self.accept_button, self.reject_button):
            widget.setMinimumWidth(48)
            widget.setProperty("role", "small")
            row.addWidget(widget)
        self.fill_button.clicked.connect(lambda: self.fill_by(self.method.currentData()))
        self.accept_button.clicked.connect(lambda: self.accept.emit(self.taken("proposed")))
        self.reject_button.clicked.connect(lambda: self.reject.emit(self.taken("proposed")))

    def show_rows(self, rows: Sequence[GapRow], fillable: bool) -> None:
        """Name these gaps. fillable: a fill can be started now."""
        self._rows, states = rows, [row.state for row in rows]
        proposed = states.count("proposed") if self.session.proposal is not None else 0
        unfilled = sum(state in UNFILLED for state in states) if fillable else 0
        counts = ((self.fill_button, "Fill", unfilled), (self.accept_button, "Accept", proposed), (self.reject_button, "Reject", proposed))
        for button, verb, count in counts:
            button.setText(f"{verb} {count:,}" if count else verb)
            button.setEnabled(count > 0)

    def taken(self, *states: str) -> list[GapRow]:
        """What the buttons act on: the gaps that they name, in these states, as far as the take still has them."""
        now = {*self.session.gap_rows}
        return [row for row in self._rows if row.state in states and row in now]

    def fill_by(self, method: str) -> None:
        """Ask for a fill of the gaps that the buttons name."""
        self.fill.emit(self.taken(*UNFILLED), method)
