"""Settings: what networks run on and come from, and how the 3D view draws."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

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

from mpm_studio.operations.networks import DEVICES, TASKS, Networks
from mpm_studio.palette import THEMES
from mpm_studio.settings import SHORT_GAPS_S
from mpm_studio.views.dialog_parts import cancel_and, lay_out, new_form
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim

EDGES = {"auto": "Smooth on a graphics card", "smooth": "Always smooth (4x MSAA)", "plain": "Plain, which is fastest"}


@dataclass(frozen=True, slots=True)
class Choices:
    """networks: see there; edges: a key of EDGES; theme: of palette.THEMES; pictures: of takes, on the start page; short_gap: of
    settings.SHORT_GAPS_S, seconds."""

    networks: Networks
    edges: str
    theme: str = "dark"
    pictures: bool = True
    short_gap: str = SHORT_GAPS_S[0]


class SettingsDialog(QDialog):
    """devices: those of this machine. Here model files need only exist; a job checks that they hold a network."""

    def __init__(self, now: Choices, devices: list[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "settings_dialog", "Settings")
        self.setWindowTitle("Settings")
        self.device = named(QComboBox(), "settings_device", "Device that networks run on")
        for name in devices:
            self.device.addItem(DEVICES[name], name)
        self.device.setCurrentIndex(max(0, self.device.findData(now.networks.device)))
        self.models = {task: named(QLineEdit(), f"settings_{task}", f"Model file for {word}") for task, word in TASKS.items()}
        self.edges = named(QComboBox(), "settings_edges", "Edges in the 3D view")
        for key, text in EDGES.items():
            self.edges.addItem(text, key)
        self.edges.setCurrentIndex(self.edges.findData(now.edges))
        self.theme = named(QComboBox(), "settings_theme", "Theme of the window")
        for key, text in THEMES.items():
            self.theme.addItem(text, key)
        self.theme.setCurrentIndex(max(0, self.theme.findData(now.theme)))
        form = new_form()
        form.addRow("Networks run on", self.device)
        for task, path in (("complete", now.networks.complete), ("lift", now.networks.lift)):
            form.addRow(f"Model for {TASKS[task]}", self._file_row(task, path))
        form.addRow("Edges in the 3D view", self.edges)
        form.addRow("Theme", self.theme)
        self.pictures = named(QCheckBox("Pictures of takes"), "settings_pictures", "Pictures of recent takes on the start page")
        self.pictures.setChecked(now.pictures)
        form.addRow("Start page", self.pictures)
        self.short = named(QComboBox(), "settings_short_gap", "How long a gap may be to be short")
        for seconds in sorted(SHORT_GAPS_S, key=float):
            self.short.addItem(f"up to {seconds} s", seconds)
        self.short.setCurrentIndex(self.short.findData(now.short_gap))
        form.addRow("Short gaps", self.short)
        later = dim("Edges, theme and start page change when the program is started again.")
        self.problem = named(QLabel(), "settings_problem", "Why this cannot be used yet")
        self.problem.setWordWrap(True)
        buttons, self.use = cancel_and(self, "Use this", "settings_use", "Use these settings")
        lay_out(self, form, later, self.problem, buttons)
        self.use.setDefault(True)
        self._check()

    def choices(self) -> Choices:
        files = {task: Path(field.text().strip()).expanduser() if field.text().strip() else None for task, field in self.models.items()}
        networks = Networks(self.device.currentData(), files["complete"], files["lift"])
        return Choices(networks, self.edges.currentData(), self.theme.currentData(), self.pictures.isChecked(), self.short.currentData())

    def _file_row(self, task: str, path: Path | None) -> QHBoxLayout:
        field = self.models[task]
        field.setMinimumWidth(380)
        field.setPlaceholderText("The one that came with the program")
        field.setClearButtonEnabled(True)
        field.setText("" if path is None else str(path))
        field.textChanged.connect(self._check)
        browse = named(QPushButton("Browse…"), f"settings_browse_{task}", f"Choose the model file for {TASKS[task]}")
        browse.setAutoDefault(False)
        browse.clicked.connect(lambda: self._browse(task))
        row = QHBoxLayout()
        row.addWidget(field, 1)
        row.addWidget(browse)
        return row

    def _browse(self, task: str) -> None:
        title = f"Model for {TASKS[task]}"
        text, _ = QFileDialog.getOpenFileName(self, title, self.models[task].text(), "MPM models (*.safetensors);;All files (*)")
        if text:
            self.models[task].setText(text)

    def _check(self) -> None:
        networks = self.choices().networks
        absent = [path for path in (networks.complete, networks.lift) if path is not None and not path.is_file()]
        self.problem.setText(f"There is no file {absent[0]}." if absent else "")
        self.problem.setVisible(bool(absent))
        self.use.setEnabled(not absent)


def ask_settings(parent: QWidget, now: Choices, devices: list[str]) -> Choices | None:
    """The user's choices."""
    dialog = SettingsDialog(now, devices, parent)
    return dialog.choices() if dialog.exec() == QDialog.DialogCode.Accepted else None
