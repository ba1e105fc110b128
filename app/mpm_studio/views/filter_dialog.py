"""How to filter: by which method, how strongly, and whether measured samples, too; with the residuals that choose a cutoff."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QDoubleSpinBox, QLabel, QWidget

from mpm_core.errors import DataError
from mpm_core.filter.butterworth import highest_hz
from mpm_core.filter.methods import BETA, METHODS, REST_HZ, FilterSettings
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.operations.filtering import FilterRequest, analysis_of, counts
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named
from mpm_studio.views.residual_plot import ResidualPlot


class FilterDialog(QDialog):
    """where_FP, what: the samples that are filtered, None for all, and in words. points: those that are selected; the first is analysed."""

    def __init__(self, rec: Recording, where_FP: Mask | None, what: str, points: Sequence[int], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "filter_dialog", "Filter")
        self.setWindowTitle("Filter")
        self.rec, self.where_FP = rec, where_FP
        self.fills, self.measured_count = counts(rec, where_FP)
        self.method = named(QComboBox(), "filter_method", "Method")
        for name, method in METHODS.items():
            self.method.addItem(f"{name}: {method.about}", name)
        self.by_residuals = named(
            QCheckBox("for each point by its residuals"), "filter_by_residuals", "Choose the cutoff by residual analysis"
        )
        self.by_residuals.setChecked(True)
        self.cutoff = _number("filter_cutoff", "Cutoff in Hz", 6.0, 0.05, highest_hz(rec.rate_hz), " Hz")
        self.window_s = _number("filter_window", "Window in seconds", max(0.1, 5 / rec.rate_hz), 0.001, 10.0, " s")
        self.beta = _number("filter_beta", "Hz by which the cutoff grows with the speed", BETA[rec.dims], 0.0, 10000.0, "")
        self.plot = ResidualPlot(analysis_of(rec, points))
        self.measured = named(QCheckBox(), "filter_measured", "Filter what was measured, too")
        self.measured.setText(f"Filter the {self.measured_count:,} measured samples, too")
        self.measured.setEnabled(self.measured_count > 0)
        self.form = new_form()
        self.form.addRow("Method", self.method)
        self.form.addRow("Cutoff", self.by_residuals)
        self.form.addRow("", self.cutoff)
        self.form.addRow("Residuals", self.plot)
        self.form.addRow("Window", self.window_s)
        self.form.addRow("Beta", self.beta)
        self.form.addRow("Filter", named(QLabel(f"{what}: {self.fills:,} filled samples"), "filter_what", "What is filtered"))
        self.form.addRow("", self.measured)
        self.text = named(QLabel(), "filter_text", "What it does")
        self.text.setWordWrap(True)
        self.text.setMinimumWidth(430)
        buttons, self.go = cancel_and(self, "Filter", "filter_do", "Filter")
        lay_out(self, self.form, self.text, buttons)
        self.go.setDefault(True)
        self.method.currentIndexChanged.connect(self._show)
        for box in (self.by_residuals, self.measured):
            box.toggled.connect(self._show)
        for field in (self.cutoff, self.window_s, self.beta):
            field.valueChanged.connect(self._show)
        self._show()

    def request(self) -> FilterRequest:
        return FilterRequest(self.rec, self.settings(), self.where_FP, self.measured.isChecked())

    def settings(self) -> FilterSettings:
        method = str(self.method.currentData())
        cutoff_hz = None if method == "butterworth" and self.by_residuals.isChecked() else self.cutoff.value()
        return FilterSettings(method, cutoff_hz, self.window_s.value(), self.beta.value())

    def _show(self) -> None:
        method = str(self.method.currentData())
        if self.sender() is self.method and method == "one_euro":
            self.cutoff.setValue(REST_HZ)
        by_residuals = method == "butterworth" and self.by_residuals.isChecked()
        self.form.setRowVisible(self.by_residuals, method == "butterworth")
        self.form.setRowVisible(self.cutoff, method in ("butterworth", "one_euro") and not by_residuals)
        self.form.setRowVisible(self.plot, method == "butterworth" and self.plot.analysis is not None)
        self.form.setRowVisible(self.window_s, METHODS[method].windowed)
        self.form.setRowVisible(self.beta, method == "one_euro")
        self.plot.set_cutoff(None if by_residuals else self.cutoff.value())
        text, may = self._description()
        self.text.setText(text)
        self.go.setEnabled(may)
        self.adjustSize()

    def _description(self) -> tuple[str, bool]:
        """What would be done, or why nothing can be, and whether it may."""
        try:
            self.settings().check(self.rec.rate_hz)
        except DataError as error:
            return in_window(f"{error.what[:1].upper()}{error.what[1:]}: {error.hint}."), False
        if self.measured.isChecked():
            return "Measured samples become filtered ones. What was measured stays known: Back to the original brings it back.", True
        if not self.fills:
            return "No sample is filled here. What was measured is filtered only when you ask for it.", False
        return "What was measured stays as it is.", True


def _number(name: str, spoken: str, value: float, low: float, high: float, suffix: str) -> QDoubleSpinBox:
    field = named(QDoubleSpinBox(), name, spoken)
    field.setDecimals(3 if high < 100 else 2)
    field.setRange(low, high)
    field.setValue(min(value, high))
    field.setSuffix(suffix)
    return field


def ask_filter(parent: QWidget, rec: Recording, where_FP: Mask | None, what: str, points: Sequence[int]) -> FilterRequest | None:
    """What to filter, and how."""
    dialog = FilterDialog(rec, where_FP, what, points, parent)
    return dialog.request() if dialog.exec() == QDialog.DialogCode.Accepted else None
