"""The timeline: a line per point, in groups, and per kind of span; the colours of what is measured, missing, marked, filled."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from mpm_core.recording import Recording
from mpm_studio.session import Session
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views import timeline_spans
from mpm_studio.views.cancelled_drag import CancelledDrag
from mpm_studio.views.focus_ring import FocusRing
from mpm_studio.views.mouse_events import MouseEvents
from mpm_studio.views.timeline_content import Content
from mpm_studio.views.timeline_lines import Line
from mpm_studio.views.timeline_mouse import Mouse
from mpm_studio.views.timeline_tip import tip

CLOSEST = 24.0  # pixels a frame, zoomed in
CONTEXT_S = 0.25


class Timeline(MouseEvents[Mouse], QAbstractScrollArea):
    """Shows a Session's recording over time. view_changed: the visible frames changed; scrubbed(frame): the user goes there.

    painted(marks): the user dragged over the selected range to mark it as wrong, or (False) to take marks back. entered_gap: a Gap was
    double clicked. moved_edges(gaps, start, stop): the edges of these GapPlaces were dragged by so many frames.
    """

    view_changed = Signal()
    scrubbed = Signal(int)
    painted = Signal(bool)
    entered_gap = Signal(object)
    moved_edges = Signal(object, int, int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline: one row per point, what is measured, missing, marked and filled")
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setObjectName("timeline_rows")
        self.viewport().setAccessibleName("Timeline rows")
        self.viewport().setMouseTracking(True)
        FocusRing(self)
        self.setMinimumHeight(paint.RULER + 3 * paint.ROW)
        self.session = session
        self._rec: Recording | None = None
        self._content = Content()
        self._raster = paint.Raster()
        self.start, self.pixels_per_frame, self._whole = 0.0, 1.0, True
        self._mouse = Mouse(self)
        CancelledDrag(self, self._mouse)
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self.refresh())
        session.proposal_changed.connect(self.refresh)
        session.mapping_changed.connect(self.refresh)
        session.work_changed.connect(self.viewport().update)
        session.clock_changed.connect(self.viewport().update)
        session.frame_changed.connect(lambda _frame: self._on_frame())
        session.selection_changed.connect(self._on_selection)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    # what is shown

    @property
    def plot_width(self) -> int:
        return max(1, self.viewport().width() - paint.NAMES)

    @property
    def visible_frames(self) -> tuple[float, float]:
        """First and last visible frame position."""
        return self.start, self.start + self.plot_width / self.pixels_per_frame

    def set_order(self, order: list[int]) -> None:
        """Which points have a row, from the top."""
        self._content.set_order(order)
        self._redraw()

    def refresh(self) -> None:
        """Draw the session's recording; only rows whose origins changed are counted again."""
        self._rec = self.session.shown
        if self._content.show(self._rec, self.session.overrides):
            self.fit()
        self._redraw()

    def toggle(self, row: int) -> None:
        """Open or close a group."""
        self._content.toggle(row)
        self._redraw()

    def toggle_all(self) -> None:
        """Close all subjects and groups, or open them when one is closed."""
        self._content.toggle_all()
        self._redraw()

    def _redraw(self) -> None:
        self._raster.drop()
        self._set_bars()
        self.viewport().update()

    def fit(self) -> None:
        """Show the whole take."""
        self.set_view(0.0, 0.0)

    def _within(self, pixels_per_frame: float) -> float:
        """A zoom between the whole take and CLOSEST."""
        frames = self._rec.frames if self._rec is not None else 1
        return min(max(pixels_per_frame, self.plot_width / max(frames, 1)), CLOSEST)

    def set_view(self, start: float, pixels_per_frame: float) -> None:
        """Show from frame `start` on at a zoom; both are kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        self.pixels_per_frame = self._within(pixels_per_frame)
        self.start = max(0.0, min(start, frames - self.plot_width / self.pixels_per_frame))
        self._whole = self.plot_width / self.pixels_per_frame >= frames - 0.5
        self._set_bars()
        self.viewport().update()
        self.view_changed.emit()

    def show_range(self, start: int, stop: int, around: float | None = None) -> None:
        """Zoom to frames start..stop-1 with `around` frames before and after them; None: as many, at least a quarter of a second."""
        if self._rec is None:
            return
        if around is None:
            around = max(stop - start, CONTEXT_S * self._rec.rate_hz)
        span = stop - start + 2 * around
        scale = self._within(self.plot_width / span)
        self.set_view((start + stop) / 2 - self.plot_width / scale / 2, scale)

    def zoom_at(self, x: float, factor: float) -> None:
        """Zoom by a factor; the frame x pixels into the rows stays where it is."""
        under = self.start + x / self.pixels_per_frame
        scale = self._within(self.pixels_per_frame * factor)
        self.set_view(under - x / scale, scale)

    @property
    def order(self) -> list[int]:
        """The points that are listed, from the top."""
        return self._content.order

    @property
    def lines(self) -> list[Line]:
        """Spans, groups and points, from the top."""
        return self._content.lines

    @property
    def shown(self) -> Recording | None:
        """The recording that is drawn."""
        return self._rec

    @property
    def view(self) -> paint.View:
        """The visible part."""
        area, scroll = self.viewport(), self.verticalScrollBar().value()
        return paint.View(self.start, self.pixels_per_frame, scroll, area.width(), area.height(), self.devicePixelRatioF())

    def x_of(self, frame: float) -> float:
        return paint.NAMES + (frame - self.start) * self.pixels_per_frame

    def frame_at(self, x: float) -> int:
        """The frame under a horizontal position, kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        return max(0, min(frames - 1, int((x - paint.NAMES) / self.pixels_per_frame + self.start)))

    def row_at(self, y: float) -> int:
        """The line under a vertical position, kept within the lines; -1 when there are none."""
        row = int((y - paint.RULER + self.verticalScrollBar().value()) // paint.ROW)
        return max(0, min(len(self.lines) - 1, row))

    def span_at(self, at: QPoint) -> int | None:
        """The place among the take's spans of the one under a position."""
        return self._mouse.span_at(at)

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), paint.BACK)
        if self._rec is None:
            return
        view, selected = self.view, {*self.session.selection.points}
        self._raster.draw(painter, view, self._content.rows())
        spans = self._mouse.spans(self._rec.spans)
        for row, line in enumerate(self.lines):
            if line.spans:
                timeline_spans.draw(painter, view, row, spans, line.spans, self.font())
        chosen = {row for row, line in enumerate(self.lines) if line.kind == "point" and line.points[0] in selected}
        paint.names(painter, view, self.lines, chosen, self.font())
        if self.session.selection.has_range:
            paint.selection(painter, view, sorted(chosen), self.session.selection.start, self.session.selection.stop)
        clock, work = self.session.clock, self.session.work
        paint.ruler(painter, view, self._rec.frames, clock, work, self.font())
        if work is not None:
            paint.outside(painter, view, self._rec.frames, work)
        paint.playhead(painter, view, self.session.frame, clock.text(self.session.frame), self.font())

    def resizeEvent(self, event: QResizeEvent) -> None:
        if self._whole:
            self.fit()
        else:
            self.set_view(self.start, self.pixels_per_frame)

    # events

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._mouse.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._mouse.wheel(event)

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    # inside

    def _tip(self, position: QPoint) -> str:
        rec = self._rec
        if rec is None or not self.lines or position.y() < paint.RULER or rec.frames == 0:
            return ""
        return tip(rec, self.lines[self.row_at(position.y())], self.view, position.x(), self.frame_at(position.x()))

    def _set_bars(self) -> None:
        frames = self._rec.frames if self._rec is not None else 0
        across, down = self.horizontalScrollBar(), self.verticalScrollBar()
        across.blockSignals(True)
        across.setPageStep(self.plot_width)
        across.setRange(0, max(0, round(frames * self.pixels_per_frame - self.plot_width)))
        across.setValue(round(self.start * self.pixels_per_frame))
        across.blockSignals(False)
        page = self.viewport().height() - paint.RULER
        down.setPageStep(max(page, 1))
        down.setSingleStep(paint.ROW)
        down.setRange(0, max(0, len(self.lines) * paint.ROW - page))

    def _on_scrolled(self, value: int) -> None:
        self.start = value / self.pixels_per_frame
        self.viewport().update()
        self.view_changed.emit()

    def _on_opened(self) -> None:
        self._content = Content()
        self.refresh()
        self.verticalScrollBar().setValue(0)

    def _on_selection(self) -> None:
        """Scroll to the selected rows, unless the user is selecting them here."""
        selected = {*self.session.selection.points}
        rows = [row for row, line in enumerate(self.lines) if line.kind == "point" and line.points[0] in selected]
        down = self.verticalScrollBar()
        in_sight = range(-(-down.value() // paint.ROW), (down.value() + self.viewport().height() - paint.RULER) // paint.ROW)
        if rows and not self._mouse.busy and not any(row in in_sight for row in rows):
            down.setValue(rows[0] * paint.ROW - 2 * paint.ROW)
        self.viewport().update()

    def _on_frame(self) -> None:
        """Keep the playhead visible: scroll by a page when it leaves the view."""
        first, last = self.visible_frames
        frame = self.session.frame
        if not self._mouse.busy and not first <= frame < last:
            self.set_view(frame - 0.05 * (last - first) if frame >= last else frame - 0.95 * (last - first), self.pixels_per_frame)
        self.viewport().update()  # all of it: the rows are a pixmap, and parts of a playhead are left behind otherwise
