"""Frames and ranges of a take mapped to the same moments after it was trimmed or resampled, by their place in the file."""

from __future__ import annotations

from mpm_core.recording import FilePart, Recording


def same_frame(frame: int, before: Recording, after: Recording) -> int:
    """The frame of a take after a change that is nearest to one before it, 0-based.

    >>> import numpy as np
    >>> from mpm_core.edit.trim import trimmed
    >>> from mpm_core.recording import make_recording
    >>> whole = make_recording(("head",), 100.0, np.zeros((90, 1, 3)))
    >>> same_frame(25, whole, trimmed(whole, 20, 50)), same_frame(5, trimmed(whole, 20, 50), whole)
    (5, 25)
    """
    return max(0, min(round(_moved(frame, before.source.part, after.source.part)), after.frames - 1))


def same_range(start: int, stop: int, before: Recording, after: Recording) -> tuple[int, int]:
    """Frames start..stop-1 of a take, as far as it has them after a change; (0, 0) where it has none."""
    first, end = (max(0, min(round(_moved(edge, before.source.part, after.source.part)), after.frames)) for edge in (start, stop))
    return (first, end) if first < end else (0, 0)


def _moved(frame: int, before: FilePart, after: FilePart) -> float:
    return (before.start + before.step * frame - after.start) / after.step
