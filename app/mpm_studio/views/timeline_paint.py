"""How the timeline is drawn: raster of the rows, names, ruler, selection, playhead. Logical pixels; frames are 0-based positions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap, QPolygonF

from mpm_core.recording import Origin
from mpm_studio import palette
from mpm_studio.views.coverage import Row, blend, column_edges, shares
from mpm_studio.views.timeline_lines import Line

NAMES, RULER, ROW = 132, 24, 16  # width of the names, height of the ruler, height of a row
INDENT, MARK = 8, 22  # pixels for each line around it, and up to the end of the mark that opens and closes it
BACK = QColor(palette.BACK)
NICE = (1, 2, 5)
_COLOURS_C3 = np.array([palette.rgb(palette.TIMELINE_ORIGIN[origin]) for origin in Origin]) * 255
_BACK_3 = np.array(palette.rgb(palette.BACK)) * 255


@dataclass(frozen=True, slots=True)
class View:
    """The visible part: first frame, zoom, pixels scrolled down, size of the viewport, device pixels in a logical one."""

    start: float
    pixels_per_frame: float
    scroll: int
    width: int
    height: int
    ratio: float

    def x(self, frame: float) -> float:
        return NAMES + (frame - self.start) * self.pixels_per_frame


class Raster:
    """The rows as a pixmap, made again only when the view or the rows changed."""

    def __init__(self) -> None:
        self._view: View | None = None
        self._pixmap = QPixmap()

    def drop(self) -> None:
        self._view = None

    def draw(self, painter: QPainter, view: View, rows: list[Row]) -> None:
        if view != self._view:
            self._pixmap, self._view = _rows_pixmap(view, rows), view
        painter.drawPixmap(NAMES, RULER, self._pixmap)


def _rows_pixmap(view: View, rows: list[Row]) -> QPixmap:
    width = max(1, round((view.width - NAMES) * view.ratio))
    height = max(1, round((view.height - RULER) * view.ratio))
    pixmap = QPixmap(width, height)
    pixmap.fill(BACK)
    first = view.scroll // ROW
    last = min(len(rows), (view.scroll + view.height - RULER) // ROW + 1)
    if last > first:
        edges_W = column_edges(view.start, 1 / (view.pixels_per_frame * view.ratio), width)
        rgb_RW3 = np.stack([blend(shares(row, edges_W), _COLOURS_C3, _BACK_3) for row in rows[first:last]])
        rgb_RW3 = np.ascontiguousarray(rgb_RW3)
        image = QImage(rgb_RW3.data, width, last - first, 3 * width, QImage.Format.Format_RGB888)
        painter = QPainter(pixmap)
        top = (first * ROW - view.scroll) * view.ratio
        painter.drawImage(QRectF(0, top, width, (last - first) * ROW * view.ratio), image)
        painter.setPen(QPen(BACK, max(1.0, 2 * view.ratio)))
        for row in range(last - first + 1):
            y = top + row * ROW * view.ratio
            painter.drawLine(QPointF(0, y), QPointF(width, y))
        painter.end()
    pixmap.setDevicePixelRatio(view.ratio)
    return pixmap


def names(painter: QPainter, view: View, lines: Sequence[Line], chosen: set[int], font: QFont) -> None:
    """The lines' names at the left, the selected ones highlighted, subjects and groups bold with a mark for open or closed."""
    painter.save()
    painter.setClipRect(QRect(0, RULER, view.width, view.height - RULER))
    painter.fillRect(QRect(0, RULER, NAMES, view.height - RULER), QColor(palette.PANEL))
    small = QFont(font)
    small.setPixelSize(11)
    painter.setFont(small)
    bold = QFont(small)
    bold.setBold(True)
    for row in range(view.scroll // ROW, min(len(lines), (view.scroll + view.height) // ROW + 1)):
        box = QRect(0, RULER + row * ROW - view.scroll, NAMES, ROW)
        if row in chosen:
            painter.fillRect(box, QColor(palette.SELECTED_ROW))
        line = lines[row]
        group = line.kind in ("subject", "group")
        painter.setFont(bold if group else small)
        painter.setPen(QColor(palette.TEXT if row in chosen or group else palette.DIM))
        text = f"{'▾' if line.open else '▸'} {line.text}" if group else line.text
        inner = box.adjusted(10 + INDENT * line.depth, 0, -6, 0)
        elided = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideMiddle, inner.width())
        painter.drawText(inner, Qt.AlignmentFlag.AlignVCenter, elided)
    painter.restore()


def on_mark(line: Line, x: float) -> bool:
    """Whether a horizontal position is on the mark that opens and closes a line."""
    return bool(line.key) and x < MARK + INDENT * line.depth


def selection(painter: QPainter, view: View, rows: list[int], start: int, stop: int) -> None:
    """A frame around each run of selected rows."""
    painter.save()
    painter.setClipRect(QRect(NAMES, RULER, view.width - NAMES, view.height - RULER))
    tint = QColor(palette.ACCENT)
    painter.setPen(QPen(QColor(palette.PLAYHEAD), 1.4))
    tint.setAlpha(36)
    painter.setBrush(tint)
    runs = np.split(np.array(rows), np.flatnonzero(np.diff(rows) > 1) + 1) if rows else []
    for run in runs:
        top = RULER + int(run[0]) * ROW - view.scroll
        width = max(2.0, (stop - start) * view.pixels_per_frame)
        painter.drawRect(QRectF(view.x(start), top + 1, width, len(run) * ROW - 2))
    painter.restore()


def tick_step(pixels_per_frame: float, least_pixels: float = 70.0) -> int:
    """Frames between two numbered ticks: 1, 2 or 5 times a power of ten, at least so many pixels apart."""
    power = 1
    while True:
        for nice in NICE:
            if nice * power * pixels_per_frame >= least_pixels:
                return nice * power
        power *= 10


def ruler(painter: QPainter, view: View, frames: int, first_frame: int, font: QFont) -> None:
    """Frame numbers as users count them."""
    painter.fillRect(QRect(0, 0, view.width, RULER), QColor(palette.PANEL))
    painter.setPen(QColor(palette.LINE))
    painter.drawLine(0, RULER - 1, view.width, RULER - 1)
    small = QFont(font)
    small.setPixelSize(11)
    painter.setFont(small)
    painter.setPen(QColor(palette.DIM))
    painter.drawText(QRect(10, 0, NAMES - 16, RULER), Qt.AlignmentFlag.AlignVCenter, "Frame")
    painter.save()
    painter.setClipRect(QRect(NAMES, 0, view.width - NAMES, RULER))
    step = tick_step(view.pixels_per_frame)
    minor = max(1, step // 5)
    low = int(view.start) + first_frame
    high = min(frames, int(view.start + (view.width - NAMES) / view.pixels_per_frame) + 1) + first_frame
    for number in range(-(-low // minor) * minor, high, minor):
        x = view.x(number - first_frame + 0.5)
        major = number % step == 0
        painter.drawLine(QPointF(x, RULER - (8 if major else 4)), QPointF(x, RULER - 2))
        if major:
            painter.drawText(QPointF(x + 4, RULER - 9), f"{number:,}")
    painter.restore()


def playhead(painter: QPainter, view: View, frame: int, number: int, font: QFont) -> None:
    """A line through the frame's middle with its number on the ruler."""
    x = view.x(frame + 0.5)
    if not NAMES <= x <= view.width:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.PLAYHEAD), 1.2))
    painter.drawLine(QPointF(x, RULER - 6), QPointF(x, view.height))
    small = QFont(font)
    small.setPixelSize(11)
    small.setBold(True)
    text = f"{number:,}"
    width = QFontMetrics(small).horizontalAdvance(text) + 12
    left = min(max(x - width / 2, NAMES), view.width - width)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.PLAYHEAD))
    painter.drawRoundedRect(QRectF(left, 2, width, 15), 4, 4)
    painter.drawPolygon(QPolygonF([QPointF(x - 4, 16), QPointF(x + 4, 16), QPointF(x, 21)]))
    painter.setFont(small)
    painter.setPen(QColor(palette.ON_ACCENT))
    painter.drawText(QRectF(left, 2, width, 15), Qt.AlignmentFlag.AlignCenter, text)
