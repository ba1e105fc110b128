"""The dialog that asks what a turntable film shows."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtWidgets import QComboBox, QDialog, QDoubleSpinBox, QWidget

from mpm_studio.render.turntable import SIZES
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named


@dataclass(frozen=True, slots=True)
class FilmChoices:
    """start, stop: the frames to play; equal: stand still. seconds: of the turn. size: pixels."""

    start: int
    stop: int
    seconds: float
    size: tuple[int, int]


class TurntableDialog(QDialog):
    """ranges: what can be played, by name; the first is offered."""

    def __init__(self, ranges: dict[str, tuple[int, int]], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "turntable_dialog", "Turntable film")
        self.setWindowTitle("Turntable film")
        self.motion = named(QComboBox(), "turntable_motion", "What is played while the camera turns")
        for text, frames in ranges.items():
            self.motion.addItem(text, frames)
        self.seconds = named(QDoubleSpinBox(), "turntable_seconds", "Seconds of one turn")
        self.seconds.setRange(1, 120)
        self.seconds.setDecimals(1)
        self.seconds.setValue(8)
        self.seconds.setSuffix(" s")
        self.pixels = named(QComboBox(), "turntable_size", "Size of the film in pixels")
        for text, size in SIZES.items():
            self.pixels.addItem(text, size)
        form = new_form()
        form.addRow("Motion", self.motion)
        form.addRow("One turn in", self.seconds)
        form.addRow("Size", self.pixels)
        buttons, make = cancel_and(self, "Choose the file…", "turntable_make", "Choose the file and make the film")
        lay_out(self, form, buttons)
        make.setDefault(True)

    def choices(self) -> FilmChoices:
        start, stop = self.motion.currentData()
        wide, high = self.pixels.currentData()
        return FilmChoices(start, stop, self.seconds.value(), (wide, high))


def ask_turntable(parent: QWidget, ranges: dict[str, tuple[int, int]]) -> FilmChoices | None:
    """The user's choices."""
    dialog = TurntableDialog(ranges, parent)
    return dialog.choices() if dialog.exec() == QDialog.DialogCode.Accepted else None
