"""Events of a C3D file as spans, and spans as events. S events.

EVENT:TIMES are minutes and seconds from the trial's frame 1 (https://c3d.org/HTML/Documents/eventtimes1.htm); EVENT:CONTEXTS the side.
EVENT:DURATIONS, seconds, is this program's own: how long a span of several frames is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.io.c3d.parameters import Parameters
from mpm_core.io.c3d.write_parameters import Group, texts
from mpm_core.spans import Span
from mpm_core.subjects import Subject

SIDES = ("Left", "Right")  # contexts that belong to an event's name; any other is left out
LONGEST_S = 1e7


@dataclass(frozen=True, slots=True)
class Event:
    """label, context and subject: as in the file; seconds: since frame 1; duration_s: 0 for a moment."""

    label: str
    context: str
    subject: str
    seconds: float
    duration_s: float


def events(parameters: Parameters) -> list[Event]:
    """The events of the EVENT group that have a time."""
    time = parameters.numbers("EVENT:TIMES")
    seconds_S = time[: len(time) // 2 * 2].reshape(-1, 2) @ [60.0, 1.0]
    labels, used = parameters.texts("EVENT:LABELS"), parameters.number("EVENT:USED")
    count = len(labels) if used is None or not np.isfinite(used) else max(0, int(used))
    more = [parameters.texts(f"EVENT:{name}") for name in ("CONTEXTS", "SUBJECTS")]
    contexts, subjects = ([*each, *[""] * len(labels)] for each in more)
    durations = [*parameters.numbers("EVENT:DURATIONS").tolist(), *[0.0] * len(labels)]
    return [
        Event(*each)
        for each in list(zip(labels, contexts, subjects, seconds_S.tolist(), durations, strict=False))[:count]
        if all(0 <= number < LONGEST_S for number in each[3:])
    ]


def span_of(event: Event, rate_hz: float, first_frame: int, frames: int, subjects: Sequence[Subject]) -> Span | None:
    """The event as a span of a take, None when it lies outside its frames. Of several subjects, it is about the points of its own."""
    start = round(event.seconds * rate_hz) + 1 - first_frame
    stop = start + max(1, round(event.duration_s * rate_hz))
    if stop <= 0 or start >= frames:
        return None
    name = " ".join(part for part in (event.context if event.context in SIDES else "", event.label) if part) or "event"
    points = {subject.name: subject.points for subject in subjects}.get(event.subject, ()) if len(subjects) > 1 else ()
    return Span(name, max(0, start), min(frames, stop), points, "file")


def event_of(span: Span, rate_hz: float, first_frame: int, subjects: Sequence[Subject]) -> Event:
    """The span as an event; of its points only their subject is kept."""
    side, _, label = span.name.partition(" ")
    context = side if side in SIDES and label else "General"
    possible = subjects if span.points or len(subjects) == 1 else ()
    owner = next((subject.name for subject in possible if set(span.points) <= set(subject.points)), "")
    duration_s = span.frames / rate_hz if span.frames > 1 else 0.0
    return Event(label if context in SIDES else span.name, context, owner, (span.start + first_frame - 1) / rate_hz, duration_s)


def event_group(found: Sequence[Event]) -> Group:
    """The parameters of the EVENT group."""
    group = [
        ("USED", np.array(len(found), "<u2")),
        ("CONTEXTS", texts([event.context for event in found])),
        ("LABELS", texts([event.label for event in found])),
        ("SUBJECTS", texts([event.subject for event in found])),
        ("TIMES", np.array([divmod(event.seconds, 60.0) for event in found], "<f4").reshape(-1, 2)),
    ]
    if any(event.duration_s for event in found):
        group.append(("DURATIONS", np.array([event.duration_s for event in found], "<f4")))
    return group
