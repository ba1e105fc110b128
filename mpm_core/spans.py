"""Spans: named ranges of a take's frames, such as events and foot contacts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mpm_core.errors import DataError
from mpm_core.subjects import check_points

CHECKED = "checked"  # the source of spans which say that a suspect is right (suspect/dismissed.py)


@dataclass(frozen=True, slots=True)
class Span:
    """Frames start..stop-1 (0-based, stop exclusive) with a name; an event is a span of one frame.

    points: those it is about, by name; none: the whole take. source: where it comes from: "file", "user", "model", or
    CHECKED.

    >>> Span("Left Foot Strike", 120, 121, ("LHEE",), source="file").frames
    1
    """

    name: str
    start: int
    stop: int
    points: tuple[str, ...] = ()
    source: str = "user"

    @property
    def frames(self) -> int:
        return self.stop - self.start


def check_spans(spans: Iterable[Span], frames: int, points: Sequence[str], where: str = "") -> None:
    """Raises DataError for a span without a name, beyond the take's frames, or about points that the take does not have."""
    for span in spans:
        if not span.name:
            raise DataError("a span has no name", where=where)
        if not 0 <= span.start < span.stop <= frames:
            raise DataError(f"the span {span.name!r} is of frames {span.start} to {span.stop} of a take of {frames}", where=where)
        check_points(f"the span {span.name!r}", span.points, points, where)


def spans_about(spans: Iterable[Span], points: Sequence[str]) -> tuple[Span, ...]:
    """The spans in a take of other points over the same frames: points that it does not have are moved into the span's name.

    Without dismissed suspects, which were of the other take's samples.
    """
    there = set(points)
    return tuple(
        span
        if there.issuperset(span.points)
        else replace(span, name=f"{span.name} ({', '.join(span.points)})", points=tuple(p for p in span.points if p in there))
        for span in spans
        if span.source != CHECKED
    )
