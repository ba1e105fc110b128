"""Spans on the timeline: bars and events, drawn, and dragged by their middle or their ends. Frames are 0-based, stop exclusive."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPolygonF

from mpm_core.spans import Span
from mpm_studio import palette
from mpm_studio.views.timeline_paint import NAMES, ROW, RULER, View

LEAST_NAME_PX = 24  # of room, to write an event's name
GRIP_PX = 5.0  # around an end that can be dragged


@dataclass(frozen=True, slots=True)
class Held:
    """A span under the mouse: its place among the spans, and what of it is held."""

    place: int
    part: Literal["start", "stop", "all"]


def held_at(spans: Sequence[Span], places: Sequence[int], view: View, x: float) -> Held | None:
    """The span of a line under a horizontal position; the last drawn wins."""
    for place in reversed(places):
        span = spans[place]
        left, right = view.x(span.start), view.x(span.stop)
        if span.frames == 1:
            middle = view.x(span.start + 0.5)
            left, right = min(left, middle - GRIP_PX), max(right, middle + GRIP_PX)
        if not left - GRIP_PX <= x <= right + GRIP_PX:
            continue
        if span.frames > 1 and right - left > 3 * GRIP_PX:
            if abs(x - left) <= GRIP_PX:
                return Held(place, "start")
            if abs(x - right) <= GRIP_PX:
                return Held(place, "stop")
        if left <= x <= right:
            return Held(place, "all")
    return None


def dragged(span: Span, part: str, frames: int, take: int) -> Span:
    """The span with an end, or all of it (`part`), moved by `frames` frames, kept within the `take` frames of the take."""
    if part == "start":
        return replace(span, start=max(0, min(span.start + frames, span.stop - 1)))
    if part == "stop":
        return replace(span, stop=min(take, max(span.stop + frames, span.start + 1)))
    shift = max(-span.start, min(frames, take - span.stop))
    return replace(span, start=span.start + shift, stop=span.stop + shift)


def draw(painter: QPainter, view: View, row: int, spans: Sequence[Span], places: Sequence[int], font: QFont) -> None:
    """One line of spans: bars with their names where there is room, events as diamonds."""
    painter.save()
    painter.setClipRect(QRectF(NAMES, RULER, view.width - NAMES, view.height - RULER))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    small = QFont(font)
    small.setPixelSize(10)
    painter.setFont(small)
    metrics = QFontMetrics(small)
    top = RULER + row * ROW - view.scroll
    in_time = sorted((spans[place] for place in places), key=lambda span: span.start)
    for span, after in zip(in_time, [*in_time[1:], None], strict=True):
        painter.setPen(Qt.PenStyle.NoPen)
        if span.frames == 1:
            x, y = view.x(span.start + 0.5), top + ROW / 2
            painter.setBrush(QColor(palette.EVENT))
            painter.drawPolygon(QPolygonF([QPointF(x - 5, y), QPointF(x, y - 5), QPointF(x + 5, y), QPointF(x, y + 5)]))
            painter.setPen(QColor(palette.DIM))
            room = (view.width if after is None else view.x(after.start)) - x - 18  # a name does not reach the next event
            if room > LEAST_NAME_PX:
                painter.drawText(QPointF(x + 9, y + 4), metrics.elidedText(span.name, Qt.TextElideMode.ElideRight, int(room)))
            continue
        box = QRectF(view.x(span.start), top + 3, max(3.0, (span.stop - span.start) * view.pixels_per_frame), ROW - 6)
        painter.setBrush(QColor(palette.SPAN))
        painter.drawRoundedRect(box, 3, 3)
        if metrics.horizontalAdvance(span.name) + 10 < box.width():
            painter.setPen(QColor(palette.BACK))
            painter.drawText(box.adjusted(5, 0, -5, 0), Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, span.name)
    painter.restore()
