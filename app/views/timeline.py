"""The timeline: a row per point, a column per pixel, the colours of what is measured, missing, marked, filled.

Left click goes to a frame, left drag selects rows and frames, double click selects a gap (or, on a name, the whole row), the ruler scrubs.
Wheel scrolls the rows (Shift: along time), Ctrl+wheel zooms at the cursor, middle drag pans.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QPoint, QRect, Qt, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QToolTip, QWidget

from app import theme
from app.operations.navigating import gap_at
from app.session import Session
from app.views import timeline_paint as paint
from app.views.coverage import Row, make_row
from mpm_core.recording import Origin, Recording

CLICK_PIXELS = 4
CLOSEST = 24.0  # pixels a frame, zoomed in
STEP = 1.25  # zoom of one wheel notch


class Timeline(QAbstractScrollArea):
    """Shows a Session's recording over time. view_changed: the frames in sight changed; scrubbed(frame): the user goes there."""

    view_changed = Signal()
    scrubbed = Signal(int)

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("timeline")
        self.setAccessibleName("Timeline: one row per point, what is measured, missing, marked and filled")
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)
        self.setFrameShape(QAbstractScrollArea.Shape.NoFrame)
        self.viewport().setObjectName("timeline_rows")
        self.viewport().setAccessibleName("Timeline rows")
        self.viewport().setMouseTracking(True)
        self.setMinimumHeight(paint.RULER + 3 * paint.ROW)
        self.session = session
        self._rec: Recording | None = None
        self._rows: list[Row] = []
        self._order: list[int] = []
        self._raster = paint.Raster()
        self.start, self.pixels_per_frame = 0.0, 1.0
        self._press: QPoint | None = None
        self._drawn_frame = 0
        self._mode = ""
        self._from: tuple[int, int] = (0, 0)
        self._last = QPoint()
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self.refresh())
        session.proposal_changed.connect(self.refresh)
        session.frame_changed.connect(lambda _frame: self._on_frame())
        session.selection_changed.connect(self.viewport().update)
        self.horizontalScrollBar().valueChanged.connect(self._on_scrolled)
        self.verticalScrollBar().valueChanged.connect(lambda _value: self.viewport().update())

    # what is shown

    @property
    def plot_width(self) -> int:
        return max(1, self.viewport().width() - paint.NAMES)

    @property
    def visible_frames(self) -> tuple[float, float]:
        """First and last frame position in sight."""
        return self.start, self.start + self.plot_width / self.pixels_per_frame

    def set_order(self, order: list[int]) -> None:
        """Which points have a row, from the top."""
        self._order = list(order)
        self._raster.drop()
        self._set_bars()
        self.viewport().update()

    def refresh(self) -> None:
        """Take over what the session shows; only the rows whose origins changed are counted again."""
        old, rec = self._rec, self.session.shown
        self._rec = rec
        if rec is None:
            self._rows = []
        elif old is not None and old.origin_FP.shape == rec.origin_FP.shape and len(self._rows) == len(rec.points):
            for point in (old.origin_FP != rec.origin_FP).any(axis=0).nonzero()[0]:
                self._rows[point] = make_row(rec.origin_FP[:, point])
        else:
            self._rows = [make_row(rec.origin_FP[:, point]) for point in range(len(rec.points))]
            self._order = list(range(len(rec.points)))
            self.fit()
        self._raster.drop()
        self.viewport().update()

    def fit(self) -> None:
        """The whole take in sight."""
        frames = self._rec.frames if self._rec is not None else 1
        self.set_view(0.0, min(CLOSEST, self.plot_width / max(frames, 1)))

    def set_view(self, start: float, pixels_per_frame: float) -> None:
        """Show from frame `start` on at a zoom; both are kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        least = min(CLOSEST, self.plot_width / max(frames, 1))
        self.pixels_per_frame = min(max(pixels_per_frame, least), CLOSEST)
        self.start = max(0.0, min(start, frames - self.plot_width / self.pixels_per_frame))
        self._set_bars()
        self.viewport().update()
        self.view_changed.emit()

    def x_of(self, frame: float) -> float:
        return paint.NAMES + (frame - self.start) * self.pixels_per_frame

    def frame_at(self, x: float) -> int:
        """The frame under a horizontal position, kept within the take."""
        frames = self._rec.frames if self._rec is not None else 1
        return max(0, min(frames - 1, int((x - paint.NAMES) / self.pixels_per_frame + self.start)))

    def row_at(self, y: float) -> int:
        """The row under a vertical position, kept within the rows; -1 when there are none."""
        row = int((y - paint.RULER + self.verticalScrollBar().value()) // paint.ROW)
        return max(0, min(len(self._order) - 1, row))

    # drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self.viewport())
        painter.fillRect(self.viewport().rect(), paint.BACK)
        if self._rec is None:
            return
        scroll = self.verticalScrollBar().value()
        view = paint.View(
            self.start, self.pixels_per_frame, scroll, self.viewport().width(), self.viewport().height(), self.devicePixelRatioF()
        )
        rows = [self._rows[point] for point in self._order]
        self._raster.draw(painter, view, rows)
        names = [self._rec.points[point] for point in self._order]
        chosen = {row for row, point in enumerate(self._order) if point in self.session.selection.points}
        paint.names(painter, view, names, chosen, self.font())
        if self.session.selection.has_range:
            paint.selection(painter, view, sorted(chosen), self.session.selection.start, self.session.selection.stop)
        paint.ruler(painter, view, self._rec.frames, self._rec.source.first_frame, self.font())
        paint.playhead(painter, view, self.session.frame, self.session.frame + self._rec.source.first_frame, self.font())

    def resizeEvent(self, event: QResizeEvent) -> None:
        whole = self._rec is not None and event.oldSize().width() > 0 and self._shows_all(event.oldSize().width())
        if whole:
            self.fit()
        else:
            self.set_view(self.start, self.pixels_per_frame)

    def _shows_all(self, width: int) -> bool:
        assert self._rec is not None
        return (width - paint.NAMES) / self.pixels_per_frame >= self._rec.frames - 0.5

    # the mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._rec is None:
            return
        position = event.position().toPoint()
        self._press = self._last = position
        if event.button() == Qt.MouseButton.MiddleButton:
            self._mode = "pan"
        elif event.button() == Qt.MouseButton.LeftButton:
            if position.y() < paint.RULER:
                self._mode = "scrub"
                self.scrubbed.emit(self.frame_at(position.x()))
            else:
                self._mode = "click"
                self._from = (self.row_at(position.y()), self.frame_at(position.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        position = event.position().toPoint()
        if self._mode == "pan":
            delta = position - self._last
            self._last = position
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - delta.y())
            self.set_view(self.start - delta.x() / self.pixels_per_frame, self.pixels_per_frame)
        elif self._mode == "scrub":
            self.scrubbed.emit(self.frame_at(position.x()))
        else:
            if self._mode == "click" and (position - self._press).manhattanLength() > CLICK_PIXELS and self._press.x() >= paint.NAMES:
                self._mode = "select"
            if self._mode == "select":
                self._select_to(position)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._mode == "click" and self._rec is not None and self._order:
            row, frame = self._from
            point = self._order[row]
            chosen = self.session.selection.points
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                toggled = tuple(p for p in chosen if p != point) if point in chosen else (*chosen, point)
                self.session.select(toggled, self.session.selection.start, self.session.selection.stop)
            else:
                self.session.select((point,))
                if event.position().x() >= paint.NAMES:
                    self.scrubbed.emit(frame)
        self._press, self._mode = None, ""

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if self._rec is None or not self._order or event.position().y() < paint.RULER:
            return
        point = self._order[self.row_at(event.position().y())]
        if event.position().x() < paint.NAMES:
            self.session.select((point,), 0, self._rec.frames)
            return
        gap = gap_at(self._rec, point, self.frame_at(event.position().x()))
        if gap is not None:
            self.session.select((point,), gap.start, gap.stop)

    def wheelEvent(self, event: QWheelEvent) -> None:
        down, across = event.angleDelta().y(), event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            x = max(event.position().x() - paint.NAMES, 0)
            under = self.start + x / self.pixels_per_frame
            scale = min(self.pixels_per_frame * STEP ** (down / 120), CLOSEST)
            self.set_view(under - x / scale, scale)
        elif across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not self.verticalScrollBar().maximum():
            self.set_view(self.start - (across or down) / self.pixels_per_frame, self.pixels_per_frame)
        else:
            self.verticalScrollBar().setValue(self.verticalScrollBar().value() - down // 2)
        event.accept()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._tip(event.pos()), self.viewport())
            return True
        return super().viewportEvent(event)

    # inside

    def _select_to(self, position: QPoint) -> None:
        (row, frame), (to_row, to_frame) = self._from, (self.row_at(position.y()), self.frame_at(position.x()))
        rows = range(min(row, to_row), max(row, to_row) + 1)
        points = tuple(self._order[r] for r in rows)
        self.session.select(points, min(frame, to_frame), max(frame, to_frame) + 1)

    def _tip(self, position: QPoint) -> str:
        rec = self._rec
        if rec is None or not self._order or position.y() < paint.RULER or rec.frames == 0:
            return ""
        point, first = self._order[self.row_at(position.y())], rec.source.first_frame
        if position.x() < paint.NAMES:
            return rec.points[point]
        frame = self.frame_at(position.x())
        text = f"{rec.points[point]}, frame {frame + first}: {theme.ORIGIN_NAMES[Origin(int(rec.origin_FP[frame, point]))]}"
        gap = gap_at(rec, point, frame)
        return text if gap is None else f"{text}\ngap {gap.start + first} to {gap.stop - 1 + first}, {gap.frames} frames"

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
        down.setRange(0, max(0, len(self._order) * paint.ROW - page))

    def _on_scrolled(self, value: int) -> None:
        self.start = value / self.pixels_per_frame
        self.viewport().update()
        self.view_changed.emit()

    def _on_opened(self) -> None:
        self._rec = None
        self.refresh()
        self.verticalScrollBar().setValue(0)

    def _on_frame(self) -> None:
        """Keep the playhead in sight: turn the page when it leaves."""
        first, last = self.visible_frames
        frame = self.session.frame
        if self._mode == "" and not first <= frame < last:
            self.set_view(frame - 0.05 * (last - first) if frame >= last else frame - 0.95 * (last - first), self.pixels_per_frame)
        for place in (self._drawn_frame, frame):  # only what the playhead covers, there and here
            half = paint.PLAYHEAD_HALF
            self.viewport().update(QRect(int(self.x_of(place + 0.5)) - half, 0, 2 * half, self.viewport().height()))
        self._drawn_frame = frame
