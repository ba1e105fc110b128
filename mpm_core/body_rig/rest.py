"""The rest pose of the body rig: a T-pose of the body's own bones. F frames, J joints, End Sites included; metres.

The body stands upright, arms out to the sides with palms down, facing -Y, left towards +X, Z up. A segment's own axes are x forward,
y left, z up, for a person who stands with hanging arms (mpm_core/body/axes.py); `rest_33` has them in the rest pose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_core.body_rig.joints import AHEAD, DOWN, JOINTS, OUT, STIFF, UP, RigJoint, other_side
from mpm_core.body_rig.seen_body import SeenBody
from mpm_core.typing import Float, Mask

X, Y, Z = np.eye(3)
TRUNK_33 = np.stack([-Y, X, Z], axis=1)
ARM_33 = {"Left": np.stack([-Y, Z, -X], axis=1), "Right": np.stack([-Y, -Z, X], axis=1)}
LUMBAR_SHARE = 1 / 3  # of the way from the hip to the spine: where the trunk bends above the pelvis
COLLAR_SHARE = 1 / 6  # of the way from the base of the neck to the shoulder: where a collar bone begins
TOE_SHARE = 0.7  # of the way from the ankle to the tip of the toes: where the toes begin


@dataclass(frozen=True, slots=True, eq=False)
class BodyTree:
    """names, parents: joints depth first, -1 for the root; End Sites are `<joint>_end`. offsets_J3: from the parent in the rest pose.

    free_J: joints whose rotation is solved. rest_J33: the axes of each joint's segment in the rest pose. body: the point of the body at
    each joint, "" for none.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    offsets_J3: Float
    is_end_J: Mask
    free_J: Mask
    rest_J33: Float
    body: tuple[str, ...]


def rest_33(name: str) -> Float:
    """(3, 3) axes of a segment in the rest pose, as columns."""
    for side, axes_33 in ARM_33.items():
        if name.startswith(side) and name.removeprefix(side) in ("Arm", "ForeArm", "Hand"):
            return axes_33
    return TRUNK_33


def body_tree(seen: SeenBody, rotations: Mapping[str, Float]) -> BodyTree:
    """The rig of a body, with the joints that it shows. rotations: (F, 3, 3) of segments, by name."""
    joints = _present(seen.points)
    height = _height(seen.points)
    offsets = _offsets(seen, rotations, joints)
    offsets = {name: (offset_3 + _mirrored(offsets[other_side(name)])) / 2 for name, offset_3 in offsets.items()}
    names: list[str] = []
    parents: list[int] = []
    rows: list[Float] = []
    body: list[str] = []

    def add(joint: RigJoint, parent: int) -> None:
        here = len(names)
        names.append(joint.name)
        parents.append(parent)
        rows.append(offsets[joint.name])
        tip = seen.toe_tips and joint.name.endswith("ToeBase")
        body.append("" if tip else joint.body)
        below = [child for child in joints if child.parent == joint.name]
        for child in below:
            add(child, here)
        if not below:
            names.append(f"{joint.name}_end")
            parents.append(here)
            rows.append(_end(joint, seen, offsets, height))
            body.append(joint.body if tip else joint.end)

    add(joints[0], -1)
    is_end = np.array([name.endswith("_end") for name in names])
    turning = {joint.name for joint in joints if not joint.name.endswith(STIFF) and _turns(joint, seen.points)}
    free_J = np.array([name in turning for name in names])
    rest_J33 = np.stack([rest_33(name) for name in names])
    return BodyTree(tuple(names), tuple(parents), np.array(rows), is_end, free_J, rest_J33, tuple(body))


def _present(points: Mapping[str, Float]) -> list[RigJoint]:
    """The joints whose points are known, each with its parent; a collar bone where there is a shoulder."""
    kept: list[RigJoint] = []
    for joint in JOINTS:
        body = {"lumbar": "spine"}.get(joint.body, joint.body.replace("_collar", "_shoulder"))
        both_sides = body in points and other_side(body) in points
        if both_sides and (not joint.parent or any(joint.parent == each.name for each in kept)):
            kept.append(joint)
    return kept


def _turns(joint: RigJoint, points: Mapping[str, Float]) -> bool:
    """Whether anything beyond the joint shows how it is turned; a hand or foot without points follows what carries it."""
    shows = {"Foot": ("ankle", "toe"), "Hand": ("wrist", "hand")}
    pair = next((pair for part, pair in shows.items() if joint.name.endswith(part)), None)
    return pair is None or joint.body.replace(*pair) in points


def _offsets(seen: SeenBody, rotations: Mapping[str, Float], joints: list[RigJoint]) -> dict[str, Float]:
    """Joint -> (3,) its place in its parent's axes in the T-pose, metres: medians over the take of what was seen."""
    points, found = seen.points, {"Hips": np.zeros(3)}
    for joint in joints[1:]:
        side = "Left" if joint.name.startswith("Left") else "Right"
        part = joint.name.removeprefix(side)
        if part in ("Spine", "Spine1"):
            length = float(_median(np.linalg.norm(points["spine"] - points["hip"], axis=1)))
            found[joint.name] = (LUMBAR_SHARE if part == "Spine" else 1 - LUMBAR_SHARE) * length * Z
        elif part == "Shoulder":
            shoulder_3 = _median(_local(rotations["Spine1"], points[f"{side.lower()}_shoulder"] - points["thorax"]))
            found[joint.name] = COLLAR_SHARE * TRUNK_33 @ shoulder_3 + found["Neck"]
            found[f"{side}Arm"] = (1 - COLLAR_SHARE) * TRUNK_33 @ shoulder_3
        elif part in ("ToeBase", "Heel"):
            along_F3 = points[joint.body] - points[f"{side.lower()}_ankle"]
            share = TOE_SHARE if seen.toe_tips and part == "ToeBase" else 1.0
            found[joint.name] = share * TRUNK_33 @ _median(_local(rotations[f"{side}Foot"], along_F3))
        elif part != "Arm":
            way = {"Neck": UP, "Head": UP, "ForeArm": OUT, "Hand": OUT, "UpLeg": OUT}.get(part, DOWN)
            above = next(each for each in JOINTS if each.name == joint.parent)
            length = float(_median(np.linalg.norm(points[joint.body] - points[above.body], axis=1)))
            found[joint.name] = length * _way(way, joint.name)
    return found


def _end(joint: RigJoint, seen: SeenBody, offsets: Mapping[str, Float], height: float) -> Float:
    """Where the End Site of a leaf is: as far as the take shows it, else by the body's height."""
    points, share = seen.points, joint.share * height
    if joint.end in points:
        length = [
            float(_median(np.linalg.norm(points[end] - points[body], axis=1)))
            for end, body in ((joint.end, joint.body), (other_side(joint.end), other_side(joint.body)))
            if end in points
        ]
        share = float(np.mean(length))
    if seen.toe_tips and joint.name.endswith("ToeBase"):
        return np.asarray(offsets[joint.name] * (1 / TOE_SHARE - 1))
    if joint.name.endswith("Foot"):  # no toes: a foot that is flat while the shank is upright
        return height * np.array([0.0, -0.105, -0.04])
    return share * _way(joint.way, joint.name)


def _way(way: str, name: str) -> Float:
    return np.asarray({OUT: X if name.startswith("Left") else -X, DOWN: -Z, UP: Z, AHEAD: -Y}[way])


def _local(axes_F33: Float, vector_F3: Float) -> Float:
    return np.asarray(np.einsum("fij,fi->fj", axes_F33, vector_F3))


def _median(values: Float) -> Float:
    """Over the frames; NaN where none is known."""
    known_F = np.isfinite(values).reshape(len(values), -1).all(axis=1)
    return np.asarray(np.median(values[known_F], axis=0) if known_F.any() else np.full(values.shape[1:], np.nan))


def _mirrored(offset_3: Float) -> Float:
    return np.asarray(offset_3 * [-1.0, 1.0, 1.0])


def _height(points: Mapping[str, Float]) -> float:
    """The standing height in metres that the known bones suggest, on median."""
    found = []
    for joint in JOINTS:
        child = next((each for each in JOINTS if each.parent == joint.name and each.way == joint.way), None)
        if joint.way in (OUT, DOWN) and child is not None and joint.body in points and child.body in points:
            found.append(float(_median(np.linalg.norm(points[child.body] - points[joint.body], axis=1))) / joint.share)
    return float(np.median(found)) if found else 1.7
