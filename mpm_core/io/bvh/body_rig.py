"""A rig of the body joints for takes that have positions only. Centimetres, Y up in the rig.

F frames, J = 17 joints, or 21 with toes and heels, and their tips.
"""

from __future__ import annotations

import numpy as np

from mpm_core.io.bvh.units import AXES, METRES
from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.solve import solve
from mpm_core.skeleton import Skeleton, load_skeleton
from mpm_core.typing import Float

WORLD_33 = AXES["y"] * METRES["cm"]
FOOT = {"toe": (0.0, -0.356, 0.934), "heel": (0.0, -0.785, -0.62)}  # from the ankle, of a foot flat on the floor
REST = {"right": (-1.0, 0.0, 0.0), "left": (1.0, 0.0, 0.0), "down": (0.0, -1.0, 0.0), "up": (0.0, 1.0, 0.0)}


def body_points(rec: Recording) -> tuple[int, ...] | None:
    """Where the joints of body21 are among a recording's points, or else those of body17; None when one is absent."""
    for names in (load_skeleton(known).names for known in ("body21", "body17")):
        if set(names) <= set(rec.points):
            return tuple(rec.points.index(name) for name in names)
    return None


def body_of(joints: int) -> Skeleton:
    """body21 if there are so many joints, else body17."""
    feet = load_skeleton("body21")
    return feet if joints == len(feet.names) else load_skeleton("body17")


def body_rig(xyz_FJ3: Float) -> Rig:
    """The rig whose motion follows the given positions (metres, Z up, nothing missing) of body17's or body21's joints, in their order.

    Offsets are the median bone lengths: hips and shoulders lie as they do, on median, in the frame of their girdle; limbs hang and arms
    reach out in the rest pose. A rotation is the smallest that brings the joint's children onto their places.
    """
    body = body_of(xyz_FJ3.shape[1])
    offsets = [np.zeros(3) if parent < 0 else _offset(body.names, joint, parent, xyz_FJ3) for joint, parent in enumerate(body.parents)]
    order = depth_first(body.parents)
    tips = [joint for joint in order if joint not in body.parents]
    names: list[str] = []
    parents: list[int] = []
    offsets_J3: list[Float] = []
    ends: list[bool] = []
    index_of: dict[int, int] = {}
    for joint in order:
        index_of[joint] = len(names)
        names.append(body.names[joint])
        parents.append(index_of.get(body.parents[joint], -1))
        offsets_J3.append(offsets[joint])
        ends.append(False)
        if joint in tips:
            names.append(f"{body.names[joint]}_end")
            parents.append(index_of[joint])
            offsets_J3.append(np.zeros(3))
            ends.append(True)
    turns = ("Zrotation", "Xrotation", "Yrotation")
    moves = ("Xposition", "Yposition", "Zposition")
    channels = tuple(() if end else ((*moves, *turns) if parent < 0 else turns) for parent, end in zip(parents, ends, strict=True))
    values_FC = np.zeros((len(xyz_FJ3), sum(map(len, channels))))
    rig = Rig(tuple(names), tuple(parents), np.array(offsets_J3), channels, values_FC, np.array(ends))
    targets_FP3 = np.full((len(xyz_FJ3), len(names), 3), np.nan)
    targets_FP3[:, [index_of[joint] for joint in range(len(body.names))]] = xyz_FJ3
    solved_FC = solve(rig, WORLD_33, targets_FP3, np.ones(targets_FP3.shape[:2], bool))
    return Rig(rig.names, rig.parents, rig.offsets_J3, rig.channels, solved_FC, rig.is_end_J)


def _offset(names: tuple[str, ...], joint: int, parent: int, xyz_FJ3: Float) -> Float:
    """Centimetres in the parent's frame: median place of what hangs on a girdle, median length along the rest pose for the limbs."""
    at = {name: xyz_FJ3[:, index] for index, name in enumerate(names)}
    bone_F3 = xyz_FJ3[:, joint] - xyz_FJ3[:, parent]
    length = float(np.median(np.linalg.norm(bone_F3, axis=1))) / METRES["cm"]
    girdles = {
        "hip": ("right_hip", "left_hip", at["spine"] - at["hip"]),
        "thorax": ("right_shoulder", "left_shoulder", at["neck"] - at["thorax"]),
    }
    if names[parent] in girdles:
        right, left, up_F3 = girdles[names[parent]]
        way_3 = np.median(_in_frame(at[left] - at[right], up_F3, bone_F3), axis=0)
    elif (part := names[joint].split("_")[-1]) in FOOT:
        way_3 = np.array(FOOT[part])
    else:
        side = next((side for side in ("right", "left") if names[joint].startswith(side)), "up")
        way_3 = np.array(REST["down" if "knee" in names[joint] or "ankle" in names[joint] else side])
    size = float(np.linalg.norm(way_3))
    return np.asarray(way_3 / size * length if size > 0 else np.zeros(3))


def _in_frame(left_F3: Float, up_F3: Float, vector_F3: Float) -> Float:
    """The vector in frames whose x points left and whose y is as near as can be to up."""
    forward_F3 = np.cross(left_F3, up_F3)
    axes_F33 = np.stack([left_F3, np.cross(forward_F3, left_F3), forward_F3], axis=1)
    axes_F33 /= np.maximum(np.linalg.norm(axes_F33, axis=2, keepdims=True), 1e-12)
    return np.asarray((axes_F33 @ vector_F3[..., None])[..., 0])


def depth_first(parents: tuple[int, ...]) -> list[int]:
    """The joints in the order in which a BVH lists them: each one before its children, and these in their own order."""
    order, todo = [], [0]
    while todo:
        joint = todo.pop()
        order.append(joint)
        todo += [child for child in reversed(range(len(parents))) if parents[child] == joint]
    return order
