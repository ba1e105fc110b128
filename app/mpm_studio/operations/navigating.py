"""Finding gaps."""

from __future__ import annotations

from mpm_core.gaps import Gap, find_gaps
from mpm_core.recording import Recording


def next_gap(rec: Recording, frame: int, points: tuple[int, ...] = (), step: int = 1) -> Gap | None:
    """The gap that starts next after `frame` (step 1) or last before it (step -1), of these points or of all; it goes round at the ends.

    None when there is no gap.
    """
    gaps = [gap for gap in find_gaps(rec) if not points or gap.point in points]
    if not gaps:
        return None
    if step > 0:
        later = [gap for gap in gaps if gap.start > frame]
        return min(later or gaps, key=lambda gap: (gap.start, gap.point))
    earlier = [gap for gap in gaps if gap.start < frame]
    return max(earlier or gaps, key=lambda gap: (gap.start, -gap.point))


def gap_at(rec: Recording, point: int, frame: int) -> Gap | None:
    """The gap of a point that holds a frame, if any."""
    return next((gap for gap in find_gaps(rec) if gap.point == point and gap.start <= frame < gap.stop), None)
