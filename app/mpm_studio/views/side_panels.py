"""The panels at the right, one behind the other as tabs: the lift, gaps, suspects, history."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QWidget

from mpm_studio.session import Session
from mpm_studio.views.dock import Dock
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.history import History
from mpm_studio.views.lift_panel import LiftPanel
from mpm_studio.views.suspects import Suspects

LEAST_WIDTH = 220


class Side(QObject):
    """Each panel's title has the number of what it lists. The lift's is there for lifted takes."""

    def __init__(self, home: QMainWindow, session: Session, gaps: GapTable, suspects: Suspects, history: History, lift: LiftPanel) -> None:
        super().__init__(home)
        self._home, self.session, self.lift = home, session, lift
        self.docks: dict[QWidget, Dock] = {}
        for panel, title in ((gaps, "Gaps"), (suspects, "Suspects"), (history, "History"), (lift, "Lift")):
            self.addTab(panel, title)
        gaps.counted.connect(lambda count: self._count(gaps, "Gaps", count))
        suspects.counted.connect(lambda count: self._count(suspects, "Suspects", count))
        history.counted.connect(lambda count: self._count(history, "History", count))
        suspects.shown.connect(lambda: self.setCurrentWidget(suspects))
        session.opened.connect(lambda: self.docks[gaps].raise_())
        lift.tuning.changed.connect(self._show_lift)
        session.opened.connect(self._show_lift)
        session.changed.connect(lambda _edit: self._show_lift())
        self._lifted = self._lifting = False
        self.docks[lift].hide()
        self._show_lift()
        self.setCurrentWidget(gaps)

    def addTab(self, panel: QWidget, title: str) -> Dock:
        """A further panel, behind the others."""
        panel.setMinimumWidth(LEAST_WIDTH)
        dock = Dock(self._home, panel, title, Qt.DockWidgetArea.RightDockWidgetArea)
        for first in list(self.docks.values())[:1]:
            self._home.tabifyDockWidget(first, dock)
        self.docks[panel] = dock
        return dock

    def setCurrentWidget(self, panel: QWidget) -> None:
        """Show a panel, also one that was closed, and bring it to the front."""
        self.docks[panel].show()
        self.docks[panel].raise_()

    def currentWidget(self) -> QWidget | None:
        """The panel that is in front, the first of them where several are."""
        return next((panel for panel, dock in self.docks.items() if not dock.visibleRegion().isEmpty()), None)

    def _show_lift(self) -> None:
        """The lift's panel appears with a lifted take, and comes to the front when a lift is proposed."""
        shown, lifting = self.session.shown, self.lift.tuning.result is not None
        lifted = shown is not None and shown.source.camera is not None
        if lifted != self._lifted:
            self.docks[self.lift].setVisible(lifted)
        if lifting and not self._lifting:
            self.setCurrentWidget(self.lift)
        self._lifted, self._lifting = lifted, lifting

    def settle_lift(self) -> None:
        """Show the lift's panel only for a lifted take, whatever a restored layout has."""
        self.docks[self.lift].setVisible(self._lifted)

    def _count(self, panel: QWidget, title: str, count: int) -> None:
        self.docks[panel].setWindowTitle(f"{title} {count:,}" if count else title)
