"""Samples that the user drags to their place, and the fill of the rest of their gap. F frames, P points, D dimensions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from mpm_core.edit.patch import FilledRun, Patch, patch_where
from mpm_core.edit.request import requested
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.drag import drag_joint
from mpm_core.samples import FILLS, OF_FILE
from mpm_core.typing import Float32, Mask
from mpm_studio.operations.marking import place

HAND = Origin.HAND


def pin(rec: Recording, point: int, frame: int, xyz_D: Float32, shown: Recording | None = None) -> Patch:
    """One sample set by hand, which fills keep from then on; written into the recording's log.

    A joint of a hierarchy goes as near to the place as its bones allow, and takes along what is not measured beside it; shown: the
    recording in which it was dragged, with proposed fills. Raises DataError for a measured sample in 3D, filtered or not, which must be
    marked as wrong first. A detector's keypoint may be set at once: the change is seen in the picture, and its origin says so.
    """
    where = f"{rec.points[point]}, frame {frame + rec.source.first_frame}"
    if rec.dims == 3 and rec.origin_FP[frame, point] in OF_FILE:
        raise DataError(f"{where} is measured", hint="mark it as wrong first, then set it by hand")
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    xyz_FPD = np.zeros_like(rec.xyz_FPD)
    if rec.rig is None:
        where_FP[frame, point] = True
        xyz_FPD[frame, point] = xyz_D
    else:
        xyz_FPD[frame], where_FP[frame] = drag_joint(shown or rec, point, frame, xyz_D.astype(np.float64))
    patch = patch_where(rec, f"Pin {where}", where_FP, xyz_FPD=xyz_FPD, origin=HAND)
    count = len(patch)
    line = f"Pin {where}: {count} sample{'s' if count > 1 else ''} by hand"
    runs = tuple(FilledRun("hand", int(each), frame, frame + 1) for each in patch.points_N)
    at = [round(float(value), 4) for value in xyz_D]
    return requested(replace(patch, log=(*rec.log, line), filled=runs), "pin", at=at, **place(rec, [point], frame, frame + 1))


def gaps_around(rec: Recording, points: Iterable[int], frame: int) -> Mask:
    """(F, P) `gap_around` of several points."""
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    for point in points:
        where_FP |= gap_around(rec, point, frame)
    return where_FP


def gap_around(rec: Recording, point: int, frame: int) -> Mask:
    """(F, P) the run of samples around a frame of a point that are not measured, filled ones included."""
    free_F = np.isin(rec.origin_FP[:, point], [Origin.MISSING, Origin.MARKED, *FILLS])
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    if not free_F[frame]:
        return where_FP
    before, after = np.flatnonzero(~free_F[:frame]), np.flatnonzero(~free_F[frame:])
    start = int(before[-1]) + 1 if len(before) else 0
    stop = frame + int(after[0]) if len(after) else rec.frames
    where_FP[start:stop, point] = True
    return where_FP
