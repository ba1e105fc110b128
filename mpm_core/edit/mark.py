"""Marking measured samples as wrong, and taking marks back. The measured value stays underneath. F frames, P points.

On a rig what hangs on a joint goes along (`rigs.reach.expand_marks`): a hand with its wrist, a foot with its ankle.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.edit.patch import Patch, patch_samples, patch_where
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.reach import expand_marks
from mpm_core.typing import Int, Mask


def region(rec: Recording, points: Int | list[int], start: int, stop: int) -> Mask:
    """(F, P) True at the given points in frames start..stop-1 (0-based). Raises DataError when they lie outside."""
    if not (0 <= start < stop <= rec.frames):
        first = rec.source.first_frame
        raise DataError(f"{frames_text(rec, start, stop)} are not in the take", hint=f"it has {first} to {rec.frames - 1 + first}")
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[start:stop, points] = True
    return where_FP


def frames_text(rec: Recording, start: int, stop: int) -> str:
    """Frames start..stop-1 (0-based) as the file counts them: 'frames 3 to 9'."""
    first = rec.source.first_frame
    return f"frames {start + first} to {stop - 1 + first}"


def region_text(rec: Recording, points: Sequence[int], start: int, stop: int) -> str:
    """A region in words, for an edit's label: 'LFHD, frames 3 to 9', or '4 points, frames 3 to 9'."""
    who = rec.points[points[0]] if len(points) == 1 else f"{len(points)} points"
    return f"{who}, {frames_text(rec, start, stop)}"


def mark(rec: Recording, where_FP: Mask, label: str = "Mark", *, followers: bool = True) -> Patch:
    """MEASURED samples of where_FP become MARKED; others stay as they are. followers: on a rig, those that hang on them too.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head", "hip"), 100.0, np.zeros((4, 2, 3)))
    >>> mark(rec, region(rec, [1], 0, 3)).apply(rec)[0].visible_FP.sum(axis=0).tolist()
    [4, 1]
    """
    where_FP = _with_followers(rec, where_FP) if followers else where_FP
    return patch_where(rec, label, where_FP & (rec.origin_FP == Origin.MEASURED), origin=Origin.MARKED)


def unmark(rec: Recording, where_FP: Mask, label: str = "Unmark") -> Patch:
    """MARKED samples of where_FP, on a rig with what hangs on them, become MEASURED again."""
    return patch_where(rec, label, _with_followers(rec, where_FP) & (rec.origin_FP == Origin.MARKED), origin=Origin.MEASURED)


def restore(rec: Recording, original: Recording, where_FP: Mask, label: str = "Back to the original") -> Patch:
    """Samples of where_FP, on a rig with what hangs on them, as they were in the original, fills and marks undone.

    Raises DataError when the original has another shape.
    """
    if original.xyz_FPD.shape != rec.xyz_FPD.shape:
        raise DataError("the take was resized since it was opened", hint="undo back to the original instead")
    changed_FP = _with_followers(rec, where_FP) & rec.samples.differs(original.samples)
    return patch_samples(label, changed_FP, original.samples)


def _with_followers(rec: Recording, where_FP: Mask) -> Mask:
    return where_FP if rec.rig is None else expand_marks(rec.rig, where_FP)
