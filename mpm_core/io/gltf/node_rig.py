"""The joints of a glTF as a rig, and a rig's joints as the nodes have them. F frames, J joints, N nodes, C channels; metres, Y up.

A glTF's bones point along axes of their own and turn from there; a rig has the same rest pose, with no joint turned. Where the rig turns a
joint by R, its node is turned by `rest_parent^T R rest`, with the rotations that the two have at rest in the scene.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.errors import Malformed
from mpm_core.io.gltf.motion import PATHS, SCALE_ROUNDING, Motion, matrices, rest_of, sample
from mpm_core.io.gltf.take import SceneTake
from mpm_core.io.point_names import unique_names
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import local_motion
from mpm_core.rigs.rotations import euler_angles
from mpm_core.typing import Float

STILL = 1e-5  # metres, or parts of a quaternion: what varies less is still; programs compute in float32
ORDER = "ZXY"
PLACES, TURNS = ("Xposition", "Yposition", "Zposition"), tuple(f"{axis}rotation" for axis in ORDER)


@dataclass(frozen=True, slots=True)
class NodeRig:
    """nodes: of the rig's joints; rest_J33: their rotations in the scene at rest. numbered: a note on names that are there twice.

    above_J33, above_J3, scale_J: a place in the joint's parent's frame as the rig has it = above_3 + scale * above_33 @ the node's own.
    """

    rig: Rig
    nodes: tuple[int, ...]
    rest_J33: Float
    above_J33: Float
    above_J3: Float
    scale_J: Float
    numbered: tuple[str, ...]


def node_rig(take: SceneTake) -> NodeRig | str:
    """The rig of a take, or in words why it has none: no joint turns, or nodes are scaled by more than one constant number."""
    motion = take.motion
    sampled = {key: sample(track, take.frame_F, key[1] == "rotation") for key, track in motion.tracks.items()}
    moving = {node for (node, path), values_FW in sampled.items() if path != "scale" and np.ptp(values_FW, axis=0).max() > STILL}
    joints = _joints(motion, take.nodes, moving)
    if not any((node, "rotation") in sampled and np.ptp(sampled[node, "rotation"], axis=0).max() > STILL for node in joints):
        return "no joint turns"
    try:
        return _node_rig(take, joints, sampled)
    except Malformed as error:
        return str(error)


def _node_rig(take: SceneTake, joints: list[int], sampled: Mapping[tuple[int, str], Float]) -> NodeRig:
    motion, J = take.motion, len(joints)
    at = {node: joint for joint, node in enumerate(joints)}
    rest_J33, above_J33, above_J3, scale_J, scaled_J = np.empty((J, 3, 3)), np.empty((J, 3, 3)), np.zeros((J, 3)), np.ones(J), np.ones(J)
    offsets_J3, channels, columns = np.empty((J, 3)), [], []
    for joint, node in enumerate(joints):
        parent = motion.parents[node]
        if parent in at:
            above_J33[joint], scale_J[joint] = rest_J33[at[parent]], scaled_J[at[parent]]
        else:
            above_J33[joint], above_J3[joint], scale_J[joint] = _above(motion, parent, sampled)
        scaled_J[joint] = scale_J[joint] * _scale(motion, node, sampled)
        rest_J33[joint] = above_J33[joint] @ matrices(rest_of(motion, node)["rotation"][None])[0]
        place_F3 = above_J3[joint] + scale_J[joint] * (_values(take, node, "translation", sampled) @ above_J33[joint].T)
        turn_F33 = above_J33[joint] @ matrices(_values(take, node, "rotation", sampled)) @ rest_J33[joint].T
        still = parent in at and np.ptp(place_F3, axis=0).max() < STILL
        offsets_J3[joint] = np.median(place_F3, axis=0) if still else place_F3[0]
        channels.append(TURNS if still else (*PLACES, *TURNS))
        columns += [euler_angles(turn_F33, ORDER)] if still else [place_F3, euler_angles(turn_F33, ORDER)]
    names, numbered = unique_names({joint: motion.names[node] for joint, node in enumerate(joints)})
    if take.own is not None:
        names, numbered = tuple(take.own.points), []
    parents = tuple(at.get(motion.parents[node], -1) for node in joints)
    rig = Rig(names, parents, offsets_J3, tuple(channels), np.concatenate(columns, axis=1), np.zeros(J, bool))
    return NodeRig(rig, tuple(joints), rest_J33, above_J33, above_J3, scale_J, tuple(numbered))


def node_values(found: NodeRig, now: Rig) -> tuple[Float, Float]:
    """Translations (F, J, 3) and rotations (F, J, 4) of the nodes, float64, for a rig of the same joints with other values."""
    turn_FJ33, place_FJ3 = local_motion(now)
    back_J33 = found.above_J33.transpose(0, 2, 1)
    translation_FJ3 = ((back_J33 @ (place_FJ3 - found.above_J3)[..., None])[..., 0]) / found.scale_J[:, None]
    rotation_FJ33 = back_J33 @ turn_FJ33 @ found.rest_J33
    F, J = rotation_FJ33.shape[:2]
    return translation_FJ3, Rotation.from_matrix(rotation_FJ33.reshape(-1, 3, 3)).as_quat().reshape(F, J, 4)


def _joints(motion: Motion, nodes: list[int], moving: set[int]) -> list[int]:
    """The nodes, those between them and whatever moves above them; each is followed by the whole branch that hangs on it."""
    wanted, joints = {*nodes, *moving}, set[int]()
    for node in nodes:
        way = [node]
        while motion.parents[way[-1]] >= 0:
            way.append(motion.parents[way[-1]])
        highest = max(place for place, above in enumerate(way) if above in wanted)
        joints.update(way[: highest + 1])
    children: dict[int, list[int]] = {}
    for node in motion.order:
        if node in joints:
            children.setdefault(motion.parents[node] if motion.parents[node] in joints else -1, []).append(node)
    out, ahead = [], children[-1][::-1]
    while ahead:
        out.append(ahead.pop())
        ahead += children.get(out[-1], [])[::-1]
    return out


def _above(motion: Motion, node: int, sampled: Mapping[tuple[int, str], Float]) -> tuple[Float, Float, float]:
    """Rotation, place and scale in the scene of a node above all joints, which does not move; -1: the scene itself."""
    turn_33, place_3, scale = np.eye(3), np.zeros(3), 1.0
    while node >= 0:
        rest = rest_of(motion, node)
        own_3, own_4 = (sampled[node, path][0] if (node, path) in sampled else rest[path] for path in ("translation", "rotation"))
        own_33, own = matrices(own_4[None])[0], _scale(motion, node, sampled)
        turn_33, place_3, scale = own_33 @ turn_33, own_3 + own * (own_33 @ place_3), own * scale
        node = motion.parents[node]
    return turn_33, place_3, scale


def _values(take: SceneTake, node: int, path: str, sampled: Mapping[tuple[int, str], Float]) -> Float:
    if (node, path) in sampled:
        return sampled[node, path]
    return np.broadcast_to(rest_of(take.motion, node)[path], (len(take.frame_F), PATHS[path]))


def _scale(motion: Motion, node: int, sampled: Mapping[tuple[int, str], Float]) -> float:
    """The one number by which a node scales what hangs on it. Raises Malformed when it is several, or none."""
    values_N3 = sampled.get((node, "scale"), rest_of(motion, node)["scale"][None])
    scale = float(values_N3[0].mean())
    if not scale > 0 or np.abs(values_N3 - scale).max() > SCALE_ROUNDING * scale:
        raise Malformed(f"the node {motion.names[node]!r} is scaled by more than one constant number")
    return scale
