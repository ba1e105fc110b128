"""Any take of a body to a skeleton of constant bones that follows it. F frames, J joints of the rig, M markers; metres, Z up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_core.body_rig.recording import joints_of, solved_recording
from mpm_core.body_rig.refine import Pose, Targets, on_segments, predicted, refined
from mpm_core.body_rig.rest import BodyTree, body_tree
from mpm_core.body_rig.seen_body import SeenBody, seen_body
from mpm_core.body_rig.segment_rotations import segment_rotations
from mpm_core.errors import DataError
from mpm_core.gaps import known, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.progress import Cancel
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.rotations import slerp
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Int, Mask

ROUNDS, ROUND_FRAMES = 8, 150  # in which the markers' places on their segments are found
JOINT_WEIGHT = 0.1  # of a joint centre computed from markers, beside the markers themselves


@dataclass(frozen=True, slots=True, eq=False)
class Residual:
    """How far the skeleton is from what was seen, (F,) metres, NaN where not seen. what: a marker, or a joint of a take of joints."""

    what: str
    segment: str
    far_F: Float


@dataclass(frozen=True, slots=True, eq=False)
class SolvedBody:
    """recording: points and rig of the skeleton, a pose in every frame. known_FJ: where markers or joints determine a joint.

    markers: how many it was solved from, 0 for a take of joints. name: of the marker set or rig that was recognised.
    joint_of: point of the body, such as "left_knee" -> joint or End Site of the rig.
    """

    recording: Recording
    known_FJ: Mask
    residuals: tuple[Residual, ...]
    markers: int
    name: str
    joint_of: Mapping[str, str]


def solve_body(rec: Recording, overrides: Mapping[str, str] | None = None, cancel: Cancel | None = None) -> SolvedBody:
    """A skeleton with constant bones, the same left and right, whose joints follow a take's markers or joints by least squares.

    The rest pose is a T-pose; every joint but the root has rotations only. A segment that is not seen keeps its rotation from before and
    after, interpolated (`known_FJ` says where). The samples are FILLED: computed, and not measured; or PREDICTED or HAND with their sigma,
    where what they follow is. overrides: as for `map_body`.
    Raises DataError for a 2D take, one without frames, or one whose bones cannot be measured; MappingError when the points are not a body;
    Cancelled.

    >>> import mpm_core as mpm
    >>> from mpm_core.resources import resource
    >>> body = solve_body(mpm.read(resource("sample/walk_reach_sit.c3d")))
    >>> body.name, body.recording.points[:3]
    ('Plug-in Gait', ('Hips', 'Spine', 'Spine1'))
    """
    if rec.frames == 0:
        raise DataError("there are no frames to solve", where=rec.source.path, hint="open a take with frames")
    seen = seen_body(rec, overrides)
    with np.errstate(invalid="ignore"):
        rotations = segment_rotations(seen, rec.frames)
        tree = body_tree(seen, rotations)
    lost = [name for name, offset_3 in zip(tree.names, tree.offsets_J3, strict=True) if not np.isfinite(offset_3).all()]
    if lost:
        raise DataError(
            f"the body's points are never seen together, or lie at one place: the bone to {lost[0]} cannot be measured",
            where=rec.source.path,
            hint="complete the take first, or check which points are which",
        )
    pose = _first_pose(tree, rotations, seen)
    at_joints, joints = _at_joints(tree, seen)
    place_M3 = tree.offsets_J3[joints]
    names, targets = _on_markers(tree, seen)
    if names:
        both = _together(targets, at_joints)
        place_M3 = np.concatenate([_places(tree, pose, both, place_M3), place_M3])
        pose = refined(tree, pose, place_M3, both, cancel=cancel)
        known_FJ = _known_by_markers(tree, targets)
    else:
        names, targets = [tree.body[joint] for joint in joints], at_joints
        pose = refined(tree, pose, place_M3, targets, cancel=cancel)
        known_FJ = _known_by_joints(tree, targets, joints)
    far_FM = np.linalg.norm(predicted(tree, pose, place_M3[: len(names)], targets.segment_M) - targets.xyz_FM3, axis=2)
    residuals = [
        Residual(name, tree.names[segment], far_F) for name, segment, far_F in zip(names, targets.segment_M, far_FM.T, strict=True)
    ]
    solved = solved_recording(rec, tree, pose, seen)
    return SolvedBody(solved, known_FJ, tuple(residuals), len(seen.markers), seen.name, joints_of(tree, seen))


def with_gaps(body: SolvedBody) -> Recording:
    """The joints as points without a rig, missing where nothing determines them, for formats that can hold gaps."""
    rec = body.recording
    missing_FJ = ~body.known_FJ
    samples = rec.samples.having(
        xyz=np.where(missing_FJ[..., None], np.float32(np.nan), rec.xyz_FPD),
        origin=np.where(missing_FJ, np.uint8(Origin.MISSING), rec.origin_FP),
    )
    return rec.with_samples(samples, rig=None)


def body_points(rec: Recording) -> tuple[int, ...] | None:
    """Where the joints of body21 are among a recording's points, or else those of body17; None when one is absent."""
    for names in (load_skeleton(name).names for name in ("body21", "body17")):
        if set(names) <= set(rec.points):
            return tuple(rec.points.index(name) for name in names)
    return None


def _places(tree: BodyTree, pose: Pose, both: Targets, points_M3: Float) -> Float:
    """(M, 3) the markers' places on their segments: measured in the present pose, which is then refined with them, and so on.

    both: the markers, then the joints, whose places are points_M3.
    """
    count = len(both.segment_M) - len(points_M3)
    seen_F = np.flatnonzero(both.seen_FM[:, :count].sum(axis=1) * 2 >= count)
    rows = seen_F[subsample(len(seen_F), ROUND_FRAMES)] if len(seen_F) else np.arange(len(pose.root_F3))
    some, targets = pose.at(rows), both.at(rows)
    for _ in range(ROUNDS):
        place_M3 = on_segments(tree, some, targets)[:count]
        some = refined(tree, some, np.concatenate([place_M3, points_M3]), targets, steps=2)
    place_M3 = on_segments(tree, some, targets)[:count]
    return np.where(np.isfinite(place_M3), place_M3, on_segments(tree, pose, both)[:count])


def _first_pose(tree: BodyTree, rotations: Mapping[str, Float], seen: SeenBody) -> Pose:
    """Rotations by the segments' axes, interpolated where these are not known, and the root where the hips are."""
    F = len(seen.points["hip"])
    rot_FJ33 = np.broadcast_to(np.eye(3), (F, len(tree.names), 3, 3)).copy()
    world_FJ33 = rot_FJ33.copy()
    for joint, (name, parent) in enumerate(zip(tree.names, tree.parents, strict=True)):
        above_F33 = world_FJ33[:, parent] if parent >= 0 else np.broadcast_to(np.eye(3), (F, 3, 3))
        if tree.free_J[joint]:
            local_F33 = above_F33.transpose(0, 2, 1) @ (rotations[name] @ tree.rest_J33[joint].T)
            rot_FJ33[:, joint] = _interpolated(local_F33)
        world_FJ33[:, joint] = above_F33 @ rot_FJ33[:, joint]
    hip_F3 = seen.points["hip"].copy()
    frames = np.flatnonzero(known(hip_F3))
    for axis in range(3):
        hip_F3[:, axis] = np.interp(np.arange(F), frames, hip_F3[frames, axis])
    return Pose(rot_FJ33, hip_F3)


def _interpolated(rot_F33: Float) -> Float:
    """Rotations with those that are NaN between the nearest known ones; none is known: not turned."""
    known_F: Mask = np.asarray(np.isfinite(rot_F33).all(axis=(1, 2)))
    out_F33 = np.where(known_F[:, None, None], rot_F33, np.eye(3))
    if not known_F.any():
        return out_F33
    for start, stop in runs(~known_F):
        before, after = (rot_F33[start - 1] if start else rot_F33[stop]), (rot_F33[stop] if stop < len(rot_F33) else rot_F33[start - 1])
        out_F33[start:stop] = slerp(before, after, np.arange(1, stop - start + 1) / (stop - start + 1))
    return out_F33


def _at_joints(tree: BodyTree, seen: SeenBody) -> tuple[Targets, Int]:
    """The body's points as targets, and the joints and End Sites at which they are; each is carried by the segment above it."""
    joints = np.array([joint for joint, body in enumerate(tree.body) if body in seen.points])
    xyz_FM3 = np.stack([seen.points[tree.body[joint]] for joint in joints], axis=1)
    return Targets(xyz_FM3, np.maximum(np.array(tree.parents)[joints], 0), np.ones(len(joints))), joints


def _on_markers(tree: BodyTree, seen: SeenBody) -> tuple[list[str], Targets]:
    carried = [marker for marker in seen.markers if marker.segment in tree.names and known(marker.xyz_F3).any()]
    segment_M = np.array([tree.names.index(marker.segment) for marker in carried], np.int64)
    xyz_FM3 = np.stack([marker.xyz_F3 for marker in carried], axis=1) if carried else np.zeros((len(seen.points["hip"]), 0, 3))
    targets = Targets(xyz_FM3, segment_M, np.ones(len(carried)))
    return [marker.name for marker in carried], targets


def _together(markers: Targets, joints: Targets) -> Targets:
    return Targets(
        np.concatenate([markers.xyz_FM3, joints.xyz_FM3], axis=1),
        np.concatenate([markers.segment_M, joints.segment_M]),
        np.concatenate([markers.weight_M, JOINT_WEIGHT * joints.weight_M]),
    )


def _known_by_joints(tree: BodyTree, targets: Targets, joints: Int) -> Mask:
    """(F, J) where a joint is seen; one that no point shows follows the joint above it."""
    known_FJ = np.zeros((len(targets.xyz_FM3), len(tree.names)), bool)
    for joint, parent in enumerate(tree.parents):
        at = np.flatnonzero(joints == joint)
        known_FJ[:, joint] = targets.seen_FM[:, at[0]] if len(at) else known_FJ[:, parent]
    return known_FJ


def _known_by_markers(tree: BodyTree, targets: Targets) -> Mask:
    """(F, J) where a marker is seen on the segment that carries a joint, or two on its own; a segment without markers counts as seen."""
    count_FJ = np.stack([targets.seen_FM[:, targets.segment_M == joint].sum(axis=1) for joint in range(len(tree.names))], axis=1)
    bare_J = ~np.isin(np.arange(len(tree.names)), targets.segment_M)
    known_FJ = count_FJ >= 2
    for joint, parent in enumerate(tree.parents):
        if parent >= 0:
            known_FJ[:, joint] |= known_FJ[:, parent] & (bare_J[parent] | (count_FJ[:, parent] > 0))
    return known_FJ
