"""Samples marked as wrong are written as missing in every format that cannot hold the mark."""

from __future__ import annotations

from mpm_core.recording import Origin, Recording


def marked_count(rec: Recording) -> int:
    """How many samples are marked as wrong."""
    return int((rec.origin_FP == Origin.MARKED).sum())


def without_marked(rec: Recording) -> Recording:
    """The recording with its marked samples missing; itself when there are none."""
    marked_FP = rec.origin_FP == Origin.MARKED
    return rec.with_samples(rec.samples.cleared(marked_FP)) if marked_FP.any() else rec
