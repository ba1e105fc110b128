"""What a take shows of a body: joints, toes, heels and hands, and markers on its segments. F frames; metres, Z up, NaN = not seen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.body.mapping import BodyMap, body_joints, map_body
from mpm_core.body.markers import known_roles
from mpm_core.body_rig.joints import SIDES, segment_of_role
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Recording
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float


@dataclass(frozen=True, slots=True, eq=False)
class Marker:
    """One marker (F, 3), and the segment that carries it."""

    name: str
    segment: str
    xyz_F3: Float


@dataclass(frozen=True, slots=True, eq=False)
class SeenBody:
    """points: (F, 3) by name of the 17 joints, and of toes, heels and hands where the take has them. roles: (F, 3) by marker role.

    markers: empty for a take of joints. toe_tips: its toes are the tips of the toes, and not their base.
    """

    name: str
    points: Mapping[str, Float]
    roles: Mapping[str, Float]
    markers: tuple[Marker, ...]
    toe_tips: bool


def seen_body(rec: Recording, overrides: Mapping[str, str] | None = None) -> SeenBody:
    """What a recording shows of one body. overrides: as for `map_body`.

    Raises DataError for a 2D take, MappingError when the points are not a body, or one without hips.
    """
    if rec.dims != 3:
        raise DataError("a body needs 3D points, and this take is 2D", where=rec.source.path, hint="lift it first")
    bmap = map_body(rec, overrides)
    joints_FJ3 = body_joints(rec, bmap)
    points = {name: joints_FJ3[:, joint] for joint, name in enumerate(body17().names) if np.isfinite(joints_FJ3[:, joint]).any()}
    if not {"hip", "left_hip", "right_hip"} <= points.keys():
        raise MappingError(
            "the hips of this body are not known, and its skeleton begins there",
            where=rec.source.path,
            hint="a set needs markers on both sides of the pelvis, in front and behind; `info --propose-map` finds places by motion",
        )
    xyz_FP3 = np.where(rec.visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan)
    if bmap.markers is None:
        feet = [name for name in load_skeleton("body21").names[17:] if name in rec.points]
        return SeenBody(bmap.name, points | {name: xyz_FP3[:, rec.index(name)] for name in feet}, {}, (), True)
    return _with_markers(rec, bmap, points, xyz_FP3)


def _with_markers(rec: Recording, bmap: BodyMap, points: dict[str, Float], xyz_FP3: Float) -> SeenBody:
    assert bmap.markers is not None
    segments, roles, markers = segment_of_role(), {}, []
    for role, indices in bmap.markers.roles:
        roles[role] = xyz_FP3[:, list(indices)].mean(axis=1)
        if role in segments:
            markers += [Marker(rec.points[index], segments[role], xyz_FP3[:, index]) for index in indices]
        elif role not in known_roles():
            raise MappingError(f"{role!r} is not a place on the body", where=rec.source.path)
    for side, _ in SIDES:
        for part, places in (("toe", ("toe", "foot")), ("heel", ("heel",)), ("hand", ("hand",))):
            place = next((roles[f"{side}_{each}"] for each in places if f"{side}_{each}" in roles), None)
            if place is not None and np.isfinite(place).any():
                points[f"{side}_{part}"] = place
    return SeenBody(bmap.name, points, roles, tuple(markers), False)
