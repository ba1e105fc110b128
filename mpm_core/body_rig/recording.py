"""A solved body as a recording and as the rig of a BVH. F frames, J joints."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.body_rig.refine import Pose, posed
from mpm_core.body_rig.rest import BodyTree
from mpm_core.body_rig.seen_body import SeenBody
from mpm_core.recording import Origin, Recording, Source
from mpm_core.rig import Rig
from mpm_core.rigs.rotations import euler_angles
from mpm_core.skeleton import Skeleton
from mpm_core.spans import CHECKED
from mpm_core.typing import Float32, UInt8

CM = 0.01
COMPUTED = (Origin.FILLED, Origin.PREDICTED, Origin.HAND)
UP_Y_33 = np.array([[1.0, 0.0, 0.0], [0.0, 0.0, -1.0], [0.0, 1.0, 0.0]])  # Y up, as in most BVH files, to Z up
WORLD_33 = CM * UP_Y_33
TURNS, MOVES = ("Zrotation", "Xrotation", "Yrotation"), ("Xposition", "Yposition", "Zposition")


def joints_of(tree: BodyTree, seen: SeenBody) -> dict[str, str]:
    """Point of the body -> joint or End Site of the rig, for those that the take shows."""
    return {body: joint for joint, body in zip(tree.names, tree.body, strict=True) if body in seen.points}


def solved_recording(rec: Recording, tree: BodyTree, pose: Pose, seen: SeenBody) -> Recording:
    """The skeleton's joints as points, with its rig. Nothing of it is measured: see `_origins`."""
    xyz_FJ3 = posed(tree, pose)[1].astype(np.float32)
    origin_FJ, sigma_FJ = _origins(rec, tree, seen)
    joint_of = joints_of(tree, seen)
    pairs = tuple(
        (tree.names.index(name), tree.names.index("Right" + name.removeprefix("Left"))) for name in tree.names if name.startswith("Left")
    )
    source = Source(rec.source.path, "body", "cm", "y", WORLD_33, rec.source.first_frame, notes=rec.source.notes)
    made_of = f"{len(seen.markers)} markers" if seen.markers else "joints"
    solved = Recording(
        tree.names,
        rec.rate_hz,
        xyz_FJ3,
        origin_FJ,
        sigma_FJ,
        skeleton=Skeleton("body rig", tree.names, tree.parents, pairs),
        rig=body_rig(tree, pose),
        source=source,
        log=rec.log,
        spans=tuple(
            replace(span, points=tuple(joint_of[name] for name in span.points if name in joint_of))
            for span in rec.spans
            if span.source != CHECKED  # these are of the markers' samples
        ),
    )
    return solved.logged(f"solved to a skeleton from {made_of} ({seen.name})")


def _origins(rec: Recording, tree: BodyTree, seen: SeenBody) -> tuple[UInt8, Float32]:
    """(F, J) FILLED, or what the least certain of a joint's points is, if it is not measured; and the largest sigma of these points.

    The points of a joint are the markers on the segment that carries it, or, in a take of joints, the point of that name.
    """
    F, J = rec.frames, len(tree.names)
    origin_FJ, sigma_FJ = np.full((F, J), Origin.FILLED, np.uint8), np.full((F, J), np.nan, np.float32)
    for joint, parent in enumerate(tree.parents):
        carrier = tree.names[max(parent, 0)]
        names = [marker.name for marker in seen.markers if marker.segment == carrier] if seen.markers else [tree.body[joint]]
        points = [rec.points.index(name) for name in names if name in rec.points]
        if points:
            origin_FP = rec.origin_FP[:, points]
            origin_FJ[:, joint] = np.where(np.isin(origin_FP, COMPUTED), origin_FP, Origin.FILLED).max(axis=1)
            sigma_FJ[:, joint] = np.fmax.reduce(rec.sigma_FP[:, points], axis=1)
    return origin_FJ, sigma_FJ


def body_rig(tree: BodyTree, pose: Pose) -> Rig:
    """The rig and its motion as a BVH holds them: centimetres, Y up, degrees."""
    order = "".join(turn[0] for turn in TURNS)
    channels = tuple(
        () if end else ((*MOVES, *TURNS) if parent < 0 else TURNS) for end, parent in zip(tree.is_end_J, tree.parents, strict=True)
    )
    columns = [pose.root_F3 @ np.linalg.inv(WORLD_33).T]
    for joint, names in enumerate(channels):
        if names:
            columns.append(euler_angles(UP_Y_33.T @ pose.rot_FJ33[:, joint] @ UP_Y_33, order))
    return Rig(tree.names, tree.parents, tree.offsets_J3 @ UP_Y_33 / CM, channels, np.concatenate(columns, axis=1), tree.is_end_J)
