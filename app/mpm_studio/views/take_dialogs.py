"""Dialogs that ask how the take as a whole is changed; each returns the answer, or None when the user cancels."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDoubleSpinBox,
    QLabel,
    QMessageBox,
    QWidget,
)

from mpm_core.edit.file_frames import on_frames
from mpm_core.edit.names import Conflict, Conflicts
from mpm_core.edit.resample import new_positions
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import name_buttons, named


@dataclass(frozen=True, slots=True)
class Rate:
    """only_measured: nothing is to be interpolated."""

    rate_hz: float
    only_measured: bool


def ask_conflict(parent: QWidget, rec: Recording, first: int, second: int, conflict: Conflict) -> Conflicts | None:
    """Whose samples are kept in frames in which both points are there."""
    one, two = rec.points[first], rec.points[second]
    per, unit = (1000.0, "mm") if rec.dims == 3 else (1.0, "px")
    box = QMessageBox(parent)
    named(box, "merge_dialog", "Merge two points")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Merge two points")
    box.setText(f"{one} and {two} are both there in {conflict.frames:,} frames.")
    box.setInformativeText(
        f"They are {conflict.mean * per:.3g} {unit} apart there on average, {conflict.most * per:.3g} {unit} at most. Whose are kept?"
    )
    keep_first = box.addButton(f"Those of {one}", QMessageBox.ButtonRole.AcceptRole)
    keep_second = box.addButton(f"Those of {two}", QMessageBox.ButtonRole.AcceptRole)
    box.addButton(QMessageBox.StandardButton.Cancel)
    named(keep_first, "merge_first", f"Keep the samples of {one}")
    named(keep_second, "merge_second", f"Keep the samples of {two}")
    name_buttons(box, "merge")
    box.exec()
    if box.clickedButton() is keep_first:
        return "first"
    return "second" if box.clickedButton() is keep_second else None


def ask_rate(parent: QWidget, rec: Recording) -> Rate | None:
    """The rate to resample to, and whether samples may be interpolated."""
    field = _number("rate_field", "New rate", rec.rate_hz, 0.1, 100000.0, " Hz")
    only = named(QCheckBox("Interpolate nothing"), "rate_only_measured", "Refuse rates at which samples would be interpolated")

    def describe() -> tuple[str, bool]:
        position_F = new_positions(rec, field.value())
        between = int((~on_frames(position_F, rec.frames)[1]).sum())
        text = f"{len(position_F):,} frames instead of {rec.frames:,}. "
        if not between:
            return text + "Each is a frame of the take, and keeps its samples to the bit.", True
        text += f"{between:,} lie between frames of the take: their samples are interpolated, and count as filled."
        return (text, True) if not only.isChecked() else (f"{text} Rates that divide {rec.rate_hz:g} Hz have none.", False)

    answer = _asked(parent, "resample", "Resample", "Rate", field, [only], describe)
    return None if answer is None else Rate(answer[0], answer[1][0])


def ask_confidence(parent: QWidget, rec: Recording, where_FP: Mask | None, what: str) -> float | None:
    """The confidence below which samples are to be marked. where_FP, what: the samples that it is about, and in words."""
    field = _number("confidence_field", "Confidence below which samples are marked", 0.3, 0.0, 1.0, "")
    field.setSingleStep(0.05)
    measured_FP = rec.origin_FP == Origin.MEASURED
    confidence_N = (
        np.zeros(0) if rec.confidence_FP is None else rec.confidence_FP[measured_FP if where_FP is None else measured_FP & where_FP]
    )

    def describe() -> tuple[str, bool]:
        count = int((confidence_N < field.value()).sum())
        return f"{count:,} of {len(confidence_N):,} measured samples of {what} are below it.", count > 0

    answer = _asked(parent, "confidence", "Mark low confidences", "Below", field, [], describe)
    return None if answer is None else answer[0]


def _number(name: str, spoken: str, value: float, low: float, high: float, suffix: str) -> QDoubleSpinBox:
    field = named(QDoubleSpinBox(), name, spoken)
    field.setDecimals(3)
    field.setRange(low, high)
    field.setValue(value)
    field.setSuffix(suffix)
    return field


def _asked(
    parent: QWidget,
    name: str,
    title: str,
    label: str,
    field: QDoubleSpinBox,
    more: list[QCheckBox],
    describe: Callable[[], tuple[str, bool]],
) -> tuple[float, list[bool]] | None:
    """Ask for a number; it, and which boxes are ticked. describe: what it would do, in words, and whether it may be done."""
    dialog = named(QDialog(parent), f"{name}_dialog", title)
    dialog.setWindowTitle(title)
    form = new_form()
    form.addRow(label, field)
    for box in more:
        form.addRow("", box)
    text = named(QLabel(), f"{name}_text", "What it does")
    text.setWordWrap(True)
    text.setMinimumSize(380, 3 * text.fontMetrics().lineSpacing())  # as high as it may get, so that nothing moves
    text.setAlignment(Qt.AlignmentFlag.AlignTop)
    buttons, go = cancel_and(dialog, title, f"{name}_do", title)
    lay_out(dialog, form, text, buttons)
    go.setDefault(True)

    def show() -> None:
        words, may = describe()
        text.setText(words)
        go.setEnabled(may)

    field.valueChanged.connect(lambda _value: show())
    for box in more:
        box.toggled.connect(lambda _on: show())
    show()
    field.selectAll()
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return None
    return field.value(), [box.isChecked() for box in more]
