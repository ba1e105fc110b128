"""The mouse in the graph.

Left click and drag go to frames; a filled sample is dragged to set it by hand, an edge of the selected gap to move it; where both are, a
drag up or down is of the sample, one along time of the edge. Shift+drag marks what it crosses as wrong, Ctrl+Shift+drag takes marks back.
Wheel zooms time, with Shift the values; middle drag pans both.
"""

from __future__ import annotations

from dataclasses import replace
from operator import itemgetter
from typing import Protocol

from PySide6.QtCore import QPointF, Qt, SignalInstance
from PySide6.QtGui import QCursor, QMouseEvent, QWheelEvent

from mpm_core.recording import Recording
from mpm_core.samples import FILLS
from mpm_studio.operations.graph_series import Series
from mpm_studio.selection import Selection
from mpm_studio.session import Session
from mpm_studio.views.gap_grips import Grip, grip_at
from mpm_studio.views.graph_paint import Lane
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.timeline_mouse import CLICK_PIXELS, STEP, paints
from mpm_studio.views.timeline_paint import NAMES

KEY_PX = 9.0
Key = tuple[int, int, int, float]
"""A sample that the mouse holds: point, frame, number of the axis, value."""
CURSORS = {
    (False, False): Qt.CursorShape.ArrowCursor,
    (False, True): Qt.CursorShape.SizeHorCursor,
    (True, False): Qt.CursorShape.SizeVerCursor,
    (True, True): Qt.CursorShape.SizeAllCursor,
}
"""By whether a sample is there, and whether an edge is."""


class Curves(Protocol):
    """The part of a graph area that the mouse uses. rec: whose curves these are; series: by point."""

    session: Session
    timeline: Timeline
    mode: str
    rec: Recording | None
    series: dict[int, Series]
    went_to: SignalInstance
    dragged_key: SignalInstance
    painted: SignalInstance
    moved_edges: SignalInstance

    def lanes(self) -> list[Lane]: ...

    def lane(self, number: int) -> Lane: ...

    def set_ranges(self, ranges: list[tuple[float, float]] | None) -> None: ...

    def setCursor(self, cursor: QCursor | Qt.CursorShape, /) -> None: ...

    def update(self) -> None: ...


class GraphMouse:
    """The state of the mouse between press and release. hover: where it is; key: the sample that is dragged."""

    def __init__(self, area: Curves) -> None:
        self._on = area
        self.hover: QPointF | None = None
        self.key: Key | None = None
        self._pressed: QPointF | None = None
        self._panning = QPointF()
        self._paints: bool | None = None
        self._grip: Grip | None = None
        self._either: tuple[Key, Grip] | None = None  # until the drag's direction says which
        self._before = Selection()

    @property
    def busy(self) -> bool:
        """Whether a drag is under way that `cancel` takes back."""
        return any(held is not None for held in (self.key, self._grip, self._either, self._paints))

    def cancel(self) -> None:
        """End the drag as if it had not been."""
        if self.key is None:
            self._on.session.select_as(self._before)
        self.key = self._grip = self._either = self._paints = self._pressed = None
        self._on.update()

    def press(self, event: QMouseEvent) -> None:
        at, on = event.position(), self._on
        self._pressed = self._panning = at
        self._before = on.session.selection
        self._paints = paints(event) if event.button() == Qt.MouseButton.LeftButton and at.x() >= NAMES else None
        if self._paints is None and event.button() == Qt.MouseButton.LeftButton:
            key, grip = self._key_at(at), self._grip_at(at)
            if key is not None and grip is not None:
                self._either = key, grip
                return
            self.key, self._grip = key, grip
            if key is None and grip is None and at.x() >= NAMES:
                on.went_to.emit(on.timeline.frame_at(at.x()))

    def move(self, event: QMouseEvent) -> None:
        at, on = event.position(), self._on
        self.hover = at
        if self._pressed is not None and self._either is not None:
            self._decide(at - self._pressed)
        if self._pressed is None:
            on.setCursor(CURSORS[self._key_at(at) is not None, self._grip_at(at) is not None])
        elif self._either is not None:
            pass
        elif event.buttons() & Qt.MouseButton.MiddleButton:
            self._pan(at)
        elif self._paints is not None:
            ends = sorted((on.timeline.frame_at(self._pressed.x()), on.timeline.frame_at(at.x())))
            on.session.select(on.session.selection.points, ends[0], ends[1] + 1)
        elif self._grip is not None:
            self._grip = replace(self._grip, frames=round((at.x() - self._pressed.x()) / on.timeline.pixels_per_frame))
            self._grip.select(on.session)
        elif self.key is not None:
            point, frame, number, _ = self.key
            self.key = point, frame, number, on.lane(number).value(at.y())
        elif event.buttons() & Qt.MouseButton.LeftButton:
            on.went_to.emit(on.timeline.frame_at(at.x()))
        on.update()

    def release(self, event: QMouseEvent) -> None:
        """Tell what the drag did; nothing where it was cancelled."""
        key, grip, painting, pressed = self.key, self._grip, self._paints, self._pressed
        if self._either is not None:  # a click
            key, _ = self._either
        self.key = self._grip = self._either = self._paints = self._pressed = None
        if pressed is None:
            return
        if grip is not None and grip.frames:
            self._on.moved_edges.emit(grip.gaps, *grip.by)
        if painting is not None and abs(event.position().x() - pressed.x()) > CLICK_PIXELS:
            self._on.painted.emit(painting)
        if key is not None:
            if abs(event.position().y() - pressed.y()) > CLICK_PIXELS:
                self._on.dragged_key.emit(*key)
            else:
                self._on.went_to.emit(key[1])
        self._on.update()

    def wheel(self, event: QWheelEvent) -> None:
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            self._zoom_values(event.position().y(), STEP ** (-turn / 120))
        else:
            self._on.timeline.zoom_at(max(event.position().x() - NAMES, 0), STEP ** (turn / 120))
        event.accept()

    def _zoom_values(self, y: float, factor: float) -> None:
        """All lanes by the same factor; the one under the cursor around the value there."""
        ranges = []
        for lane in self._on.lanes():
            inside = lane.top <= y < lane.top + lane.height
            at = lane.value(y) if inside else (lane.low + lane.high) / 2
            ranges.append((at + (lane.low - at) * factor, at + (lane.high - at) * factor))
        self._on.set_ranges(ranges)

    def _pan(self, at: QPointF) -> None:
        step, self._panning = at - self._panning, at
        timeline, ranges = self._on.timeline, []
        for lane in self._on.lanes():
            shift = step.y() / lane.height * (lane.high - lane.low)
            ranges.append((lane.low + shift, lane.high + shift))
        timeline.set_view(timeline.start - step.x() / timeline.pixels_per_frame, timeline.pixels_per_frame)
        self._on.set_ranges(ranges)

    def _decide(self, moved: QPointF) -> None:
        """Hold the sample or the edge that was pressed, once the mouse has moved."""
        if self._either is not None and max(abs(moved.x()), abs(moved.y())) > CLICK_PIXELS:
            key, grip = self._either
            self.key, self._grip, self._either = (None, grip, None) if abs(moved.x()) > abs(moved.y()) else (key, None, None)

    def _grip_at(self, at: QPointF) -> Grip | None:
        """The edge of a selected gap under a position."""
        on = self._on
        return None if at.x() < NAMES else grip_at(on.session, on.timeline.x_of, at.x(), on.series)

    def _key_at(self, at: QPointF) -> Key | None:
        """The sample nearest to a position that the user may drag: nobody measured it."""
        on, rec = self._on, self._on.rec
        if rec is None or on.mode != "position" or at.x() < NAMES or on.session.jobs.busy:
            return None
        frame = min(on.timeline.frame_at(at.x()), rec.frames - 1)
        near: list[tuple[float, Key]] = []
        for point, shown in on.series.items():
            for number in range(len(shown.lanes)) if rec.origin_FP[frame, point] in FILLS else ():
                lane, value = on.lane(number), float(shown.value_FC[frame, number])
                if lane.top <= at.y() < lane.top + lane.height:
                    near.append((abs(lane.y(value) - at.y()), (point, frame, number, value)))
        away, key = min(near, default=(KEY_PX, None), key=itemgetter(0))
        return key if away < KEY_PX else None
