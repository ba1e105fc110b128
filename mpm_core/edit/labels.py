"""Edits of labels over a range: two points exchanged, a point's label taken off. F frames, P points, N samples.

An exchange is the user's own hand: what was measured under the other label becomes HAND, and the edit is written into the recording's log.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.edit.mark import region
from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording


def swap(rec: Recording, a: int, b: int, start: int, stop: int) -> Patch:
    """Two points exchange their samples in frames start..stop-1.

    What was MEASURED is HAND under its new label, bit for bit; fills keep their origin and sigma; a sample marked as wrong is left behind
    (MISSING), since it is as wrong there. Raises DataError for a rig, for one point twice, and for frames outside the take.
    """
    if rec.rig is not None:
        raise DataError("joints of a hierarchy cannot exchange places: each hangs on its parent", hint="mark the range and fill it")
    if a == b:
        raise DataError(f"{rec.points[a]} cannot be exchanged with itself", hint="name two points")
    where_FP = region(rec, [a, b], start, stop)
    xyz_FPD, origin_FP, sigma_FP = rec.xyz_FPD.copy(), rec.origin_FP.copy(), rec.sigma_FP.copy()
    for to, source in ((a, b), (b, a)):
        origin_F = rec.origin_FP[start:stop, source]
        gone_F = (origin_F == Origin.MISSING) | (origin_F == Origin.MARKED)
        new_F = np.where(gone_F, np.uint8(Origin.MISSING), origin_F)
        origin_FP[start:stop, to] = np.where(origin_F == Origin.MEASURED, np.uint8(Origin.HAND), new_F)
        xyz_FPD[start:stop, to] = np.where(gone_F[:, None], np.nan, rec.xyz_FPD[start:stop, source])
        sigma_FP[start:stop, to] = np.where(gone_F, np.nan, rec.sigma_FP[start:stop, source])
    where_FP &= (rec.origin_FP != Origin.MISSING) | (origin_FP != Origin.MISSING)
    label = f"Exchange {rec.points[a]} and {rec.points[b]}, {_frames(rec, start, stop)}"
    patch = patch_where(rec, label, where_FP, xyz_FPD=xyz_FPD, origin=origin_FP, sigma_FP=sigma_FP)
    return replace(patch, log=(*rec.log, f"{label}: {len(patch)} samples by hand"))


def unlabel(rec: Recording, points: tuple[int, ...], start: int, stop: int) -> Patch:
    """Points lose what they hold in frames start..stop-1: measured samples are MARKED, their values kept; all others are MISSING.

    Raises DataError for a rig and for frames outside the take.
    """
    if rec.rig is not None:
        raise DataError("a joint of a hierarchy has no label to lose", hint="mark the range instead")
    where_FP = region(rec, list(points), start, stop) & rec.visible_FP
    origin_FP = np.where(rec.origin_FP == Origin.MEASURED, np.uint8(Origin.MARKED), np.uint8(Origin.MISSING))
    xyz_FPD = np.where((origin_FP == Origin.MARKED)[..., None], rec.xyz_FPD, np.float32(np.nan))
    who = rec.points[points[0]] if len(points) == 1 else f"{len(points)} points"
    return patch_where(rec, f"Unlabel {who}, {_frames(rec, start, stop)}", where_FP, xyz_FPD=xyz_FPD, origin=origin_FP)


def _frames(rec: Recording, start: int, stop: int) -> str:
    first = rec.source.first_frame
    return f"frames {start + first} to {stop - 1 + first}"
