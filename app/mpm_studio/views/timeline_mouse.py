"""The mouse on the timeline.

Left click goes to a frame, left drag selects rows and frames, double click selects a gap (or, on a name, the whole row), the ruler scrubs.
Wheel scrolls the rows (Shift: along time), Ctrl+wheel zooms at the cursor, middle drag pans.
"""

from __future__ import annotations

from typing import Literal, Protocol

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar

from mpm_core.recording import Recording
from mpm_studio.operations.navigating import gap_at
from mpm_studio.session import Session
from mpm_studio.views import timeline_paint as paint

CLICK_PIXELS = 4  # a press that moves less is a click
STEP = 1.25  # zoom of one wheel notch


class Rows(Protocol):
    """The part of a timeline that the mouse uses."""

    session: Session
    start: float
    pixels_per_frame: float
    scrubbed: SignalInstance

    @property
    def shown(self) -> Recording | None: ...

    @property
    def order(self) -> list[int]: ...

    def frame_at(self, x: float) -> int: ...

    def row_at(self, y: float) -> int: ...

    def set_view(self, start: float, pixels_per_frame: float) -> None: ...

    def zoom_at(self, x: float, factor: float) -> None: ...

    def verticalScrollBar(self) -> QScrollBar: ...


class Mouse:
    """The state of the mouse between press and release."""

    def __init__(self, timeline: Rows) -> None:
        self._on = timeline
        self._mode: Literal["", "pan", "scrub", "click", "select"] = ""
        self._pressed, self._last = QPoint(), QPoint()
        self._from = (0, 0)  # row and frame of the press

    @property
    def busy(self) -> bool:
        return self._mode != ""

    def press(self, event: QMouseEvent) -> None:
        if self._on.shown is None or not self._on.shown.frames:
            return
        at = event.position().toPoint()
        self._pressed = self._last = at
        if event.button() == Qt.MouseButton.MiddleButton:
            self._mode = "pan"
        elif event.button() == Qt.MouseButton.LeftButton and at.y() < paint.RULER:
            self._mode = "scrub"
            self._on.scrubbed.emit(self._on.frame_at(at.x()))
        elif event.button() == Qt.MouseButton.LeftButton and self._on.order:
            self._mode = "click"
            self._from = (self._on.row_at(at.y()), self._on.frame_at(at.x()))

    def move(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._mode == "pan":
            step, self._last = at - self._last, at
            down = self._on.verticalScrollBar()
            down.setValue(down.value() - step.y())
            self._on.set_view(self._on.start - step.x() / self._on.pixels_per_frame, self._on.pixels_per_frame)
        elif self._mode == "scrub":
            self._on.scrubbed.emit(self._on.frame_at(at.x()))
        elif self._mode == "click" and (at - self._pressed).manhattanLength() > CLICK_PIXELS and self._pressed.x() >= paint.NAMES:
            self._mode = "select"
        if self._mode == "select":
            self._select_to(at)

    def release(self, event: QMouseEvent) -> None:
        if self._mode == "click":
            row, frame = self._from
            session, point = self._on.session, self._on.order[row]
            selection = session.selection
            if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
                without = tuple(p for p in selection.points if p != point)
                session.select(without if point in selection.points else (*selection.points, point), selection.start, selection.stop)
            else:
                session.select((point,))
                if event.position().x() >= paint.NAMES:
                    self._on.scrubbed.emit(frame)
        self._mode = ""

    def double_click(self, event: QMouseEvent) -> None:
        rec = self._on.shown
        if rec is None or not self._on.order or event.position().y() < paint.RULER:
            return
        point = self._on.order[self._on.row_at(event.position().y())]
        if event.position().x() < paint.NAMES:
            self._on.session.select((point,), 0, rec.frames)
            return
        gap = gap_at(rec, point, self._on.frame_at(event.position().x()))
        if gap is not None:
            self._on.session.select((point,), gap.start, gap.stop)

    def wheel(self, event: QWheelEvent) -> None:
        on, down, across = self._on, event.angleDelta().y(), event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            x = max(event.position().x() - paint.NAMES, 0)
            on.zoom_at(x, STEP ** (down / 120))
        elif across or event.modifiers() & Qt.KeyboardModifier.ShiftModifier or not on.verticalScrollBar().maximum():
            on.set_view(on.start - (across or down) / on.pixels_per_frame, on.pixels_per_frame)
        else:
            on.verticalScrollBar().setValue(on.verticalScrollBar().value() - down // 2)
        event.accept()

    def _select_to(self, at: QPoint) -> None:
        (row, frame), (to_row, to_frame) = self._from, (self._on.row_at(at.y()), self._on.frame_at(at.x()))
        points = tuple(self._on.order[r] for r in range(min(row, to_row), max(row, to_row) + 1))
        self._on.session.select(points, min(frame, to_frame), max(frame, to_frame) + 1)
