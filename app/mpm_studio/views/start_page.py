"""The page of a window without a take: open a file, recent files and samples as pictures."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QScrollArea, QVBoxLayout, QWidget

from mpm_core.io.registry import FORMATS
from mpm_core.resources import resource
from mpm_studio.thumbnails import Thumbnails
from mpm_studio.views.naming import named
from mpm_studio.views.text_labels import dim
from mpm_studio.views.tiles import Tiles

SAMPLES = (
    ("walk_reach_sit.bvh", "Sample skeleton (BVH)"),
    ("walk_reach_sit.c3d", "Sample markers (C3D)"),
    ("walk_reach_sit_openpose", "Sample keypoints (2D)"),
)


class StartPage(QScrollArea):
    """open_path: a file the user picked from those shown."""

    open_path = Signal(object)

    def __init__(self, open_file: QAction, open_folder: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "start_page", "Start")
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self._recent: list[Path] = []
        self._thumbnails: Thumbnails | None = None
        self.drop = self._drop_zone(open_file, open_folder)
        self.recent_title, self.recent = _heading("Recent"), Tiles("recent_files", "Recent files")
        self.samples = Tiles("start_samples", "Samples")
        for tiles in (self.recent, self.samples):
            tiles.open_path.connect(self.open_path)
        page = named(QWidget(), "start_content", "Start")
        page.setProperty("role", "page")
        column = QVBoxLayout(page)
        column.setContentsMargins(32, 28, 32, 24)
        column.setSpacing(8)
        column.addWidget(self.drop)
        column.addSpacing(12)
        for part in (self.recent_title, self.recent, _heading("Samples"), self.samples):
            column.addWidget(part)
        column.addStretch(1)
        self.setWidget(page)
        self.set_recent([])

    @staticmethod
    def _drop_zone(open_file: QAction, open_folder: QAction) -> QFrame:
        title = QLabel("Open a motion capture file")
        title.setProperty("role", "title")
        title.setAlignment(Qt.AlignmentFlag.AlignCenter)
        known = ", ".join(fmt.title for fmt in FORMATS if fmt.reads and fmt.name != "project")
        hint = dim("Drop it here, or choose it. The file itself is never changed.")
        hint.setToolTip(known)
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
        buttons.addStretch(1)
        drop = named(QFrame(), "drop_zone", "Drop a motion file here")
        drop.setProperty("role", "drop")
        inside = QVBoxLayout(drop)
        inside.setContentsMargins(32, 24, 32, 24)
        inside.setSpacing(12)
        inside.addWidget(title)
        inside.addWidget(hint)
        inside.addLayout(buttons)
        return drop

    def show_pictures(self, thumbnails: Thumbnails) -> None:
        """Draw the files' pictures from now on, while the page is seen."""
        self._thumbnails = thumbnails
        for tiles in (self.recent, self.samples):
            thumbnails.drawn.connect(tiles.show_picture)
        self._show()

    def set_recent(self, paths: list[Path]) -> None:
        self._recent = paths
        self._show()

    def showEvent(self, event: object) -> None:
        self._show()

    def _show(self) -> None:
        self.recent.set_files([(path, path.name) for path in self._recent], self._picture)
        self.samples.set_files(sample_files(), self._picture)
        self.recent.setVisible(bool(self._recent))
        self.recent_title.setVisible(bool(self._recent))

    def _picture(self, path: Path) -> Path | None:
        return self._thumbnails.picture(path) if self._thumbnails is not None and self.isVisible() else None

    def set_over(self, over: bool) -> None:
        """Highlight the drop zone while a file is dragged over it."""
        self.drop.setProperty("over", "true" if over else "false")
        self.drop.style().unpolish(self.drop)
        self.drop.style().polish(self.drop)


def _heading(text: str) -> QLabel:
    label = QLabel(text)
    label.setProperty("role", "heading")
    return label


def sample_files() -> list[tuple[Path, str]]:
    """The bundled takes to start with, and their names."""
    found = [(resource("sample") / name, text) for name, text in SAMPLES]
    return [(path, text) for path, text in found if path.exists()]
