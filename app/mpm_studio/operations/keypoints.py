"""The 2D take that the image plane shows: the take itself, or the keypoints that a lifted one was made from."""

from __future__ import annotations

from mpm_core.edit.document import Document
from mpm_core.edit.patch import Edit, Replace
from mpm_core.recording import Recording


def keypoints_of(document: Document, proposed: Edit | None = None) -> Recording | None:
    """The keypoints that belong to the document with what is proposed; None for a take that was not lifted, and for one whose frames are
    no longer those of its keypoints.

    Marks and fills that were made before the lift are in them while the lift can be undone; after a project was opened they are as they
    were first read.
    """
    shown = proposed.after if isinstance(proposed, Replace) else document.recording
    if shown.dims == 2:
        return shown
    if shown.source.camera is None:
        return None
    replaced = [edit.after for edit in document.done if isinstance(edit, Replace)]  # inverses: what they bring back
    before = [document.original, *replaced, document.recording]
    flat = [rec for rec in before if rec.dims == 2 and rec.frames == shown.frames]
    return flat[-1] if flat else None
