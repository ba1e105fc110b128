"""Small discs in the colour of an origin, for lists."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPixmap

from mpm_core.recording import Origin
from mpm_studio import palette


@cache
def dot(origin: Origin) -> QIcon:
    """A small disc in the colour of an origin, the same in a selected row."""
    pixmap = QPixmap(32, 32)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.TIMELINE_ORIGIN[origin]))
    painter.drawEllipse(6, 6, 20, 20)
    painter.end()
    icon = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        icon.addPixmap(pixmap, mode)
    return icon
