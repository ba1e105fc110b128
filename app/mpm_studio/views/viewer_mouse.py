"""What the mouse does in the 3D view besides moving the camera: it drags the selected point in the view's plane, and selects by a box.

Left drag on the one selected point moves it if its sample is not measured; Ctrl+drag selects the points in a box.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, SignalInstance
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from mpm_core.recording import Origin, Recording
from mpm_core.rigs.drag import bent_pose
from mpm_core.samples import FILLS
from mpm_core.typing import Float
from mpm_studio import palette
from mpm_studio.render.camera import Camera
from mpm_studio.views.sample_text import sample_text

LEAST_PX = 4.0  # a press that moves less is a click
MOVABLE = (*FILLS, Origin.MARKED)


class View(Protocol):
    """The part of a viewer that the mouse uses."""

    rec: Recording | None
    frame: int
    camera: Camera
    dragged: SignalInstance
    boxed: SignalInstance

    @property
    def selected(self) -> tuple[int, ...]: ...

    def pick(self, x: float, y: float) -> int: ...

    def on_screen(self) -> Float: ...

    def place(self, point: int) -> Float: ...

    def width(self) -> int: ...

    def height(self) -> int: ...

    def update(self) -> None: ...


class ViewerMouse:
    """The state of the mouse between press and release; each method says whether the event was for it."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._point, self._frame, self._xyz_3 = -1, 0, np.zeros(3)  # the sample that is dragged, and where it was
        self._from, self._to = QPointF(), QPointF()
        self._box = False

    def press(self, event: QMouseEvent) -> bool:
        """Begin a box, or a drag of the selected point; False where the press is the camera's."""
        at, view = event.position(), self._view
        if event.button() != Qt.MouseButton.LeftButton or view.rec is None:
            return False
        self._from = self._to = at
        self._box = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if not self._box and not event.modifiers() and len(view.selected) == 1 and view.rec.dims == 3:
            point = view.pick(at.x(), at.y())
            if point == view.selected[0] and view.rec.origin_FP[view.frame, point] in MOVABLE:
                self._point, self._frame, self._xyz_3 = point, view.frame, view.place(point)
        return self._box or self._point >= 0

    @property
    def busy(self) -> bool:
        """Whether a point or a box is dragged."""
        return self._box or self._point >= 0

    def cancel(self) -> None:
        """End the drag as if it had not been."""
        self._point, self._box = -1, False
        self._view.update()

    def move(self, event: QMouseEvent) -> bool:
        if not self._box and self._point < 0:
            return False
        self._to = event.position()
        self._view.update()
        return True

    def release(self, event: QMouseEvent) -> bool:
        """Tell what was in the box, or where the point was dragged; False where a box was not drawn, or the release is the camera's."""
        if not self._box and self._point < 0:
            return False
        far = (self._to - self._from).manhattanLength() >= LEAST_PX
        point, box = self._point, self._box
        self._point, self._box = -1, False
        if far and box:
            area = QRectF(self._from, self._to).normalized()
            at_P2 = self._view.on_screen()
            self._view.boxed.emit([n for n, (x, y) in enumerate(at_P2.tolist()) if np.isfinite(x) and area.contains(x, y)])
        elif far:
            self._view.dragged.emit(point, self._frame, self._moved())
        self._view.update()
        return far or not box

    def tip(self, x: float, y: float) -> str:
        """What is known of the sample under a pixel."""
        view, point = self._view, self._view.pick(x, y)
        return "" if point < 0 or view.rec is None else sample_text(view.rec, point, view.frame)

    def draw(self, painter: QPainter) -> None:
        """The box, or the line along which the point is dragged."""
        if self._box:
            tint = QColor(palette.ACCENT)
            tint.setAlpha(40)
            painter.setPen(QPen(QColor(palette.ACCENT), 1))
            painter.fillRect(QRectF(self._from, self._to).normalized(), tint)
            painter.drawRect(QRectF(self._from, self._to).normalized())
        elif self._point >= 0:
            painter.setPen(QPen(QColor(palette.ORIGIN[Origin.HAND]), 1.6))
            painter.drawLine(self._from, self._to)
            painter.drawEllipse(self._to, 7, 7)
            self._draw_limb(painter)

    def _draw_limb(self, painter: QPainter) -> None:
        """The bones of a hierarchy as they will be."""
        rec, view = self._view.rec, self._view
        if rec is None or rec.rig is None:
            return
        xyz_J3, moved_J = bent_pose(rec, self._point, self._frame, self._moved())
        at_J2 = view.camera.project(xyz_J3, view.width(), view.height())
        painter.setPen(QPen(QColor(palette.ORIGIN[Origin.HAND]), 4.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap))
        for joint in np.flatnonzero(moved_J).tolist():
            parent = rec.rig.parents[joint]
            if parent >= 0 and np.isfinite(at_J2[[parent, joint]]).all():
                painter.drawLine(QPointF(*at_J2[parent]), QPointF(*at_J2[joint]))

    def _moved(self) -> Float:
        """(3,) where the sample is dragged to, at its own depth."""
        view, step = self._view, self._to - self._from
        xyz_3, axes_33 = self._xyz_3, view.camera.axes_33
        depth = float(view.camera.depths(xyz_3[None])[0])
        metres = view.camera.metres_per_pixel(view.width(), view.height()) * depth / view.camera.distance
        return np.asarray(xyz_3 + metres * (step.x() * axes_33[0] - step.y() * axes_33[1]))
