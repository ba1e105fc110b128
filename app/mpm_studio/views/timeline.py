"""The timeline: a line per point, in groups, and per kind of span; the colours of what is measured, missing, marked, filled."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from mpm_studio.session import Session
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views import timeline_spans
from mpm_studio.views.cancelled_drag import CancelledDrag
from mpm_studio.views.focus_ring import FocusRing
from mpm_studio.views.mouse_events import MouseEvents
from mpm_studio.views.time_axis import TimeAxis
from mpm_studio.views.timeline_content import Content
from mpm_studio.views.timeline_lines import Line
from mpm_studio.views.timeline_mouse import Mouse
from mpm_studio.views.timeline_tip import tip


class Timeline(MouseEvents[Mouse], TimeAxis):
    """Shows a Session's recording over time. scrubbed(frame): the user goes there.

    painted(marks): the user dragged over the selected range to mark it as wrong, or (False) to take marks back. entered_gap: a Gap was
    double clicked. moved_edges(gaps, start, stop): the edges of these GapPlaces were dragged by so many frames.
    """

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
        self._content = Content()
        self._raster = paint.Raster()
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
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    # what is shown

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

    @property
    def order(self) -> list[int]:
        """The points that are listed, from the top."""
        return self._content.order

    @property
    def lines(self) -> list[Line]:
        """Spans, groups and points, from the top."""
        return self._content.lines

    @property
    def view(self) -> paint.View:
        """The visible part."""
        area, scroll = self.viewport(), self.verticalScrollBar().value()
        return paint.View(self.start, self.pixels_per_frame, scroll, area.width(), area.height(), self.devicePixelRatioF())

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
        super()._set_bars()
        down, page = self.verticalScrollBar(), self.viewport().height() - paint.RULER
        down.setPageStep(max(page, 1))
        down.setSingleStep(paint.ROW)
        down.setRange(0, max(0, len(self.lines) * paint.ROW - page))

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
