"""The 2D take that the image plane shows: the take itself, or the keypoints that a lifted one was made from. F frames."""

from __future__ import annotations

import numpy as np

from mpm_core.edit.document import Document
from mpm_core.edit.file_frames import on_frames
from mpm_core.edit.patch import Edit, Replace
from mpm_core.recording import Recording
from mpm_core.typing import Float


def keypoints_of(document: Document, proposed: Edit | None = None) -> Recording | None:
    """The keypoints that belong to the document with what is proposed; None for a take that was not lifted.

    Marks and fills that were made before the lift are in them as long as the lift can be undone, else they are as they were first read.
    """
    shown = proposed.after if isinstance(proposed, Replace) else document.recording
    if shown.dims == 2:
        return shown
    if shown.source.camera is None:
        return None
    replaced = [edit.after for edit in document.done if isinstance(edit, Replace)]  # inverses: what they bring back
    flat = [rec for rec in (document.original, *replaced, document.recording) if rec.dims == 2]
    return flat[-1] if flat else None


def in_step(flat: Recording, shown: Recording) -> Recording:
    """Keypoints in the frames of the take that was lifted from them and then trimmed or resampled: in each the nearest one's."""
    own = flat.source.part
    rows_F, _ = on_frames((file_frames(shown) - own.start) / own.step, flat.frames)
    if np.array_equal(rows_F, np.arange(flat.frames)):
        return flat
    return flat.with_samples(flat.samples.at(rows_F), rate_hz=shown.rate_hz, spans=())


def file_frames(rec: Recording) -> Float:
    """(F,) where in its file each frame of a take is, from 0; not whole after some changes of the rate."""
    return rec.source.part.start + rec.source.part.step * np.arange(rec.frames, dtype=np.float64)
