"""Rates, frame numbers and positions that no recording has: refused when a file is read."""

from __future__ import annotations

import numpy as np

from mpm_core.errors import FormatError
from mpm_core.io.conventions import FARTHEST
from mpm_core.recording import Recording

LOWEST_HZ, HIGHEST_HZ = 0.001, 1e6
MOST_FRAME = 2**31 - 1
LARGEST_CHANNEL = 1e9  # an angle or a length of a hierarchy's motion beyond this is no motion


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
