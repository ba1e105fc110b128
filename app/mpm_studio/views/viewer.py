"""The 3D view: a take with the mouse in it, which picks points, drags one, and selects by a box. P points; pixels from the top left."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, Signal
from PySide6.QtGui import QHelpEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QToolTip, QWidget

from mpm_studio.views.cancelled_drag import CancelledDrag
from mpm_studio.views.take_view import TakeView
from mpm_studio.views.viewer_mouse import ViewerMouse

PICK_PX = 12.0


class Viewer(TakeView):
    """Shows one frame of a recording. `picked` carries the index of the point under a click, -1 for none, `added` of one with
    Shift; `dragged` a point, its frame and where it is dragged to; `boxed` the points in a box.

    samples: per pixel, for smooth edges; None takes 4 on graphics hardware and 0 on software OpenGL.
    """

    picked = Signal(int)
    added = Signal(int)
    dragged = Signal(int, int, object)
    boxed = Signal(list)

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent, samples=samples)
        self.setObjectName("viewer")
        self.setAccessibleName("3D view")
        self.setMinimumSize(160, 120)
        self._mouse = ViewerMouse(self)
        CancelledDrag(self, self._mouse)
        self.clicked.connect(lambda x, y, shifted: (self.added if shifted else self.picked).emit(self.pick(x, y)))

    def draw_overlay(self, painter: QPainter) -> None:
        self._mouse.draw(painter)
        super().draw_overlay(painter)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.release(event):
            super().mouseReleaseEvent(event)

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            QToolTip.showText(event.globalPos(), self._mouse.tip(event.x(), event.y()), self)
            return True
        return super().event(event)

    def pick(self, x: float, y: float) -> int:
        """The point under a pixel, or the nearest within a few pixels; -1 for none."""
        if self.rec is None or self.scene is None or not self.rec.frames:
            return -1
        at_P2, radius_P = self._screen()
        away_P = np.linalg.norm(at_P2 - [x, y], axis=1) / np.maximum(radius_P, PICK_PX)
        away_P[~(away_P <= 1)] = np.inf
        return int(np.argmin(away_P)) if np.isfinite(away_P).any() else -1
