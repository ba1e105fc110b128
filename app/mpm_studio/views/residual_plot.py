"""The residuals of one point over the cutoff, the noise level, and the cutoff that follows. C cutoffs."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from mpm_studio import palette
from mpm_studio.operations.filtering import Analysis
from mpm_studio.views.naming import named

LEFT, BOTTOM, TOP, RIGHT = 66.0, 22.0, 8.0, 10.0


class ResidualPlot(QWidget):
    """analysis: None where no stretch is long enough."""

    def __init__(self, analysis: Analysis | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "filter_residuals", "What each cutoff takes away, of one point")
        self.analysis = analysis
        self._cutoff_hz: float | None = None
        self.setMinimumSize(360, 150)

    def set_cutoff(self, cutoff_hz: float | None) -> None:
        """Show another cutoff than the one by residuals."""
        self._cutoff_hz = cutoff_hz
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(360, 150)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self.analysis is None:
            return
        found = self.analysis.residuals
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = painter.font()
        font.setPixelSize(11)
        painter.setFont(font)
        box = QRectF(LEFT, TOP, self.width() - LEFT - RIGHT, self.height() - TOP - BOTTOM)
        painter.fillRect(box, QColor(palette.BACK))
        highest, most = float(found.cutoff_hz_C[-1]), float(max(np.median(found.residual_C) * 6, found.noise * 3, 1e-9))

        def at(cutoff_hz: float, residual: float) -> QPointF:
            return QPointF(box.left() + cutoff_hz / highest * box.width(), box.bottom() - min(residual / most, 1.0) * box.height())

        painter.setPen(QPen(QColor(palette.DIM), 1.0, Qt.PenStyle.DashLine))
        painter.drawLine(at(0, found.noise), at(highest, found.noise))
        painter.setPen(QPen(QColor(palette.ACCENT), 2.0))
        painter.drawPolyline(QPolygonF([at(hz, size) for hz, size in zip(found.cutoff_hz_C, found.residual_C, strict=True)]))
        chosen = found.cutoff_hz if self._cutoff_hz is None else self._cutoff_hz
        painter.setPen(QPen(QColor(palette.PLAYHEAD), 1.4))
        painter.drawLine(QPointF(at(chosen, 0).x(), box.top()), QPointF(at(chosen, 0).x(), box.bottom()))
        painter.setPen(QColor(palette.TEXT))
        right = at(chosen, 0).x() > box.center().x()
        words = QRectF(at(chosen, 0).x() - (166 if right else -6), box.top() + 2, 160, 16)
        painter.drawText(
            words, Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft, f"{self.analysis.point}: {chosen:.1f} Hz"
        )
        painter.setPen(QColor(palette.DIM))
        per, unit = (1000.0, "mm") if self.analysis.metres else (1.0, "px")
        painter.drawText(
            QRectF(0, at(0, found.noise).y() - 8, LEFT - 6, 16), Qt.AlignmentFlag.AlignRight, f"{found.noise * per:.2g} {unit}"
        )
        painter.drawText(QRectF(box.left(), box.bottom() + 4, 60, 16), Qt.AlignmentFlag.AlignLeft, "0 Hz")
        painter.drawText(QRectF(box.right() - 80, box.bottom() + 4, 80, 16), Qt.AlignmentFlag.AlignRight, f"{highest:.0f} Hz")
