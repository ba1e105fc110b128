"""From any recording's points to the 17 body joints. F frames, P points, D dimensions; joints in the order of body17.

hip is the middle of both hips, spine lies about half way from there to the thorax, thorax is the base of the neck,
neck where the skull sits on it, head_top the end of the head. One definition for every rig, marker and keypoint set.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np

from mpm_core.body import markers as marker_sets
from mpm_core.body.names import Found, find_names
from mpm_core.body.topology import map_by_shape
from mpm_core.body.tree import Terms, head_end, tree_of
from mpm_core.errors import MappingError
from mpm_core.recording import Recording
from mpm_core.skeleton import Skeleton, load_skeleton
from mpm_core.typing import Float, Mask

FEWEST_NAMED = 12  # of 17 exact joint names
SEEN_ENOUGH = 0.8  # an alternative seen this often, relative to the one seen most, is good enough to be preferred by its order
HEAD_REACH, HEAD_LEAST = 0.6, 1.3  # thorax to head top, in trunk and in neck lengths, for rigs whose head has no end


def body17() -> Skeleton:
    """The skeleton of the 17 body joints."""
    return load_skeleton("body17")


@dataclass(frozen=True, slots=True)
class BodyMap:
    """Where each of the 17 joints comes from.

    name: the rig or set as users know it ("Mixamo", "Plug-in Gait", "by topology", "by hand"). sources: per joint (point index, weight)
    pairs whose weighted mean is the joint, empty = the joint is not there. markers: for kind "markers", where a joint without sources
    is computed from the marker set.
    """

    kind: Literal["rig", "joints", "markers", "keypoints"]
    name: str
    sources: tuple[Terms, ...]
    markers: marker_sets.MarkerMap | None = None


def map_body(rec: Recording, overrides: Mapping[str, str] | None = None) -> BodyMap:
    """How this recording's points make the 17 joints.

    Tried in this order: names of known rigs, marker sets, keypoint sets, exact joint names, then the hierarchy's shape.
    overrides: body joint, or a marker's place on the body (markers.known_roles), -> point name, from the user. They come before
    anything found, and stand alone when nothing is.
    Raises MappingError (what is missing) when all fail or an override names no joint, DataError when it names no point.
    """
    joints, roles = _sorted_overrides(rec, overrides or {})
    bmap = _by_rig(rec) or _by_markers(rec) or _by_keypoints(rec) or _by_joint_names(rec) or _by_shape(rec)
    if roles:
        bmap = _with_roles(bmap, roles)
    if bmap is None and not joints:
        raise _nothing_fits(rec)
    found = bmap or BodyMap("joints", "by hand", ((),) * 17)
    sources = [joints.get(joint, terms) for joint, terms in enumerate(found.sources)]
    if found.kind != "markers":
        sources = _completed(rec, sources)
    lacking = [body17().names[joint] for joint in (0, 8) if not sources[joint]]
    if lacking and found.kind != "markers":
        raise MappingError(
            f"the {' and the '.join(lacking)} could not be made from the joints given",
            where=rec.source.path,
            hint="give hip or both hips, and thorax or both shoulders",
        )
    return BodyMap(found.kind, found.name, tuple(sources), found.markers)


def body_joints(rec: Recording, bmap: BodyMap) -> Float:
    """(F, 17, D) positions in the recording's units; NaN where a contributing point is missing or marked, or the joint is not mapped."""
    visible_FP = rec.visible_FP
    if bmap.markers is not None:
        joints_FJD = marker_sets.joint_centres(rec.xyz_FPD.astype(np.float64), visible_FP, bmap.markers)
    else:
        joints_FJD = np.full((rec.frames, 17, rec.dims), np.nan)
    for joint, terms in enumerate(bmap.sources):
        if terms:
            joints_FJD[:, joint] = _mean(rec, visible_FP, terms)
    return joints_FJD


def points_of(bmap: BodyMap, rec: Recording) -> tuple[int, ...]:
    """Per joint the point that IS the joint, or -1 where it is a mean of several, computed, or not there."""
    return tuple(terms[0][0] if len(terms) == 1 and terms[0][1] == 1 else -1 for terms in bmap.sources)


def _sorted_overrides(rec: Recording, overrides: Mapping[str, str]) -> tuple[dict[int, Terms], dict[str, int]]:
    """Overrides of the 17 joints (index -> source), and of places on the body (role -> point)."""
    names, roles = body17().names, marker_sets.known_roles()
    for key in overrides:
        if key not in roles:
            near = ", ".join(get_close_matches(key, roles, 3)) or ", ".join(names)
            raise MappingError(
                f"there is no body joint or marker place called {key!r}", where=rec.source.path, hint=f"did you mean {near}?"
            )
    joints: dict[int, Terms] = {names.index(key): ((rec.index(point), 1.0),) for key, point in overrides.items() if key in names}
    return joints, {key: rec.index(point) for key, point in overrides.items() if key not in names}


def _with_roles(bmap: BodyMap | None, roles: Mapping[str, int]) -> BodyMap:
    """A marker map in which the user's markers take the place of those found."""
    found = bmap.markers if bmap is not None else None
    merged = dict(found.roles if found else ()) | {role: (point,) for role, point in roles.items()}
    mmap = marker_sets.MarkerMap(found.name if found else "by hand", tuple(merged.items()), found.subject if found else "")
    return BodyMap("markers", mmap.name, ((),) * 17, mmap)


def _mean(rec: Recording, visible_FP: Mask, terms: Terms) -> Float:
    points = [point for point, _ in terms]
    weights = np.array([weight for _, weight in terms])
    mean_FD: Float = np.einsum("fpd,p->fd", rec.xyz_FPD[:, points].astype(np.float64), weights / weights.sum())
    mean_FD[~visible_FP[:, points].all(axis=1)] = np.nan
    return mean_FD


def _by_rig(rec: Recording) -> BodyMap | None:
    found = find_names(rec.points, "rig")
    return None if found is None else BodyMap("rig", found.names.name, _named_sources(rec, found))


def _by_keypoints(rec: Recording) -> BodyMap | None:
    found = find_names(rec.points, "keypoints")
    return None if found is None else BodyMap("keypoints", found.names.name, _named_sources(rec, found))


def _by_markers(rec: Recording) -> BodyMap | None:
    mmap = marker_sets.match(rec.points) if rec.dims == 3 else None
    return None if mmap is None else BodyMap("markers", mmap.name, ((),) * 17, mmap)


def _by_joint_names(rec: Recording) -> BodyMap | None:
    names = body17().names
    sources = tuple(((rec.points.index(name), 1.0),) if name in rec.points else () for name in names)
    return BodyMap("joints", "body joints", sources) if sum(map(bool, sources)) >= FEWEST_NAMED else None


def _by_shape(rec: Recording) -> BodyMap | None:
    sources = map_by_shape(rec)
    return None if sources is None else BodyMap("rig", "by topology", sources)


def _named_sources(rec: Recording, found: Found) -> tuple[Terms, ...]:
    names = body17().names
    sources: list[Terms] = [()] * 17
    for joint, point in found.limbs.items():
        sources[names.index(joint)] = ((point, 1.0),)
    for joint, alternatives in found.names.middle:
        present = [terms for terms in map(found.terms, alternatives) if terms is not None]
        if present:
            sources[names.index(joint)] = _seen_best(rec, present) if found.names.kind == "keypoints" else present[0]
    return tuple(sources)


def _seen_best(rec: Recording, alternatives: list[Terms]) -> Terms:
    """The first alternative that is seen about as often as the one seen most."""
    visible_FP = rec.visible_FP
    seen = [int(visible_FP[:, [point for point, _ in terms]].all(axis=1).sum()) for terms in alternatives]
    return next(terms for terms, count in zip(alternatives, seen, strict=True) if count >= SEEN_ENOUGH * max(seen))


def _completed(rec: Recording, sources: list[Terms]) -> list[Terms]:
    """Hip, thorax, spine and head top from their neighbours where they are not there."""
    full = list(sources)
    if not full[0] and full[1] and full[4]:
        full[0] = _blend(full[1], full[4], 0.5)
    if not full[8] and full[11] and full[14]:
        full[8] = _blend(full[11], full[14], 0.5)
    if not full[7] and full[0] and full[8]:
        full[7] = _blend(full[0], full[8], 0.5)
    if not full[10] and full[9] and full[8]:
        end = head_end(tree_of(rec), rec.points, full[8], full[9])
        full[10] = ((end, 1.0),) if end is not None else _extrapolated_head(rec, full)
    return full


def _blend(a: Terms, b: Terms, share: float) -> Terms:
    """(1 - share) * a + share * b, weights of one point added up."""
    weights: dict[int, float] = {}
    for terms, part in ((a, 1 - share), (b, share)):
        total = sum(weight for _, weight in terms)
        for point, weight in terms:
            weights[point] = weights.get(point, 0.0) + part * weight / total
    return tuple(weights.items())


def _extrapolated_head(rec: Recording, sources: list[Terms]) -> Terms:
    """The line from thorax through neck, drawn out in proportion to the trunk as the take shows it."""
    visible_FP = rec.visible_FP
    hip_FD, thorax_FD, neck_FD = (_mean(rec, visible_FP, sources[joint]) for joint in (0, 8, 9)) if sources[0] else (np.empty((0, 3)),) * 3
    trunk_F, neck_F = np.linalg.norm(thorax_FD - hip_FD, axis=1), np.linalg.norm(neck_FD - thorax_FD, axis=1)
    both_F = np.isfinite(trunk_F) & np.isfinite(neck_F)
    if not both_F.any() or not (neck := float(np.median(neck_F[both_F]))) > 0:
        return ()
    return _blend(sources[8], sources[9], max(HEAD_LEAST, HEAD_REACH * float(np.median(trunk_F[both_F])) / neck))


def _nothing_fits(rec: Recording) -> MappingError:
    near = [name for name in body17().names if not get_close_matches(name, [point.lower() for point in rec.points], 1)]
    return MappingError(
        f"no known rig, marker set or keypoint set fits these {len(rec.points)} points, and their hierarchy is not a person's",
        where=rec.source.path,
        hint=f"say which point is which joint; not found: {', '.join(near) or 'none by name, but too few agree'}",
    )
