"""Files as tiles: a picture, and a name below it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QListWidget, QListWidgetItem, QWidget

from mpm_studio import palette
from mpm_studio.views.naming import named

PICTURE = QSize(192, 120)
TILE = QSize(212, 168)
PATH = Qt.ItemDataRole.UserRole


class Tiles(QListWidget):
    """As tall as its rows. open_path: the user picked a file, with a click or Enter."""

    open_path = Signal(object)

    def __init__(self, name: str, spoken: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, name, spoken)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setIconSize(PICTURE)
        self.setGridSize(TILE)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setProperty("role", "tiles")
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.itemClicked.connect(self._on_item)
        self.itemActivated.connect(self._on_item)

    def set_files(self, files: list[tuple[Path, str]], picture: Callable[[Path], Path | None]) -> None:
        """Show files under these names. picture: of a file, None while it has none."""
        self.clear()
        for path, text in files:
            item = QListWidgetItem(QIcon(_picture(path, picture(path), self.devicePixelRatioF())), text, self)
            item.setData(PATH, str(path))
            item.setToolTip(str(path))
            item.setTextAlignment(Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop)
        self._fit()

    def show_picture(self, path: Path, picture: Path) -> None:
        """The picture of one of the files, once it is drawn."""
        for row in range(self.count()):
            if self.item(row).data(PATH) == str(path):
                self.item(row).setIcon(QIcon(_picture(path, picture, self.devicePixelRatioF())))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        across = max(1, self.width() // TILE.width())
        self.setFixedHeight(max(1, -(-self.count() // across)) * TILE.height() + 2)

    def _on_item(self, item: QListWidgetItem) -> None:
        self.open_path.emit(Path(item.data(PATH)))


def _picture(path: Path, picture: Path | None, ratio: float) -> QPixmap:
    """The picture in a tile's size with round corners; without one, the file's ending."""
    drawn = QPixmap(PICTURE * ratio)
    drawn.setDevicePixelRatio(ratio)
    drawn.fill(Qt.GlobalColor.transparent)
    area = QRect(0, 0, PICTURE.width(), PICTURE.height())
    painter = QPainter(drawn)
    painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
    painter.setPen(Qt.PenStyle.NoPen)
    found = QPixmap() if picture is None else QPixmap(str(picture))
    if found.isNull():
        painter.setBrush(QColor(palette.RAISED))
        painter.drawRoundedRect(area, 6, 6)
        painter.setPen(QColor(palette.DIM))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, path.suffix.lstrip(".").upper() or "FOLDER")
    else:
        painter.drawPixmap(area, found)
    painter.end()
    return drawn
