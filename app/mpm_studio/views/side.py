"""The panels beside the 3D view, as tabs: the lift, gaps, suspects, history."""

from __future__ import annotations

from PySide6.QtWidgets import QTabWidget, QWidget

from mpm_studio.session import Session
from mpm_studio.views.gap_table import GapTable
from mpm_studio.views.history import History
from mpm_studio.views.lift_panel import LiftPanel
from mpm_studio.views.naming import named
from mpm_studio.views.suspects import Suspects


class Side(QTabWidget):
    """Each tab's title has the number of what it lists."""

    def __init__(
        self, session: Session, gaps: GapTable, suspects: Suspects, history: History, lift: LiftPanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        named(self, "side", "Gaps, suspects and history")
        self.setDocumentMode(True)
        self.tabBar().setDrawBase(False)
        self.tabBar().setObjectName("side_tabs")
        self.tabBar().setAccessibleName("Panels")
        self.setMinimumWidth(220)
        self.session, self.gaps, self.suspects, self.lift = session, gaps, suspects, lift
        self.addTab(gaps, "Gaps")
        self.addTab(suspects, "Suspects")
        self.addTab(history, "History")
        self.addTab(lift, "Lift")
        gaps.counted.connect(lambda count: self._count(gaps, "Gaps", count))
        suspects.counted.connect(lambda count: self._count(suspects, "Suspects", count))
        history.counted.connect(lambda count: self._count(history, "History", count))
        suspects.shown.connect(lambda: self.setCurrentWidget(suspects))
        session.opened.connect(lambda: self.setCurrentWidget(gaps))
        lift.tuning.changed.connect(self._show_lift)
        session.opened.connect(self._show_lift)
        session.changed.connect(lambda _edit: self._show_lift())
        self._lifting = False
        self._show_lift()

    def _show_lift(self) -> None:
        """The lift's tab is there for lifted takes, and comes to the front when a lift is proposed."""
        shown, lifting = self.session.shown, self.lift.tuning.result is not None
        self.setTabVisible(self.indexOf(self.lift), shown is not None and shown.source.camera is not None)
        if lifting and not self._lifting:
            self.setCurrentWidget(self.lift)
        self._lifting = lifting

    def _count(self, panel: QWidget, title: str, count: int) -> None:
        self.setTabText(self.indexOf(panel), f"{title} {count:,}" if count else title)
