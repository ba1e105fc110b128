"""What the mouse does in a picture: it drags the level's handle, the one selected keypoint or the picture, and selects by a box."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt, SignalInstance
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPen

from mpm_core.recording import Origin
from mpm_core.typing import Float
from mpm_studio import palette
from mpm_studio.render.picture_framing import PictureFraming

LEAST_PX = 4.0  # a press that moves less is a click
HANDLE_REACH_PX = 14.0


class Picture(Protocol):
    """The part of an image plane that the mouse uses."""

    frame: int
    framing: PictureFraming
    picked: SignalInstance
    added: SignalInstance
    boxed: SignalInstance
    dragged: SignalInstance
    levelled: SignalInstance

    def pick(self, x: float, y: float) -> int: ...

    def draggable(self, point: int) -> bool: ...

    def handle(self) -> Float | None: ...

    def tilt(self, step_2: Float) -> Float: ...

    def on_screen(self) -> Float: ...

    def set_framing(self, framing: PictureFraming) -> None: ...

    def update(self) -> None: ...


class ImageMouse:
    """The state of the mouse between press and release."""

    def __init__(self, view: Picture) -> None:
        self._view = view
        self._does: Literal["", "pan", "box", "point", "level"] = ""
        self._from, self._to, self._last = QPointF(), QPointF(), QPointF()
        self._point, self._frame = -1, 0

    def press(self, event: QMouseEvent) -> None:
        self._from = self._to = self._last = event.position()
        if event.button() == Qt.MouseButton.MiddleButton:
            self._does = "pan"
        elif event.button() == Qt.MouseButton.LeftButton:
            self._does = self._meaning(event)

    def _meaning(self, event: QMouseEvent) -> Literal["pan", "box", "point", "level"]:
        x, y = self._from.x(), self._from.y()
        handle_2 = self._view.handle()
        if handle_2 is not None and np.hypot(*(handle_2 - [x, y])) <= HANDLE_REACH_PX:
            return "level"
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            return "box"
        self._point, self._frame = self._view.pick(x, y), self._view.frame
        return "point" if self._point >= 0 and self._view.draggable(self._point) else "pan"

    @property
    def busy(self) -> bool:
        """Whether a point or a box is dragged."""
        return self._does in ("point", "box")

    def cancel(self) -> None:
        """End that drag as if it had not been."""
        self._does = ""
        self._view.update()

    def move(self, event: QMouseEvent) -> None:
        self._to = event.position()
        if not self._does:
            return
        if self._does == "pan" and self._far:
            step = self._to - self._last
            self._view.set_framing(self._view.framing.moved(step.x(), step.y()))
            self._last = self._to
        elif self._does == "level":
            self._view.levelled.emit(self._view.tilt(self._step()), False)
        self._view.update()

    def release(self, event: QMouseEvent) -> None:
        """Tell what the drag did, or, of a click, which point it picked."""
        self._to = event.position()
        does, self._does = self._does, ""
        if does == "level":
            self._view.levelled.emit(self._view.tilt(self._step()), True)
        elif does == "box" and self._far:
            area = QRectF(self._from, self._to).normalized()
            at_P2 = self._view.on_screen().tolist()
            self._view.boxed.emit([point for point, (x, y) in enumerate(at_P2) if np.isfinite(x) and area.contains(x, y)])
        elif does == "point" and self._far:
            xy_2 = self._view.framing.to_picture([self._to.x(), self._to.y()]).astype(np.float32)
            self._view.dragged.emit(self._point, self._frame, xy_2)
        elif does and event.button() == Qt.MouseButton.LeftButton and not self._far:
            shifted = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            (self._view.added if shifted else self._view.picked).emit(self._view.pick(self._to.x(), self._to.y()))
        self._view.update()

    def draw(self, painter: QPainter) -> None:
        """The box, or where the keypoint is dragged to."""
        if self._does == "box" and self._far:
            tint = QColor(palette.ACCENT)
            tint.setAlpha(40)
            painter.setPen(QPen(QColor(palette.ACCENT), 1))
            painter.fillRect(QRectF(self._from, self._to).normalized(), tint)
            painter.drawRect(QRectF(self._from, self._to).normalized())
        elif self._does == "point" and self._far:
            painter.setPen(QPen(QColor(palette.ORIGIN[Origin.HAND]), 1.6))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawLine(self._from, self._to)
            painter.drawEllipse(self._to, 7, 7)

    @property
    def _far(self) -> bool:
        return (self._to - self._from).manhattanLength() >= LEAST_PX

    def _step(self) -> Float:
        """(2,) how far the mouse went since it was pressed, pixels of the picture."""
        step = self._to - self._from
        return np.array([step.x(), step.y()]) / self._view.framing.scale
