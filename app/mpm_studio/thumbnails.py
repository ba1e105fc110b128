"""Small pictures of files for the start page: drawn one after the other by processes of their own, and cached in the user's folder."""

from __future__ import annotations

import hashlib
import sys
from collections import deque
from contextlib import suppress
from pathlib import Path

from PySide6.QtCore import QObject, QProcess, QStandardPaths, QTimer, Signal

MOST_KEPT = 200
LONGEST_MS = 60_000


def cache_folder() -> Path:
    """Where pictures are cached: XDG_CACHE_HOME or what stands for it on this system."""
    return Path(QStandardPaths.writableLocation(QStandardPaths.StandardLocation.GenericCacheLocation)) / "mpm-studio" / "thumbnails"


class Thumbnails(QObject):
    """drawn: a file and its picture, which was not there before. A file that cannot be drawn has none."""

    drawn = Signal(object, object)

    def __init__(self, folder: Path, theme: str, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._folder, self._theme = folder, theme
        self._waiting: deque[Path] = deque()
        self._tried: set[Path] = set()
        self._drawing: tuple[Path, Path] | None = None
        self._process = QProcess(self)
        self._process.finished.connect(lambda *_: self._on_finished())
        self._process.errorOccurred.connect(self._on_error)
        self._longest = QTimer(self)
        self._longest.setSingleShot(True)
        self._longest.setInterval(LONGEST_MS)
        self._longest.timeout.connect(self._process.kill)

    def picture(self, path: Path) -> Path | None:
        """The cached picture of a file as it is now; None when it has none yet: then it is drawn, once."""
        out = self._place(path)
        if out is None:
            return None
        if out.is_file():
            return out
        if out not in self._tried:
            self._tried.add(out)
            self._waiting.append(path)
            self._next()
        return None

    def close(self) -> None:
        """Stop drawing."""
        self._waiting.clear()
        if self._drawing is not None:
            self._process.kill()
            self._process.waitForFinished(2000)

    def _place(self, path: Path) -> Path | None:
        try:
            facts = path.stat()
        except OSError:
            return None
        key = f"{path.absolute()} {facts.st_mtime_ns} {facts.st_size} {self._theme}"
        return self._folder / f"{hashlib.sha256(key.encode(errors='surrogateescape')).hexdigest()[:32]}.png"

    def _next(self) -> None:
        if self._drawing is not None or not self._waiting:
            return
        path = self._waiting.popleft()
        out = self._place(path)
        if out is None:
            self._next()
            return
        with suppress(OSError):  # without a folder the process says so, and there is no picture
            out.parent.mkdir(parents=True, exist_ok=True)
        self._drawing = path, out
        self._process.start(sys.executable, ["-m", "mpm_studio.render.thumbnail", str(path), str(out), self._theme])
        self._longest.start()

    def _on_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart:  # no `finished` comes
            self._on_finished()

    def _on_finished(self) -> None:
        self._longest.stop()
        drawing, self._drawing = self._drawing, None
        if drawing is not None and drawing[1].is_file():
            _forget_oldest(self._folder)
            self.drawn.emit(*drawing)
        self._next()


def _forget_oldest(folder: Path) -> None:
    """Delete the oldest pictures beyond MOST_KEPT."""
    with suppress(OSError):
        kept = sorted(folder.glob("*.png"), key=lambda file: file.stat().st_mtime, reverse=True)
        for file in kept[MOST_KEPT:]:
            file.unlink(missing_ok=True)
