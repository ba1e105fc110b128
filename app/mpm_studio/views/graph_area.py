"""The lanes of the graph: curves of the selected points over the timeline's frames, with fills, sigma, the original and other answers."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from mpm_core.recording import Recording
from mpm_studio import palette
from mpm_studio.operations.answers import Answer
from mpm_studio.operations.gap_edges import whole_gaps
from mpm_studio.operations.graph_series import Series
from mpm_studio.session import Session
from mpm_studio.views import graph_draw as draw
from mpm_studio.views import graph_paint as paint
from mpm_studio.views.cancelled_drag import CancelledDrag
from mpm_studio.views.focus_ring import FocusRing
from mpm_studio.views.graph_curves import collect
from mpm_studio.views.graph_mouse import GraphMouse
from mpm_studio.views.mouse_events import MouseEvents
from mpm_studio.views.naming import named
from mpm_studio.views.rotations import Rotations
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.timeline_paint import NAMES

MOST_POINTS = 8
ROOM = 0.08  # above and below the curves, of their range
LEAST = {"position": 0.02, "speed": 0.1, "acceleration": 1.0, "rotation": 2.0}  # range of a lane's values, metres (and seconds), degrees


class GraphArea(MouseEvents[GraphMouse], QWidget):
    """went_to: the user goes to a frame; dragged_key: point, frame, axis, value of a sample that is set by hand.

    painted(marks): the user dragged over the selected range to mark it as wrong, or (False) to take marks back. moved_edges: as the
    timeline's.
    """

    went_to = Signal(int)
    dragged_key = Signal(int, int, int, float)
    painted = Signal(bool)
    moved_edges = Signal(object, int, int)

    def __init__(self, session: Session, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "graph_area", "Curves of the selected points")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        FocusRing(self)
        self.session, self.timeline = session, timeline
        self.mode, self.apart = "position", True
        self.answers: list[Answer] = []
        self.rec: Recording | None = None  # whose curves these are; the session may show another until the next turn
        self.series: dict[int, Series] = {}
        self._ghost: dict[int, Series] = {}
        self._ranges: list[tuple[float, float]] | None = None  # of each lane, as the user zoomed; None: fitted to what is visible
        self._fits: dict[int, tuple[float, float]] = {}  # by lane, of what is visible; empty when that changed
        self._pixmap: QPixmap | None = None
        self._mouse = GraphMouse(self)
        CancelledDrag(self, self._mouse)
        self.rotations = Rotations(self)
        self.rotations.ready.connect(self.refresh)
        self.rotations.failed.connect(session.failed)
        self.rotations.failed.connect(lambda _failure: self.refresh())

    # what is shown

    def refresh(self) -> None:
        """Draw the selected points as they are now."""
        rec, document = self.session.shown, self.session.document
        self.rec, self.series, self._ghost = rec, {}, {}
        if rec is not None and document is not None and rec.frames:
            other = document.recording if self.session.proposal is not None else self.session.original
            self.series = collect(rec, self.session.selection.points[:MOST_POINTS], self.mode, self.rotations)
            if other is not None and other is not rec and other.points == rec.points and other.xyz_FPD.shape == rec.xyz_FPD.shape:
                self._ghost = collect(other, self.series, self.mode, self.rotations)
        self.redraw()

    def redraw(self) -> None:
        self._pixmap, self._fits = None, {}
        self.update()

    def set_mode(self, mode: str) -> None:
        self.mode, self._ranges = mode, None
        self.refresh()

    def set_apart(self, apart: bool) -> None:
        """A lane for each axis, or one for all."""
        self.apart, self._ranges = apart, None
        self.redraw()

    def set_answers(self, answers: list[Answer]) -> None:
        self.answers = answers
        self.redraw()

    def fit(self) -> None:
        """Values fitted to what is visible."""
        self.set_ranges(None)

    def set_ranges(self, ranges: list[tuple[float, float]] | None) -> None:
        """The range of each lane; None: fitted to what is visible."""
        self._ranges = ranges
        self.redraw()

    def lanes(self) -> list[paint.Lane]:
        """The lanes as they are now, from the top."""
        first = next(iter(self.series.values()), None)
        if first is None:
            return []
        count = len(first.lanes) if self.apart else 1
        ranges = self._ranges if self._ranges is not None and len(self._ranges) == count else [self._fitted(lane) for lane in range(count)]
        tall = self.height() / count
        start, scale = self.timeline.start, self.timeline.pixels_per_frame
        return [paint.Lane(n * tall, tall - 1, low, high, start, scale, self.width()) for n, (low, high) in enumerate(ranges)]

    def lane(self, number: int) -> paint.Lane:
        """The lane of an axis."""
        return self.lanes()[number if self.apart else 0]

    def _fitted(self, lane: int) -> tuple[float, float]:
        if lane not in self._fits:
            self._fits[lane] = self._fit(lane)
        return self._fits[lane]

    def _fit(self, lane: int) -> tuple[float, float]:
        """The range of a lane's visible values."""
        first, last = (int(frame) for frame in self.timeline.visible_frames)
        own = slice(lane, lane + 1) if self.apart else slice(None)
        values = [each.value_FC[max(0, first) : last + 1, own].ravel() for each in self.series.values()]
        if self.mode == "position":
            values += [answer.patch.xyz_ND[:, own].astype(np.float64).ravel() for answer in self._own_answers()]
        some = np.concatenate(values)
        some = some[np.isfinite(some)]
        low, high = (float(some.min()), float(some.max())) if len(some) else (0.0, 1.0)
        least = LEAST[self.mode] * (1.0 if self.rec is None or self.rec.dims == 3 else 200.0)
        room = max((least - (high - low)) / 2, ROOM * (high - low))
        return low - room, high + room

    def _own_answers(self) -> list[Answer]:
        """Answers for the points that are shown."""
        return [answer for answer in self.answers if len(answer.patch) and int(answer.patch.points_N[0]) in self.series]

    # drawing

    def sizeHint(self) -> QSize:
        return QSize(600, 240)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), QColor(palette.BACK))  # curves of another size stay until the turn in which they are drawn again
        lanes = self.lanes()
        rec = self.rec
        curves = None if rec is None else draw.Curves(rec, self.mode, self.series, self._ghost, self._own_answers())
        if curves is None or not lanes:
            painter.setPen(QColor(palette.DIM))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._why_empty())
            return
        if self._pixmap is None:
            self._pixmap = QPixmap(self.size() * self.devicePixelRatioF())
            self._pixmap.setDevicePixelRatio(self.devicePixelRatioF())
            self._pixmap.fill(QColor(palette.BACK))
            inner = QPainter(self._pixmap)
            inner.setFont(draw.small(self.font()))
            for number, lane in enumerate(lanes):
                draw.lane(inner, lane, (number,) if self.apart else range(len(curves.axes)), curves)
            inner.end()
        painter.drawPixmap(0, 0, self._pixmap)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setFont(draw.small(self.font()))
        x = NAMES + (self.session.frame + 0.5 - self.timeline.start) * self.timeline.pixels_per_frame
        if x >= NAMES:
            painter.setPen(QPen(QColor(palette.PLAYHEAD), 1.2))
            painter.drawLine(QPointF(x, 0), QPointF(x, self.height()))
        self._draw_edges(painter)
        if self._mouse.key is not None:
            _, frame, number, value = self._mouse.key
            paint.key(painter, self.lane(number), frame, value, strong=True)
        hover = self._mouse.hover
        frame = self.timeline.frame_at(hover.x()) if hover is not None and hover.x() >= NAMES else self.session.frame
        draw.readout(painter, lanes, curves, min(frame, curves.rec.frames - 1))

    def _draw_edges(self, painter: QPainter) -> None:
        """Where the selected gaps begin and end, and, stronger, the selection, which shows where a dragged edge will be."""
        gaps, selection = whole_gaps(self.session.selected_gaps_of(self.series)), self.session.selection
        for frame in {frame for gap in gaps for frame in gap[1:]} if gaps else ():
            paint.edge(painter, self.timeline.x_of(frame), self.height(), strong=False)
        for frame in (selection.start, selection.stop) if gaps and selection.has_range else ():
            paint.edge(painter, self.timeline.x_of(frame), self.height(), strong=True)

    def _why_empty(self) -> str:
        if not self.session.selection.points:
            return "Select a point to see its curves"
        if self.rotations.jobs.busy:
            return "From positions to rotations …"
        if self.session.shown is not None and self.rotations.failed_for(self.session.shown):
            return "The rotations could not be worked out"
        return "This is an end of the hierarchy: it has no rotations"

    # the mouse

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self.timeline.fit()
        self.fit()

    def leaveEvent(self, event: object) -> None:
        self._mouse.hover = None
        self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._mouse.wheel(event)
