"""Pictures of a video for the window: decoded in a thread of their own, the last ones kept. Only the newest request is decoded."""

from __future__ import annotations

import threading
from collections import OrderedDict
from pathlib import Path

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QImage

from mpm_core.errors import FormatError, MpmError
from mpm_studio.operations.video import Video

KEPT = 48  # pictures
LONGEST_PX = 1280  # of a picture's side: more is not seen in the window


class VideoFrames(QObject):
    """`ready` carries a frame that was asked for and its picture, a null one outside the video; `failed` the error that ended it."""

    ready = Signal(int, QImage)
    failed = Signal(object)
    _decoded = Signal(int, QImage)
    _broke = Signal(object)

    def __init__(self, path: Path, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._path = path
        self._kept: OrderedDict[int, QImage] = OrderedDict()
        self._wanted: int | None = None
        self._closed = False
        self._asked = threading.Condition()
        self._decoded.connect(self._on_decoded, Qt.ConnectionType.QueuedConnection)
        self._broke.connect(self.failed, Qt.ConnectionType.QueuedConnection)
        self._thread = threading.Thread(target=self._work, name=f"video: {path.name}", daemon=True)
        self._thread.start()

    def ask(self, frame: int) -> None:
        """Have a frame decoded; `ready` comes at once when it is kept, and not at all when another is asked for meanwhile."""
        kept = self._kept.get(frame)
        if kept is not None:
            self._kept.move_to_end(frame)
            with self._asked:
                self._wanted = None
            self.ready.emit(frame, kept)
            return
        with self._asked:
            self._wanted = frame
            self._asked.notify()

    def close(self) -> None:
        """End the thread."""
        with self._asked:
            self._closed = True
            self._asked.notify()
        self._thread.join()

    def _on_decoded(self, frame: int, image: QImage) -> None:
        self._kept[frame] = image
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        self.ready.emit(frame, image)

    def _work(self) -> None:
        try:
            with Video(self._path) as video:
                while (frame := self._next()) is not None:
                    self._decoded.emit(frame, _image(video, frame))
        except MpmError as error:
            self._broke.emit(error)
        except Exception as error:  # noqa: BLE001 -- else the thread would end without a word
            hint = "convert it to another format, such as MP4 with H.264"
            broken = FormatError("this video cannot be decoded", where=str(self._path), hint=hint)
            broken.__cause__ = error
            self._broke.emit(broken)

    def _next(self) -> int | None:
        """The frame to decode, as soon as there is one; None when closed."""
        with self._asked:
            self._asked.wait_for(lambda: self._closed or self._wanted is not None)
            frame, self._wanted = self._wanted, None
            return None if self._closed else frame


def _image(video: Video, frame: int) -> QImage:
    pixels = video.at(frame, LONGEST_PX)
    if pixels is None:
        return QImage()
    high, wide, _ = pixels.shape
    return QImage(pixels.data, wide, high, 3 * wide, QImage.Format.Format_RGB888).copy()
