"""The work area: points at the left, the 3D view, gaps and suspects at the right; below them transport, timeline and curves."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from mpm_studio.playback import Playback
from mpm_studio.session import Session
from mpm_studio.views.curves import Curves
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.naming import named
from mpm_studio.views.point_list import PointList
from mpm_studio.views.side import Side
from mpm_studio.views.stage import Stage
from mpm_studio.views.suspects import Suspects
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.transport import Transport


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
        super().__init__(Qt.Orientation.Vertical, parent)
        named(self, "workspace", "3D view and time")
        self.timeline = Timeline(session)
        self.transport = Transport(session, playback, actions)
        self.points = PointList(session)
        self.stage = Stage(session, actions, samples)
        self.curves = Curves(session, self.timeline)
        self.suspects = Suspects(session)
        self.gaps = GapTable(session)
        self.side = Side(session, self.gaps, self.suspects)
        self.transport.entered.connect(self.timeline.setFocus)
        self.points.order_changed.connect(self.timeline.set_order)
        upper = named(QSplitter(Qt.Orientation.Horizontal), "upper_split", "Points, 3D view and panels")
        lower = named(QSplitter(Qt.Orientation.Vertical), "time_split", "Timeline and curves")
        bottom = named(QWidget(), "time", "Transport, timeline and curves")
        column = QVBoxLayout(bottom)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(lower)
        _fill(upper, [(self.points, 0, 232), (self.stage, 1, 788), (self.side, 0, 380)])
        _fill(lower, [(self.timeline, 3, 210), (self.curves, 1, 120)])
        _fill(self, [(upper, 3, 500), (bottom, 2, 360)])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the panels leave room for the 3D view."""
        super().resizeEvent(event)
        self.points.setMaximumWidth(max(150, round(0.25 * self.width())))
        self.side.setMaximumWidth(max(220, round(0.36 * self.width())))


def _fill(splitter: QSplitter, parts: list[tuple[QWidget, int, int]]) -> None:
    """Put (widget, share of the growth, first size) into a splitter."""
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for place, (widget, share, _) in enumerate(parts):
        splitter.addWidget(widget)
        splitter.setStretchFactor(place, share)
    splitter.setSizes([size for _, _, size in parts])
