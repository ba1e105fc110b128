"""The work area: points at the left, the 3D view, gaps and suspects at the right; below them transport, timeline and graph."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from mpm_studio.lift_tuning import LiftTuning
from mpm_studio.playback import Playback
from mpm_studio.session import Session
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.graph import Graph
from mpm_studio.views.history import History
from mpm_studio.views.lift_panel import LiftPanel
from mpm_studio.views.naming import named
from mpm_studio.views.point_list import PointList
from mpm_studio.views.side import Side
from mpm_studio.views.stage import Stage
from mpm_studio.views.suspects import Suspects
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.transport import Transport

SIDE, MOST_SIDE = 418, 0.35  # width of the panels: at first, and at most as a share


class Workspace(QSplitter):
    """The parts, which follow the session. The timeline is connected first, so that the list can order its new rows.

    samples: as the Viewer's.
    """

    def __init__(
        self,
        session: Session,
        playback: Playback,
        actions: dict[str, QAction],
        samples: int | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        named(self, "workspace", "3D view, time and panels")
        self.timeline = Timeline(session)
        self.transport = Transport(session, playback, actions)
        self.points = PointList(session)
        self.stage = Stage(session, actions, samples)
        self.graph = Graph(session, self.timeline)
        self.suspects = Suspects(session)
        self.gaps = GapTable(session)
        self.history = History(session)
        self.tuning = LiftTuning(session, self)
        self.lift = LiftPanel(self.tuning)
        self.side = Side(session, self.gaps, self.suspects, self.history, self.lift)
        self.stage.plane.levelled.connect(self.tuning.tilt)
        self.transport.entered.connect(self.timeline.setFocus)
        self.points.order_changed.connect(self.timeline.set_order)
        left = named(QSplitter(Qt.Orientation.Vertical), "left_split", "3D view and time")
        upper = named(QSplitter(Qt.Orientation.Horizontal), "upper_split", "Points and 3D view")
        lower = named(QSplitter(Qt.Orientation.Vertical), "time_split", "Timeline and graph")
        bottom = named(QWidget(), "time", "Transport, timeline and graph")
        column = QVBoxLayout(bottom)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(lower)
        _fill(upper, [(self.points, 0, 200), (self.stage, 1, 820)])
        _fill(lower, [(self.timeline, 2, 150), (self.graph, 3, 230)])
        _fill(left, [(upper, 3, 390), (bottom, 3, 420)])
        _fill(self, [(left, 1, 1020), (self.side, 0, SIDE)])
        self._side = SIDE
        self.splitterMoved.connect(lambda *_: self._on_moved())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the panels leave room for the 3D view."""
        super().resizeEvent(event)
        side = min(self._side, round(MOST_SIDE * self.width()))
        self.setSizes([self.width() - side, side])

    def restore(self, state: QByteArray) -> None:
        """Panels as wide as the user left them."""
        self.restoreState(state)
        self._on_moved()

    def _on_moved(self) -> None:
        self._side = self.sizes()[1]


def _fill(splitter: QSplitter, parts: list[tuple[QWidget, int, int]]) -> None:
    """Put (widget, share of the growth, first size) into a splitter."""
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for place, (widget, share, _) in enumerate(parts):
        splitter.addWidget(widget)
        splitter.setStretchFactor(place, share)
    splitter.setSizes([size for _, _, size in parts])
