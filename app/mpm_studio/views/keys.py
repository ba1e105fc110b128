"""All keys and gestures on one page, of the window's actions."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QGridLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from mpm_studio.views.dialog_parts import close_button
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim

COLUMNS = 3
MOUSE = (
    ("Drag on the timeline", "select rows and frames"),
    ("Shift + drag there, or in the graph", "mark as wrong; with Ctrl take marks back"),
    ("Shift + drag on the ruler", "set the range that is worked on"),
    ("Double click a gap", "go to it, with what is around it"),
    ("Drag an edge of the selected gap", "move it, on the timeline or in the graph; its fill follows"),
    ("Right click on a span", "go to it, work on its frames, rename or remove it"),
    ("Click a name on the timeline", "select its points; its mark: open, close"),
    ("Ctrl + wheel", "zoom the timeline"),
    ("Middle drag", "pan it or the view"),
    ("Drag in the view", "orbit"),
    ("Drag the selected point", "set it by hand; in a hierarchy the limb bends"),
    ("Shift + click in the view", "select a point with others, or no more"),
    ("Ctrl + drag in the view", "select in a box"),
    ("Drag a filled sample in the graph", "set it by hand, the gap is filled around it"),
    ("Wheel in the graph", "zoom time; with Shift values"),
    ("Double click in the graph", "show all"),
    ("Right click", "select what is there, and see what can be done to it"),
    ("Wheel in the view", "zoom"),
    ("Esc during a drag", "take it back"),
    ("M, D in the list of suspects", "mark all samples of the chosen causes, dismiss them as right"),
)


def show_keys(parent: QWidget, actions: Sequence[QAction], change: QAction) -> None:
    """Show the page. change: the action that changes keys."""
    used = [action for action in actions if action.shortcuts()]
    lines = [(" or ".join(key.toString() for key in each.shortcuts()), each.iconText().rstrip("…")) for each in used]
    lines += list(MOUSE)
    dialog = named(QDialog(parent), "keys_dialog", "Keys")
    dialog.setWindowTitle("Keys")
    grid = QGridLayout()
    grid.setHorizontalSpacing(14)
    grid.setVerticalSpacing(6)
    rows = -(-len(lines) // COLUMNS)
    for number, (keys, text) in enumerate(lines):
        row, column = number % rows, number // rows * 2
        key = QLabel(f"<b>{keys}</b>")
        key.setAlignment(Qt.AlignmentFlag.AlignRight)
        grid.addWidget(key, row, column)
        words = dim(text)
        words.setMinimumWidth(150)
        grid.addWidget(words, row, column + 1)
    buttons = close_button(dialog)
    other = named(QPushButton("Change keys…"), "keys_change", "Change keys")
    other.clicked.connect(dialog.accept)
    other.clicked.connect(change.trigger)
    buttons.addButton(other, QDialogButtonBox.ButtonRole.ActionRole)
    layout = QVBoxLayout(dialog)
    layout.setContentsMargins(20, 20, 20, 14)
    layout.setSpacing(16)
    page = QWidget()
    page.setLayout(grid)
    scroll = named(QScrollArea(), "keys_page", "All keys")
    scroll.setWidget(page)
    scroll.setFrameShape(QScrollArea.Shape.NoFrame)
    layout.addWidget(scroll)
    layout.addWidget(buttons)
    bar, around = scroll.verticalScrollBar().sizeHint().width(), layout.sizeHint() - scroll.sizeHint()
    dialog.resize((page.sizeHint() + QSize(40 + bar, around.height() + bar)).boundedTo(parent.screen().availableSize() * 0.9))
    dialog.exec()
