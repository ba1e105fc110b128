"""Samples marked as wrong are written as missing in every format that cannot hold the mark."""

from __future__ import annotations

from mpm_core.recording import Origin, Recording


def marked_count(rec: Recording) -> int:
    """How many samples are marked as wrong."""
    return int((rec.origin_FP == Origin.MARKED).sum())


def without_marked(rec: Recording) -> Recording:
    """The recording with its marked samples missing; itself when there are none.

    >>> import numpy as np
    >>> from mpm_core.edit.mark import mark
    >>> from mpm_core.recording import make_recording
    >>> rec = make_recording(("head",), 100.0, np.zeros((2, 1, 3)))
    >>> marked, _ = mark(rec, np.array([[True], [False]])).apply(rec)
    >>> without_marked(marked).xyz_FPD[:, 0, 0].tolist()
    [nan, 0.0]
    """
    marked_FP = rec.origin_FP == Origin.MARKED
    return rec.with_samples(rec.samples.cleared(marked_FP)) if marked_FP.any() else rec
