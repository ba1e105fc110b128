"""The window: its parts connected with each other, with the menus, and with Qt's events."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDragLeaveEvent, QDropEvent
from PySide6.QtWidgets import QAbstractItemView, QAbstractSlider, QAbstractSpinBox, QLineEdit

from mpm_studio import context_menus, menus, theme
from mpm_studio.actions import ACTIONS
from mpm_studio.flows import file, gap_edges, gaps, graph, marks, recipes, recovery, suspects
from mpm_studio.operations.times import TIMES
from mpm_studio.settings import Settings
from mpm_studio.window_parts import WindowParts

TITLE_BAR = 32  # pixels that the window manager may add


class Window(WindowParts):
    """Views follow the session's signals; what the user does goes through the actions table."""

    def __init__(self, settings: Settings | None = None, state: Path | None = None) -> None:
        """state: the folder in which the take is kept for recovery; it is not kept when there is none."""
        super().__init__(settings)
        self._leaving = False
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 480)  # a screen of 1920 x 1080 pixels at 200 % has 540
        room = self.screen().availableGeometry()
        self.resize(min(1400, room.width()), min(900, room.height() - TITLE_BAR))
        self.build(menus.install(self))
        menus.add_panels(self)
        self._connect()
        self.playback.set_loop(self.is_on("loop"))
        self._restore_shape()
        self.session.set_time_kind(self.settings.choice("time", TIMES))
        self._refresh()
        self.show_recent()
        if state is not None:
            recovery.begin(self, state)

    def open_path(self, path: Path) -> None:
        file.open_path(self, path)

    def forget_recent(self) -> None:
        self.settings.clear_recent()
        self.show_recent()

    def _connect(self) -> None:
        session = self.session
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._refresh())
        session.changed.connect(lambda edit: self.banner.go_on() if edit is not None else None)
        session.proposal_changed.connect(self._refresh)
        session.proposal_changed.connect(self._focus_on_proposal)
        session.selection_changed.connect(self._refresh)
        session.selection_changed.connect(self._set_part)
        session.hidden_changed.connect(self._refresh)
        session.work_changed.connect(self._set_part)
        session.work_changed.connect(self._refresh)
        session.job_started.connect(lambda _title: self._refresh())
        session.job_finished.connect(self._refresh)
        session.failed.connect(self.banner.show_failure)
        session.notice.connect(self.banner.show_notice)
        self.playback.frame.connect(session.set_frame)
        self.playback.playing_changed.connect(self._show_playing)
        self.workspace.timeline.scrubbed.connect(self._scrub)
        suspects.connect(self)
        gaps.connect(self)
        graph.connect(self)
        gap_edges.connect(self)
        self.workspace.history.recipe.connect(lambda: session.guard("Recipe", lambda: recipes.ask_recipe(self)))
        marks.connect(self)
        self.workspace.history.go_to.connect(lambda steps: session.guard("History", lambda: session.go_to_step(steps)))
        self._add_review_keys()
        self.keys_wanted.connect(lambda: session.guard("Change keys", lambda: menus.change_keys(self)))
        context_menus.add_context_menus(self)
        self.start_page.open_path.connect(self.open_path)

    def _add_review_keys(self) -> None:
        """Keys that decide on a proposal count only where it is looked at."""
        for action in ACTIONS:
            if action is not None and action.keys_in == "review":
                for view in (self.workspace.stage, self.workspace.timeline, self.workspace.graph, self.workspace.lift, self.proposal_bar):
                    view.addAction(self.actions_by_id[action.id])
        for name in ("accept_gap", "reject_gap"):
            self.workspace.gaps.addAction(self.actions_by_id[name])

    # hearing of changes

    def _on_opened(self) -> None:
        self.banner.hide()
        self.pages.setCurrentWidget(self.workspace)
        self.workspace.timeline.setFocus()
        self._set_part()
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

    def _focus_on_proposal(self) -> None:
        """A new proposal can be decided on by keys at once, unless the user is typing, or is in a list other than that of suspects, whose
        Return opens a row."""
        focused, typing = self.focusWidget(), (QLineEdit, QAbstractSpinBox, QAbstractSlider, QAbstractItemView)
        if self.session.proposal is not None and (not isinstance(focused, typing) or self.workspace.suspects.isAncestorOf(focused)):
            self.workspace.timeline.setFocus()

    def _set_part(self) -> None:
        """A loop repeats the range that is worked on, else the one that is selected."""
        selection = self.session.selection
        self.playback.set_part(*(self.session.work or (selection.start, selection.stop)))

    def _scrub(self, frame: int) -> None:
        self.session.set_frame(frame)
        self.playback.jump(self.session.frame)

    def _show_playing(self, playing: bool) -> None:
        self.actions_by_id["play"].setIcon(theme.icon("pause" if playing else "play"))

    def show_recent(self) -> None:
        super().show_recent()
        recent = self.settings.recent_files()
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
        split = self.settings.shape("panels")
        if split is not None:
            self.workspace.restore(split)

    # Qt's own events

    def focusNextPrevChild(self, forward: bool) -> bool:
        """Bring the panel that Tab comes to to the front."""
        moved = super().focusNextPrevChild(forward)
        self.workspace.show_focused()
        return moved

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
        document, proposal = self.session.document, self.session.proposal
        if document is not None and (document.unsaved or proposal is not None) and not self._leaving:
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
        self.settings.set_shape("window", self.saveGeometry())
        self.settings.set_shape("panels", self.workspace.layout_state())
        self.hide()  # jobs may take seconds to stop
        area, viewer = self.workspace.graph.area, self.workspace.stage.viewer
        running = (self.session.jobs, area.rotations.jobs, viewer.scenes.jobs, self.workspace.tuning.jobs)
        for jobs in running:
            jobs.cancel()
        for jobs in running:
            jobs.close()
        self.workspace.tuning.close()
        self.video.close()
        self.closing.emit()
        if self.autosave is not None:
            self.autosave.end(keep=False)


def _dropped(event: QDragEnterEvent | QDropEvent) -> Path | None:
    """The one local file or folder that is being dropped."""
    files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
    return Path(files[0]) if len(files) == 1 else None
