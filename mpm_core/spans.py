"""What a take's frames and points are called: spans of frames (events, foot contacts, ranges) and subjects (whose points are whose)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from mpm_core.errors import DataError


@dataclass(frozen=True, slots=True)
class Span:
    """Frames start..stop-1 (0-based, stop exclusive) with a name; an event is a span of one frame.

    points: those it is about, by name; none: the whole take. source: where it comes from: "file", "user", "model".

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


@dataclass(frozen=True, slots=True)
class Subject:
    """One person or object and the points that belong to it, by name; none where the file does not tell."""

    name: str
    points: tuple[str, ...] = ()


def check_spans(spans: Iterable[Span], frames: int, points: Sequence[str], where: str = "") -> None:
    """Raises DataError for a span without a name, beyond the take's frames, or about points that the take does not have."""
    for span in spans:
        if not span.name:
            raise DataError("a span has no name", where=where)
        if not 0 <= span.start < span.stop <= frames:
            raise DataError(f"the span {span.name!r} is of frames {span.start} to {span.stop} of a take of {frames}", where=where)
        _check_points(f"the span {span.name!r}", span.points, points, where)


def check_subjects(subjects: Iterable[Subject], points: Sequence[str], where: str = "") -> None:
    """Raises DataError for two subjects of one name, or with a point in common, and for points that the take does not have."""
    names: set[str] = set()
    owned: set[str] = set()
    for subject in subjects:
        if not subject.name or subject.name in names:
            raise DataError(f"two subjects are called {subject.name!r}" if subject.name else "a subject has no name", where=where)
        _check_points(f"the subject {subject.name!r}", subject.points, points, where)
        if both := owned & set(subject.points):
            raise DataError(f"{', '.join(sorted(both)[:5])} belong to two subjects", where=where)
        names.add(subject.name)
        owned |= set(subject.points)


def spans_about(spans: Iterable[Span], points: Sequence[str]) -> tuple[Span, ...]:
    """The spans in a take of other points over the same frames: points that it does not have are moved into the span's name."""
    there = set(points)
    return tuple(
        span
        if there.issuperset(span.points)
        else replace(span, name=f"{span.name} ({', '.join(span.points)})", points=tuple(p for p in span.points if p in there))
        for span in spans
    )


def _check_points(what: str, named: Sequence[str], points: Sequence[str], where: str) -> None:
    there = set(points)
    unknown = [name for name in named if name not in there]
    if unknown:
        raise DataError(f"{what} names points that are not in the take: {', '.join(unknown[:5])}", where=where)
    if len(set(named)) != len(named):
        raise DataError(f"{what} names a point twice", where=where)
