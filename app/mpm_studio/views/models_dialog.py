"""The models: those that came with the program and those the user added, with their cards, and which is used for what."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from mpm_core.errors import ModelError
from mpm_core.model.header import ModelHeader
from mpm_studio.operations.models import card_text, same_file, shipped, title, usable
from mpm_studio.operations.networks import TASKS, Networks
from mpm_studio.operations.window_words import for_window
from mpm_studio.views.dialog_parts import cancel_and
from mpm_studio.views.naming import named


class ModelsDialog(QDialog):
    """added: the files that the user added. `networks` and `added` are what the user chose, once it is accepted."""

    def __init__(self, networks: Networks, added: Sequence[Path], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "models_dialog", "Models")
        self.setWindowTitle("Models")
        self.resize(900, 600)
        self.used = {"complete": networks.complete, "lift": networks.lift}  # None: the one that came with the program
        self.device = networks.device
        self.added = [path for path in added if path.exists()]
        self._shown: list[ModelHeader] = []
        self.list = named(QListWidget(), "models_list", "Models")
        self.list.setFixedWidth(300)
        self.list.setWordWrap(True)
        self.list.currentRowChanged.connect(lambda _row: self._show_card())
        self.card = named(QTextBrowser(), "models_card", "The model's card")
        self.card.setOpenExternalLinks(True)
        self.card.document().setDocumentMargin(14)
        self.problem = named(QLabel(), "models_problem", "Why a file is not a model")
        self.problem.setWordWrap(True)
        self.add = self._button("Add file…", "models_add", "Add a model file", self._ask)
        self.remove = self._button("Remove", "models_remove", "Take it off this list; the file stays", self._remove)
        self.use = self._button("Use it", "models_use", "Use this model for its task", self._use)
        buttons, self.keep = cancel_and(self, "Keep this choice", "models_keep", "Use the chosen models from now on")
        left = QVBoxLayout()
        left.addWidget(self.list, 1)
        row = QHBoxLayout()
        for button in (self.add, self.remove, self.use):
            row.addWidget(button)
        left.addLayout(row)
        upper = QHBoxLayout()
        upper.addLayout(left)
        upper.addWidget(self.card, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(16, 16, 16, 14)
        layout.setSpacing(10)
        layout.addLayout(upper, 1)
        layout.addWidget(self.problem)
        layout.addWidget(buttons)
        self._list(0)

    @property
    def networks(self) -> Networks:
        return Networks(self.device, self.used["complete"], self.used["lift"])

    def add_file(self, path: Path) -> None:
        """List a model file; what is wrong with a file that is not one is shown."""
        try:
            usable(path)
        except ModelError as error:
            self.problem.setText(str(for_window(error)))
            return
        self.problem.setText("")
        if not any(same_file(path, each.path) for each in self._shown):
            self.added.append(path)
        self._list(next((row for row, each in enumerate(self._shown) if same_file(path, each.path)), len(self._shown)))

    def _button(self, text: str, name: str, spoken: str, act: object) -> QPushButton:
        button = named(QPushButton(text), name, spoken)
        button.setToolTip(spoken)
        button.setAutoDefault(False)
        button.clicked.connect(act)
        return button

    def _ask(self) -> None:
        text, _ = QFileDialog.getOpenFileName(self, "Model file", "", "MPM models (*.safetensors);;All files (*)")
        if text:
            self.add_file(Path(text))

    def _list(self, row: int) -> None:
        """List the models as they are now, and choose a row."""
        self._shown = list(shipped())
        for path in (*self.added, *(path for path in self.used.values() if path is not None)):
            if not any(same_file(path, each.path) for each in self._shown):
                try:
                    self._shown.append(usable(path))
                except ModelError as error:
                    self.problem.setText(str(for_window(error)))
        self.list.blockSignals(True)
        self.list.clear()
        for each in self._shown:
            used = "   ·   in use" if self._is_used(each) else ""
            item = QListWidgetItem(f"{title(each)}\nfor {TASKS[each.task]}{used}", self.list)
            item.setToolTip(str(each.path))
            item.setData(Qt.ItemDataRole.UserRole, str(each.path))
        self.list.blockSignals(False)
        self.list.setCurrentRow(min(row, len(self._shown) - 1))
        self._show_card()

    def _is_shipped(self, model: ModelHeader) -> bool:
        return any(same_file(model.path, each.path) for each in shipped())

    def _is_used(self, model: ModelHeader) -> bool:
        path = self.used[model.task]
        return self._is_shipped(model) if path is None else same_file(path, model.path)

    def _chosen(self) -> ModelHeader | None:
        row = self.list.currentRow()
        return self._shown[row] if 0 <= row < len(self._shown) else None

    def _show_card(self) -> None:
        chosen = self._chosen()
        self.card.setMarkdown("" if chosen is None else card_text(chosen))
        self.use.setEnabled(chosen is not None and not self._is_used(chosen))
        self.remove.setEnabled(chosen is not None and not self._is_shipped(chosen))

    def _use(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.used[chosen.task] = None if self._is_shipped(chosen) else chosen.path
            self._list(self.list.currentRow())

    def _remove(self) -> None:
        chosen = self._chosen()
        if chosen is not None:
            self.added = [path for path in self.added if not same_file(path, chosen.path)]
            if self._is_used(chosen):
                self.used[chosen.task] = None
            self._list(0)


def ask_models(parent: QWidget, networks: Networks, added: Sequence[Path]) -> tuple[Networks, list[Path]] | None:
    """The models to use, and the files to list."""
    dialog = ModelsDialog(networks, added, parent)
    return (dialog.networks, dialog.added) if dialog.exec() == QDialog.DialogCode.Accepted else None
