"""The video behind a picture: which one, from which of its frames on, and its picture for the frame that is shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtGui import QImage

from mpm_core.errors import MpmError
from mpm_core.io.plausible import MOST_FRAME
from mpm_studio.operations.keypoints import file_frames
from mpm_studio.session import Session
from mpm_studio.video_frames import VideoFrames
from mpm_studio.views.image_plane import ImagePlane

LATE = ", late"
OUTSIDE = "the video does not show this frame"


class VideoBehind(QObject):
    """path: None without a video. offset: the video's frame, from 0, that is shown with the first one of the take's file."""

    def __init__(self, session: Session, plane: ImagePlane, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session, self.plane = session, plane
        self.path: Path | None = None
        self.offset = 0
        self._frames: VideoFrames | None = None
        session.opened.connect(self._on_opened)
        session.frame_changed.connect(self._ask)
        session.changed.connect(lambda _edit: self._ask(session.frame))

    def show(self, path: Path, offset: int) -> None:
        """Show a video, in place of the present one."""
        self.close()
        self.path, self.offset = path, offset
        self._frames = VideoFrames(path, self)
        self._frames.ready.connect(self._on_ready)
        self._frames.failed.connect(self._on_failed)
        self._ask(self.session.frame)

    def close(self) -> None:
        """Show none."""
        if self._frames is not None:
            self._frames.close()
            self._frames.deleteLater()
        self._frames, self.path, self.offset = None, None, 0
        self.plane.set_image(None)

    def state(self) -> dict[str, Any] | None:
        """What a project keeps of it."""
        return None if self.path is None else {"path": str(self.path.absolute()), "offset": self.offset}

    def _on_opened(self) -> None:
        """A project's own video comes back, if it is still there; another take has none."""
        self.close()
        kept = self.session.view.get("video")
        path, offset = (kept.get("path"), kept.get("offset")) if isinstance(kept, dict) else (None, None)
        if not isinstance(path, str) or type(offset) is not int or abs(offset) > MOST_FRAME:
            return
        if Path(path).is_file():
            self.show(Path(path), offset)
        else:
            self.session.notice.emit(f"The video {path} is not there any more. File, Choose video… shows it from another place.")

    def _ask(self, frame: int) -> None:
        """Until the picture is there the last one stays, and its number is followed by a word that says so."""
        if self._frames is not None:
            if self.plane.image is not None:
                self.plane.set_image(self.plane.image, f"{self.plane.caption.removesuffix(LATE)}{LATE}")
            self._frames.ask(self._of_video(frame))

    def _of_video(self, frame: int) -> int:
        """The video's frame for one of the take, which may be trimmed or of another rate than its file."""
        shown = self.session.shown
        place = float(frame if shown is None or not shown.frames else file_frames(shown)[frame])
        return round(min(max(self.offset + place, -1.0), MOST_FRAME))

    def _on_ready(self, frame: int, image: QImage) -> None:
        if self.path is not None and frame == self._of_video(self.session.frame):
            self.plane.set_image(None if image.isNull() else image, OUTSIDE if image.isNull() else f"{self.path.name}, frame {frame}")

    def _on_failed(self, error: MpmError) -> None:
        self.close()
        self.session.notice.emit(f"The video is not shown: {error}")
