"""Points in groups: by subject, and by part of the body where the points are known to be one. P points."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mpm_core.body import parts
from mpm_core.body.mapping import map_body
from mpm_core.errors import MappingError
from mpm_core.recording import Recording
from mpm_studio.operations.bodies import bodies_of
from mpm_studio.operations.cached import remember_last

PARTS = {
    "Head": "head",
    "Left arm": "left_arm",
    "Right arm": "right_arm",
    "Left leg": "left_leg",
    "Right leg": "right_leg",
}
UPPER_ENDS = {
    "left_upper_arm": "Left arm",
    "right_upper_arm": "Right arm",
    "left_thigh": "Left leg",
    "right_thigh": "Right leg",
}  # of markers, by their place on the body
TRUNK = "Trunk"


@dataclass(frozen=True, slots=True)
class Group:
    """The points of a part of a subject, ascending; both are '' where they are not known."""

    subject: str
    part: str
    points: tuple[int, ...]

    @property
    def title(self) -> str:
        return ": ".join(filter(None, (self.subject, self.part)))


@remember_last
def point_groups(rec: Recording, overrides: Mapping[str, str] | None = None) -> tuple[Group, ...]:
    """Every point in one group, those of a subject together; a single group, or none, where there is nothing to tell them apart by.

    overrides: the user's mapping of body joints.

    >>> import numpy as np, mpm_core as mpm
    >>> [group.title for group in point_groups(mpm.make_recording(("a", "b"), 30.0, np.zeros((1, 2, 3))))]
    ['']
    """
    members: dict[tuple[str, str], list[int]] = {}
    for body in bodies_of(rec, overrides):
        part_of = _parts(body.take, body.overrides)
        for own, point in enumerate(body.points):
            members.setdefault((body.subject, part_of.get(own, "")), []).append(point)
    owned = {point for points in members.values() for point in points}
    if rest := [point for point in range(len(rec.points)) if point not in owned]:
        members["", ""] = rest
    order = {part: place for place, part in enumerate(("Head", TRUNK, *[part for part in PARTS if part != "Head"]))}
    subjects = [subject.name for subject in rec.subjects]

    def place(key: tuple[str, str]) -> tuple[int, int, int]:
        subject, part = key
        by_subject = subjects.index(subject) if subject in subjects else len(subjects)
        return by_subject, order.get(part, len(order)), members[key][0]

    return tuple(Group(*key, tuple(members[key])) for key in sorted(members, key=place))


def _parts(rec: Recording, overrides: Mapping[str, str] | None) -> dict[int, str]:
    """Point -> title of its part of the body; nothing where the points are not a known body.

    The trunk has what no limb and no head has; of markers, only those whose place on the body is known. Thighs and upper arms, which marks
    of limbs leave out because of the joint at their top, are shown with the limb.
    """
    try:
        found, bmap = parts.body_parts(rec, list(PARTS.values()), overrides), map_body(rec, overrides)
    except MappingError:
        return {}
    part_of: dict[int, str] = {}
    for title, name in PARTS.items():
        for point in found[name]:
            part_of.setdefault(point, title)
    if not part_of:
        return {}
    if bmap.markers is None:
        return {point: part_of.get(point, TRUNK) for point in range(len(rec.points))}
    for role, points in bmap.markers.roles:
        for point in points:
            part_of.setdefault(point, UPPER_ENDS.get(role, TRUNK))
    return part_of
