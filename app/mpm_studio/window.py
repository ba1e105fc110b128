"""The window: its parts, put together around one Session."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from PySide6.QtGui import QAction, QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from mpm_studio import menus, theme
from mpm_studio.flows import file, recovery, suspects
from mpm_studio.playback import Playback
from mpm_studio.recovery import Autosave
from mpm_studio.render import surface
from mpm_studio.session import Session
from mpm_studio.settings import Settings
from mpm_studio.views.banner import Banner
from mpm_studio.views.keys import show_keys
from mpm_studio.views.naming import named
from mpm_studio.views.recovery_bar import RecoveryBar
from mpm_studio.views.settings_dialog import EDGES
from mpm_studio.views.start_page import StartPage
from mpm_studio.views.status import Status
from mpm_studio.views.tools import Tools
from mpm_studio.views.workspace import Workspace

SAMPLES = {"auto": None, "smooth": surface.SMOOTH, "plain": 0}  # per pixel, for each choice of edges
TITLE_BAR = 32  # pixels that the window manager may add


class Window(QMainWindow):
    """One take at a time. Views hear of it from `session`; what the user does goes through the actions table."""

    session: Session
    playback: Playback
    workspace: Workspace
    recent_menu: QMenu

    def __init__(self, settings: Settings | None = None, state: Path | None = None) -> None:
        """state: the folder in which the take is kept for recovery; it is not kept when there is none."""
        super().__init__()
        named(self, "window", "mpm-studio")
        self.settings = settings or Settings()
        self.session = Session(self)
        self.playback = Playback(self)
        self.method = "auto"
        self.autosave: Autosave | None = None
        self._leaving = False
        self.actions_by_id = menus.install(self)
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 600)
        room = self.screen().availableGeometry()
        self.resize(min(1400, room.width()), min(900, room.height() - TITLE_BAR))
        self._build()
        self._connect()
        self.playback.set_loop(self.is_on("loop"))
        self._restore_shape()
        self._refresh()
        self._show_recent()
        if state is not None:
            recovery.begin(self, state)

    # what others ask of it

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

    def open_path(self, path: Path) -> None:
        file.open_path(self, path)

    def remember(self, path: Path) -> None:
        self.settings.add_recent(path)
        self._show_recent()

    def forget_recent(self) -> None:
        self.settings.clear_recent()
        self._show_recent()

    def set_method(self, method: str) -> None:
        self.method = method

    def use_method(self, method: str) -> None:
        """As if the user had chosen it in the menu."""
        choice = self.findChild(QAction, f"method_{method}")
        assert choice is not None
        choice.trigger()

    def view_state(self) -> dict[str, Any]:
        """What a project keeps of how it was looked at."""
        return {"frame": self.session.frame, "overrides": self.session.overrides, "camera": self.workspace.stage.camera_state()}

    def show_curves(self) -> None:
        self.workspace.curves.setVisible(self.is_on("curves"))

    def show_keys(self) -> None:
        show_keys(self)

    # building

    def _build(self) -> None:
        self.addToolBar(Tools(self.actions_by_id))
        self.start_page = StartPage(self.actions_by_id["open"], self.actions_by_id["open_folder"])
        self.workspace = Workspace(self.session, self.playback, self.actions_by_id, SAMPLES[self.settings.choice("edges", EDGES)])
        self.banner = Banner()
        self.recovery_bar = RecoveryBar()
        self.pages = named(QStackedWidget(), "pages", "Take")
        self.pages.addWidget(self.start_page)
        self.pages.addWidget(self.workspace)
        body = named(QWidget(), "body", "Work area")
        layout = QVBoxLayout(body)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.recovery_bar)
        layout.addWidget(self.banner)
        layout.addWidget(self.pages, 1)
        self.setCentralWidget(body)
        self.setStatusBar(Status(self.session, self.actions_by_id["read_again"]))
        self.show_curves()

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._refresh())
        session.proposal_changed.connect(self._refresh)
        session.selection_changed.connect(self._refresh)
        session.job_started.connect(lambda _title: self._refresh())
        session.job_finished.connect(self._refresh)
        session.failed.connect(self.banner.show_failure)
        session.notice.connect(self.banner.show_notice)
        self.playback.frame.connect(session.set_frame)
        self.playback.playing_changed.connect(self._show_playing)
        self.workspace.timeline.scrubbed.connect(self._scrub)
        suspects.connect(self)
        self.start_page.open_path.connect(self.open_path)

    # hearing of changes

    def _on_opened(self) -> None:
        self.banner.hide()
        self.pages.setCurrentWidget(self.workspace)
        self.workspace.timeline.setFocus()
        self._refresh()

    def _refresh(self) -> None:
        menus.refresh(self, self.actions_by_id)
        document, rec = self.session.document, self.session.shown
        if document is None or rec is None:
            self.setWindowTitle("mpm-studio")
            return
        if (rec.frames, rec.rate_hz) != self.playback.take:
            self.playback.set_take(rec.frames, rec.rate_hz)
        self.setWindowTitle(f"{self.take_name}{'*' if document.unsaved else ''} - mpm-studio")

    def _scrub(self, frame: int) -> None:
        self.session.set_frame(frame)
        self.playback.jump(self.session.frame)

    def _show_playing(self, playing: bool) -> None:
        self.actions_by_id["play"].setIcon(theme.icon("pause" if playing else "play"))

    def _show_recent(self) -> None:
        recent = self.settings.recent_files()
        self.start_page.set_recent(recent)
        self.recent_menu.clear()
        for path in recent:
            entry = self.recent_menu.addAction(path.name)
            entry.setToolTip(str(path))
            entry.triggered.connect(lambda _checked=False, path=path: self.open_path(path))
        self.recent_menu.addSeparator()
        forget = self.recent_menu.addAction("&Clear the list")
        forget.triggered.connect(self.forget_recent, Qt.ConnectionType.QueuedConnection)  # it clears the menu it is in
        self.recent_menu.setEnabled(bool(recent))

    def _restore_shape(self) -> None:
        shape = self.settings.shape("window")
        if shape is not None:
            self.restoreGeometry(shape)
        split = self.settings.shape("workspace")
        if split is not None:
            self.workspace.restoreState(split)

    # Qt's own events

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if _dropped(event) is not None:
            event.acceptProposedAction()
            self.start_page.set_over(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        self.start_page.set_over(False)

    def dropEvent(self, event: QDropEvent) -> None:
        self.start_page.set_over(False)
        path = _dropped(event)
        if path is not None:
            event.acceptProposedAction()
            self.open_path(path)

    def closeEvent(self, event: QCloseEvent) -> None:
        document = self.session.document
        if document is not None and document.unsaved and not self._leaving:
            event.ignore()
            file.settle(self, self._leave)
            return
        self._leave_now()
        event.accept()

    def _leave(self) -> None:
        self._leaving = True
        self.close()

    def end(self) -> None:
        """Close without a question: what is unsaved is offered for recovery at the next start."""
        if self.autosave is not None:
            self.autosave.end(keep=True)
            self.autosave = None
        self._leave()

    def _leave_now(self) -> None:
        self.playback.pause()
        self.session.jobs.close()
        if self.autosave is not None:
            self.autosave.end(keep=False)
        self.settings.set_shape("window", self.saveGeometry())
        self.settings.set_shape("workspace", self.workspace.saveState())


def _dropped(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """The one local file or folder that is being dropped."""
    files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(files[0]) if len(files) == 1 else None
