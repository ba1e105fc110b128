"""Marking measured samples as wrong, and taking marks back. The measured value stays underneath. F frames, P points.

On a rig what hangs on a joint goes along (`rigs.constraints.expand_marks`): a hand with its wrist, a foot with its ankle.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.edit.patch import Patch, patch_samples, patch_where
from mpm_core.errors import DataError
from mpm_core.gaps import known
from mpm_core.recording import Origin, Recording, Samples
from mpm_core.rigs.constraints import expand_marks
from mpm_core.samples import OF_FILE
from mpm_core.typing import Int, Mask


def region(rec: Recording, points: Int | list[int], start: int, stop: int) -> Mask:
    """(F, P) True at the given points in frames start..stop-1 (0-based). Raises DataError when they lie outside.

    >>> from mpm_core.recording import make_recording
    >>> region(make_recording(("head", "hip"), 100.0, np.zeros((3, 2, 3))), [1], 0, 2).tolist()
    [[False, True], [False, True], [False, False]]
    """
    check_frames(rec, start, stop)
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[start:stop, points] = True
    return where_FP


def check_frames(rec: Recording, start: int, stop: int) -> None:
    """Raise DataError unless start..stop-1 (0-based) are frames of the take, at least one."""
    if not (0 <= start < stop <= rec.frames):
        first = rec.source.first_frame
        raise DataError(f"{frames_text(rec, start, stop)} are not in the take", hint=f"it has {first} to {rec.frames - 1 + first}")


def frames_text(rec: Recording, start: int, stop: int) -> str:
    """Frames start..stop-1 (0-based) as the file counts them: 'frames 3 to 9'."""
    first = rec.source.first_frame
    return f"frames {start + first} to {stop - 1 + first}"


def region_text(rec: Recording, points: Sequence[int], start: int, stop: int) -> str:
    """A region in words, for an edit's label: 'LFHD, frames 3 to 9', or '4 points, frames 3 to 9'."""
    who = rec.points[points[0]] if len(points) == 1 else f"{len(points)} points"
    return f"{who}, {frames_text(rec, start, stop)}"


def mark(rec: Recording, where_FP: Mask, label: str = "Mark", *, followers: bool = True) -> Patch:
    """MEASURED samples of where_FP become MARKED, FILTERED ones too, with the value that was measured; others stay.

    FILTERED ones whose measured value is not known, as those of a CSV, become MISSING, and the patch's log says how many; only an undo
    brings them back. followers: on a rig, those that hang on them too.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head", "hip"), 100.0, np.zeros((4, 2, 3)))
    >>> mark(rec, region(rec, [1], 0, 3)).apply(rec)[0].visible_FP.sum(axis=0).tolist()
    [4, 1]
    """
    where_FP = with_followers(rec, where_FP) if followers else where_FP
    where_FP = where_FP & np.isin(rec.origin_FP, OF_FILE)
    patch = patch_samples(label, where_FP, _marked(rec))
    lost = int((where_FP & (rec.origin_FP == Origin.FILTERED) & ~unfiltered_known(rec)).sum())
    line = f"{label}: {lost:,} filtered samples, whose measured value is not known, are gaps now"
    return replace(patch, log=(*rec.log, line)) if lost else patch


def delete(rec: Recording, where_FP: Mask, label: str = "Delete") -> Patch:
    """The samples of where_FP are gaps from then on: measured ones are MARKED, since their values are never lost, all others MISSING.

    On a rig, what hangs on them too.
    """
    where_FP = with_followers(rec, where_FP) & rec.visible_FP
    marked = _marked(rec)
    return patch_samples(label, where_FP, marked.cleared(where_FP & (marked.origin != Origin.MARKED)))


def _marked(rec: Recording) -> Samples:
    """All samples, the measured ones MARKED, the filtered ones with the value that was measured, MISSING where that is not known."""
    samples = rec.samples
    if rec.unfiltered_FPD is not None:
        known_FP = unfiltered_known(rec)
        samples = samples.having(
            xyz=np.where(known_FP[..., None], rec.unfiltered_FPD, rec.xyz_FPD),
            origin=np.where(known_FP, np.uint8(Origin.MARKED), rec.origin_FP),
            unfiltered=np.where(known_FP[..., None], np.float32(np.nan), rec.unfiltered_FPD),
        )
    samples = samples.cleared(samples.origin == Origin.FILTERED)
    return samples.having(origin=np.where(samples.origin == Origin.MEASURED, np.uint8(Origin.MARKED), samples.origin))


def unfiltered_known(rec: Recording) -> Mask:
    """(F, P) FILTERED samples of which the measured value, before the filter, is known."""
    if rec.unfiltered_FPD is None:
        return np.zeros(rec.origin_FP.shape, bool)
    return np.asarray((rec.origin_FP == Origin.FILTERED) & known(rec.unfiltered_FPD))


def unmark(rec: Recording, where_FP: Mask, label: str = "Unmark") -> Patch:
    """MARKED samples of where_FP, on a rig with what hangs on them, become MEASURED again.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.zeros((2, 1, 3)))
    >>> marked = mark(rec, region(rec, [0], 0, 2)).apply(rec)[0]
    >>> unmark(marked, region(rec, [0], 0, 1)).apply(marked)[0].visible_FP.ravel().tolist()
    [True, False]
    """
    return patch_where(rec, label, with_followers(rec, where_FP) & (rec.origin_FP == Origin.MARKED), origin=Origin.MEASURED)


def restore(rec: Recording, original: Recording, where_FP: Mask, label: str = "Back to the original") -> Patch:
    """Samples of where_FP, on a rig with what hangs on them, as they were in the original; fills, marks and filters undone.

    original: in the shape of `rec` (`edit.from_file.in_shape_of`). Raises DataError when it has another.
    """
    if original.xyz_FPD.shape != rec.xyz_FPD.shape:
        raise DataError("the take was resized since it was opened", hint="undo back to the original instead")
    changed_FP = with_followers(rec, where_FP) & rec.samples.differs(original.samples)
    return patch_samples(label, changed_FP, original.samples)


def with_followers(rec: Recording, where_FP: Mask) -> Mask:
    """where_FP (F, P), on a rig with the joints that are marked together with it."""
    return where_FP if rec.rig is None else expand_marks(rec.rig, where_FP)
