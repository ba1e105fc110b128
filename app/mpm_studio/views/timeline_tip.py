"""What the timeline says about the place under the mouse."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Origin, Recording
from mpm_studio import theme
from mpm_studio.operations.completing import sigma_text
from mpm_studio.operations.navigating import gap_at
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
    if line.kind == "group":
        return f"{line.text}: {', '.join(rec.points[point] for point in line.points)}"
    point = line.points[0]
    if x < NAMES:
        return rec.points[point]
    text = f"{rec.points[point]}, frame {frame + first}: {theme.ORIGIN_NAMES[Origin(int(rec.origin_FP[frame, point]))]}"
    sigma = float(rec.sigma_FP[frame, point])
    text += f" ± {sigma_text(sigma, rec.dims)}" if np.isfinite(sigma) else ""
    gap = gap_at(rec, point, frame)
    return text if gap is None else f"{text}\ngap {gap.start + first} to {gap.stop - 1 + first}, {gap.frames} frames"
