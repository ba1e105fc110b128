"""The page of a window without a take: open a file, the sample, recent files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QListWidget, QListWidgetItem, QPushButton, QVBoxLayout, QWidget

from mpm_core.io.registry import FORMATS
from mpm_core.resources import resource
from mpm_studio.views.naming import named

SAMPLES = {".bvh": "Sample skeleton (BVH)", ".c3d": "Sample markers (C3D)"}


class StartPage(QWidget):
    """open_path: a file the user picked from those shown."""

    open_path = Signal(object)

    def __init__(self, open_file: QAction, open_folder: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "start_page", "Start")
        title = QLabel("Open a motion capture file")
        title.setProperty("role", "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        known = ", ".join(fmt.title for fmt in FORMATS if fmt.reads and fmt.name != "project")
        hint = QLabel(f"Drop it here, or choose it: {known}.\nThe file itself is never changed.")
        hint.setProperty("role", "dim")
        hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        hint.setWordWrap(True)
        first = named(QPushButton("Open file…"), "start_open", "Open a motion file")
        first.setProperty("primary", "true")
        first.clicked.connect(open_file.trigger)
        second = named(QPushButton("Open folder of keypoints…"), "start_open_folder", "Open a folder of keypoint files")
        second.clicked.connect(open_folder.trigger)
        buttons = QHBoxLayout()
        buttons.setSpacing(10)
        buttons.addStretch(1)
        buttons.addWidget(first)
        buttons.addWidget(second)
        for path in sample_files():
            button = named(QPushButton(SAMPLES[path.suffix]), f"start_sample_{path.suffix[1:]}", f"Open the {SAMPLES[path.suffix]}")
            button.clicked.connect(lambda _checked=False, path=path: self.open_path.emit(path))
            buttons.addWidget(button)
        buttons.addStretch(1)
        self.drop = named(QFrame(), "drop_zone", "Drop a motion file here")
        self.drop.setProperty("role", "drop")
        self.drop.setMaximumWidth(860)
        inside = QVBoxLayout(self.drop)
        inside.setContentsMargins(40, 40, 40, 40)
        inside.setSpacing(18)
        inside.addWidget(title)
        inside.addWidget(hint)
        inside.addLayout(buttons)
        self.recent_title = QLabel("Recent files")
        self.recent_title.setProperty("role", "heading")
        self.recent = named(QListWidget(), "recent_files", "Recent files")
        self.recent.setMaximumWidth(860)
        self.recent.itemActivated.connect(lambda item: self.open_path.emit(Path(item.data(Qt.ItemDataRole.UserRole))))
        self.recent.itemClicked.connect(lambda item: self.open_path.emit(Path(item.data(Qt.ItemDataRole.UserRole))))
        column = QVBoxLayout()
        column.setSpacing(8)
        column.addStretch(2)
        column.addWidget(self.drop)
        column.addSpacing(24)
        column.addWidget(self.recent_title)
        column.addWidget(self.recent)
        column.addStretch(3)
        layout = QHBoxLayout(self)
        layout.addStretch(1)
        layout.addLayout(column, 6)
        layout.addStretch(1)

    def set_recent(self, paths: list[Path]) -> None:
        self.recent.clear()
        for path in paths:
            item = QListWidgetItem(f"{path.name}    {path.parent}")
            item.setData(Qt.ItemDataRole.UserRole, str(path))
            item.setToolTip(str(path))
            self.recent.addItem(item)
        self.recent.ensurePolished()  # before it is shown a row does not know its padding
        self.recent.setFixedHeight(sum(self.recent.sizeHintForRow(row) for row in range(len(paths))) + 2 * self.recent.frameWidth())
        self.recent.setVisible(bool(paths))
        self.recent_title.setVisible(bool(paths))

    def set_over(self, over: bool) -> None:
        """Highlight the drop zone while a file is dragged over it."""
        self.drop.setProperty("over", "true" if over else "false")
        self.drop.style().unpolish(self.drop)
        self.drop.style().polish(self.drop)


def sample_files() -> list[Path]:
    """The bundled takes to start with, one of each kind."""
    folder = resource("sample")
    found = (next(iter(sorted(folder.glob(f"*{suffix}"))), None) for suffix in SAMPLES)
    return [path for path in found if path is not None]
