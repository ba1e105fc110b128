"""How the timeline is drawn: raster of the rows, names, ruler, selection, playhead. Logical pixels; frames are 0-based positions."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QImage, QPainter, QPen, QPixmap, QPolygonF

from mpm_core.recording import Origin
from mpm_studio import palette
from mpm_studio.operations.times import Clock
from mpm_studio.views.coverage import Row, blend, column_edges, shares
from mpm_studio.views.timeline_lines import Line

NAMES, RULER, ROW = 132, 24, 16  # width of the names, height of the ruler, height of a row
INDENT, MARK = 8, 22  # pixels for each line around it, and up to the end of the mark that opens and closes it
BACK = QColor(palette.BACK)
LEAST_PX = {"frames": 70.0, "seconds": 80.0, "smpte": 110.0}  # between numbered ticks
TITLES = {"frames": "Frame", "seconds": "Time", "smpte": "Time code"}
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


def ticks(view: View, frames: int, clock: Clock) -> list[tuple[float, str]]:
    """(frame, text) of the ticks in sight; between the numbered ones, there are some without text."""
    step = clock.step(LEAST_PX[clock.kind] / view.pixels_per_frame)
    minor = max(1.0, step / 5) if clock.kind == "frames" else step / 5
    origin = -float(clock.first_frame) if clock.kind == "frames" else 0.0  # where what is written is 0
    last = min(frames, view.start + (view.width - NAMES) / view.pixels_per_frame + 1)
    found = []
    for count in range(math.ceil((view.start - step - origin) / minor), math.floor((last - 1e-9 - origin) / minor) + 1):
        frame = origin + count * minor
        numbered = abs(frame - origin - step * round((frame - origin) / step)) < 1e-6 * max(step, 1.0)
        if frame > -1e-9:
            found.append((frame, clock.text(frame) if numbered else ""))
    return found


def ruler(painter: QPainter, view: View, frames: int, clock: Clock, work: tuple[int, int] | None, font: QFont) -> None:
    """Times as the clock writes them, and the range that is worked on."""
    painter.fillRect(QRect(0, 0, view.width, RULER), QColor(palette.PANEL))
    painter.setPen(QColor(palette.LINE))
    painter.drawLine(0, RULER - 1, view.width, RULER - 1)
    small = QFont(font)
    small.setPixelSize(11)
    painter.setFont(small)
    painter.setPen(QColor(palette.DIM))
    painter.drawText(QRect(10, 0, NAMES - 16, RULER), Qt.AlignmentFlag.AlignVCenter, TITLES[clock.kind])
    painter.save()
    painter.setClipRect(QRect(NAMES, 0, view.width - NAMES, RULER))
    if work is not None:
        tint = QColor(palette.ACCENT)
        tint.setAlpha(60)
        painter.fillRect(QRectF(view.x(work[0]), 0, (work[1] - work[0]) * view.pixels_per_frame, RULER), tint)
    for frame, text in ticks(view, frames, clock):
        x = view.x(frame + 0.5)
        painter.drawLine(QPointF(x, RULER - (8 if text else 4)), QPointF(x, RULER - 2))
        painter.drawText(QPointF(x + 4, RULER - 9), text)
    painter.restore()


def outside(painter: QPainter, view: View, frames: int, work: tuple[int, int]) -> None:
    """What is not worked on is dimmed, and the range has an edge at each end."""
    painter.save()
    painter.setClipRect(QRect(NAMES, 0, view.width - NAMES, view.height))
    shade = QColor(palette.BACK)
    shade.setAlpha(150)
    for start, stop in ((0, work[0]), (work[1], frames)):
        painter.fillRect(QRectF(view.x(start), RULER, (stop - start) * view.pixels_per_frame, view.height - RULER), shade)
    painter.setPen(QPen(QColor(palette.ACCENT), 2.0))
    for frame, inwards in ((work[0], 5), (work[1], -5)):
        x = view.x(frame)
        painter.drawLine(QPointF(x, 1), QPointF(x, view.height))
        painter.drawLine(QPointF(x, 2), QPointF(x + inwards, 2))
        painter.drawLine(QPointF(x, RULER - 2), QPointF(x + inwards, RULER - 2))
    painter.restore()


def playhead(painter: QPainter, view: View, frame: int, text: str, font: QFont) -> None:
    """A line through the frame's middle with its time on the ruler."""
    x = view.x(frame + 0.5)
    if not NAMES <= x <= view.width:
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(palette.PLAYHEAD), 1.2))
    painter.drawLine(QPointF(x, RULER - 6), QPointF(x, view.height))
    small = QFont(font)
    small.setPixelSize(11)
    small.setBold(True)
    width = QFontMetrics(small).horizontalAdvance(text) + 12
    left = min(max(x - width / 2, NAMES), view.width - width)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(palette.PLAYHEAD))
    painter.drawRoundedRect(QRectF(left, 2, width, 15), 4, 4)
    painter.drawPolygon(QPolygonF([QPointF(x - 4, 16), QPointF(x + 4, 16), QPointF(x, 21)]))
    painter.setFont(small)
    painter.setPen(QColor(palette.ON_ACCENT))
    painter.drawText(QRectF(left, 2, width, 15), Qt.AlignmentFlag.AlignCenter, text)
