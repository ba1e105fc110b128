"""What a user says of a video and of the person in it, to lift it."""

from __future__ import annotations

from dataclasses import dataclass

from mpm_core.errors import DataError


@dataclass(frozen=True, slots=True)
class LiftOptions:
    """fps: frame rate, replaces the recording's. size: image width and height in pixels, for files that have none. height_m: the person's
    height, to which the result is scaled. focal: focal length as a share of the image's longer side. pitch: degrees by which the camera
    looks down. turn: degrees by which up is turned clockwise from the image's vertical, 0, 90, 180 or 270. None = found, or assumed.
    """

    fps: float | None = None
    size: tuple[int, int] | None = None
    height_m: float | None = None
    focal: float | None = None
    pitch: float | None = None
    turn: float | None = None


def check_options(options: LiftOptions) -> None:
    """Raises DataError for values without a sense."""
    if options.fps is not None and not 0 < options.fps < 1e6:
        raise DataError(f"{options.fps:g} is no frame rate", hint="frames a second, above 0")
    if options.size is not None and min(options.size) < 1:
        raise DataError(f"{options.size[0]} x {options.size[1]} is no size of a picture", hint="width and height in pixels")
    if options.height_m is not None and not 0.2 <= options.height_m <= 3.0:
        raise DataError(f"{options.height_m:g} m is no height of a person", hint="from 0.2 to 3")
    if options.focal is not None and not 0.2 <= options.focal <= 10:
        raise DataError(
            f"a focal length of {options.focal:g} of the image's longer side is no lens", hint="0.5 is a wide one, 2 a long one"
        )
    if options.pitch is not None and not -90 <= options.pitch <= 90:
        raise DataError(f"a camera cannot look down by {options.pitch:g} degrees", hint="from -90 (straight up) to 90 (straight down)")
    if options.turn is not None and options.turn not in (0, 90, 180, 270):
        raise DataError(f"a turn of {options.turn:g} degrees is no quarter turn", hint="0, 90, 180 or 270")
