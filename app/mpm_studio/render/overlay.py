"""What is written over the 3D view, in one pass of a QPainter. Pixels from the top left; P points."""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter, QPen

from mpm_core.recording import Origin
from mpm_core.samples import FILLERS
from mpm_core.typing import Float, UInt8
from mpm_studio import palette
from mpm_studio.render.camera import Camera

EMPTY = "Open a C3D, BVH or keypoint file (Ctrl+O), or drop one here"
MARGIN = 14.0
LABEL_PX, TEXT_PX, EMPTY_PX = 11, 12, 16
CLOCK_PX = 200.0  # width of the words in the top left corner
HALO_ALPHA = 170
LEGEND = {Origin.MISSING: "missing", Origin.MARKED: "marked", **FILLERS, Origin.FILTERED: "filtered"}
SHADE = QColor(palette.SHADE)
SHADE.setAlpha(150)


def clock(frame: int, first_frame: int, frames: int, rate_hz: float) -> str:
    """'frame 12 / 120    0:00.18'; frames as users count."""
    seconds = frame / rate_hz
    return f"frame {frame + first_frame} / {frames - 1 + first_frame}    {int(seconds // 60)}:{seconds % 60:05.2f}"


def draw_corner(painter: QPainter, text: str) -> None:
    """Quiet text in the top left corner."""
    _font(painter, TEXT_PX)
    painter.setPen(QColor(palette.VIEW_DIM))
    painter.drawText(QPointF(MARGIN, MARGIN + TEXT_PX), text)


def draw_legend(painter: QPainter, width: float, origins: Collection[Origin]) -> None:
    """What the colours of these origins mean, in the top right corner: in a row, in a narrow view in a column."""
    _font(painter, LABEL_PX)
    metrics = painter.fontMetrics()
    entries = {origin: text for origin, text in LEGEND.items() if origin in origins}
    if not entries:
        return
    widths = [metrics.horizontalAdvance(text) + 26 for text in entries.values()]
    row = sum(widths) < width - CLOCK_PX - MARGIN
    x = width - MARGIN - (sum(widths) if row else max(widths))
    y = MARGIN + 2
    if x < CLOCK_PX:
        y += 1.5 * TEXT_PX  # below the clock
    for (origin, text), wide in zip(entries.items(), widths, strict=True):
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(palette.TIMELINE_ORIGIN[origin]))
        painter.drawRoundedRect(QRectF(x, y, 10, 10), 2, 2)
        painter.setPen(QColor(palette.VIEW_TEXT))
        painter.drawText(QPointF(x + 15, y + 9), text)
        x, y = (x + wide, y) if row else (x, y + 17)


def draw_message(painter: QPainter, text: str, width: float, height: float, colour: str = palette.VIEW_DIM) -> None:
    """Text in the middle, wrapped."""
    _font(painter, EMPTY_PX)
    painter.setPen(QColor(colour))
    flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
    painter.drawText(QRectF(MARGIN * 2, MARGIN, width - 4 * MARGIN, height - 2 * MARGIN), flags, text)


def draw_axes(painter: QPainter, camera: Camera, height: float) -> None:
    """Where x, y and z point, in the bottom left corner; the nearest axis last."""
    middle = np.array([MARGIN + 24, height - MARGIN - 24])
    axes_33 = camera.axes_33
    _font(painter, LABEL_PX)
    for axis in np.argsort(axes_33[2]):
        colour = QColor((palette.AXIS_X, palette.AXIS_Y, palette.AXIS_Z)[axis])
        tip = middle + 20 * np.array([axes_33[0, axis], -axes_33[1, axis]])
        label = middle + 28 * np.array([axes_33[0, axis], -axes_33[1, axis]])
        painter.setPen(QPen(colour, 2))
        painter.drawLine(QPointF(*middle), QPointF(*tip))
        painter.drawText(QRectF(label[0] - 8, label[1] - 8, 16, 16), Qt.AlignmentFlag.AlignCenter, "xyz"[axis])


def draw_rings(painter: QPainter, at_P2: Float, radius_P: Float) -> None:
    """A ring around each point that is in view."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for colour, width in ((SHADE, 4.0), (QColor(palette.SELECTED), 1.8)):
        painter.setPen(QPen(colour, width))
        for (x, y), radius in zip(at_P2, radius_P, strict=True):
            if np.isfinite(x):
                painter.drawEllipse(QPointF(x, y), radius, radius)


def draw_halos(painter: QPainter, at_P2: Float, radius_P: Float, origin_P: UInt8) -> None:
    """The outline of each halo that is in view (NaN: none), in the colour of its origin."""
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for place in np.flatnonzero(np.isfinite(at_P2[:, 0]) & np.isfinite(radius_P)):
        colour = QColor(palette.ORIGIN[Origin(int(origin_P[place]))])
        colour.setAlpha(HALO_ALPHA)
        painter.setPen(QPen(colour, 1.2))
        painter.drawEllipse(QPointF(*at_P2[place]), radius_P[place], radius_P[place])


def draw_labels(painter: QPainter, names: Sequence[str], at_P2: Float, offset_P: Float, strong: int) -> None:
    """Names beside points, the first `strong` of them bright; a name that would cover an earlier one is left out."""
    _font(painter, LABEL_PX)
    metrics = painter.fontMetrics()
    taken: list[QRectF] = []
    for place, (name, (x, y), offset) in enumerate(zip(names, at_P2, offset_P, strict=True)):
        if not np.isfinite(x):
            continue
        area = QRectF(x + offset + 3, y - 8, metrics.horizontalAdvance(name) + 8, 16)
        if any(area.intersects(other) for other in taken):
            continue
        taken.append(area)
        if place < strong:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(SHADE)
            painter.drawRoundedRect(area, 4, 4)
        painter.setPen(QColor(palette.VIEW_TEXT if place < strong else palette.VIEW_DIM))
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)


def draw_subjects(painter: QPainter, subjects: Sequence[tuple[str, Float]]) -> None:
    """The name of each subject above the highest of its points that are in view, (P, 2); below the legend, and one below the other."""
    _font(painter, TEXT_PX)
    metrics = painter.fontMetrics()
    painter.setPen(QColor(palette.VIEW_TEXT))
    taken: list[QRectF] = []
    for name, at_P2 in subjects:
        at_N2 = at_P2[np.isfinite(at_P2).all(axis=1)]
        if not len(at_N2):
            continue
        x, y = at_N2[at_N2[:, 1].argmin()]
        wide, high = metrics.horizontalAdvance(name) + 4, 1.3 * TEXT_PX
        area = QRectF(x - wide / 2, max(y - 3 * TEXT_PX, MARGIN + 1.5 * TEXT_PX), wide, high)
        while any(area.intersects(other) for other in taken):
            area.translate(0, high)
        taken.append(area)
        painter.drawText(area, Qt.AlignmentFlag.AlignCenter, name)


def _font(painter: QPainter, pixels: int) -> None:
    font = QFont(painter.font())
    font.setPixelSize(pixels)
    painter.setFont(font)
