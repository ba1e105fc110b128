"""The history: every step with what was asked for and what it changed; a click goes back or ahead to it."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QMenu, QPushButton, QVBoxLayout, QWidget

from mpm_core.edit.patch import Edit
from mpm_studio import palette
from mpm_studio.operations.steps import step_text
from mpm_studio.session import Session
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import wrapped

OPENED = "As it was opened"


class History(QWidget):
    """go_to: the number of steps that are to be made. counted: those that are. recipe: the user wants to do the same to other takes."""

    go_to = Signal(int)
    counted = Signal(int)
    recipe = Signal()

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "history", "History")
        self.session = session
        self._texts: dict[int, tuple[Edit, str]] = {}  # by id: an edit's samples are counted once
        self.list = named(QListWidget(), "history_list", "Steps, first to last")
        self.list.setWordWrap(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        self.list.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.list.customContextMenuRequested.connect(self._menu)
        hint = wrapped("A click goes to a step; those after it can be made again until something else is changed.")
        hint.setContentsMargins(10, 8, 10, 4)
        self.button = named(QPushButton("Do the same to other takes…"), "history_recipe", "Make a recipe of these steps, for other takes")
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.recipe)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.list, 1)
        layout.addWidget(hint)
        layout.addLayout(foot)
        for signal in (session.opened, session.changed):
            signal.connect(lambda *_: self.refresh())
        for signal in (session.proposal_changed, session.job_started, session.job_finished):
            signal.connect(lambda *_: self._enable())
        self._enable()

    def refresh(self) -> None:
        """List the steps as they are now; they can be gone to while nothing runs and nothing is proposed."""
        self._enable()
        document = self.session.document
        if document is None:
            return
        made, undone, points = document.done, document.undone, document.recording.points
        known, self._texts = self._texts, {}
        for place, edit in enumerate((*made, *undone)):
            text = known[id(edit)][1] if id(edit) in known else str(step_text(edit, points, made=place < len(made)))
            self._texts[id(edit)] = edit, text
        self.list.blockSignals(True)
        self.list.clear()
        for number, text in enumerate((OPENED, *(text for _, text in self._texts.values()))):
            item = QListWidgetItem(text, self.list)
            item.setToolTip(text)
            item.setData(Qt.ItemDataRole.UserRole, number)
            if number > len(made):
                item.setForeground(QColor(palette.FAINT))
        self.list.setCurrentRow(len(made))
        self.list.blockSignals(False)
        self.counted.emit(len(made))

    def _enable(self) -> None:
        self.list.setEnabled(self.session.ready)
        self.button.setEnabled(self.session.ready)

    def _menu(self, at: QPoint) -> None:
        item = self.list.itemAt(at)
        if item is None or self.session.document is None:
            return
        number, made = int(item.data(Qt.ItemDataRole.UserRole)), len(self.session.document.done)
        menu = named(QMenu(self), "history_menu", "What can be done with this step")
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction("Go there", partial(self.go_to.emit, number))
        menu.addAction("Undo it and what is after it", partial(self.go_to.emit, number - 1)).setEnabled(0 < number <= made)
        menu.addSeparator()
        menu.addAction("Copy its text", partial(QGuiApplication.clipboard().setText, item.text()))
        menu.addAction("Do the same to other takes…", self.recipe.emit)
        menu.popup(self.list.viewport().mapToGlobal(at))

    def _on_item(self, item: QListWidgetItem) -> None:
        self.go_to.emit(int(item.data(Qt.ItemDataRole.UserRole)))
