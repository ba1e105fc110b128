"""Refusals that formats share: of values that no recording has when reading, of takes that the format cannot hold when writing."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.conventions import FARTHEST
from mpm_core.recording import Recording

LOWEST_HZ, HIGHEST_HZ = 0.001, 1e6
MOST_FRAME = 2**31 - 1
LARGEST_CHANNEL = 1e9  # an angle or a length of a hierarchy's motion beyond this is not motion


def refuse_2d(rec: Recording, title: str, where: str) -> None:
    """Raise FormatError for a 2D take, which a format (its title, as a subject) cannot hold."""
    if rec.dims != 3:
        raise FormatError(f"{title} holds 3D only", where=where, hint="lift the take first: `mpm-studio lift`, or Ctrl+L in the window")


def refuse_empty(rec: Recording, where: str) -> None:
    """Raise FormatError for a take without points or frames, which a table cannot hold."""
    if not rec.points or not rec.frames:
        what = "frames" if rec.points else "points"
        raise FormatError(f"there are no {what} to write", where=where, hint=f"open a take with {what}")


def refuse_implausible(rec: Recording, where: str, options: tuple[str, ...]) -> None:
    """Raise FormatError for a rate, a frame number or a position that no recording has. options: those that the file's reader takes."""
    if not LOWEST_HZ <= rec.rate_hz <= HIGHEST_HZ:
        hint = "give the right one with --fps" if "fps" in options else "correct it in the file, or export it again"
        raise FormatError(f"the file's rate is {rec.rate_hz:g} frames a second", where=where, hint=hint)
    first, last = rec.source.first_frame, rec.source.first_frame + rec.frames
    if not -MOST_FRAME <= first <= last <= MOST_FRAME:
        raise FormatError(
            f"the file's first frame has the number {first:.6g}", where=where, hint="number its frames from 1, or export it again"
        )
    largest = float(max(np.fmax.reduce(rec.xyz_FPD, axis=None, initial=0.0), -np.fmin.reduce(rec.xyz_FPD, axis=None, initial=0.0)))
    if largest > FARTHEST:
        frame, point = np.argwhere(np.isfinite(rec.xyz_FPD[..., 0]) & (np.nanmax(np.abs(rec.xyz_FPD), axis=2) > FARTHEST))[0]
        unit = "m" if rec.dims == 3 else "pixels"
        raise FormatError(
            f"{rec.points[point]} is {largest:.3g} {unit} from the origin in frame {frame + first}",
            where=where,
            hint="the file is damaged, or its unit is another one",
        )
