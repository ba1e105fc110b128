"""Dialogs that ask for arguments and return them, or None when the user cancels."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from mpm_core.errors import FormatError
from mpm_core.io.registry import check_target
from mpm_core.recording import Recording
from mpm_studio.operations.lifting import LiftRequest
from mpm_studio.operations.opening import name_filter
from mpm_studio.operations.saving import export_formats, suggest_path, what_goes_out
from mpm_studio.views.answers import answers
from mpm_studio.views.naming import named


def ask_name(parent: QWidget, title: str, what: str) -> str:
    """A name, '' when the user cancels."""
    text, given = QInputDialog.getText(parent, title, what)
    return text.strip() if given else ""


def ask_file(parent: QWidget, folder: Path | None) -> Path | None:
    """A file to open."""
    text, _ = QFileDialog.getOpenFileName(parent, "Open a motion file", str(folder or ""), name_filter())
    return Path(text) if text else None


def ask_folder(parent: QWidget, folder: Path | None) -> Path | None:
    """A folder of keypoint files to open."""
    text = QFileDialog.getExistingDirectory(parent, "Open a folder of keypoint files", str(folder or ""))
    return Path(text) if text else None


def ask_project_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a project."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the project", str(suggested), "mpm-studio project (*.mpm)")
    if not text:
        return None
    return Path(text) if text.lower().endswith(".mpm") else Path(f"{text}.mpm")


def ask_recipe_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a recipe."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the recipe", str(suggested), "Recipe (*.toml *.json)")
    if not text:
        return None
    return Path(text) if text.lower().endswith((".toml", ".json")) else Path(f"{text}.toml")


def ask_unsaved(parent: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
    """What to do with changes that would be lost."""
    box = QMessageBox(parent)
    named(box, "unsaved_dialog", "Unsaved changes")
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle("Unsaved changes")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("They are lost if you don't.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    answer = box.exec()
    if answer == buttons.Save:
        return "save"
    return "discard" if answer == buttons.Discard else "cancel"


class ExportDialog(QDialog):
    """Format and file of an export, and what it will hold."""

    def __init__(self, rec: Recording, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "export_dialog", "Export")
        self.setWindowTitle("Export")
        self.rec = rec
        self.formats = export_formats(rec)
        self.format = named(QComboBox(), "export_format", "Format")
        for fmt in self.formats:
            self.format.addItem(f"{fmt.title}  ({fmt.suffixes[0]})")
        self.path = named(QLineEdit(), "export_path", "File")
        self.path.setMinimumWidth(420)
        browse = named(QPushButton("Browse…"), "export_browse", "Choose the file")
        browse.setAutoDefault(False)
        line = QHBoxLayout()
        line.addWidget(self.path, 1)
        line.addWidget(browse)
        form = QFormLayout()
        form.setSpacing(10)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.addRow("Format", self.format)
        form.addRow("File", line)
        holds = named(QLabel(what_goes_out(rec)), "export_holds", "What the export holds")
        holds.setWordWrap(True)
        form.addRow("Holds", holds)
        self.problem = named(QLabel(), "export_problem", "Why this cannot be exported yet")
        self.problem.setWordWrap(True)
        self.buttons, self.export = answers(self, "Export", "export_do", "Export")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(self.problem)
        layout.addWidget(self.buttons)
        self.export.setDefault(True)  # only a button inside its dialog can be that
        self.path.setFocus()
        self.format.currentIndexChanged.connect(self._suggest)
        self.path.textChanged.connect(self._check)
        browse.clicked.connect(self._browse)
        self._suggest()

    def target(self) -> Path:
        return Path(self.path.text()).expanduser()

    def _suggest(self) -> None:
        folder = self.target().parent if self.path.text() else None
        self.path.setText(str(suggest_path(self.rec, self.formats[self.format.currentIndex()], folder)))

    def _browse(self) -> None:
        fmt = self.formats[self.format.currentIndex()]
        options = QFileDialog.Option.DontConfirmOverwrite  # the dialog itself says what an existing file means
        text, _ = QFileDialog.getSaveFileName(self, "Export to", self.path.text(), f"{fmt.title} (*{fmt.suffixes[0]})", options=options)
        if text:
            self.path.setText(text if Path(text).suffix else text + fmt.suffixes[0])

    def _check(self) -> None:
        problem, stops = self._problem()
        self.problem.setText(problem)
        self.problem.setVisible(bool(problem))
        self.export.setEnabled(not stops)

    def _problem(self) -> tuple[str, bool]:
        """What is wrong with the present file name, and whether it forbids the export."""
        target = self.target()
        if not self.path.text().strip() or target.is_dir():
            return "Give the file a name.", True
        if not target.parent.is_dir():
            return f"There is no folder {target.parent}.", True
        try:
            fmt = check_target(self.rec, target)
        except FormatError as error:
            return f"{error.what[:1].upper()}{error.what[1:]}: {error.hint}.", True
        if fmt not in self.formats:
            return f"A take like this cannot be written as {fmt.title}.", True
        return ("A file of this name is there and will be replaced.", False) if target.exists() else ("", False)


def ask_export(parent: QWidget, rec: Recording) -> Path | None:
    """Where to export to; the ending says the format."""
    dialog = ExportDialog(rec, parent)
    return dialog.target() if dialog.exec() == QDialog.DialogCode.Accepted else None


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
        wide, high = rec.source.image_wh or (1920, 1080)
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
        size = QHBoxLayout()
        size.addWidget(self.width_px)
        size.addWidget(QLabel("×"))
        size.addWidget(self.height_px)
        form = QFormLayout()
        form.setSpacing(10)
        form.addRow("Frames", self.fps)
        form.addRow(self.size_known, size)
        form.addRow(self.tall_known, self.tall)
        hint = QLabel("Values that are not given are taken from the file, or are typical of a person.")
        hint.setProperty("role", "dim")
        buttons, go = answers(self, "Lift", "lift_do", "Lift to 3D")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(18, 18, 18, 14)
        layout.setSpacing(12)
        layout.addLayout(form)
        layout.addWidget(hint)
        layout.addWidget(buttons)
        go.setDefault(True)
        for box, number in ((self.size_known, self.width_px), (self.size_known, self.height_px), (self.tall_known, self.tall)):
            box.toggled.connect(number.setEnabled)
            number.setEnabled(box.isChecked())
            box.setMinimumHeight(number.sizeHint().height())  # in line with its field

    def request(self) -> LiftRequest:
        return LiftRequest(
            self.rec,
            fps=self.fps.value(),
            size=(self.width_px.value(), self.height_px.value()) if self.size_known.isChecked() else None,
            height_m=self.tall.value() if self.tall_known.isChecked() else None,
        )


def ask_lift(parent: QWidget, rec: Recording) -> LiftRequest | None:
    """The options of a lift."""
    dialog = LiftDialog(rec, parent)
    return dialog.request() if dialog.exec() == QDialog.DialogCode.Accepted else None
