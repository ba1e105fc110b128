"""Moving the edges of gaps: samples taken in are marked, samples given back are measured again. F frames, P points, N samples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from mpm_core.edit.annotate import Annotate
from mpm_core.edit.mark import mark, with_followers
from mpm_core.edit.patch import Edit, Patch, patch_samples
from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording, Samples
from mpm_core.samples import FILLS
from mpm_core.typing import Mask


def move_edges(rec: Recording, before_FP: Mask, after_FP: Mask, done: Sequence[Edit] = (), label: str = "Move a gap's edges") -> Patch:
    """The gaps of before_FP (F, P) become those of after_FP.

    What is taken in and was measured is MARKED, with its value kept; fills and missing samples there stay as they are. What is given back
    is MEASURED, to the bit: a marked sample with its value, one that was filled or set by hand with the value that it had before. done:
    the inverses of the edits that led to `rec`, first to last, which have these values. On a rig, with what hangs on these samples. Raises
    DataError for a sample that is given back and has no measured value, or one that an edit other than a fill changed since.

    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.zeros((5, 1, 3)))
    >>> gap, narrower = (np.isin(np.arange(5), frames)[:, None] for frames in ([1, 2, 3], [2, 3, 4]))
    >>> marked = mark(rec, gap).apply(rec)[0]
    >>> move_edges(marked, gap, narrower).apply(marked)[0].origin_FP.ravel().tolist()
    [1, 1, 2, 2, 2]
    """
    taken = mark(rec, after_FP & ~before_FP)
    given_FP = with_followers(rec, before_FP & ~after_FP) & ~with_followers(rec, after_FP)
    given_FP &= np.isin(rec.origin_FP, (Origin.MISSING, Origin.MARKED, *FILLS))
    samples, known_FP = _measured(rec, given_FP, done)
    if (given_FP & ~known_FP).any():
        frame, point = (int(each) for each in np.argwhere(given_FP & ~known_FP)[0])
        raise DataError(
            f"{rec.points[point]}, frame {frame + rec.source.first_frame}: no measured value is known that could be given back",
            hint="a gap can only become shorter where samples were marked; Back to the original restores what was read",
        )
    changed_FP = given_FP.copy()
    changed_FP[taken.frames_N, taken.points_N] = True
    where = taken.frames_N, taken.points_N
    return replace(patch_samples(label, changed_FP, samples.put(where, taken.samples)), log=taken.log)


def _measured(rec: Recording, where_FP: Mask, done: Sequence[Edit]) -> tuple[Samples, Mask]:
    """All samples, those of where_FP with the value that was measured, and which of these have one (F, P)."""
    samples = rec.samples
    known_FP = where_FP & (rec.origin_FP == Origin.MARKED)
    sought_FP = where_FP & np.isin(rec.origin_FP, FILLS)
    for edit in reversed(done):
        if isinstance(edit, Annotate):
            continue
        if not isinstance(edit, Patch) or not sought_FP.any():
            break
        hit_N = sought_FP[edit.frames_N, edit.points_N]
        where = edit.frames_N[hit_N], edit.points_N[hit_N]
        found_N = np.isin(edit.origin_N[hit_N], (Origin.MEASURED, Origin.MARKED)) if edit.filled else np.zeros(int(hit_N.sum()), bool)
        refilled_N = np.isin(edit.origin_N[hit_N], FILLS) if edit.filled else found_N
        at = where[0][found_N], where[1][found_N]
        samples = samples.put(at, edit.samples.at(np.flatnonzero(hit_N)[found_N]))
        known_FP[at] = True
        sought_FP[where] = refilled_N
    return samples.having(origin=np.where(known_FP, np.uint8(Origin.MEASURED), samples.origin)), known_FP
