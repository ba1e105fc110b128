"""Marking measured samples as wrong, and taking marks back. The measured value stays underneath."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Int, Mask


def region(rec: Recording, points: Int | list[int], start: int, stop: int) -> Mask:
    """(F, P) True at the given points in frames start..stop-1 (0-based). Raises DataError when they lie outside."""
    if not (0 <= start < stop <= rec.frames):
        first = rec.source.first_frame
        raise DataError(
            f"frames {start + first} to {stop - 1 + first} are not in the take", hint=f"it has {first} to {rec.frames - 1 + first}"
        )
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[start:stop, points] = True
    return where_FP


def mark(rec: Recording, where_FP: Mask, label: str = "Mark") -> Patch:
    """MEASURED samples of where_FP become MARKED; others stay as they are."""
    return patch_where(rec, label, where_FP & (rec.origin_FP == Origin.MEASURED), origin=Origin.MARKED)


def unmark(rec: Recording, where_FP: Mask, label: str = "Unmark") -> Patch:
    """MARKED samples of where_FP become MEASURED again."""
    return patch_where(rec, label, where_FP & (rec.origin_FP == Origin.MARKED), origin=Origin.MEASURED)


def restore(rec: Recording, original: Recording, where_FP: Mask, label: str = "Back to the original") -> Patch:
    """Samples of where_FP as they were in the original of the same shape, fills and marks undone. Raises DataError when shapes differ."""
    if original.xyz_FPD.shape != rec.xyz_FPD.shape:
        raise DataError("the take was resized since it was opened", hint="undo back to the original instead")
    changed_FP = where_FP & (rec.origin_FP != original.origin_FP)
    return patch_where(rec, label, changed_FP, xyz_FPD=original.xyz_FPD, origin=original.origin_FP)
