"""A 3D view with an orbit camera under the mouse, a `Stage` to draw with, and one place where drawing errors go."""

from __future__ import annotations

import logging
from collections.abc import Callable

from OpenGL.error import Error as OpenGLError
from pyqtgraph.opengl import GLViewWidget
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMatrix4x4, QMouseEvent, QPainter, QWheelEvent
from PySide6.QtWidgets import QWidget

from mpm_studio.render.camera import Camera
from mpm_studio.render.gl_draw import Stage
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.gl_program import is_software
from mpm_studio.render.mesh import COARSE, FINE
from mpm_studio.render.shapes import Floor
from mpm_studio.render.surface import default_samples, surface_format

log = logging.getLogger(__name__)
DRAG_PX = 4.0  # a press that moves less is a click


class OrbitView(GLViewWidget):
    """Left drag orbits, middle or Shift + left drag pans, the wheel zooms towards the pointer. `clicked` carries x and y in pixels,
    and whether Shift was held.

    What OpenGL complains of is logged once and kept in `problem`; `draw_overlay` is called with a painter after each frame.
    """

    clicked = Signal(float, float, bool)

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent)
        self.setFormat(surface_format(default_samples() if samples is None else samples))
        self.camera, self.floor = Camera(), Floor()
        self.problem = ""
        self._stage: Stage | None = None
        self._press: QPointF | None = None
        self._last = QPointF()
        self._dragged = False

    def draw_overlay(self, painter: QPainter) -> None:
        """For a subclass: write over the picture."""

    @property
    def aspect(self) -> float:
        return max(1, self.width()) / max(1, self.height())

    def set_camera(self, camera: Camera) -> None:
        self.camera = camera
        self.update()

    def viewMatrix(self) -> QMatrix4x4:
        return QMatrix4x4(self.camera.view_44.ravel().tolist())

    def projectionMatrix(self, region: object, viewport: object) -> QMatrix4x4:
        return QMatrix4x4(self.camera.projection_44(self.aspect).ravel().tolist())

    # Drawing

    def initializeGL(self) -> None:
        self._stage = None  # a view that moved to another window has another context
        try:
            super().initializeGL()
            software = is_software()
            self._stage = Stage(COARSE if software else FINE, keep_ground=software)
        except (OpenGLError, RenderError, RuntimeError) as error:
            self._failed(error)

    def paint(self, *, region: object, viewport: object, useItemNames: bool = False) -> None:
        """All items; the grid covers the whole view, so nothing needs clearing before."""
        self.setProjection(region, viewport)
        self.setModelview()
        self.drawItemTree()

    def paintGL(self) -> None:
        super().paintGL()
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw_overlay(painter)
        painter.end()

    def draw_with(self, stage: Stage) -> None:
        """All items by another stage of the same context, into the framebuffer that is bound."""
        own, self._stage = self._stage, stage
        try:
            self.paint(region=(0, 0, self.width(), self.height()), viewport=(0, 0, self.width(), self.height()))
        finally:
            self._stage = own

    def guarded(self, draw: Callable[[Stage], None]) -> None:
        """Draw with this view's stage; what goes wrong is logged once and kept in `problem`."""
        if self._stage is None or self.problem:
            return
        try:
            draw(self._stage)
        except (OpenGLError, RenderError) as error:
            self._failed(error)

    def _failed(self, error: Exception) -> None:
        if not self.problem:
            log.error("The 3D view cannot be drawn", exc_info=error)
        self.problem = f"The 3D view cannot be drawn: {error}"

    # The mouse

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press, self._last, self._dragged = event.position(), event.position(), False
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._press is None:
            return
        if not self._dragged and (event.position() - self._press).manhattanLength() < DRAG_PX:
            return
        step = event.position() - self._last
        self._last, self._dragged = event.position(), True
        shift = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
        if event.buttons() & Qt.MouseButton.MiddleButton or (event.buttons() & Qt.MouseButton.LeftButton and shift):
            self.set_camera(self.camera.pan(step.x(), step.y(), self.width(), self.height()))
        elif event.buttons() & Qt.MouseButton.LeftButton:
            self.set_camera(self.camera.orbit(step.x(), step.y()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        click = self._press is not None and not self._dragged and event.button() == Qt.MouseButton.LeftButton
        self._press = None
        if click:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self.clicked.emit(event.position().x(), event.position().y(), shifted)

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        self.set_camera(self.camera.zoom(0.9985 ** event.angleDelta().y(), at.x(), at.y(), self.width(), self.height()))
        event.accept()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        event.ignore()  # the window's keys step through frames

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        event.ignore()
