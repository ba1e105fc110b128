"""From the points of any recording to the 17 body joints. F frames, P points, D dimensions; joints in the order of body17.

One definition for every rig, marker and keypoint set: hip is the middle of both hips, spine about half way from there to the thorax, thorax
the base of the neck, neck the base of the skull, head_top the end of the head.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Literal

import numpy as np

from mpm_core.body import markers as marker_sets
from mpm_core.body.joints import HEAD_TOP, HIP, L_HIP, L_SHOULDER, NECK, R_HIP, R_SHOULDER, SPINE, THORAX, body17
from mpm_core.body.names import Found, find_names
from mpm_core.body.stand_ins import follow_stand_in, from_most_visible
from mpm_core.body.topology import map_by_shape
from mpm_core.body.tree import Terms, Tree, head_end, tree_of
from mpm_core.body.trunk import with_trunk
from mpm_core.errors import MappingError
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Mask

FEWEST_NAMED = 12  # of 17 exact joint names
HEAD_REACH, HEAD_LEAST = 0.6, 1.3  # distance from thorax to head top, in trunk and in neck lengths, for rigs without an end of the head


@dataclass(frozen=True, slots=True)
class BodyMap:
    """The sources of the 17 joints.

    name: of the rig or set ("Mixamo", "Plug-in Gait", "by topology", "by hand"). sources: for each joint, pairs (point index, weight) whose
    weighted mean is the joint; empty = not mapped. markers: for kind "markers"; joints without sources are computed from the marker set.
    stand_ins: of 2D keypoints, for each joint further sources that stand in for the first while it is not visible (stand_ins.py).
    """

    kind: Literal["rig", "joints", "markers", "keypoints"]
    name: str
    sources: tuple[Terms, ...]
    markers: marker_sets.MarkerMap | None = None
    stand_ins: tuple[tuple[Terms, ...], ...] = ((),) * 17

    def alternatives(self, joint: int) -> tuple[Terms, ...]:
        """What makes a joint, the best first; empty = not mapped."""
        return (self.sources[joint], *self.stand_ins[joint]) if self.sources[joint] else ()


def map_body(rec: Recording, overrides: Mapping[str, str] | None = None) -> BodyMap:
    """How the points of a recording make the 17 joints.

    Tried in this order: names of known rigs, marker sets, keypoint sets, exact joint names, then the shape of the hierarchy. overrides:
    body joint, or place of a marker on the body (markers.known_roles), -> point name. They replace what was found, or are used alone.
    Raises MappingError (with what is missing) when all fail or an override is for an unknown joint; DataError when it is for an unknown
    point.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(body17().names, 30.0, np.zeros((1, 17, 3)))
    >>> map_body(rec).kind
    'joints'
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
        tree = tree_of(rec)
        if found.kind == "rig" and tree is not None:
            sources = [joints.get(joint, terms) for joint, terms in enumerate(with_trunk(tree, sources))]
        sources = _with_missing_joints(rec, tree, sources)
    unmapped = [body17().names[joint] for joint in (0, 8) if not sources[joint]]
    if unmapped and found.kind != "markers":
        raise MappingError(
            f"the {' and the '.join(unmapped)} could not be made from the joints given",
            where=rec.source.path,
            hint="give hip or both hips, and thorax or both shoulders",
        )
    stand_ins = tuple(
        terms if source == named else () for terms, source, named in zip(found.stand_ins, sources, found.sources, strict=True)
    )
    return BodyMap(found.kind, found.name, tuple(sources), found.markers, stand_ins)


def body_joints(rec: Recording, bmap: BodyMap) -> Float:
    """(F, 17, D) joints in the recording's units; NaN where the joint is not mapped, or a point that it needs is missing or marked and
    nothing stands in for it. Nothing does where one of its points is marked and none of them is visible: then the joint is marked.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(body17().names, 30.0, np.zeros((1, 17, 3)))
    >>> body_joints(rec, map_body(rec)).shape
    (1, 17, 3)
    """
    visible_FP = rec.visible_FP
    if bmap.markers is not None:
        joints_FJD = marker_sets.joint_centres(rec.xyz_FPD.astype(np.float64), visible_FP, bmap.markers)
    else:
        joints_FJD = np.full((rec.frames, 17, rec.dims), np.nan)
    for joint in range(len(bmap.sources)):
        for place, terms in enumerate(bmap.alternatives(joint)):
            mean_FD = _mean(rec, visible_FP, terms)
            if place == 0:
                joints_FJD[:, joint] = mean_FD
                points = [point for point, _ in terms]
                marked_F = (rec.origin_FP[:, points] == Origin.MARKED).any(axis=1) & ~visible_FP[:, points].any(axis=1)
            else:
                mean_FD[marked_F] = np.nan
                joints_FJD[:, joint] = follow_stand_in(joints_FJD[:, joint], mean_FD, rec.rate_hz)
    return joints_FJD


def points_of(bmap: BodyMap) -> tuple[int, ...]:
    """For each joint the point that is the joint itself, or -1 where it is a mean of points, computed, or not mapped.

    >>> import numpy as np, mpm_core as mpm
    >>> rec = mpm.make_recording(body17().names, 30.0, np.zeros((1, 17, 3)))
    >>> points_of(map_body(rec))[:3]
    (0, 1, 2)
    """
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
    """A marker map in which the user's markers replace those found."""
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
    if found is None:
        return None
    return BodyMap("rig", found.names.name, tuple(terms[0] if terms else () for terms in _named_alternatives(found)))


def _by_keypoints(rec: Recording) -> BodyMap | None:
    found = find_names(rec.points, "keypoints")
    if found is None:
        return None
    ranked = [from_most_visible(rec, terms) for terms in _named_alternatives(found)]
    stand_ins = tuple(terms[1:] if rec.dims == 2 else () for terms in ranked)
    return BodyMap("keypoints", found.names.name, tuple(terms[0] if terms else () for terms in ranked), stand_ins=stand_ins)


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


def _named_alternatives(found: Found) -> list[tuple[Terms, ...]]:
    """Of each joint what may make it, the best first; empty = no points of it are there."""
    names = body17().names
    alternatives: list[tuple[Terms, ...]] = [()] * 17
    for joint, point in found.limbs.items():
        alternatives[names.index(joint)] = (((point, 1.0),),)
    for joint, spelled in found.names.middle:
        alternatives[names.index(joint)] = tuple(terms for terms in map(found.terms, spelled) if terms is not None)
    return alternatives


def _with_missing_joints(rec: Recording, tree: Tree | None, sources: list[Terms]) -> list[Terms]:
    """Hip, thorax, spine and head top from other joints, where they are not mapped."""
    complete = list(sources)
    for middle, a, b in ((HIP, R_HIP, L_HIP), (THORAX, L_SHOULDER, R_SHOULDER), (SPINE, HIP, THORAX)):
        if not complete[middle] and complete[a] and complete[b]:
            complete[middle] = _blend(complete[a], complete[b], 0.5)
    if not complete[HEAD_TOP] and complete[NECK] and complete[THORAX]:
        end = head_end(tree, rec.points, complete[THORAX], complete[NECK])
        complete[HEAD_TOP] = ((end, 1.0),) if end is not None else _extrapolated_head(rec, complete)
    return complete


def _blend(a: Terms, b: Terms, share: float) -> Terms:
    """(1 - share) * a + share * b; weights of the same point are added."""
    weights: dict[int, float] = {}
    for terms, part in ((a, 1 - share), (b, share)):
        total = sum(weight for _, weight in terms)
        for point, weight in terms:
            weights[point] = weights.get(point, 0.0) + part * weight / total
    return tuple(weights.items())


def _extrapolated_head(rec: Recording, sources: list[Terms]) -> Terms:
    """A point on the line from thorax to neck, at a distance in proportion to the trunk."""
    visible_FP = rec.visible_FP
    hip_FD, thorax_FD, neck_FD = (
        (_mean(rec, visible_FP, sources[joint]) for joint in (HIP, THORAX, NECK)) if sources[HIP] else (np.empty((0, 3)),) * 3
    )
    trunk_F, neck_F = np.linalg.norm(thorax_FD - hip_FD, axis=1), np.linalg.norm(neck_FD - thorax_FD, axis=1)
    both_F = np.isfinite(trunk_F) & np.isfinite(neck_F)
    if not both_F.any() or not (neck := float(np.median(neck_F[both_F]))) > 0:
        return ()
    return _blend(sources[THORAX], sources[NECK], max(HEAD_LEAST, HEAD_REACH * float(np.median(trunk_F[both_F])) / neck))


def _nothing_fits(rec: Recording) -> MappingError:
    near = [name for name in body17().names if not get_close_matches(name, [point.lower() for point in rec.points], 1)]
    missing = f"; not found: {', '.join(near) or 'none by name, but too few agree'}" if len(near) < len(body17().names) else ""
    hierarchy = "" if rec.skeleton is None else ", and their hierarchy is not a person's"
    return MappingError(
        f"no known rig, marker set or keypoint set fits these {len(rec.points)} points{hierarchy}",
        where=rec.source.path,
        hint="say where they are on the body: `info --propose-map`, then --map; in the window Repair, Markers by motion or Body joints"
        + missing,
    )
