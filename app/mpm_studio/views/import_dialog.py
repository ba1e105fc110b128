"""How a file is read: what was detected, and what the user overrules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QRegularExpression, Qt
from PySide6.QtGui import QRegularExpressionValidator
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QLineEdit,
    QWidget,
)

from mpm_core.body.names import name_sets
from mpm_core.io.keypoints.point_sets import UNNAMED
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import wrapped

DETECTED = "As detected"
UNITS = ("mm", "cm", "m", "in")
UPS = ("x", "y", "z", "-x", "-y", "-z")
POSITIONS = (("Replace the offsets", "replace"), ("Add to the offsets", "add"))
ZEROS = (("Missing", True), ("Measured", False))


class ImportDialog(QDialog):
    """open_options: keywords of the reader that this format has; notes: what was detected when the file was last read."""

    def __init__(self, name: str, open_options: tuple[str, ...], notes: tuple[str, ...], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "import_dialog", "How the file is read")
        self.setWindowTitle(f"Read {name}")
        self.unit = _choice("import_unit", "Unit of lengths", DETECTED, [(unit, unit) for unit in UNITS])
        self.up = _choice("import_up", "Axis that points up", DETECTED, [(up.upper(), up) for up in UPS])
        self.zero = _choice("import_zero", "Whether samples at exactly 0, 0, 0 are missing", DETECTED, ZEROS)
        self.positions = _choice("import_positions", "What position channels do to the offsets", DETECTED, POSITIONS)
        self.fps = named(QDoubleSpinBox(), "import_fps", "Frames a second")
        self.fps.setRange(0, 100_000)
        self.fps.setDecimals(3)
        self.fps.setSpecialValueText(DETECTED)
        self.columns = named(QLineEdit(), "import_columns", "Which columns are which point")
        self.columns.setPlaceholderText("LFHD=3-5; C7=6-8; frame=1")
        self.columns.setMinimumWidth(360)
        known = [(name, name) for name in (*(names.name for names in name_sets("keypoints")), UNNAMED)]
        self.points = _choice("import_points", "What the detector's points are", "By where they lie", known)
        self.person = named(QLineEdit(), "import_person", "Which person is read")
        self.person.setPlaceholderText("The one seen longest and largest; 2, or 1+3")
        self.picture = named(QLineEdit(), "import_size", "Width and height of the picture")
        self.picture.setPlaceholderText("1920x1080")
        self.picture.setValidator(QRegularExpressionValidator(QRegularExpression(r"[1-9]\d{0,5}x[1-9]\d{0,5}")))
        form = new_form()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        rows: tuple[tuple[str, str, QWidget], ...] = (
            ("unit", "Unit", self.unit),
            ("up", "Up", self.up),
            ("zero_is_missing", "0, 0, 0 is", self.zero),
            ("positions", "Position channels", self.positions),
            ("fps", "Frames a second", self.fps),
            ("columns", "Columns", self.columns),
            ("points", "Points", self.points),
            ("person", "Person", self.person),
            ("image_wh", "Picture", self.picture),
        )
        for key, text, field in rows:
            if key in open_options:
                form.addRow(text, field)
            else:
                field.setParent(self)
                field.hide()
        decided = named(wrapped("\n".join(map(in_window, notes)) or "Nothing had to be detected."), "import_notes", "What was detected")
        decided.setMinimumWidth(440)
        decided.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        buttons, self.read = cancel_and(self, "Read", "import_do", "Read the file so")
        lay_out(self, decided, form, buttons)
        self.read.setDefault(True)

    def options(self) -> dict[str, Any]:
        """Keywords of `mpm_core.read`: only those the user gave."""
        fps = self.fps.value() or None
        given = {"unit": self.unit.currentData(), "up": self.up.currentData(), "zero_is_missing": self.zero.currentData(), "fps": fps}
        given["positions"] = self.positions.currentData()
        given["columns"] = self.columns.text().strip() or None
        given["points"], given["person"] = self.points.currentData(), self.person.text().strip() or None
        given["image_wh"] = tuple(map(int, self.picture.text().split("x"))) if self.picture.hasAcceptableInput() else None
        return {name: value for name, value in given.items() if value is not None}


def _choice(name: str, spoken: str, undecided: str, items: Sequence[tuple[str, Any]]) -> QComboBox:
    """Texts with the values that they stand for; the first, chosen until the user decides, stands for None."""
    box = named(QComboBox(), name, spoken)
    box.addItem(undecided, None)
    for text, value in items:
        box.addItem(text, value)
    return box


def ask_import(parent: QWidget, name: str, open_options: tuple[str, ...], notes: tuple[str, ...]) -> dict[str, Any] | None:
    """The options the user chose, or None."""
    dialog = ImportDialog(name, open_options, notes, parent)
    return dialog.options() if dialog.exec() == QDialog.DialogCode.Accepted else None
