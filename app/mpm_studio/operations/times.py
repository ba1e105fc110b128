"""Points in time in words: frames as users count them, seconds, or SMPTE time code. Frames are 0-based positions."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

TIMES = {"frames": "Frames", "seconds": "Seconds", "smpte": "SMPTE time code"}
CODE_RATES = (30, 25, 24)  # frames a second that time code counts
NICE = (1, 2, 5)
SECONDS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)


@dataclass(frozen=True, slots=True)
class Clock:
    """How a take's times are written. kind: of TIMES; first_frame: the number of frame 0.

    >>> Clock("smpte", 120.0).text(439)
    '00:00:03:19.3'
    >>> Clock("seconds", 120.0).text(60), Clock("frames", 120.0, 101).text(0)
    ('0.500 s', '101')
    """

    kind: str
    rate_hz: float
    first_frame: int = 1

    def text(self, frame: float) -> str:
        if self.kind == "seconds":
            return f"{frame / self.rate_hz:.3f} s"
        return time_code(frame, self.rate_hz) if self.kind == "smpte" else f"{round(frame) + self.first_frame:,}"

    def step(self, least_frames: float) -> float:
        """Frames between two numbered ticks: the smallest round step, as times are written, that is at least least_frames."""
        if self.kind == "frames":
            return _nice(max(least_frames, 1.0))
        if self.kind == "seconds":
            return _nice(least_frames / self.rate_hz) * self.rate_hz
        code_hz, sub = code_rate(self.rate_hz)
        if least_frames > self.rate_hz:
            seconds = least_frames / self.rate_hz
            return next((each for each in SECONDS if each >= seconds), math.ceil(seconds / 3600) * 3600) * code_hz * sub
        return next(each for each in (1, 2, 5, code_hz) if each * sub >= least_frames - 1e-9) * sub if least_frames > sub else float(sub)


def _nice(least: float) -> float:
    """1, 2 or 5 times a power of ten, at least so much."""
    power = 10.0 ** math.floor(math.log10(least))
    return next(value for value in (*(nice * power for nice in NICE), 10 * power) if value >= least * (1 - 1e-9))


def code_rate(rate_hz: float) -> tuple[int, int]:
    """Frames a second of the time code for a take's rate, and how many of the take's frames are one of the code's.

    Rates such as 59.94 are counted as 60, without dropped numbers; a rate that none divides is counted itself.

    >>> code_rate(120.0), code_rate(100.0), code_rate(29.97), code_rate(128.0)
    ((30, 4), (25, 4), (30, 1), (128, 1))
    """
    whole = max(round(rate_hz), 1)
    found = next((code for code in CODE_RATES if whole % code == 0), whole)
    return found, whole // found


def time_code(frame: float, rate_hz: float) -> str:
    """HH:MM:SS:FF from frame 0 on, with '.n' for the take's n-th frame in a frame of the code, where it has several."""
    code_hz, sub = code_rate(rate_hz)
    code, rest = divmod(round(frame), sub)
    seconds, frames = divmod(code, code_hz)
    text = f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}:{frames:02d}"
    return f"{text}.{rest}" if sub > 1 else text


def frame_of_code(text: str, rate_hz: float) -> int | None:
    """The frame of a time code; parts at the left may be left out. None for anything else.

    >>> frame_of_code("3:19.3", 120.0), frame_of_code("00:00:03:19.3", 120.0), frame_of_code("x", 120.0)
    (439, 439, None)
    """
    match = re.fullmatch(r"\s*(?:(?:(?:(\d+):)?(\d+):)?(\d+):)?(\d+)(?:\.(\d+))?\s*", text)
    if match is None:
        return None
    code_hz, sub = code_rate(rate_hz)
    hours, minutes, seconds, frames, rest = (int(part or 0) for part in match.groups())
    return (((hours * 60 + minutes) * 60 + seconds) * code_hz + frames) * sub + rest
