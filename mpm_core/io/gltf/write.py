"""A recording to a glTF scene: nodes, an animation, a skin and a visible body. F frames, P points, J nodes of the skeleton.

What glTF has no place for (names, rate, first frame) is written under asset.extras, for reading back; other programs ignore that.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from mpm_core.body_rig.solve import body_points, solve_body
from mpm_core.errors import FormatError
from mpm_core.io.bvh.current_rig import current_rig
from mpm_core.io.conventions import TO_UP
from mpm_core.io.gltf.binary import OWN, Binary
from mpm_core.io.gltf.mesh import add_bones, marker_mesh
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import forward_kinematics
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Int, Mask

TO_FILE_33 = np.array(TO_UP["y"], np.float64).T  # metres, Z up, to metres, Y up: axes and signs only, so no bit is lost
MOST_POINTS = 5000
ROUNDING_M = 5e-6


@dataclass(frozen=True, slots=True)
class Posed:
    """Joints to be written, one node each: in the parent's frame, metres, Y up. parents: -1 for a root.

    rest_turn_J4, rest_place_J3: the rest pose, in which the skin is bound: a rig's without rotations, else the first frame.
    """

    names: tuple[str, ...]
    parents: tuple[int, ...]
    turn_FJ4: Float
    place_FJ3: Float
    rest_turn_J4: Float
    rest_place_J3: Float


def file_bytes(rec: Recording, where: str, embedded: bool) -> bytes:
    """The whole file. Raises FormatError for 2D takes and takes without frames or points."""
    if rec.dims != 3:
        raise FormatError("glTF holds 3D only", where=where, hint="lift the take first")
    if not rec.frames or not 0 < len(rec.points) <= MOST_POINTS:
        what = f"this take has {rec.frames} frames and {len(rec.points)} points"
        raise FormatError(f"a glTF needs frames and points; {what}", where=where, hint=f"1 to {MOST_POINTS} points")
    whole = bool(np.isfinite(rec.xyz_FPD).all())
    if whole and rec.rig is None and body_points(rec) is not None and not (rec.origin_FP == Origin.MEASURED).any():
        rec = solve_body(rec).recording  # nothing measured has to stay at its place, so bones may keep their lengths
    posed = _posed(rec) if whole and (rec.rig is not None or rec.skeleton is not None or body_points(rec) is not None) else None
    binary = Binary()
    doc, nodes = _skeleton_scene(posed, rec, binary) if posed is not None else _marker_scene(rec, binary)
    parents = rec.skeleton.parents if rec.skeleton is not None and rec.skeleton.names == rec.points else None
    own = {"rate_hz": rec.rate_hz, "first_frame": rec.source.first_frame, "frames": rec.frames, "points": rec.points}
    own |= {"parents": parents, "nodes": nodes, "whole": posed is not None}
    asset = {"version": "2.0", "generator": "mpm-studio", "extras": {OWN: own}}
    return binary.file({"asset": asset, "scene": 0, **doc}, embedded)


def _posed(rec: Recording) -> Posed:
    """The skeleton's joints: rotations from the rig (the body rig for body joints), and every place where its point is."""
    file_FP3 = rec.xyz_FPD.astype(np.float64) @ TO_FILE_33.T
    P = len(rec.points)
    if rec.rig is not None and rec.rig.names == rec.points and len(rec.rig.values_FC) == rec.frames:
        rig, world_33 = current_rig(rec, rec.rig), rec.source.file_to_world_33
        return _at_rest(_placed(rec.points, rig.parents, _turns(rig, world_33, range(P)), file_FP3))
    at = body_points(rec)
    if at is not None and len(at) == P:
        solved, body = solve_body(rec), load_skeleton("body21")
        assert solved.recording.rig is not None
        above = [body.parents[body.names.index(name)] for name in rec.points]
        parents = tuple(rec.points.index(body.names[parent]) if parent >= 0 else -1 for parent in above)
        joints = [solved.recording.points.index(solved.joint_of[name]) for name in rec.points]
        return _placed(rec.points, parents, _turns(solved.recording.rig, solved.recording.source.file_to_world_33, joints), file_FP3)
    parents = rec.skeleton.parents if rec.skeleton is not None and rec.skeleton.names == rec.points else (-1,) * P
    still_FP33 = np.broadcast_to(np.eye(3), (rec.frames, P, 3, 3))
    return _placed(rec.points, parents, still_FP33, file_FP3)


def _turns(rig: Rig, world_33: Float, joints: Any) -> Float:
    """(F, P, 3, 3) rotations of a rig's joints in the scene's axes; at rest, none is turned."""
    axes_33 = TO_FILE_33 @ world_33
    axes_33 = axes_33 / np.cbrt(np.linalg.det(axes_33))
    return np.asarray(axes_33 @ forward_kinematics(rig)[0][:, list(joints)] @ axes_33.T)


def _placed(names: tuple[str, ...], parents: tuple[int, ...], turn_FJ33: Float, xyz_FJ3: Float) -> Posed:
    """Each joint in its parent's frame. A bone whose place there differs by rounding only has one place."""
    F, J = xyz_FJ3.shape[:2]
    turn_FJ4, place_FJ3 = np.empty((F, J, 4)), np.empty((F, J, 3))
    for joint, parent in enumerate(parents):
        own_F33, from_F3 = turn_FJ33[:, joint], xyz_FJ3[:, joint]
        if parent >= 0:
            back_F33 = turn_FJ33[:, parent].transpose(0, 2, 1)
            own_F33 = back_F33 @ own_F33
            from_F3 = (back_F33 @ (from_F3 - xyz_FJ3[:, parent])[..., None])[..., 0]
        quaternion_F4 = Rotation.from_matrix(own_F33).as_quat()
        flips_F = np.cumprod(np.where((quaternion_F4[1:] * quaternion_F4[:-1]).sum(axis=1) < 0, -1.0, 1.0))
        quaternion_F4[1:] *= flips_F[:, None]
        same = parent >= 0 and np.ptp(from_F3, axis=0).max() < ROUNDING_M
        turn_FJ4[:, joint], place_FJ3[:, joint] = quaternion_F4, np.median(from_F3, axis=0) if same else from_F3
    return Posed(names, parents, turn_FJ4, place_FJ3, turn_FJ4[0], place_FJ3[0])


def _at_rest(posed: Posed) -> Posed:
    """With a rest pose in which no joint is turned; a single root is above the origin, the lowest joint at height 0."""
    rest_J4 = np.zeros_like(posed.turn_FJ4[0])
    rest_J4[:, 3] = 1.0
    place_J3 = posed.place_FJ3[0].copy()
    if sum(parent < 0 for parent in posed.parents) == 1:
        place_J3[0] = 0.0
        place_J3[0, 1] = -_summed(place_J3, posed.parents)[:, 1].min()
    return replace(posed, rest_turn_J4=rest_J4, rest_place_J3=place_J3)


def _summed(place_J3: Float, parents: tuple[int, ...]) -> Float:
    """(J, 3) places of joints of which none is turned."""
    out_J3 = place_J3.copy()
    for joint, parent in enumerate(parents):
        if parent >= 0:
            out_J3[joint] += out_J3[parent]
    return out_J3


def _skeleton_scene(posed: Posed, rec: Recording, binary: Binary) -> tuple[dict[str, Any], list[int]]:
    """Node 0 is the skeleton's own root, nodes 1 to P the points, the last one the visible body."""
    P = len(posed.names)
    times = binary.add(np.arange(rec.frames) / rec.rate_hz, bounds=True)
    nodes: list[dict[str, Any]] = [{"name": "take", "children": [1 + j for j, parent in enumerate(posed.parents) if parent < 0]}]
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    for joint, name in enumerate(posed.names):
        turn_F4, place_F3 = posed.turn_FJ4[:, joint], posed.place_FJ3[:, joint]
        rest_3, rest_4 = posed.rest_place_J3[joint], posed.rest_turn_J4[joint]
        node: dict[str, Any] = {"name": name, "translation": _list(rest_3), "rotation": _list(rest_4)}
        children = [1 + child for child, parent in enumerate(posed.parents) if parent == joint]
        nodes.append({**node, "children": children} if children else node)
        for path, values_FW, rest in (("translation", place_F3, rest_3), ("rotation", turn_F4, rest_4)):
            if (values_FW != rest).any():
                channels.append({"sampler": len(samplers), "target": {"node": 1 + joint, "path": path}})
                samplers.append({"input": times, "output": binary.add(values_FW), "interpolation": "LINEAR"})
    if not channels:  # nothing moves
        channels.append({"sampler": 0, "target": {"node": 1, "path": "translation"}})
        samplers.append({"input": times, "output": binary.add(posed.place_FJ3[:, 0]), "interpolation": "LINEAR"})
    doc: dict[str, Any] = {"animations": [{"name": "take", "channels": channels, "samplers": samplers}]}
    doc |= add_bones(binary, posed.rest_place_J3, posed.rest_turn_J4, posed.parents, first_joint=1)
    nodes.append({"name": "body", "mesh": 0, "skin": 0})
    return {**doc, "nodes": nodes, "scenes": [{"nodes": [0, 1 + P]}]}, list(range(1, 1 + P))


def _marker_scene(rec: Recording, binary: Binary) -> tuple[dict[str, Any], list[int]]:
    """A node for each point, keyed where it is known and drawn at no size while it is missing."""
    file_FP3 = rec.xyz_FPD @ TO_FILE_33.T.astype(np.float32)
    known_FP: Mask = np.asarray(np.isfinite(file_FP3).all(axis=2))
    nodes: list[dict[str, Any]] = [{"name": "take", "children": list(range(1, 1 + len(rec.points)))}]
    samplers: list[dict[str, Any]] = []
    channels: list[dict[str, Any]] = []
    inputs: dict[bytes, int] = {}

    def times(frames: Int) -> int:
        if frames.tobytes() not in inputs:
            inputs[frames.tobytes()] = binary.add(frames / rec.rate_hz, bounds=True)
        return inputs[frames.tobytes()]

    def key(node: int, path: str, frames: Int, values: NDArray[Any], interpolation: str) -> None:
        channels.append({"sampler": len(samplers), "target": {"node": node, "path": path}})
        samplers.append({"input": times(frames), "output": binary.add(values), "interpolation": interpolation})

    for point, name in enumerate(rec.points):
        known_F = known_FP[:, point]
        frames = np.flatnonzero(known_F)
        node: dict[str, Any] = {"name": name, "mesh": 0}
        if len(frames):
            node["translation"] = _list(file_FP3[frames[0], point])
            key(1 + point, "translation", frames, file_FP3[frames, point], "LINEAR")
        else:
            key(1 + point, "translation", np.zeros(1, np.int64), np.zeros((1, 3), np.float32), "STEP")
        if not known_F.all():
            turns = np.flatnonzero(np.diff(known_F, prepend=not known_F[0]))
            key(1 + point, "scale", turns, np.repeat(known_F[turns].astype(np.float32)[:, None], 3, axis=1), "STEP")
        nodes.append(node)
    doc = {"animations": [{"name": "take", "channels": channels, "samplers": samplers}], **marker_mesh(binary)}
    return {**doc, "nodes": nodes, "scenes": [{"nodes": [0]}]}, list(range(1, 1 + len(rec.points)))


def _list(values: NDArray[Any]) -> list[float]:
    return [float(value) for value in np.asarray(values, np.float32)]
