"""Marks as wrong: exchanged with what is not marked, grown, shrunk, and set where a detector was unsure. F frames, P points."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.mark import mark
from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import DataError
from mpm_core.gaps import frames_away, runs, widened
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Mask


def invert_marks(rec: Recording, where_FP: Mask, label: str = "Invert marks") -> Patch:
    """In where_FP, MEASURED samples become MARKED and MARKED ones MEASURED.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.zeros((3, 1, 3)))
    >>> rec = mark(rec, np.array([[True], [False], [False]])).apply(rec)[0]
    >>> invert_marks(rec, np.ones((3, 1), bool)).apply(rec)[0].origin_FP.ravel().tolist()
    [1, 2, 2]
    """
    _refuse_rig(rec)
    origin_FP = np.where(rec.origin_FP == Origin.MARKED, np.uint8(Origin.MEASURED), np.uint8(Origin.MARKED))
    return patch_where(rec, label, where_FP & rec.measured_FP, origin=origin_FP)


def grow_marks(rec: Recording, where_FP: Mask, frames: int) -> Patch:
    """Grow marks that touch where_FP by `frames` on both sides, over measured samples; shrink them if it is negative."""
    touched_FP = _touched(rec.origin_FP == Origin.MARKED, where_FP)
    if frames >= 0:
        return mark(rec, widened(touched_FP, frames), f"Grow marks by {frames}")
    _refuse_rig(rec)
    ends_FP = touched_FP & (frames_away(~touched_FP) <= -frames)
    return patch_where(rec, f"Shrink marks by {-frames}", ends_FP, origin=Origin.MEASURED)


def mark_unsure(rec: Recording, below: float, where_FP: Mask | None = None) -> Patch:
    """Measured samples with a confidence below a threshold (0..1) become MARKED. Raises DataError for a take without confidences."""
    if rec.confidence_FP is None or not np.isfinite(rec.confidence_FP).any():
        raise DataError("this take has no confidences", where=rec.source.path, hint="only 2D detectors give them")
    unsure_FP = rec.confidence_FP < below
    return mark(rec, unsure_FP if where_FP is None else unsure_FP & where_FP, f"Mark confidences below {below:g}")


def _touched(marked_FP: Mask, where_FP: Mask) -> Mask:
    """Whole runs of marks, those of which a sample is in where_FP."""
    touched_FP = np.zeros_like(marked_FP)
    for point in np.flatnonzero((marked_FP & where_FP).any(axis=0)):
        for start, stop in runs(marked_FP[:, point]):
            touched_FP[start:stop, point] = where_FP[start:stop, point].any()
    return touched_FP


def _refuse_rig(rec: Recording) -> None:
    if rec.rig is not None:
        raise DataError("marks of a hierarchy's joints hang together", hint="mark and unmark ranges instead")
