"""The frames and points that an action applies to: the selection, within the range that is worked on. F frames, P points."""

from __future__ import annotations

from mpm_core.edit.mark import frames_text, region, region_text
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_studio.session import Session


def frames_of(session: Session) -> tuple[int, int] | None:
    """The range that is worked on, else the selected one; None when there is neither."""
    if session.work is not None:
        return session.work
    return (session.selection.start, session.selection.stop) if session.selection.has_range else None


def samples_of(session: Session, rec: Recording) -> tuple[Mask | None, str]:
    """(F, P) the samples, None for all, and what they are in words."""
    selection = session.selection
    if selection.has_range:
        points = list(selection.points)
        return region(rec, points, selection.start, selection.stop), region_text(rec, points, selection.start, selection.stop)
    if session.work is not None:
        return region(rec, list(range(len(rec.points))), *session.work), f"{frames_text(rec, *session.work)}, which are worked on"
    return None, "the whole take"
