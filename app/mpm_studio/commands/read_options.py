"""How a file is read, where it does not say so itself: the options that the commands share. Imports nothing heavy."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Annotated, Any, Literal

from tyro.conf import arg

from mpm_studio.usage_error import UsageError

Points = Annotated[
    str | None,
    arg(
        metavar="NAME",
        help="What a detector's points are, such as COCO-17, BODY_25B or MediaPipe-33, where that cannot be told; `unnamed` numbers them.",
        help_behavior_hint="(default: by where they lie)",
    ),
]
Person = Annotated[
    str | None,
    arg(
        metavar="WHO",
        help="Who is read of several people in 2D, by the number or name that `info` lists; 1+3 joins two that are one person.",
        help_behavior_hint="(default: the one seen longest and largest)",
    ),
]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadOptions:
    """What a file does not state, to be given instead of detected (`info` shows what was detected)."""

    unit: Annotated[str | None, arg(metavar="U", help_behavior_hint="(default: detected)")] = None
    """Unit of the file's lengths: mm, cm, m, in ..."""
    up: Annotated[str | None, arg(metavar="AXIS", help_behavior_hint="(default: detected)")] = None
    """Axis of the file that points up: x, y, z, -x, -y or -z."""
    zero_is_missing: Annotated[Literal["yes", "no"] | None, arg(help_behavior_hint="(default: detected)")] = None
    """Whether samples at exactly 0,0,0 are missing."""
    fps: Annotated[float | None, arg(metavar="F", help_behavior_hint="(default: what the input says)")] = None
    """Frames per second, for files without a rate."""
    positions: Annotated[Literal["replace", "add"] | None, arg(help_behavior_hint="(default: detected)")] = None
    """Whether position channels of a BVH's joints replace their offsets or add to them."""
    columns: Annotated[str | None, arg(metavar="SPEC", help_behavior_hint="")] = None
    """Which columns of a CSV are which point, such as 'LFHD=3-5; C7=6-8; frame=1'."""
    points: Points = None
    person: Person = None
    size: Annotated[str | None, arg(metavar="WxH", help_behavior_hint="(default: what the input says)")] = None
    """Size of a video's picture in pixels, which 2D points in shares of the picture need."""

    def options(self) -> dict[str, Any]:
        """Keywords of `mpm_core.read`, None where nothing was given. Raises UsageError for a rate or a size that cannot be used."""
        if self.fps is not None and not 0 < self.fps < 1e6:
            raise UsageError(f"--fps {self.fps:g} is not a frame rate above 0")
        zero = None if self.zero_is_missing is None else self.zero_is_missing == "yes"
        given = {"unit": self.unit, "up": self.up, "zero_is_missing": zero, "points": self.points, "person": self.person}
        size = None if self.size is None else parse_size(self.size)
        return {**given, "image_wh": size, "fps": self.fps, "positions": self.positions, "columns": self.columns}


def parse_size(text: str) -> tuple[int, int]:
    """(width, height) in pixels from '1920x1080'. Raises UsageError."""
    match = re.fullmatch(r"\s*(\d+)\s*[xX*]\s*(\d+)\s*", text)
    if match is None or 0 in (size := (int(match[1]), int(match[2]))):
        raise UsageError(f"--size {text!r} is not WIDTHxHEIGHT in pixels, such as 1920x1080")
    return size
