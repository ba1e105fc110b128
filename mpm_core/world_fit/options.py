"""The options of a lift: what the user knows of the video and of the person in it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.errors import DataError
from mpm_core.typing import Float
from mpm_core.world_fit.camera import held_as_told, up_of

TOLD_SIGMA = 0.001  # radians, of a pitch and of a roll that the user gives: what is found does not change them


@dataclass(frozen=True, slots=True)
class LiftOptions:
    """fps: frame rate, replaces the recording's. size: image width and height in pixels, for files that have none. height_m: the person's
    height, to which the result is scaled. focal: focal length as a share of the image's longer side. pitch: degrees by which the camera
    looks down. turn: degrees by which up is turned clockwise from the image's vertical, 0, 90, 180 or 270; roll: the same to the degree,
    in place of turn. None = found, or assumed. fill_absent: predict the frames that show no joint, too, instead of leaving them missing.
    seated: legs that are not seen are those of somebody who sits, instead of what the network says, which mostly stands.
    """

    fps: float | None = None
    size: tuple[int, int] | None = None
    height_m: float | None = None
    focal: float | None = None
    pitch: float | None = None
    turn: float | None = None
    roll: float | None = None
    fill_absent: bool = False
    seated: bool = False

    @property
    def constrains_up(self) -> bool:
        """Whether pitch, turn or roll is given."""
        return self.pitch is not None or self.turn is not None or self.roll is not None


def whole_up(options: LiftOptions) -> Float | None:
    """(3,) up in camera axes, where it is told completely; a turn without a roll is exact when the pitch is told, too."""
    roll = options.turn if options.roll is None else options.roll
    return None if options.pitch is None or roll is None else up_of(options.pitch, roll)


def constrained_up(found_3: Float, options: LiftOptions) -> Float:
    """(3,) up in camera axes as far as the options give it, and as found where they do not."""
    whole_3 = whole_up(options)
    if whole_3 is not None:
        return whole_3
    return held_as_told(found_3, options.pitch, options.turn, options.roll) if options.constrains_up else found_3


def up_sigma(found_sigma: float, options: LiftOptions) -> Float:
    """(2,) radians by which `constrained_up` is uncertain, sideways (roll) and along the view (pitch); found_sigma where nothing is told.

    >>> up_sigma(0.1, LiftOptions(pitch=10.0))
    array([0.1  , 0.001])
    """
    pitch, roll = options.pitch is not None, options.roll is not None or whole_up(options) is not None
    return np.where([roll, pitch], TOLD_SIGMA, found_sigma)


def check_options(options: LiftOptions) -> None:
    """Raises DataError for values without a sense."""
    if options.fps is not None and not 0 < options.fps < 1e6:
        raise DataError(f"{options.fps:g} is not a frame rate", hint="frames a second, above 0")
    if options.size is not None and min(options.size) < 1:
        raise DataError(f"{options.size[0]} x {options.size[1]} is not a size of a picture", hint="width and height in pixels")
    if options.height_m is not None and not 0.2 <= options.height_m <= 3.0:
        raise DataError(f"{options.height_m:g} m is not a height of a person", hint="from 0.2 to 3")
    if options.focal is not None and not 0.2 <= options.focal <= 10:
        raise DataError(
            f"a focal length of {options.focal:g} of the image's longer side is not a lens", hint="0.5 is a wide one, 2 a long one"
        )
    if options.pitch is not None and not -90 <= options.pitch <= 90:
        raise DataError(f"a camera cannot look down by {options.pitch:g} degrees", hint="from -90 (straight up) to 90 (straight down)")
    if options.turn is not None and options.turn not in (0, 90, 180, 270):
        raise DataError(f"a turn of {options.turn:g} degrees is not a quarter turn", hint="0, 90, 180 or 270")
    if options.roll is not None and not -360 <= options.roll <= 360:
        raise DataError(f"a camera cannot be rolled by {options.roll:g} degrees", hint="from -180 to 180")
    if options.roll is not None and options.turn is not None:
        raise DataError("a turn and a roll are the same angle", hint="give one of them")
