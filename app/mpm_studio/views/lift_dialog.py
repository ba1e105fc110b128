"""The dialog that asks what a lift needs."""

from __future__ import annotations

from PySide6.QtWidgets import QCheckBox, QDialog, QDoubleSpinBox, QFormLayout, QHBoxLayout, QLabel, QSpinBox, QWidget

from mpm_core.errors import DataError
from mpm_core.picture_size import guessed_size
from mpm_core.recording import Recording
from mpm_core.world_fit.camera import FOCAL
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.operations.lifting import LiftRequest
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim


class LiftDialog(QDialog):
    """The video and the person; each value has a default."""

    def __init__(self, rec: Recording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "lift_dialog", "Lift to 3D")
        self.setWindowTitle("Lift to 3D")
        self.rec = rec
        self.fps = named(QDoubleSpinBox(), "lift_fps", "Frames a second of the video")
        self.fps.setRange(1, 1000)
        self.fps.setDecimals(3)
        self.fps.setValue(rec.rate_hz)
        self.fps.setSuffix(" a second")
        self.size_known = named(QCheckBox("Image size"), "lift_size_known", "Give the image size")
        self.width_px = named(QSpinBox(), "lift_width", "Image width in pixels")
        self.height_px = named(QSpinBox(), "lift_height_px", "Image height in pixels")
        wide, high = rec.source.image_wh or _guessed(rec)
        for field, value in ((self.width_px, wide), (self.height_px, high)):
            field.setRange(16, 32768)
            field.setValue(value)
            field.setSuffix(" px")
        self.size_known.setChecked(rec.source.image_wh is not None)
        self.tall_known = named(QCheckBox("Body height"), "lift_tall_known", "Give the person's height")
        self.tall = named(QDoubleSpinBox(), "lift_height", "Height of the person in metres")
        self.tall.setRange(0.4, 2.6)
        self.tall.setDecimals(2)
        self.tall.setSingleStep(0.01)
        self.tall.setValue(1.7)
        self.tall.setSuffix(" m")
        self.focal_known, self.focal = self._number("Focal length", "lift_focal", (0.2, 10.0), FOCAL, " × the longer side", 2)
        self.pitch_known, self.pitch = self._number("Camera looks down by", "lift_pitch", (-90.0, 90.0), 0.0, "°", 0)
        self.turn_known, self.turn = self._number("People are turned by", "lift_turn", (0.0, 270.0), 0.0, "°", 0)
        self.turn.setSingleStep(90)
        empty = int((~rec.visible_FP.any(axis=1)).sum())
        self.absent = named(QCheckBox(f"Fill the {empty:,} frames that show nobody, too"), "lift_fill_absent", "Fill empty frames")
        self.seated = named(QCheckBox("Legs that are not seen sit"), "lift_seated", "The person sits")
        hint = dim("Values that are not given are taken from the file, found in the motion, or those of a usual lens and person.")
        buttons, go = cancel_and(self, "Lift", "lift_do", "Lift to 3D")
        lay_out(self, self._form(), hint, buttons)
        go.setDefault(True)
        self._enable_by_boxes()

    def _form(self) -> QFormLayout:
        size = QHBoxLayout()
        size.addWidget(self.width_px, 1)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_px, 1)
        form = new_form()
        form.addRow("Frames", self.fps)
        form.addRow(self.size_known, size)
        form.addRow(self.tall_known, self.tall)
        form.addRow(self.focal_known, self.focal)
        form.addRow(self.pitch_known, self.pitch)
        form.addRow(self.turn_known, self.turn)
        form.addRow(self.absent)
        form.setRowVisible(self.absent, not self.rec.visible_FP.any(axis=1).all())
        form.addRow(self.seated)
        return form

    def _enable_by_boxes(self) -> None:
        """A value can be edited while the box beside it is ticked."""
        optional = (
            (self.tall_known, self.tall),
            (self.focal_known, self.focal),
            (self.pitch_known, self.pitch),
            (self.turn_known, self.turn),
        )
        for box, number in ((self.size_known, self.width_px), (self.size_known, self.height_px), *optional):
            box.toggled.connect(number.setEnabled)
            number.setEnabled(box.isChecked())
            box.setMinimumHeight(number.sizeHint().height())  # in line with its field

    def request(self) -> LiftRequest:
        options = LiftOptions(
            fps=self.fps.value(),
            size=(self.width_px.value(), self.height_px.value()) if self.size_known.isChecked() else None,
            height_m=self.tall.value() if self.tall_known.isChecked() else None,
            focal=self.focal.value() if self.focal_known.isChecked() else None,
            pitch=self.pitch.value() if self.pitch_known.isChecked() else None,
            turn=self.turn.value() if self.turn_known.isChecked() else None,
            fill_absent=self.absent.isChecked(),
            seated=self.seated.isChecked(),
        )
        return LiftRequest(self.rec, options)

    def _number(
        self, label: str, name: str, limits: tuple[float, float], value: float, suffix: str, decimals: int
    ) -> tuple[QCheckBox, QDoubleSpinBox]:
        """A value that is found or assumed unless it is ticked."""
        known = named(QCheckBox(label), f"{name}_known", f"Give: {label}")
        number = named(QDoubleSpinBox(), name, label)
        number.setRange(*limits)
        number.setDecimals(decimals)
        number.setSingleStep(0.05 if decimals else 1)
        number.setValue(value)
        number.setSuffix(suffix)
        return known, number


def ask_lift(parent: QWidget, rec: Recording) -> LiftRequest | None:
    """The options of a lift."""
    dialog = LiftDialog(rec, parent)
    return dialog.request() if dialog.exec() == QDialog.DialogCode.Accepted else None


def _guessed(rec: Recording) -> tuple[int, int]:
    """What is shown, and used unless another is given, of a file that does not say how large its picture is."""
    try:
        return guessed_size(rec)
    except DataError:  # no point is visible, or they lie beyond every usual size: the lift says so
        return 1920, 1080
