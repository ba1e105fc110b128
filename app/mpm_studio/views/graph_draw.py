"""A lane of the graph: every point's curve with its fills, the original as a ghost, other methods' answers, and the read-out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QFont, QPainter

from mpm_core.recording import Origin, Recording
from mpm_core.samples import FILLS
from mpm_core.typing import Float
from mpm_studio import palette
from mpm_studio.operations.answers import Answer
from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.graph_series import Series, with_edges
from mpm_studio.views import graph_paint as paint
from mpm_studio.views.timeline_paint import NAMES

MOST_KEYS = 400
AXES = "XYZ"


@dataclass(frozen=True, slots=True, eq=False)
class Curves:
    """What a graph shows: series and ghosts by point, the first point leading; answers of other methods, for positions only."""

    rec: Recording
    mode: str
    series: Mapping[int, Series]
    ghosts: Mapping[int, Series]
    answers: Sequence[Answer]

    @property
    def axes(self) -> tuple[str, ...]:
        """The names of the leading point's curves."""
        return next(iter(self.series.values())).lanes


def lane(painter: QPainter, where: paint.Lane, numbers: Sequence[int], curves: Curves) -> None:
    """One lane, with the curves of these axes, and everything but the playhead."""
    first = next(iter(curves.series))
    area = QRectF(NAMES, where.top, where.width - NAMES, where.height)
    painter.save()
    painter.setClipRect(area)
    paint.shade(painter, where, curves.series[first].origin_F)
    painter.restore()
    named = [each in AXES for each in curves.axes]
    colours = [palette.CURVES_XYZ[AXES.index(each)] if all(named) else palette.TEXT for each in curves.axes]
    title = " ".join(curves.axes[number] for number in numbers)
    paint.grid(painter, where, title, colours[numbers[0]] if len(numbers) == 1 else palette.DIM)
    painter.save()
    painter.setClipRect(area)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for number in numbers:
        for place, point in enumerate(curves.series):
            _point(painter, where, number, curves, point, palette.LINES[place % len(palette.LINES)] if place else colours[number])
        for place, answer in enumerate(curves.answers if curves.mode == "position" else ()):
            value_F = np.full(curves.rec.frames, np.nan)
            value_F[answer.patch.frames_N] = answer.patch.xyz_ND[:, number]
            paint.curve(painter, where, value_F, palette.LINES[place % len(palette.LINES)], dashed=True, width=1.2)
    painter.restore()


def readout(painter: QPainter, lanes: Sequence[paint.Lane], curves: Curves, frame: int) -> None:
    """The first point's value of each lane in a frame, with sigma, at the right."""
    rec = curves.rec
    point, shown = next(iter(curves.series.items()))
    back = QColor(palette.BACK)
    back.setAlpha(190)
    digits = 1 if curves.mode == "rotation" else 3
    for number, where in enumerate(lanes):
        own = [number] if len(lanes) == len(shown.lanes) else range(len(shown.lanes))
        values = [shown.value_FC[frame, each] if frame < len(shown.value_FC) else np.nan for each in own]
        text = "–" if np.isnan(values).any() else f"{', '.join(f'{value:.{digits}f}' for value in values)} {shown.unit}"
        sigma = float(rec.sigma_FP[frame, point])
        if curves.mode == "position" and np.isfinite(sigma):
            text += f" ± {sigma_text(sigma, rec.dims)}"
        if number == 0:
            text = f"frame {frame + rec.source.first_frame:,}   {text}"
        width = painter.fontMetrics().horizontalAdvance(text) + 12
        box = QRectF(where.width - width - 6, where.top + 4, width, 17)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(back)
        painter.drawRoundedRect(box, 3, 3)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QColor(palette.TEXT))
        painter.drawText(box, Qt.AlignmentFlag.AlignCenter, text)


def _point(painter: QPainter, where: paint.Lane, number: int, curves: Curves, point: int, colour: str) -> None:
    rec, value_F = curves.rec, curves.series[point].value_FC[:, number]
    origin_F = curves.series[point].origin_F
    if point in curves.ghosts:
        _ghost(painter, where, curves.ghosts[point].value_FC[:, number], value_F)
    if curves.mode == "position":
        for origin in FILLS:
            own_F = origin_F == origin
            if own_F.any():
                sigma_F = np.where(own_F, rec.sigma_FP[:, point], np.nan).astype(np.float64)
                paint.band(painter, where, value_F, sigma_F, palette.TIMELINE_ORIGIN[origin])
    plain_F = (origin_F == Origin.MEASURED) | (origin_F == Origin.FILTERED)
    paint.curve(painter, where, np.where(plain_F, value_F, np.nan), colour)
    for origin in (*FILLS, Origin.MARKED):
        own_F = origin_F == origin
        if own_F.any():
            drawn_F = np.where(with_edges(own_F), value_F, np.nan)
            paint.curve(painter, where, drawn_F, palette.TIMELINE_ORIGIN[origin], dashed=True, width=1.8)
    if curves.mode == "position" and where.pixels_per_frame > 1:
        low, high = (max(0, frame) for frame in where.frames)
        for frame in np.flatnonzero(origin_F[low:high] == Origin.HAND)[:MOST_KEYS] + low:
            paint.key(painter, where, int(frame), float(value_F[frame]), strong=False)


def _ghost(painter: QPainter, where: paint.Lane, ghost_F: Float, value_F: Float) -> None:
    differs_F = (ghost_F != value_F) & ~(np.isnan(ghost_F) & np.isnan(value_F))
    if differs_F.any():
        paint.curve(painter, where, np.where(with_edges(differs_F), ghost_F, np.nan), palette.GHOST, opacity=130, width=1.0)


def small(font: QFont) -> QFont:
    """The graph's font."""
    out = QFont(font)
    out.setPixelSize(11)
    return out
