"""Curves of the selected point: x, y, z over frames, in step with the timeline; gaps shaded, filled stretches in their colour."""

from __future__ import annotations

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QColor, QPainter
from PySide6.QtWidgets import QGraphicsItem, QStyleOptionGraphicsItem, QVBoxLayout, QWidget

from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.typing import UInt8
from mpm_studio import palette
from mpm_studio.session import Session
from mpm_studio.views import timeline_paint
from mpm_studio.views.naming import named
from mpm_studio.views.timeline import Timeline

LEAST_HEIGHT = 0.01  # of the stripes of a point that never moves, metres or pixels


class Shade(pg.GraphicsObject):
    """Vertical stripes over a plot, in the colours of what is not measured."""

    def __init__(self) -> None:
        super().__init__()
        self._stripes: list[tuple[int, int, QColor]] = []
        self._box = QRectF()
        self.setZValue(-10)

    def set_origins(self, origin_F: UInt8, low: float, high: float) -> None:
        """One point's origins; the stripes reach from low to high and as far again both ways, so that any zoom is filled."""
        self._stripes = []
        for origin in Origin:
            if origin != Origin.MEASURED:
                colour = QColor(palette.TIMELINE_ORIGIN[origin])
                colour.setAlpha(70)
                self._stripes += [(start, stop, colour) for start, stop in runs(origin_F == origin)]
        self.prepareGeometryChange()
        self._box = QRectF(0, 2 * low - high, len(origin_F), 3 * (high - low))
        self.update()

    def boundingRect(self) -> QRectF:
        return self._box

    def paint(self, painter: QPainter, option: QStyleOptionGraphicsItem, widget: QWidget | None = None) -> None:
        least = 1.5 * (self.pixelWidth() or 0.0)  # a one-frame gap keeps a pixel and a half
        for start, stop, colour in self._stripes:
            painter.fillRect(QRectF(start, self._box.top(), max(stop - start, least), self._box.height()), colour)


class Curves(QWidget):
    """Follows the session's first selected point and the timeline's frames."""

    def __init__(self, session: Session, timeline: Timeline, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "curves", "Curves of the selected point")
        self.session, self.timeline = session, timeline
        self.plot = named(pg.PlotWidget(background=palette.BACK), "curves_plot", "Position over time")
        named(self.plot.viewport(), "curves_area", "Position over time, drawn")
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.hideButtons()
        self.plot.setMenuEnabled(False)
        self.plot.getPlotItem().setContentsMargins(0, 0, 0, 2)
        self.plot.getPlotItem().hideAxis("bottom")
        axis = self.plot.getAxis("left")
        axis.setWidth(timeline_paint.NAMES)
        axis.setPen(palette.LINE)
        axis.setTextPen(palette.DIM)
        self.plot.showGrid(y=True, alpha=0.15)
        self.plot.setDownsampling(auto=True, mode="peak")
        self.plot.setClipToView(True)
        self.shade = Shade()
        self.plot.addItem(self.shade, ignoreBounds=True)
        self.lines = [self.plot.plot(pen=pg.mkPen(colour, width=1), connect="finite") for colour in palette.CURVES_XYZ]
        for line in self.lines:
            line.curve.setCacheMode(QGraphicsItem.CacheMode.DeviceCoordinateCache)
        self.playhead = pg.InfiniteLine(pen=pg.mkPen(palette.PLAYHEAD, width=1))
        self.plot.addItem(self.playhead, ignoreBounds=True)
        self.label = pg.TextItem(color=palette.TEXT, anchor=(0, 0))
        self.label.setParentItem(self.plot.getPlotItem().vb)
        self.label.setPos(QPointF(8, 4))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.setMinimumHeight(90)
        session.opened.connect(self.refresh)
        session.changed.connect(lambda _edit: self.refresh())
        session.proposal_changed.connect(self.refresh)
        session.selection_changed.connect(self.refresh)
        session.frame_changed.connect(self._show_frame)
        timeline.view_changed.connect(self._follow)

    def refresh(self) -> None:
        rec = self.session.shown
        points = self.session.selection.points
        if not self.isVisible():
            return
        if rec is None or not points or rec.frames == 0:
            for line in self.lines:
                line.setData([], [])
            self.shade.set_origins(np.zeros(0, np.uint8), 0.0, 0.0)
            self.plot.getAxis("left").setStyle(showValues=False)
            self.playhead.hide()
            self.label.setHtml(f"<span style='color:{palette.DIM}'>Select a point to see its curves</span>")
            return
        self._draw(rec, points[0])

    def _draw(self, rec: Recording, point: int) -> None:
        frames_F = np.arange(rec.frames) + 0.5
        for d, line in enumerate(self.lines):
            line.setData(frames_F, rec.xyz_FPD[:, point, d]) if d < rec.dims else line.setData([], [])
        values_FD = rec.xyz_FPD[:, point]
        known = np.isfinite(values_FD)
        low, high = (float(values_FD[known].min()), float(values_FD[known].max())) if known.any() else (0.0, 0.0)
        self.shade.set_origins(rec.origin_FP[:, point], low, max(high, low + LEAST_HEIGHT))
        unit = "m" if rec.dims == 3 else "px"
        axes = "  ".join(
            f"<span style='color:{colour}'>{axis}</span>" for axis, colour in zip("xyz"[: rec.dims], palette.CURVES_XYZ, strict=False)
        )
        self.label.setHtml(f"<b>{rec.points[point]}</b>&nbsp;&nbsp;{axes}&nbsp;&nbsp;<span style='color:{palette.DIM}'>{unit}</span>")
        self.plot.getAxis("left").setStyle(showValues=True)
        self.plot.enableAutoRange(axis="y")
        self._follow()
        self._show_frame(self.session.frame)

    def showEvent(self, event: object) -> None:
        self.refresh()

    def _follow(self) -> None:
        if self.isVisible():
            low, high = self.timeline.visible_frames
            self.plot.setXRange(low, high + self._beyond(high - low), padding=0)

    def _beyond(self, span: float) -> float:
        """Frames under the timeline's scroll bar, which the plot has no counterpart of."""
        extra = self.plot.width() - timeline_paint.NAMES - self.timeline.plot_width
        return float(span * extra / self.timeline.plot_width)

    def resizeEvent(self, event: object) -> None:
        self._follow()

    def _show_frame(self, frame: int) -> None:
        if self.isVisible():
            self.playhead.setValue(frame + 0.5)
            self.playhead.setVisible(bool(self.session.selection.points))
