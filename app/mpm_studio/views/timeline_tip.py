"""What the timeline says about the place under the mouse."""

from __future__ import annotations

from mpm_core.recording import Recording
from mpm_studio.views.sample_text import sample_text
from mpm_studio.views.timeline_lines import Line
from mpm_studio.views.timeline_paint import NAMES, View
from mpm_studio.views.timeline_spans import held_at


def tip(rec: Recording, line: Line, view: View, x: float, frame: int) -> str:
    """The sample with its origin and sigma, the gap it is in; the span; or the group's points."""
    first = rec.source.first_frame
    if line.kind == "spans":
        held = held_at(rec.spans, line.spans, view, x)
        if held is None:
            return line.text
        span = rec.spans[held.place]
        about = f" of {', '.join(span.points)}" if span.points else ""
        last = f" to {span.stop - 1 + first}" if span.frames > 1 else ""
        return f"{span.name}{about}, frame {span.start + first}{last}, by {span.source}"
    if line.kind in ("subject", "group"):
        return f"{line.text}: {', '.join(rec.points[point] for point in line.points)}"
    point = line.points[0]
    if x < NAMES:
        return rec.points[point]
    return sample_text(rec, point, frame)
