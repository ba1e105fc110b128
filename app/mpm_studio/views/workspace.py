"""The work area: the 3D view, and panels around it: points at the left, gaps and others at the right, time and graph below."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QChildEvent, QEvent, QObject, QSize, Qt
from PySide6.QtGui import QAction, QGuiApplication, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QMainWindow, QSplitter, QTabBar, QTabWidget, QVBoxLayout, QWidget

from mpm_studio.lift_tuning import LiftTuning
from mpm_studio.playback import Playback
from mpm_studio.session import Session
from mpm_studio.views.dock import Dock
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.graph import Graph
from mpm_studio.views.history import History
from mpm_studio.views.lift_panel import LiftPanel
from mpm_studio.views.naming import named
from mpm_studio.views.point_list import PointList
from mpm_studio.views.side_panels import Side
from mpm_studio.views.stage import Stage
from mpm_studio.views.suspects import Suspects
from mpm_studio.views.timeline import Timeline
from mpm_studio.views.transport import Transport

POINTS, SIDE, MOST_SIDE = 216, 418, 0.35  # widths at first; of the panels at the right at most, as a share
TIME = 0.51  # height of time and graph at first, as a share


class Workspace(QMainWindow):
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
        super().__init__(parent, Qt.WindowType.Widget)
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
        self.stage.plane.levelled.connect(self.tuning.tilt)
        self.transport.entered.connect(self.timeline.setFocus)
        self.points.order_changed.connect(self.timeline.set_order)
        self.setDockOptions(QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        self.setCorner(Qt.Corner.BottomLeftCorner, Qt.DockWidgetArea.BottomDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, Qt.DockWidgetArea.RightDockWidgetArea)
        self.setCentralWidget(self.stage)
        self._points = Dock(self, self.points, "Points", Qt.DockWidgetArea.LeftDockWidgetArea)
        self.side = Side(self, session, self.gaps, self.suspects, self.history, self.lift)
        self._time = Dock(self, self._time_panel(), "Time and graph", Qt.DockWidgetArea.BottomDockWidgetArea)
        self._left, self._side, self._share = POINTS, SIDE, TIME  # as the user left them
        self._first = self.saveState()
        self._kept: QByteArray | None = None  # restored, but not shown yet
        for dock in self.docks:
            dock.installEventFilter(self)

    @property
    def docks(self) -> list[Dock]:
        """Every panel that can be moved or closed."""
        return [self._points, *self.side.docks.values(), self._time]

    def arrange(self, on: bool) -> None:
        """Let panels be moved, floated and closed by their title bars, or keep them where they are."""
        for dock in self.docks:
            dock.arrange(on)

    def show_gaps(self) -> None:
        """Bring the gap table to the front, unless it is closed; the list of suspects, whose Return opens a row, loses the focus."""
        dock, focused = self.side.docks[self.gaps], self.window().focusWidget()
        if focused is not None and self.suspects.isAncestorOf(focused):
            self.timeline.setFocus()
        if not dock.isHidden() and dock.visibleRegion().isEmpty():
            dock.raise_()

    def show_focused(self) -> None:
        """Bring the panel that has the focus to the front of those it lies behind."""
        focused = self.window().focusWidget()
        for dock in self.docks:
            if focused is not None and dock.isAncestorOf(focused) and dock.visibleRegion().isEmpty():
                dock.raise_()

    def reset(self) -> None:
        """Every panel where it was at first."""
        self.restoreState(self._first)
        self.side.settle_lift()
        self._left, self._side, self._share = POINTS, SIDE, TIME
        self._size()
        self.side.setCurrentWidget(self.gaps)
        self.timeline.setFocus()

    def layout_state(self) -> QByteArray:
        """Where the panels are, and the sizes that the user gave them."""
        return QByteArray(f"{self._left} {self._side} {self._share:.4f}\n".encode() + self.saveState().data())

    def restore(self, state: QByteArray) -> None:
        """Panels as the user left them; the initial arrangement for a state that cannot be read."""
        sizes, _, places = bytes(state.data()).partition(b"\n")
        try:
            left, side, share = sizes.split()
            self._left, self._side, self._share = int(left), int(side), float(share)
        except ValueError:  # of an older version
            return
        self._kept = QByteArray(places)
        self.restoreState(self._kept)
        self.side.settle_lift()

    def showEvent(self, event: QShowEvent) -> None:
        """Only now there is room: sizes that were restored before would be those of a small window."""
        super().showEvent(event)
        if self._kept is not None:
            self.restoreState(self._kept)
            self.side.settle_lift()
            self._kept = None
            self._size()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """In a narrow window the panels at the right leave room for the 3D view; time and graph keep their share of the height."""
        super().resizeEvent(event)
        if self._kept is None:
            self._size()
            layout = self.layout()
            if layout is not None:
                layout.activate()  # Qt would place the panels after all of them are painted

    def childEvent(self, event: QChildEvent) -> None:
        """Name the tab bars that Qt makes when panels come to lie one behind the other."""
        super().childEvent(event)
        if isinstance(bar := event.child(), QTabBar):
            named(bar, "panel_tabs", "Panels")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """A panel whose edge the user drags stays as wide as that."""
        dragged = QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton
        if event.type() == QEvent.Type.Resize and dragged and isinstance(watched, Dock) and not watched.isFloating():
            if self._is_in(watched, Qt.DockWidgetArea.LeftDockWidgetArea):
                self._left = watched.width()
            elif self._is_in(watched, Qt.DockWidgetArea.RightDockWidgetArea):
                self._side = watched.width()
            elif self._is_in(watched, Qt.DockWidgetArea.BottomDockWidgetArea):
                self._share = watched.height() / max(1, self.height())
        return super().eventFilter(watched, event)

    def sizeHint(self) -> QSize:
        return QSize(1400, 820)

    def _size(self) -> None:
        if self._is_in(self._time, Qt.DockWidgetArea.BottomDockWidgetArea):
            self.resizeDocks([self._time], [round(self._share * self.height())], Qt.Orientation.Vertical)
        right = round(min(self._side, MOST_SIDE * self.width()))
        for area, width in ((Qt.DockWidgetArea.LeftDockWidgetArea, self._left), (Qt.DockWidgetArea.RightDockWidgetArea, right)):
            docks = [dock for dock in self.docks if self._is_in(dock, area)]
            self.resizeDocks(docks, [width] * len(docks), Qt.Orientation.Horizontal)

    def _is_in(self, dock: Dock, area: Qt.DockWidgetArea) -> bool:
        return not dock.isFloating() and self.dockWidgetArea(dock) == area

    def _time_panel(self) -> QWidget:
        """Transport, timeline and graph, whose frames stand under each other."""
        panel = named(QWidget(), "time", "Transport, timeline and graph")
        split = named(QSplitter(Qt.Orientation.Vertical), "time_split", "Timeline and graph")
        split.setHandleWidth(1)
        split.setChildrenCollapsible(False)
        for place, (widget, share) in enumerate(((self.timeline, 2), (self.graph, 3))):
            split.addWidget(widget)
            split.setStretchFactor(place, share)
        split.setSizes([150, 230])
        column = QVBoxLayout(panel)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.transport)
        column.addWidget(split)
        return panel
