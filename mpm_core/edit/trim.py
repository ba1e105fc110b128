"""A take cut to a range of its frames. F frames, P points."""

from __future__ import annotations

from dataclasses import replace

from mpm_core.edit.mark import frames_text, region
from mpm_core.edit.patch import Replace
from mpm_core.recording import Recording


def trimmed(rec: Recording, start: int, stop: int) -> Recording:
    """Frames start..stop-1 (0-based) with all their values; they keep the numbers that the file gives them, and its origin is recorded.

    Spans are cut to the range, those outside are left out. Raises DataError when the frames are not in the take.

    >>> import numpy as np
    >>> from mpm_core.recording import make_recording
    >>> part = trimmed(make_recording(("head",), 100.0, np.zeros((9, 1, 3))), 2, 5)
    >>> part.frames, part.source.first_frame
    (3, 3)
    """
    region(rec, [], start, stop)  # raises for frames outside the take
    source, part = rec.source, rec.source.part
    part = replace(part, start=part.start + start * part.step)
    spans = tuple(
        replace(span, start=max(span.start, start) - start, stop=min(span.stop, stop) - start)
        for span in rec.spans
        if span.start < stop and start < span.stop
    )
    return rec.with_samples(
        rec.samples.at(slice(start, stop)),
        source=replace(source, first_frame=source.first_frame + start, part=part),
        rig=None if rec.rig is None else rec.rig.at(slice(start, stop)),
        spans=spans,
        log=(*rec.log, f"Trim to {frames_text(rec, start, stop)}"),
    )


def trim(rec: Recording, start: int, stop: int) -> Replace:
    """The edit that cuts a take to frames start..stop-1. Raises DataError as `trimmed` does."""
    result = trimmed(rec, start, stop)
    return Replace(result.log[-1], rec, result)
