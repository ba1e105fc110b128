"""Which points a fill is to follow."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QListWidget,
    QListWidgetItem,
    QWidget,
)

from mpm_core.recording import Recording
from mpm_studio.operations.completing import DONOR_METHODS
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.filter_field import filter_field
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import wrapped

LEAST = {"pattern": 1, "rigid": 3, "relational": 3}  # donors, when any is named


class DonorsDialog(QDialog):
    """A method that follows others, and the points it follows. filled: points that are to be filled, which cannot be donors."""

    def __init__(self, rec: Recording, filled: Sequence[int], method: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "donors_dialog", "Fill by donors")
        self.setWindowTitle("Fill by donors")
        self.method = named(QComboBox(), "donors_method", "How the donors are followed")
        for name, about in DONOR_METHODS.items():
            self.method.addItem(f"{name}: {about}", name)
        self.method.setCurrentIndex(max(0, self.method.findData(method)))
        self.filter = filter_field("donors_filter", "Show only points whose name holds this", "Filter")
        self.list = named(QListWidget(), "donors_list", "Points to follow")
        self.list.setMinimumHeight(260)
        for point, name in enumerate(rec.points):
            if point not in filled and rec.visible_FP[:, point].any():
                item = QListWidgetItem(name, self.list)
                item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
                item.setCheckState(Qt.CheckState.Unchecked)
        self.verdict = named(wrapped(), "donors_verdict", "What will be followed")
        form = new_form()
        form.addRow("Method", self.method)
        form.addRow("Donors", self.filter)
        buttons, self.go = cancel_and(self, "Fill", "donors_do", "Fill")
        lay_out(self, form, self.list, self.verdict, buttons)
        self.go.setDefault(True)
        self.method.currentIndexChanged.connect(self._check)
        self.list.itemChanged.connect(self._check)
        self.filter.textChanged.connect(self._show_matching)
        self._check()

    def choice(self) -> tuple[str, tuple[str, ...]]:
        """The method, and the donors in the take's order; none = those that fit best."""
        return self.method.currentData(), tuple(item.text() for item in self._items() if item.checkState() == Qt.CheckState.Checked)

    def _items(self) -> list[QListWidgetItem]:
        return [self.list.item(row) for row in range(self.list.count())]

    def _show_matching(self, text: str) -> None:
        for item in self._items():
            item.setHidden(text.lower() not in item.text().lower())

    def _check(self) -> None:
        method, donors = self.choice()
        short = bool(donors) and len(donors) < LEAST[method]
        if short:
            self.verdict.setText(f"This needs at least {LEAST[method]} donors.")
        else:
            self.verdict.setText(", ".join(donors) if donors else "None is ticked: for each gap those that fit best are found.")
        self.go.setEnabled(not short)


def ask_donors(parent: QWidget, rec: Recording, filled: Sequence[int], method: str) -> tuple[str, tuple[str, ...]] | None:
    """A method and its donors."""
    dialog = DonorsDialog(rec, filled, method, parent)
    return dialog.choice() if dialog.exec() == QDialog.DialogCode.Accepted else None
