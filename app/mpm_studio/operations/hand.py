"""Samples set by the user's own hand. F frames, P points, D dimensions."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.edit.patch import FilledRun, Patch, patch_where
from mpm_core.edit.request import requested
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Mask
from mpm_studio.operations.gap_rows import FILLS
from mpm_studio.operations.marking import place

HAND = Origin.HAND


def pin(rec: Recording, point: int, frame: int, xyz_D: Float32) -> Patch:
    """One sample set by hand, which fills keep from then on; written into the recording's log.

    Raises DataError for a measured sample in 3D, which must be marked as wrong first, and for a rig. A detector's keypoint may be set
    at once: the change is seen in the picture, and its origin says so.
    """
    where = f"{rec.points[point]}, frame {frame + rec.source.first_frame}"
    if rec.rig is not None:
        raise DataError("a joint of a hierarchy cannot be moved alone: its bones would change", hint="mark the range and fill it")
    if rec.dims == 3 and rec.origin_FP[frame, point] == Origin.MEASURED:
        raise DataError(f"{where} is measured", hint="mark it as wrong first, then set it by hand")
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[frame, point] = True
    xyz_FPD = np.zeros_like(rec.xyz_FPD)
    xyz_FPD[frame, point] = xyz_D
    patch = patch_where(rec, f"Pin {where}", where_FP, xyz_FPD=xyz_FPD, origin=HAND)
    patch = replace(patch, log=(*rec.log, f"Pin {where}: 1 sample by hand"), filled=(FilledRun("hand", point, frame, frame + 1),))
    at = [round(float(value), 4) for value in xyz_D]
    return requested(patch, "pin", at=at, **place(rec, [point], frame, frame + 1))


def gap_around(rec: Recording, point: int, frame: int) -> Mask:
    """(F, P) the run of samples around a frame of a point that nobody measured, filled ones included."""
    free_F = np.isin(rec.origin_FP[:, point], [Origin.MISSING, Origin.MARKED, *FILLS])
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    if not free_F[frame]:
        return where_FP
    before, after = np.flatnonzero(~free_F[:frame]), np.flatnonzero(~free_F[frame:])
    start = int(before[-1]) + 1 if len(before) else 0
    stop = frame + int(after[0]) if len(after) else rec.frames
    where_FP[start:stop, point] = True
    return where_FP
