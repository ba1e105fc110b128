"""The open take is autosaved in the user's state folder, and offered at the next start if the program ended before it was saved.

Each running window has one file there, with a lock that the system's end of the process breaks. The file is an ordinary project whose view
also says, under `recovery`, which file the take came from and when it was kept.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from PySide6.QtCore import QLockFile, QObject, QStandardPaths, Qt, QTimer, Signal

from mpm_core.errors import FormatError
from mpm_core.io import project
from mpm_core.progress import Cancel, Progress
from mpm_studio.operations import saving
from mpm_studio.session import Session
from mpm_studio.take import Take, take_of_project

EVERY_MS = 30_000
KEY = "recovery"


def state_folder() -> Path:
    """Where takes are kept: XDG_STATE_HOME or what stands for it on this system."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.StateLocation)) / "recovery"


@dataclass(frozen=True, slots=True)
class Offer:
    """A take that another run left unsaved. path, project_path: the file it came from, and its project file if it had one."""

    file: Path
    path: Path
    project_path: Path | None
    when: datetime
    lock: QLockFile

    def discard(self) -> None:
        """Delete what was kept."""
        self.file.unlink(missing_ok=True)
        self.lock.unlock()

    def leave(self) -> None:
        """Keep it for the next start."""
        self.lock.unlock()


def offers(folder: Path) -> list[Offer]:
    """Takes left unsaved by runs that have ended, newest first; each is locked until it is discarded or left. Unreadable files are kept."""
    found: list[Offer] = []
    for file in folder.glob("take-*.mpm"):
        lock = _lock(file)
        if not lock.tryLock(0):
            continue  # its window is still open
        try:
            kept = project.view_of(file)[KEY]
            at = kept["project_path"]
            found.append(Offer(file, Path(kept["path"]), None if at is None else Path(at), datetime.fromisoformat(kept["when"]), lock))
        except (FormatError, KeyError, TypeError, ValueError):  # not a kept take, or of a newer version: not ours to delete
            lock.unlock()
    return sorted(found, key=lambda offer: offer.when, reverse=True)


def recover(offer: Offer, cancel: Cancel, progress: Progress) -> Take:
    """The take as it was kept, unsaved. A job. Raises FormatError."""
    progress(-1.0, offer.path.name)
    loaded = project.load(offer.file)
    view = {name: value for name, value in loaded.view.items() if name != KEY}
    return take_of_project(replace(loaded, view=view), offer.path, offer.project_path, unsaved=True)


class Autosave(QObject):
    """Autosaves the session's take while it has unsaved changes, every 30 s and when a job starts; a thread writes it.

    kept: the take is on the disk.
    """

    kept = Signal()
    _ended = Signal(object, object)

    def __init__(self, session: Session, folder: Path, view: Callable[[], dict[str, Any]]) -> None:
        """view: what a project keeps of how the take is looked at. A failure becomes a notice."""
        super().__init__(session)
        self._session, self._folder, self._view = session, folder, view
        self._lock: QLockFile | None = None
        self.file: Path | None = None
        self._kept: tuple[int, int] | None = None  # which document, which revision
        self._thread: threading.Thread | None = None
        self._noticed = False
        self._timer = QTimer(self)
        self._timer.setInterval(EVERY_MS)
        self._timer.timeout.connect(self.keep)
        self._timer.start()
        self._ended.connect(self._on_ended, Qt.ConnectionType.QueuedConnection)
        session.job_started.connect(lambda _title: self.keep())
        session.changed.connect(lambda _edit: self._forget_if_saved())
        session.opened.connect(self._on_opened)
        session.before_work = self.wait

    def keep(self) -> None:
        """Start to write the take if it has changes that are neither saved nor autosaved."""
        document = self._session.document
        if document is None or not document.unsaved or self._kept == (id(document), document.revision):
            return
        self._kept = key = (id(document), document.revision)
        kept = {"path": str(self._session.path), "project_path": None, "when": datetime.now().astimezone().isoformat()}
        if self._session.project_path is not None:
            kept["project_path"] = str(self._session.project_path.absolute())
        try:
            request = saving.save_request(document, self._own_file(), {**self._view(), KEY: kept})
        except OSError as error:
            self._on_ended(error, key)
            return
        self._start(self._write, request, key, name="keeping the take")

    def wait(self) -> None:
        """Wait until the running autosave is on the disk. Any thread may wait."""
        if self._thread is not None:
            self._thread.join()

    def end(self, *, keep: bool) -> None:
        """The window closes. keep: the take stays for the next start if it has unsaved changes."""
        self._timer.stop()
        if keep:
            self.keep()
        else:
            self._forget()
        self.wait()
        if self._lock is not None:
            self._lock.unlock()

    def _own_file(self) -> Path:
        """This window's file, locked. Raises OSError."""
        if self.file is not None:
            return self.file
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        number = 0
        while self.file is None:
            number += 1
            file = self._folder / f"take-{number}.mpm"
            lock = _lock(file)
            if not lock.tryLock(0):
                if lock.error() != QLockFile.LockError.LockFailedError:
                    raise PermissionError(13, "cannot be written", str(self._folder))
            elif file.exists():  # left by another run, and not ours to write over
                lock.unlock()
            else:
                self.file, self._lock = file, lock
        return self.file

    def _write(self, request: saving.SaveRequest, key: tuple[int, int]) -> None:
        problem = None
        try:
            saving.save_project(request, lambda: False, lambda share, text: None)
        except Exception as error:  # noqa: BLE001 -- shown to the user; an autosave must not end the program
            problem = error
        with suppress(RuntimeError):  # the window is closed
            self._ended.emit(problem, key)

    def _on_ended(self, problem: Exception | None, key: tuple[int, int]) -> None:
        """A notice for the first of several failures."""
        if problem is None:
            self._noticed = False
            if key == self._kept:
                self.kept.emit()
            return
        self._kept = None
        if not self._noticed:
            self._noticed = True
            self._session.notice.emit(f"The take could not be kept for recovery: {problem}. Save it.")

    def _on_opened(self) -> None:
        self._forget()
        self.keep()  # a take that was recovered

    def _forget_if_saved(self) -> None:
        document = self._session.document
        if document is not None and not document.unsaved:
            self._forget()

    def _forget(self) -> None:
        """Delete the autosaved file, once the take is saved or discarded, and once it is written; nothing waits for that here."""
        self._kept = None
        if self.file is not None:
            self._start(_delete, self.file, name="forgetting the take")

    def _start(self, act: Callable[..., None], *given: object, name: str) -> None:
        """Do it in a thread, once the last one has ended. Only what is started is waited for."""
        before = self._thread

        def work() -> None:
            if before is not None:
                before.join()
            act(*given)

        thread = threading.Thread(target=work, name=name, daemon=True)
        thread.start()
        self._thread = thread


def _delete(file: Path) -> None:
    with suppress(OSError):
        file.unlink(missing_ok=True)


def _lock(file: Path) -> QLockFile:
    lock = QLockFile(f"{file}.lock")
    lock.setStaleLockTime(0)  # a lock is as old as its process; it is broken only when that process has ended
    return lock
