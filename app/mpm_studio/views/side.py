"""The panels at the right, one behind the other as tabs: gaps, suspects, history."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QMainWindow, QTabBar, QWidget

from mpm_studio.session import Session
from mpm_studio.views.dock import Dock
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.history import History
from mpm_studio.views.suspects import Suspects

LEAST_WIDTH = 220


class Side(QObject):
    """Each panel's title has the number of what it lists."""

    def __init__(self, home: QMainWindow, session: Session, gaps: GapTable, suspects: Suspects, history: History) -> None:
        super().__init__(home)
        self._home = home
        self.docks: dict[QWidget, Dock] = {}
        for panel, title in ((gaps, "Gaps"), (suspects, "Suspects"), (history, "History")):
            self.addTab(panel, title)
        gaps.counted.connect(lambda count: self._count(gaps, "Gaps", count))
        suspects.counted.connect(lambda count: self._count(suspects, "Suspects", count))
        history.counted.connect(lambda count: self._count(history, "History", count))
        suspects.shown.connect(lambda: self.setCurrentWidget(suspects))
        session.opened.connect(lambda: self.docks[gaps].raise_())
        self.setCurrentWidget(gaps)

    def addTab(self, panel: QWidget, title: str) -> Dock:
        """A further panel, behind the others."""
        panel.setMinimumWidth(LEAST_WIDTH)
        dock = Dock(self._home, panel, title, Qt.DockWidgetArea.RightDockWidgetArea)
        for first in list(self.docks.values())[:1]:
            self._home.tabifyDockWidget(first, dock)
        self.docks[panel] = dock
        for bar in self._home.findChildren(QTabBar):
            if not bar.accessibleName():
                bar.setAccessibleName("Panels")
        return dock

    def setCurrentWidget(self, panel: QWidget) -> None:
        """Show a panel, also one that was closed, and bring it to the front."""
        self.docks[panel].show()
        self.docks[panel].raise_()

    def currentWidget(self) -> QWidget | None:
        """The panel that is in front, the first of them where several are."""
        return next((panel for panel, dock in self.docks.items() if not dock.visibleRegion().isEmpty()), None)

    def _count(self, panel: QWidget, title: str, count: int) -> None:
        self.docks[panel].setWindowTitle(f"{title} {count:,}" if count else title)
