"""The menus of a right click on the 3D view, the list of points, the timeline and the graph: they act on what is under the mouse."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractScrollArea, QMenu, QWidget

from mpm_studio.actions import LINE
from mpm_studio.flows import spans
from mpm_studio.operations import navigating
from mpm_studio.session import Session
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views.image_plane import ImagePlane
from mpm_studio.views.naming import named
from mpm_studio.views.viewer import Viewer
from mpm_studio.window_parts import WindowParts

SAMPLES = (
    *("fill_gap", "complete_selection", "accept_gap", "reject_gap", LINE),
    *("mark", "unmark", "restore", "delete", "exchange", "unlabel", LINE),
)
CONTEXT = {
    "view": (*SAMPLES, "join", LINE, "hide", "isolate", "show_all", LINE, "frame", "ghost", "labels", "trail", "follow"),
    "points": (*SAMPLES, "rename", "merge", LINE, "hide", "isolate", "show_all", LINE, "select_all", "deselect"),
    "time": (
        *(*SAMPLES, "filter", "name_range", "remove_spans", "trim", LINE),
        *("work_in", "work_out", "work_all", LINE, "next_gap", "timeline_fit", "fold"),
    ),
}
"""The actions of each context menu."""
PRESSES = (QEvent.Type.MouseButtonPress, QEvent.Type.MouseButtonDblClick)


class _Asked(QObject):
    """Calls `ask` with the place of a right click in a widget, None where the menu is asked for by a key, and the place on the screen.

    What the click selects is up to `ask`: rows are not selected by its press before.
    """

    def __init__(self, widget: QWidget, ask: Callable[[QPoint | None, QPoint], None]) -> None:
        super().__init__(widget)
        self._ask = ask
        self._inside = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
        self._of_rows = isinstance(widget, QAbstractItemView)
        self._inside.installEventFilter(self)
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() in PRESSES:
            return self._of_rows and watched is self._inside and event.button() == Qt.MouseButton.RightButton
        if not isinstance(event, QContextMenuEvent):
            return False
        by_key = event.reason() == QContextMenuEvent.Reason.Keyboard
        if watched is not self._inside and not by_key:  # of a table's head
            return False
        self._ask(None if by_key else event.pos(), event.globalPos())
        return True


def add_context_menus(window: WindowParts) -> None:
    """A right click selects what is under it, and offers what can be done to that."""
    workspace = window.workspace
    for view in (workspace.stage.viewer, workspace.stage.plane):
        _Asked(view, partial(_on_view, window, view))
    for widget, ask in ((workspace.points.table, _on_points), (workspace.timeline, _on_timeline), (workspace.graph.area, _on_graph)):
        _Asked(widget, partial(ask, window))


def _on_view(window: WindowParts, view: Viewer | ImagePlane, at: QPoint | None, screen: QPoint) -> None:
    session, point = window.session, -1 if at is None else view.pick(at.x(), at.y())
    if point >= 0:
        selected = session.selection.points
        _select_part(session, selected if point in selected else (point,), session.frame)
    _context(window, "view").popup(screen)


def _on_points(window: WindowParts, at: QPoint | None, screen: QPoint) -> None:
    """A row of the list is a whole track."""
    session, listed = window.session, window.workspace.points
    point = -1 if at is None else listed.proxy.mapToSource(listed.table.indexAt(at)).row()
    if point >= 0 and session.shown is not None:
        selected, whole = session.selection, session.work or (0, session.shown.frames)
        if point not in selected.points:
            session.select((point,), *whole)
        elif not selected.has_range:
            session.select(selected.points, *whole)
    _context(window, "points").popup(screen)


def _on_timeline(window: WindowParts, at: QPoint | None, screen: QPoint) -> None:
    """On a span, what can be done to it; over samples, these."""
    timeline = window.workspace.timeline
    if at is not None and at.y() >= paint.RULER + len(timeline.lines) * paint.ROW - timeline.verticalScrollBar().value():
        at = None  # below the last row
    place = None if at is None else timeline.span_at(at)
    if place is not None:
        spans.menu_of(window, place).popup(screen)
        return
    if at is not None and at.y() >= paint.RULER:
        session, points = window.session, timeline.lines[timeline.row_at(at.y())].points
        if at.x() >= paint.NAMES:
            _select_part(session, points, timeline.frame_at(at.x()))
        elif points and session.shown is not None and not set(points) <= {*session.selection.points}:
            session.select(points, *(session.work or (0, session.shown.frames)))
    _context(window, "time").popup(screen)


def _on_graph(window: WindowParts, at: QPoint | None, screen: QPoint) -> None:
    if at is not None and at.x() >= paint.NAMES:
        _select_part(window.session, window.session.selection.points, window.workspace.timeline.frame_at(at.x()))
    _context(window, "time").popup(screen)


def _select_part(session: Session, points: tuple[int, ...], frame: int) -> None:
    """Select the gap or the measured stretch of these points at a frame, unless it is in the selection."""
    selection, rec = session.selection, session.shown
    inside = set(points) <= {*selection.points} and selection.start <= frame < selection.stop
    if points and rec is not None and not inside:
        session.select(points, *navigating.stretch_at(session.gap_rows, points, frame, rec.frames))


def _context(window: WindowParts, kind: str) -> QMenu:
    menu = window.findChild(QMenu, f"context_{kind}")
    if menu is None:
        menu = named(QMenu(window), f"context_{kind}", "What can be done here")
        menu.setToolTipsVisible(True)
        for name in CONTEXT[kind]:
            menu.addSeparator() if name is LINE else menu.addAction(window.actions_by_id[name])
        parts = window.workspace.points.parts.menu()
        if parts is not None:
            parts.setTitle("Select a body part")
            menu.addSeparator()
            menu.addMenu(parts)
    return menu
