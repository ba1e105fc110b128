"""Pictures of a video, by PyAV (the extra `video`). H x W pixels, RGB."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import DataError, FormatError
from mpm_core.io.plausible import MOST_FRAME

SUFFIXES = (".mp4", ".mov", ".avi", ".mkv", ".webm", ".m4v", ".mpg", ".wmv")
AHEAD = 24  # frames up to which decoding on is quicker than a seek
SHAPE_APART = 0.02  # of width by height
Image = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class VideoFacts:
    """size_wh: as it is to be looked at, turned if the file says so. frames: as the file says or by its length; 0 = it does not say."""

    path: Path
    rate_hz: float
    size_wh: tuple[int, int]
    frames: int


class Video:
    """A video that is open; frames count from 0. Use it in a `with`, in one thread."""

    def __init__(self, path: Path) -> None:
        """Raises FormatError when PyAV is missing or the file holds no video that it can decode."""
        av = _av()
        try:
            self._container = av.open(str(path))
        except (av.FFmpegError, OSError, ValueError) as error:
            raise FormatError("this video cannot be opened", where=str(path), hint=_reason(error)) from error
        if not self._container.streams.video:
            self._container.close()
            raise FormatError("there is no video in this file", where=str(path), hint="choose the file that the keypoints were found in")
        self._stream = self._container.streams.video[0]
        self._stream.thread_type = "AUTO"
        self._path = path
        self._decoder: Iterator[Any] = iter(())
        self._next = -1  # the frame that the decoder gives next; -1 = not known
        rate = self._stream.average_rate or self._stream.guessed_rate or Fraction(0)
        if rate <= 0 or not self._stream.time_base:
            self._container.close()
            raise FormatError("this video states no frame rate", where=str(path), hint="convert it to one with a constant frame rate")
        self._rate = Fraction(rate)
        first = self.at(0)
        if first is None:
            self._container.close()
            raise FormatError("no picture of this video can be decoded", where=str(path), hint="it is cut short or damaged; copy it again")
        self.facts = VideoFacts(path, float(rate), (first.shape[1], first.shape[0]), self._count())

    def __enter__(self) -> Video:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._container.close()

    def at(self, frame: int, longest: int | None = None) -> Image | None:
        """The picture of a frame, made smaller to `longest` pixels; None outside the video. Raises FormatError for a damaged one."""
        if not 0 <= frame <= MOST_FRAME:
            return None
        if not 0 <= self._next <= frame <= self._next + AHEAD:
            self._seek(frame)
        for number, picture in self._numbered():
            if number >= frame:
                return self._rgb(picture, longest)
        return None

    def pictures(self) -> Iterator[tuple[int, Image]]:
        """Every frame, from the first on."""
        self._seek(0)
        for number, picture in self._numbered():
            yield number, self._rgb(picture, None)

    def _rgb(self, picture: Any, longest: int | None) -> Image:
        try:
            return _rgb(picture, longest)
        except (_av().FFmpegError, ValueError, MemoryError) as error:  # PyAV has no conversion, or the picture claims too much
            raise FormatError("a picture of this video cannot be shown", where=str(self._path), hint=_reason(error)) from error

    def _seek(self, frame: int) -> None:
        base = self._stream.time_base
        start = self._stream.start_time or 0
        try:
            self._container.seek(start + int(frame / self._rate / base), stream=self._stream, backward=True)
        except (_av().FFmpegError, OverflowError) as error:
            raise FormatError("this video cannot be searched", where=str(self._path), hint=_reason(error)) from error
        self._decoder, self._next = self._container.decode(self._stream), -1

    def _numbered(self) -> Iterator[tuple[int, Any]]:
        """Number and picture of the frames from here on."""
        base, start = self._stream.time_base, self._stream.start_time or 0
        try:
            for picture in self._decoder:
                stamp = picture.pts if picture.pts is not None else picture.dts
                number = round((stamp - start) * base * self._rate) if stamp is not None else self._next
                self._next = number + 1
                yield number, picture
        except _av().FFmpegError as error:
            raise FormatError("this video is damaged", where=str(self._path), hint=_reason(error)) from error

    def _count(self) -> int:
        if self._stream.frames:
            return int(self._stream.frames)
        return round(float(self._stream.duration * self._stream.time_base * self._rate)) if self._stream.duration else 0


def facts(path: Path) -> VideoFacts:
    """What a video is. Raises FormatError."""
    with Video(path) as video:
        return video.facts


def misfits(video: VideoFacts, image_wh: tuple[int, int] | None, rate_hz: float, frames: int, offset: int) -> tuple[str, ...]:
    """Why a video may be another than the one in which keypoints were found, in words; nothing where it fits. image_wh: the keypoints'."""
    found = []
    if image_wh is not None and abs(video.size_wh[0] / video.size_wh[1] - image_wh[0] / image_wh[1]) > SHAPE_APART:
        sizes = (f"{wide} × {high}" for wide, high in (video.size_wh, image_wh))
        found.append("its pictures are {}, those of the keypoints {}".format(*sizes))
    if abs(video.rate_hz / rate_hz - 1) > 0.01:
        found.append(f"it has {video.rate_hz:.4g} frames a second, the take {rate_hz:.4g}")
    if video.frames and video.frames < frames + offset:
        found.append(f"it has {video.frames:,} frames, the take needs {frames + offset:,}")
    return tuple(found)


def usual_offset(video: VideoFacts, first_frame: int, frames: int) -> int:
    """The video's frame, from 0, that the take's first one most likely is: by its number if the video is long enough."""
    return first_frame if first_frame > 1 and video.frames and first_frame + frames <= video.frames + 1 else 0


def check_offset(offset: int, video: VideoFacts) -> int:
    """Raises DataError for an offset outside the video, or, where its length is not known, outside any."""
    if video.frames and not -video.frames < offset < video.frames:
        raise DataError(f"the video has {video.frames:,} frames, so it cannot begin at {offset:,}", where=str(video.path))
    if abs(offset) > MOST_FRAME:
        raise DataError(f"no video has a frame {offset:,}", where=str(video.path), hint="give the video's frame that is the take's first")
    return offset


def _av() -> Any:
    try:
        import av
    except ImportError as error:
        raise FormatError("videos are read by PyAV, which is not installed", hint="pip install 'mpm-studio[video]'") from error
    return av


def _rgb(picture: Any, longest: int | None) -> Image:
    """Made smaller, and turned as the file says it is to be looked at."""
    wide, high = picture.width, picture.height
    share = 1.0 if longest is None else min(1.0, longest / max(wide, high))
    image = picture.to_ndarray(format="rgb24", width=max(2, round(share * wide)), height=max(2, round(share * high)))
    return np.ascontiguousarray(np.rot90(image, round(picture.rotation / 90) % 4))


def _reason(error: BaseException) -> str:
    """FFmpeg's or the system's own words, where there are any; never Python's."""
    words = getattr(error, "strerror", None)
    return f"{words}; it may be damaged, or no video" if words else "it may be damaged, or no video"
