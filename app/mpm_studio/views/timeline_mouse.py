"""The mouse on the timeline.

Left click goes to a frame, left drag selects rows and frames, double click goes to a gap (or, on a name, selects the whole row), the ruler
scrubs.
Shift+drag marks what it crosses as wrong, Ctrl+Shift+drag takes marks back; on the ruler, Shift+drag sets the range that is worked on.
Over rows of spans, which have no points of their own, a drag is of the points that are selected.
The edges of a selected gap are dragged to other frames.
A click on a name selects its points, on the mark before a group's name it opens or closes the group. Spans are dragged by their middle or
their ends, a click on one selects its frames.
Wheel scrolls the rows (Shift: along time), Ctrl+wheel zooms at the cursor, middle drag pans.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Literal, Protocol

from PySide6.QtCore import QPoint, Qt, SignalInstance
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QScrollBar, QWidget

from mpm_core.edit.annotate import Annotate
from mpm_core.recording import Recording
from mpm_core.spans import Span
from mpm_studio.operations.navigating import gap_at
from mpm_studio.selection import Selection
from mpm_studio.session import Session
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views.gap_grips import Grip, grip_at
from mpm_studio.views.timeline_lines import Line
from mpm_studio.views.timeline_spans import Held, dragged, held_at

CLICK_PIXELS = 4  # a press that moves less is a click
STEP = 1.25  # zoom of one wheel notch


class Rows(Protocol):
    """The part of a timeline that the mouse uses."""

    session: Session
    start: float
    pixels_per_frame: float
    scrubbed: SignalInstance
    entered_gap: SignalInstance
    painted: SignalInstance
    moved_edges: SignalInstance

    @property
    def shown(self) -> Recording | None: ...

    @property
    def lines(self) -> list[Line]: ...

    @property
    def view(self) -> paint.View: ...

    def toggle(self, row: int) -> None: ...

    def viewport(self) -> QWidget: ...

    def frame_at(self, x: float) -> int: ...

    def x_of(self, frame: float) -> float: ...

    def row_at(self, y: float) -> int: ...

    def set_view(self, start: float, pixels_per_frame: float) -> None: ...

    def zoom_at(self, x: float, factor: float) -> None: ...

    def verticalScrollBar(self) -> QScrollBar: ...


def paints(event: QMouseEvent) -> bool | None:
    """Whether a drag marks what it crosses (True), takes marks back (False), or neither."""
    held = event.modifiers()
    if not held & Qt.KeyboardModifier.ShiftModifier:
        return None
    return not held & Qt.KeyboardModifier.ControlModifier


class Mouse:
    """The state of the mouse between press and release."""

    def __init__(self, timeline: Rows) -> None:
        self._on = timeline
        self._mode: Literal["", "pan", "scrub", "work", "click", "select", "span", "edge"] = ""
        self._pressed, self._last = QPoint(), QPoint()
        self._from = (0, 0)  # row and frame of the press
        self._held: Held | None = None
        self._grip: Grip | None = None
        self._moved = 0  # frames that the held span is dragged by
        self._before: tuple[Selection, tuple[int, int] | None, int] = Selection(), None, 0  # selection, frames worked on, frame
        self._paints: bool | None = None  # True: what is dragged over is marked, False: marks there are taken back

    @property
    def busy(self) -> bool:
        return self._mode != ""

    def cancel(self) -> None:
        """End the drag as if it had not been; a pan stays."""
        session, (selection, work, frame) = self._on.session, self._before
        mode, self._mode = self._mode, ""
        self._held, self._grip, self._moved, self._paints = None, None, 0, None
        if mode != "pan":
            session.select_as(selection)
            session.set_frame(frame)
            session.set_work(*(work or (0, 0)))
        self._on.viewport().update()

    def spans(self, spans: tuple[Span, ...]) -> tuple[Span, ...]:
        """The take's spans, the held one where it is dragged to."""
        rec, held = self._on.shown, self._held
        if rec is None or held is None or not self._moved or held.place >= len(spans):
            return spans
        moved = dragged(spans[held.place], held.part, self._moved, rec.frames)
        return (*spans[: held.place], moved, *spans[held.place + 1 :])

    def press(self, event: QMouseEvent) -> None:
        """Decide what a drag from here does: pan, go to frames, set the range that is worked on, select, mark, or move a span."""
        if self._on.shown is None or not self._on.shown.frames:
            return
        at = event.position().toPoint()
        self._pressed = self._last = at
        session = self._on.session
        self._before = session.selection, session.work, session.frame
        if event.button() == Qt.MouseButton.MiddleButton:
            self._mode = "pan"
        elif event.button() == Qt.MouseButton.LeftButton and at.y() < paint.RULER:
            shifted = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
            self._mode, self._from = "work" if shifted else "scrub", (0, self._on.frame_at(at.x()))
            self._on.scrubbed.emit(self._on.frame_at(at.x()))
        elif event.button() == Qt.MouseButton.LeftButton and self._on.lines:
            self._mode = "click"
            self._from = (self._on.row_at(at.y()), self._on.frame_at(at.x()))
            self._paints = paints(event)
            line = self._on.lines[self._from[0]]
            if line.spans and at.x() >= paint.NAMES and self._paints is None:
                self._held = held_at(self._on.shown.spans, line.spans, self._on.view, at.x())
            if self._held is not None:
                self._mode, self._moved = "span", 0
            elif self._paints is None:
                self._grip = self._grip_at(at)
                self._mode = "click" if self._grip is None else "edge"

    def move(self, event: QMouseEvent) -> None:
        at = event.position().toPoint()
        if self._mode == "":
            shape = Qt.CursorShape.ArrowCursor if self._grip_at(at) is None else Qt.CursorShape.SizeHorCursor
            self._on.viewport().setCursor(shape)
        elif self._mode == "pan":
            step, self._last = at - self._last, at
            down = self._on.verticalScrollBar()
            down.setValue(down.value() - step.y())
            self._on.set_view(self._on.start - step.x() / self._on.pixels_per_frame, self._on.pixels_per_frame)
        elif self._mode == "scrub":
            self._on.scrubbed.emit(self._on.frame_at(at.x()))
        elif self._mode == "work":
            ends = sorted((self._from[1], self._on.frame_at(at.x())))
            self._on.session.set_work(ends[0], ends[1] + 1)
        elif self._mode == "span":
            self._moved = self._on.frame_at(at.x()) - self._from[1]
            self._on.viewport().update()
        elif self._mode == "edge" and self._grip is not None:
            self._grip = replace(self._grip, frames=round((at.x() - self._pressed.x()) / self._on.pixels_per_frame))
            self._grip.select(self._on.session)
        elif self._mode == "click" and (at - self._pressed).manhattanLength() > CLICK_PIXELS and self._pressed.x() >= paint.NAMES:
            self._mode = "select"
        if self._mode == "select":
            self._select_to(at)

    def release(self, event: QMouseEvent) -> None:
        if self._mode == "click":
            self._click(event)
        elif self._mode == "span":
            self._drop_span()
        elif self._mode == "edge" and self._grip is not None and self._grip.frames:
            self._on.moved_edges.emit(self._grip.gaps, *self._grip.by)
        elif self._mode == "select" and self._paints is not None:
            self._on.painted.emit(self._paints)
        self._mode, self._held, self._grip, self._moved, self._paints = "", None, None, 0, None

    def _click(self, event: QMouseEvent) -> None:
        row, frame = self._from
        session, line = self._on.session, self._on.lines[row]
        on_name, selection = event.position().x() < paint.NAMES, session.selection
        if paint.on_mark(line, event.position().x()):
            self._on.toggle(row)
            return
        if line.points and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            without = tuple(point for point in selection.points if point not in line.points)
            more = len(without) < len(selection.points)
            session.select(without if more else (*selection.points, *line.points), selection.start, selection.stop)
            return
        if line.points:
            session.select(line.points)
        if not on_name:
            self._on.scrubbed.emit(frame)

    def _drop_span(self) -> None:
        """The held span stays where it is dragged to; one that was only clicked is selected."""
        session, rec, held = self._on.session, self._on.shown, self._held
        if rec is None or held is None or held.place >= len(rec.spans):
            return
        span = rec.spans[held.place]
        if not self._moved:
            points = tuple(rec.index(name) for name in span.points)
            session.select(points or session.selection.points, span.start, span.stop)
            self._on.scrubbed.emit(span.start)
            return
        spans = self.spans(rec.spans)
        session.guard(f"Moving {span.name}", lambda: session.annotate(Annotate(f"Move {span.name}", spans=spans)))

    def double_click(self, event: QMouseEvent) -> None:
        """Open or close a group at its mark, select its points by its name, go to a gap."""
        rec = self._on.shown
        if rec is None or not self._on.lines or event.position().y() < paint.RULER:
            return
        row = self._on.row_at(event.position().y())
        line = self._on.lines[row]
        if paint.on_mark(line, event.position().x()):
            self._on.toggle(row)
            return
        if event.position().x() < paint.NAMES and line.points:
            self._on.session.select(line.points, 0, rec.frames)
            return
        if line.kind != "point":
            return
        point = line.points[0]
        gap = gap_at(rec, point, self._on.frame_at(event.position().x()))
        if gap is not None:
            self._on.entered_gap.emit(gap)

    def span_at(self, at: QPoint) -> int | None:
        """The place among the take's spans of the one under a position."""
        rec = self._on.shown
        if rec is None or not self._on.lines or at.y() < paint.RULER or at.x() < paint.NAMES:
            return None
        held = held_at(rec.spans, self._on.lines[self._on.row_at(at.y())].spans, self._on.view, at.x())
        return None if held is None else held.place

    def _grip_at(self, at: QPoint) -> Grip | None:
        """The edge of a selected gap under a position."""
        on = self._on
        if on.shown is None or not on.lines or at.y() < paint.RULER or at.x() < paint.NAMES:
            return None
        line = on.lines[on.row_at(at.y())]
        return grip_at(on.session, on.x_of, at.x(), line.points) if line.kind == "point" else None

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
        lines = self._on.lines[min(row, to_row) : max(row, to_row) + 1]
        points = tuple(dict.fromkeys(point for line in lines for point in line.points)) or self._on.session.selection.points
        self._on.session.select(points, min(frame, to_frame), max(frame, to_frame) + 1)
