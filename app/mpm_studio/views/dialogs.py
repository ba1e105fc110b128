"""Dialogs that ask for arguments and return them, or None when the user cancels."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMessageBox,
    QPushButton,
    QWidget,
)

from mpm_core.check.report import proof_path
from mpm_core.edit.mark import frames_text
from mpm_core.errors import FormatError
from mpm_core.io.registry import check_target, writer_for
from mpm_core.recording import Recording
from mpm_studio.operations.opening import name_filter
from mpm_studio.operations.saving import export_formats, stays_behind, suggest_path, what_goes_out
from mpm_studio.operations.skeletons import becomes_skeleton, can_be_skeleton
from mpm_studio.operations.suspects import Repairs, left_pieces
from mpm_studio.operations.video import SUFFIXES
from mpm_studio.operations.window_words import in_window
from mpm_studio.views.answers import answers, lay_out, new_form
from mpm_studio.views.naming import name_buttons, named

AS_SKELETON = "Joints computed from the markers, none of them measured; of several people, a file for each, with their names"


def ask_file(parent: QWidget, folder: Path | None) -> Path | None:
    """A file to open."""
    text, _ = QFileDialog.getOpenFileName(parent, "Open a motion file", str(folder or ""), name_filter())
    return Path(text) if text else None


def ask_video(parent: QWidget, folder: Path | None) -> Path | None:
    """A video to show behind the picture."""
    patterns = " ".join(f"*{suffix} *{suffix.upper()}" for suffix in SUFFIXES)
    text, _ = QFileDialog.getOpenFileName(parent, "Choose the video", str(folder or ""), f"Videos ({patterns});;All files (*)")
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
    return _ending(text, ".mpm")


def ask_recipe_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a recipe."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the recipe", str(suggested), "Recipe (*.toml *.json)")
    if not text:
        return None
    return Path(text) if text.lower().endswith((".toml", ".json")) else Path(f"{text}.toml")


def ask_picture_path(parent: QWidget, suggested: Path, sizes: Mapping[int, str]) -> tuple[Path, int] | None:
    """Where to save a picture, and how many times as large as the view. sizes: by that factor, in words."""
    scale_of = {f"PNG, {size} pixels (*.png)": scale for scale, size in sizes.items()}
    text, chosen = QFileDialog.getSaveFileName(parent, "Save a picture of the view", str(suggested), ";;".join(scale_of))
    return (_ending(text, ".png"), scale_of.get(chosen, 1)) if text else None


def ask_film_path(parent: QWidget, suggested: Path) -> Path | None:
    """Where to save a film."""
    text, _ = QFileDialog.getSaveFileName(parent, "Save the film", str(suggested), "MP4 film (*.mp4)")
    return _ending(text, ".mp4") if text else None


def _ending(text: str, suffix: str) -> Path:
    return Path(text) if text.lower().endswith(suffix) else Path(f"{text}{suffix}")


def ask_unsaved(parent: QWidget, name: str) -> Literal["save", "discard", "cancel"]:
    """What to do with changes that would be lost."""
    box = _question(parent, "unsaved_dialog", "Unsaved changes", "Unsaved changes")
    box.setText(f"Save the changes to {name}?")
    box.setInformativeText("They are lost if you don't.")
    buttons = QMessageBox.StandardButton
    box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
    box.setDefaultButton(buttons.Save)
    name_buttons(box, "unsaved")
    answer = box.exec()
    if answer == buttons.Save:
        return "save"
    return "discard" if answer == buttons.Discard else "cancel"


def ask_proposed(parent: QWidget, name: str, summary: str) -> Literal["accept", "reject", "cancel"]:
    """What to do with a proposed change that would be lost."""
    box = _question(parent, "proposed_dialog", "Proposed change", "Proposed change")
    box.setText(f"Accept the proposed change to {name}?")
    box.setInformativeText(f"{summary}\nIt is lost if you don't.")
    accept = ("Accept", "proposed_accept", "Accept the proposed change")
    reject = ("Reject", "proposed_reject", "Reject the proposed change")
    answer = _first_or_second(box, "proposed", accept, reject)
    return "cancel" if answer is None else "accept" if answer else "reject"


def ask_exchange(parent: QWidget, repairs: Repairs) -> Literal["exchange", "mark", "cancel"]:
    """Whether exchanged labels among what is to be marked are exchanged back instead."""
    box = _question(parent, "exchange_dialog", "Exchange and mark", "Mark all")
    swaps, rest, unsure = len(repairs.exchange), len(repairs.mark), sum(each.kind == "swap" for each in repairs.mark)
    many = swaps != 1
    box.setText(
        f"{swaps} of these {'are' if many else 'is'} exchanged labels. Exchange {'them' if many else 'it'} back instead of marking?"
    )
    others = f"The other {rest} {'are' if rest != 1 else 'is'} marked" if rest else ""
    others += f", {unsure} swap{'s' * (unsure != 1)} that {'are' if unsure != 1 else 'is'} not certain among them" if unsure else ""
    box.setInformativeText(
        "Their samples are measured ones of the other point, and nothing has to be filled. "
        f"{others}{'. ' if others else ''}{f'{text}. ' if (text := left_pieces(repairs.pieces)) else ''}One undo takes all back."
    )
    exchange = ("Exchange", "exchange_accept", "Exchange swaps, mark the rest")
    mark = ("Mark all", "exchange_mark", "Mark all of them as wrong")
    answer = _first_or_second(box, "exchange", exchange, mark)
    return "cancel" if answer is None else "exchange" if answer else "mark"


def _question(parent: QWidget, name: str, spoken: str, title: str) -> QMessageBox:
    """A box without text or buttons. name, spoken: as for `named`."""
    box = named(QMessageBox(parent), name, spoken)
    box.setIcon(QMessageBox.Icon.Question)
    box.setWindowTitle(title)
    return box


def _first_or_second(box: QMessageBox, prefix: str, first: tuple[str, str, str], second: tuple[str, str, str]) -> bool | None:
    """Whether the first of two answers is given, the usual one; None for Cancel.

    An answer: its text, and name and spoken as for `named`.
    """
    roles = QMessageBox.ButtonRole.AcceptRole, QMessageBox.ButtonRole.DestructiveRole
    buttons = [named(box.addButton(text, role), name, spoken) for (text, name, spoken), role in zip((first, second), roles, strict=True)]
    box.addButton(QMessageBox.StandardButton.Cancel)
    name_buttons(box, prefix)
    box.setDefaultButton(buttons[0])
    box.exec()
    chosen = [box.clickedButton() is button for button in buttons]
    return chosen[0] if any(chosen) else None


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
        self.buttons, self.export = answers(self, "Export", "export_do", "Export")
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
