"""The dialog that exports a take: format, file, and what it will hold."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from mpm_core.check.report import proof_path
from mpm_core.edit.mark import frames_text
from mpm_core.errors import FormatError
from mpm_core.io.registry import check_target, writer_for
from mpm_core.recording import Recording
from mpm_studio.operations.saving import export_formats, stays_behind, suggest_path, what_goes_out
from mpm_studio.operations.skeletons import becomes_skeleton, can_be_skeleton
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named

AS_SKELETON = "Joints computed from the markers, none of them measured; of several people, a file for each, with their names"


class ExportDialog(QDialog):
    """Format and file of an export, and what it will hold. part: the take is only the part of one that is worked on."""

    def __init__(self, rec: Recording, parent: QWidget | None = None, overrides: dict[str, str] | None = None, part: bool = False) -> None:
        super().__init__(parent)
        named(self, "export_dialog", "Export")
        self.setWindowTitle("Export")
        self.rec, self.part = rec, part
        self._stays_behind = cache(lambda fmt: stays_behind(rec, fmt))
        self.format = named(QComboBox(), "export_format", "Format")
        self.as_body = named(
            QCheckBox("As a skeleton that follows the markers"), "export_as_body", "As a skeleton that follows the markers"
        )
        self.as_body.setToolTip("Joints with rotations, bones of constant length and a T-pose, instead of the markers themselves")
        self.as_body.setVisible(can_be_skeleton(rec, overrides))
        self.holds = named(QLabel(), "export_holds", "What the export holds")
        self.holds.setWordWrap(True)
        self._offer()
        self.path = named(QLineEdit(), "export_path", "File")
        self.path.setMinimumWidth(420)
        browse = named(QPushButton("Browse…"), "export_browse", "Choose the file")
        browse.setAutoDefault(False)
        line = QHBoxLayout()
        line.addWidget(self.path, 1)
        line.addWidget(browse)
        form = new_form()
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight)
        form.addRow("Format", self.format)
        form.addRow("", self.as_body)
        form.addRow("File", line)
        form.addRow("Holds", self.holds)
        self.problem = named(QLabel(), "export_problem", "Why this cannot be exported yet")
        self.problem.setWordWrap(True)
        self.buttons, self.export = cancel_and(self, "Export", "export_do", "Export")
        lay_out(self, form, self.problem, self.buttons)
        self.export.setDefault(True)  # only a button inside its dialog can be that
        self.path.setFocus()
        self.format.currentIndexChanged.connect(self._suggest)
        self.as_body.toggled.connect(self._offer)
        self.path.textChanged.connect(self._check)
        browse.clicked.connect(self._browse)
        self._suggest()

    def target(self) -> Path:
        return Path(self.path.text()).expanduser()

    def _offer(self) -> None:
        """List the formats that can hold the take, or the skeleton made of it."""
        as_body = self.as_body.isChecked()
        self.formats = export_formats(self.rec, as_body=as_body)
        holds = AS_SKELETON if as_body else what_goes_out(self.rec)
        self.holds.setText(f"Only {frames_text(self.rec, 0, self.rec.frames)}, which are worked on: {holds}" if self.part else holds)
        self.format.clear()
        self.format.addItems([f"{fmt.title}  ({fmt.suffixes[0]})" for fmt in self.formats])

    def _suggest(self) -> None:
        if self.format.currentIndex() < 0:
            return
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
        left = "" if stops or self.as_body.isChecked() else self._stays_behind(writer_for(self.target()))
        text = " ".join(filter(None, (problem, f"{left}." if left else "")))
        self.problem.setText(text)
        self.problem.setVisible(bool(text))
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
            return in_window(f"{error.what[:1].upper()}{error.what[1:]}: {error.hint}."), True
        if fmt not in self.formats:
            return f"A take like this cannot be written as {fmt.title}.", True
        if target.exists():
            return "A file of this name is there and will be replaced.", False
        if self.as_body.isChecked() or becomes_skeleton(self.rec, fmt):  # is written without a proof
            return "", False
        proof = proof_path(target)
        return (f"{proof.name} is there, of another export, and will be replaced.", False) if proof.exists() else ("", False)


def ask_export(parent: QWidget, rec: Recording, overrides: dict[str, str], part: bool = False) -> tuple[Path, bool] | None:
    """Where to export to, whose ending says the format, and whether as a skeleton made of the markers. part: as ExportDialog's."""
    dialog = ExportDialog(rec, parent, overrides, part)
    return (dialog.target(), dialog.as_body.isChecked()) if dialog.exec() == QDialog.DialogCode.Accepted else None
