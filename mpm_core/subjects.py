"""Subjects: the people and objects of a take, and which points belong to whom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mpm_core.errors import DataError


@dataclass(frozen=True, slots=True)
class Subject:
    """One person or object and the points that belong to it, by name; none where the file does not tell.

    >>> Subject("Ann", ("Ann:LFHD", "Ann:RFHD")).points
    ('Ann:LFHD', 'Ann:RFHD')
    """

    name: str
    points: tuple[str, ...] = ()


def check_subjects(subjects: Iterable[Subject], points: Sequence[str], where: str = "") -> None:
    """Raises DataError for two subjects of one name, or with a point in common, and for points that the take does not have."""
    names: set[str] = set()
    owned: set[str] = set()
    for subject in subjects:
        if not subject.name or subject.name in names:
            raise DataError(f"two subjects are called {subject.name!r}" if subject.name else "a subject has no name", where=where)
        check_points(f"the subject {subject.name!r}", subject.points, points, where)
        if both := owned & set(subject.points):
            raise DataError(f"{', '.join(sorted(both)[:5])} belong to two subjects", where=where)
        names.add(subject.name)
        owned |= set(subject.points)


def check_points(what: str, named: Sequence[str], points: Sequence[str], where: str) -> None:
    """Raises DataError for a name that is not among the points, or that is there twice. what: whose names, for the message."""
    there = set(points)
    unknown = [name for name in named if name not in there]
    if unknown:
        raise DataError(f"{what} names points that are not in the take: {', '.join(unknown[:5])}", where=where)
    if len(set(named)) != len(named):
        raise DataError(f"{what} names a point twice", where=where)
