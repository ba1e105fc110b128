"""The bodies in a take: one for each subject, each with its own points and its own part of the user's mapping. P points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_core.body.map_file import plain
from mpm_core.recording import Recording


@dataclass(frozen=True, slots=True, eq=False)
class Body:
    """subject: its name, '' when the take has only one. points: its rows in the take. take: the recording of these points alone.

    overrides: body joint or place -> point, of this subject.
    """

    subject: str
    points: tuple[int, ...]
    take: Recording
    overrides: Mapping[str, str]


def bodies_of(rec: Recording, overrides: Mapping[str, str] | None = None) -> tuple[Body, ...]:
    """The subjects of a take that have points; the whole take where there are fewer than two.

    overrides: the mapping of one subject; others get the same places by the same labels.

    >>> import mpm_core as mpm
    >>> two = (mpm.Subject("A", ("A:C7",)), mpm.Subject("B", ("B:C7",)))
    >>> rec = mpm.make_recording(("A:C7", "B:C7"), 30.0, np.zeros((1, 2, 3)), subjects=two)
    >>> [(body.subject, body.points, body.overrides) for body in bodies_of(rec, {"c7": "A:C7"})]
    [('A', (0,), {'c7': 'A:C7'}), ('B', (1,), {'c7': 'B:C7'})]
    """
    given = dict(overrides or {})
    subjects = [subject for subject in rec.subjects if subject.points]
    if len(subjects) < 2:
        return (Body("", tuple(range(len(rec.points))), rec, given),)
    row = {name: place for place, name in enumerate(rec.points)}
    found = []
    for subject in subjects:
        points = tuple(sorted(row[name] for name in subject.points))
        names = tuple(rec.points[point] for point in points)
        by_label = {plain(name): name for name in names}
        own = {place: by_label[plain(point)] for place, point in given.items() if plain(point) in by_label}
        found.append(Body(subject.name, points, alone(rec, points), own))
    return tuple(found)


def alone(rec: Recording, points: tuple[int, ...]) -> Recording:
    """The recording of some points; itself for all of them."""
    if len(points) == len(rec.points):
        return rec
    names = tuple(rec.points[point] for point in points)
    samples = rec.samples.at(slice(None), np.array(points))
    return rec.with_samples(samples, points=names, skeleton=None, rig=None, spans=(), subjects=())
