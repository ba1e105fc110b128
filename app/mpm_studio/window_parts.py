"""The parts of the window that flows and actions work with: the session, the settings, the playback and the views."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QPoint, QRect, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from mpm_core.fill.keep.limits import USUAL
from mpm_studio.playback import Playback
from mpm_studio.recovery import Autosave
from mpm_studio.render import surface
from mpm_studio.session import Session
from mpm_studio.settings import Settings
from mpm_studio.video_behind import VideoBehind
from mpm_studio.views.banner import Banner
from mpm_studio.views.message_stack import MessageStack
from mpm_studio.views.naming import named
from mpm_studio.views.proposal_bar import ProposalBar
from mpm_studio.views.recovery_bar import RecoveryBar
from mpm_studio.views.settings_dialog import EDGES
from mpm_studio.views.start_page import StartPage
from mpm_studio.views.status_bar import Status
from mpm_studio.views.tool_bar import Tools
from mpm_studio.views.workspace import Workspace

SAMPLES = {"auto": None, "smooth": surface.SMOOTH, "plain": 0}  # per pixel, for each choice of edges


class WindowParts(QMainWindow):
    """One take at a time. `build` makes the views; actions_by_id: a QAction for each entry of the actions table. closing: it is left.

    keys_wanted: the user wants to change keys, which needs the table of actions.
    """

    closing = Signal()
    keys_wanted = Signal()
    recent_menu: QMenu
    actions_by_id: dict[str, QAction]

    def __init__(self, settings: Settings | None = None) -> None:
        super().__init__()
        named(self, "window", "mpm-studio")
        self.settings = settings or Settings()
        self.session = Session(self)
        self.playback = Playback(self)
        self.method = "auto"
        self.limits = USUAL
        self.autosave: Autosave | None = None

    def build(self, actions_by_id: dict[str, QAction]) -> None:
        """Make the views, with these actions on their buttons."""
        self.actions_by_id = actions_by_id
        self.addToolBar(Tools(actions_by_id))
        self.start_page = StartPage(actions_by_id["open"], actions_by_id["open_folder"])
        self.workspace = Workspace(self.session, self.playback, actions_by_id, SAMPLES[self.settings.choice("edges", EDGES)])
        self.video = VideoBehind(self.session, self.workspace.stage.plane, self)
        self.banner = Banner()
        self.recovery_bar = RecoveryBar()
        self.pages = named(QStackedWidget(), "pages", "Take")
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.workspace)
        body = named(QWidget(), "body", "Work area")
        self.setCentralWidget(body)
        self._body = body
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.pages, 1)
        self.proposal_bar = ProposalBar(self.session, actions_by_id)
        layout.addWidget(self.proposal_bar)
        self.messages = MessageStack(body, [self.recovery_bar, self.banner], self._message_area, [self.pages, self.workspace.stage.split])
        self.setStatusBar(Status(self.session, actions_by_id["read_again"]))
        self.proposal_bar.shown.connect(lambda on: self.statusBar().setVisible(not on))
        self.show_graph()
        self.workspace.arrange(self.is_on("arrange"))

    def _message_area(self) -> QRect:
        """The picture and the 3D view, in the work area; the start page while there is no take."""
        split = self.workspace.stage.split
        if self.pages.currentWidget() is not self.workspace:
            return self.pages.geometry()
        return QRect(split.mapTo(self._body, QPoint(0, 0)), split.size())

    @property
    def take_name(self) -> str:
        path = self.session.project_path or self.session.path
        return path.name if path is not None else "the take"

    @property
    def last_folder(self) -> Path | None:
        recent = self.settings.recent_files()
        return recent[0].parent if recent else None

    def is_on(self, name: str) -> bool:
        """Whether a switch of the actions table is on."""
        return self.actions_by_id[name].isChecked()

    def remember(self, path: Path) -> None:
        """Put a file at the top of the recent files."""
        self.settings.add_recent(path)
        self.show_recent()

    def show_recent(self) -> None:
        """List the recent files on the start page."""
        self.start_page.set_recent(self.settings.recent_files())

    def set_method(self, method: str) -> None:
        self.method = method
        self.workspace.gaps.set_method(method)

    def use_method(self, method: str) -> None:
        """As if the user had chosen it in the menu."""
        choice = self.findChild(QAction, f"method_{method}")
        assert choice is not None
        choice.trigger()

    def view_state(self) -> dict[str, Any]:
        """Frame, work range, mapping, camera, sticks, video, and how the file was read, as a project keeps them."""
        stage, video = self.workspace.stage, self.video.state()
        return {
            "frame": self.session.frame,
            "work": None if self.session.work is None else list(self.session.work),
            "overrides": self.session.overrides,
            "camera": stage.camera_state(),
            "sticks": [list(pair) for pair in sorted(stage.sticks)],
            **({"hidden": sorted(self.session.hidden)} if self.session.hidden else {}),
            **({} if video is None else {"video": video}),
            **({"options": self.session.options} if self.session.options else {}),
        }

    def show_graph(self) -> None:
        self.workspace.graph.setVisible(self.is_on("graph"))
