"""Points in groups: by subject, and by part of the body where the points are known to be one. P points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpm_core.body import parts
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Recording

PARTS = {
    "Head": "head",
    "Left arm": "left_arm",
    "Right arm": "right_arm",
    "Left leg": "left_leg",
    "Right leg": "right_leg",
}
TRUNK = "Trunk"


@dataclass(frozen=True, slots=True)
class Group:
    """A title and the points under it, ascending."""

    title: str
    points: tuple[int, ...]


def point_groups(rec: Recording, overrides: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """Every point in one group; a single group, or none, where there is nothing to tell them apart by.

    overrides: the user's mapping of body joints.

    >>> import numpy as np, mpm_core as mpm
    >>> [group.title for group in point_groups(mpm.make_recording(("a", "b"), 30.0, np.zeros((1, 2, 3))))]
    ['']
    """
    part_of = _parts(rec, overrides)
    subject_of = {point: subject.name for subject in rec.subjects for point in subject.points} if len(rec.subjects) > 1 else {}
    members: dict[str, list[int]] = {}
    for point, name in enumerate(rec.points):
        words = [word for word in (subject_of.get(name, ""), part_of.get(point, "")) if word]
        members.setdefault(": ".join(words), []).append(point)
    order = {title: place for place, title in enumerate(("Head", TRUNK, *[title for title in PARTS if title != "Head"]))}
    first = {title: points[0] for title, points in members.items()}
    titles = sorted(members, key=lambda title: (_subject(title), order.get(title.rpartition(": ")[2], len(order)), first[title]))
    return tuple(Group(title, tuple(members[title])) for title in titles)


def _subject(title: str) -> str:
    return title.partition(": ")[0] if ": " in title else ""


def _parts(rec: Recording, overrides: Mapping[str, str] | None) -> dict[int, str]:
    """Point -> title of its part of the body; the trunk is what no limb and no head has, of the subject that was recognised."""
    part_of: dict[int, str] = {}
    for title, name in PARTS.items():
        try:
            for point in parts.resolve(rec, name, overrides):
                part_of.setdefault(point, title)
        except MappingError:
            return {}
        except DataError:  # no point of the take belongs to this part
            continue
    prefixes = {rec.points[point].rpartition(":")[0] for point in part_of}
    rest = (point for point, name in enumerate(rec.points) if point not in part_of and name.rpartition(":")[0] in prefixes)
    return part_of | dict.fromkeys(rest, TRUNK) if part_of else {}
