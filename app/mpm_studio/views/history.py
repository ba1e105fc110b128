"""The history: every step with what it changed; a click goes back or ahead to it."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from mpm_core.edit.patch import Edit, Patch
from mpm_core.recording import Recording
from mpm_studio import palette
from mpm_studio.session import Session
from mpm_studio.views.naming import named

OPENED = "As it was opened"


class History(QWidget):
    """go_to: the number of steps that are to be made. counted: those that are."""

    go_to = Signal(int)
    counted = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "history", "History")
        self.session = session
        self.list = named(QListWidget(), "history_list", "Steps, first to last")
        self.list.setWordWrap(True)
        self.list.itemClicked.connect(self._on_item)
        self.list.itemActivated.connect(self._on_item)
        hint = QLabel("A click goes to a step; those after it can be made again until something else is changed.")
        hint.setProperty("role", "dim")
        hint.setWordWrap(True)
        hint.setContentsMargins(10, 8, 10, 8)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.list, 1)
        layout.addWidget(hint)
        for signal in (session.opened, session.changed, session.proposal_changed, session.job_started, session.job_finished):
            signal.connect(lambda *_: self.refresh())

    def refresh(self) -> None:
        """List the steps as they are now; they can be gone to while nothing runs and nothing is proposed."""
        document = self.session.document
        self.list.setEnabled(self.session.ready)
        if document is None:
            return
        texts = [OPENED, *(step_text(edit, document.recording) for edit in (*document.done, *document.undone))]
        made = len(document.done)
        self.list.blockSignals(True)
        self.list.clear()
        for number, text in enumerate(texts):
            item = QListWidgetItem(text, self.list)
            item.setToolTip(text)
            item.setData(Qt.ItemDataRole.UserRole, number)
            if number > made:
                item.setForeground(QColor(palette.FAINT))
        self.list.setCurrentRow(made)
        self.list.blockSignals(False)
        self.counted.emit(made)

    def _on_item(self, item: QListWidgetItem) -> None:
        self.go_to.emit(int(item.data(Qt.ItemDataRole.UserRole)))


def step_text(edit: Edit, rec: Recording) -> str:
    """A step in words: its label, and of a patch how many samples of which points."""
    if not isinstance(edit, Patch):
        return edit.label
    points = sorted({*edit.points_N.tolist()})
    who = rec.points[points[0]] if len(points) == 1 and points[0] < len(rec.points) else f"{len(points)} points"
    methods = ", ".join(dict.fromkeys(run.method for run in edit.filled))
    return f"{edit.label}\n{len(edit):,} samples of {who}{f', by {methods}' if methods else ''}"
