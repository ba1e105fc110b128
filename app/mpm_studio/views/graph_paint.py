"""How a lane of the graph is drawn: shading, grid, curves, sigma bands. Logical pixels; frames are 0-based, their middle at + 0.5."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from pyqtgraph.functions import arrayToQPath
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

from mpm_core.gaps import runs
from mpm_core.recording import Origin
from mpm_core.typing import Float, Int, UInt8
from mpm_studio import palette
from mpm_studio.operations.graph_series import decimated, nice_step
from mpm_studio.views.table import RIGHT
from mpm_studio.views.timeline_paint import NAMES

SHADE = {Origin.MISSING: 36, Origin.MARKED: 30, Origin.FILLED: 18, Origin.PREDICTED: 18, Origin.HAND: 24, Origin.FILTERED: 24}  # opacity
BAND = 56
GRID_PX = 26  # at least, between two lines
DASH = (4.0, 3.0)
Number = TypeVar("Number", float, Float)


@dataclass(frozen=True, slots=True)
class Lane:
    """A part of the graph: its top and height, the values at its bottom and top, first visible frame, zoom, width."""

    top: float
    height: float
    low: float
    high: float
    start: float
    pixels_per_frame: float
    width: float

    def x(self, frame: Number) -> Number:
        """Pixels from the left of a frame's middle."""
        return NAMES + (frame + 0.5 - self.start) * self.pixels_per_frame

    def y(self, value: Number) -> Number:
        """Pixels from the top of a value."""
        return self.top + self.height * (1 - (value - self.low) / max(self.high - self.low, 1e-12))

    def value(self, y: float) -> float:
        """The value at a height in pixels from the top: the inverse of `y`."""
        return self.low + (1 - (y - self.top) / self.height) * (self.high - self.low)

    @property
    def frames(self) -> tuple[int, int]:
        """First and last + 1 frame that may be drawn, not limited to the take."""
        return int(np.floor(self.start)) - 1, int(np.ceil(self.start + (self.width - NAMES) / self.pixels_per_frame)) + 1


def shade(painter: QPainter, lane: Lane, origin_F: UInt8) -> None:
    """Stripes where a point is not measured, at least a pixel and a half wide."""
    low, high = _inside(lane, len(origin_F))
    for origin, opacity in SHADE.items():
        colour = QColor(palette.TIMELINE_ORIGIN[origin])
        colour.setAlpha(opacity)
        for start, stop in runs(origin_F[low:high] == origin):
            x = NAMES + (start + low - lane.start) * lane.pixels_per_frame
            painter.fillRect(QRectF(x, lane.top, max(1.5, (stop - start) * lane.pixels_per_frame), lane.height), colour)


def grid(painter: QPainter, lane: Lane, name: str, colour: str) -> None:
    """Lines at round values with their figures at the left, and the lane's name."""
    step = nice_step(lane.high - lane.low, max(1, int(lane.height / GRID_PX)))
    digits = max(0, -int(np.floor(np.log10(step) + 1e-9)))
    painter.setPen(QPen(QColor(palette.LINE), 1))
    first = int(np.ceil(lane.low / step))
    for number in range(first, first + 40):
        value = number * step
        if value > lane.high:
            break
        y = lane.y(value)
        line = QColor(palette.LINE)
        line.setAlpha(90)
        painter.setPen(QPen(line, 1))
        painter.drawLine(QPointF(NAMES, y), QPointF(lane.width, y))
        if lane.top + 7 < y < lane.top + lane.height - 5:
            painter.setPen(QColor(palette.DIM))
            painter.drawText(QRectF(0, y - 8, NAMES - 8, 16), RIGHT, f"{value:.{digits}f}")
    painter.setPen(QPen(QColor(palette.LINE), 1))
    painter.drawLine(QPointF(0, lane.top + lane.height), QPointF(lane.width, lane.top + lane.height))
    painter.setPen(QColor(colour))
    painter.drawText(QRectF(10, lane.top + 4, NAMES - 60, 16), Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, name)


def curve(
    painter: QPainter, lane: Lane, value_F: Float, colour: str, *, dashed: bool = False, opacity: int = 255, width: float = 1.4
) -> None:
    """A curve, broken where it is NaN; far out its least and greatest value in each pixel."""
    low, high = _inside(lane, len(value_F))
    if not np.isfinite(value_F[low:high]).any():
        return
    frame_N, value_N = decimated(np.arange(low, high, dtype=np.float64), value_F[low:high], round(lane.width - NAMES))
    tint = QColor(colour)
    tint.setAlpha(opacity)
    dense = len(value_N) < high - low  # a band of least and greatest values: smooth edges would cost ten times the time and not show
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, not dense)
    pen = QPen(tint, 1.0 if dense else width)
    if dashed and lane.pixels_per_frame > 0.4:
        pen.setDashPattern([each / width for each in DASH])
    pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
    painter.setPen(pen)
    known_N = np.isfinite(value_N)
    kept_N = known_N | np.append(False, known_N[:-1])  # one place between two parts of a path is enough
    x_N, y_N, known_N = lane.x(frame_N[kept_N]), lane.y(value_N[kept_N]), np.pad(known_N[kept_N], 1)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(arrayToQPath(x_N, y_N, connect="finite"))
    for place in np.flatnonzero(known_N[1:-1] & ~known_N[:-2] & ~known_N[2:]).tolist():  # a path shows no single sample
        painter.drawLine(QPointF(x_N[place] - 1, y_N[place]), QPointF(x_N[place] + 1, y_N[place]))


def band(painter: QPainter, lane: Lane, value_F: Float, sigma_F: Float, colour: str) -> None:
    """One sigma to either side of a curve, where both are known."""
    low, high = _inside(lane, len(value_F))
    tint = QColor(colour)
    tint.setAlpha(BAND)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(tint)
    spans = runs(np.isfinite(value_F[low:high]) & np.isfinite(sigma_F[low:high]))
    if spans:
        at_N, aside_N, side_N = _outlines(np.array(spans) + low)
        y_N = lane.y(value_F[at_N] + side_N * sigma_F[at_N])
        painter.drawPath(arrayToQPath(lane.x(at_N + aside_N), y_N, connect="finite"))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _outlines(span_N2: Int) -> tuple[Int, Float, Float]:
    """Outlines around a curve, each over frames start..stop-1: ahead above it, back below it, and to where it began.

    The frame of each corner; how far beside its middle it is, half a frame to either side where a span has but one; and its side, 1 above,
    -1 below, NaN between two outlines.
    """
    frames_N = span_N2[:, 1] - span_N2[:, 0]
    ahead_N = np.maximum(frames_N, 2)
    span_C = np.repeat(np.arange(len(frames_N)), 2 * ahead_N + 2)
    corner_C = np.arange(len(span_C)) - np.searchsorted(span_C, span_C)
    ahead_C = ahead_N[span_C]
    back_C = (corner_C >= ahead_C) & (corner_C < 2 * ahead_C)
    step_C = np.where(back_C, 2 * ahead_C - 1 - corner_C, corner_C % ahead_C)
    side_C = np.where(corner_C > 2 * ahead_C, np.nan, np.where(back_C, -1.0, 1.0))
    single_C = frames_N[span_C] == 1
    return span_N2[span_C, 0] + np.where(single_C, 0, step_C), np.where(single_C, step_C - 0.5, 0.0), side_C


def key(painter: QPainter, lane: Lane, frame: int, value: float, strong: bool) -> None:
    """A sample set by hand: a diamond that can be dragged."""
    x, y, reach = lane.x(frame), lane.y(value), 6.0 if strong else 4.5
    painter.setPen(QPen(QColor(palette.BACK), 1))
    painter.setBrush(QColor(palette.ORIGIN[Origin.HAND]))
    painter.drawPolygon(QPolygonF([QPointF(x - reach, y), QPointF(x, y - reach), QPointF(x + reach, y), QPointF(x, y + reach)]))
    painter.setBrush(Qt.BrushStyle.NoBrush)


def edge(painter: QPainter, x: float, height: float, strong: bool) -> None:
    """The edge of a gap, which can be dragged."""
    if x >= NAMES:
        tint = QColor(palette.ACCENT)
        tint.setAlpha(200 if strong else 90)
        painter.setPen(QPen(tint, 1.0))
        painter.drawLine(QPointF(x, 0), QPointF(x, height))


def _inside(lane: Lane, frames: int) -> tuple[int, int]:
    low, high = lane.frames
    return max(0, min(low, frames)), max(0, min(high, frames))
