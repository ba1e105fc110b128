"""How to fill: by which method, where, and what is left."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDoubleSpinBox, QWidget

from mpm_core.fill.keep.limits import Limits
from mpm_studio.operations.completing import METHODS
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim

MOST_GAP_S, MOST_SIGMA_MM = 3600.0, 100000.0


@dataclass(frozen=True, slots=True)
class Completing:
    """method: of METHODS. limits: from then on for every fill of the window. only_selection: only in the selected range."""

    method: str
    limits: Limits
    only_selection: bool


class CompleteDialog(QDialog):
    """selected: the selected range in words, '' when there is none; everywhere: what is filled otherwise."""

    def __init__(self, method: str, limits: Limits, selected: str, everywhere: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "complete_dialog", "Complete")
        self.setWindowTitle("Complete")
        self.method = named(QComboBox(), "complete_method", "Method")
        for name, about in METHODS.items():
            self.method.addItem(f"{name}: {about}", name)
        self.method.setCurrentIndex(max(0, self.method.findData(method)))
        self.where = named(QComboBox(), "complete_where", "Where")
        for text, only in ((selected, True), (everywhere, False)):
            if text:
                self.where.addItem(text, only)
        self.limited = named(QCheckBox("Leave gaps that are longer than"), "complete_gap_limited", "Whether long gaps are left")
        self.limited.setChecked(limits.max_gap_s < MOST_GAP_S)
        self.gap = named(QDoubleSpinBox(), "complete_max_gap", "Longest gap that is filled, in seconds")
        self.gap.setDecimals(2)
        self.gap.setRange(0.01, MOST_GAP_S)
        self.gap.setSuffix(" s")
        self.gap.setValue(min(limits.max_gap_s, MOST_GAP_S) if self.limited.isChecked() else 1.0)
        self.gap.setEnabled(self.limited.isChecked())
        self.limited.toggled.connect(self.gap.setEnabled)
        self.sigma = named(QDoubleSpinBox(), "complete_max_sigma", "Largest sigma of a fill, in millimetres")
        self.sigma.setDecimals(1)
        self.sigma.setRange(0.1, MOST_SIGMA_MM)
        self.sigma.setSuffix(" mm")
        self.sigma.setValue(1000 * limits.max_sigma_m)
        form = new_form()
        form.addRow("Method", self.method)
        form.addRow("Fill", self.where)
        form.addRow(self.limited, self.gap)
        form.addRow("Leave samples with a sigma above", self.sigma)
        kept = dim("Method and limits also hold for later fills, and for a recipe that is saved.")
        buttons, self.go = cancel_and(self, "Complete", "complete_do", "Complete")
        lay_out(self, form, kept, buttons)
        self.go.setDefault(True)

    def choice(self) -> Completing:
        limits = Limits(self.gap.value() if self.limited.isChecked() else float("inf"), self.sigma.value() / 1000)
        return Completing(self.method.currentData(), limits, bool(self.where.currentData()))


def ask_complete(parent: QWidget, method: str, limits: Limits, selected: str, everywhere: str) -> Completing | None:
    """How to fill."""
    dialog = CompleteDialog(method, limits, selected, everywhere, parent)
    return dialog.choice() if dialog.exec() == QDialog.DialogCode.Accepted else None
