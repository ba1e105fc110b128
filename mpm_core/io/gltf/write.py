"""A recording to a glTF scene: nodes, an animation, a skin and a visible body. F frames, P points, J nodes of the skeleton.

What glTF has no place for (names, rate, first frame) is written under asset.extras, for reading back; other programs ignore that.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mpm_core.errors import FormatError
from mpm_core.io.bone_mesh import bone_mesh
from mpm_core.io.gltf.binary import OWN, Binary
from mpm_core.io.gltf.mesh import add_bones, marker_mesh
from mpm_core.io.plausible import refuse_2d
from mpm_core.io.posed import TO_FILE_33, Posed, posed_of, with_constant_bones
from mpm_core.recording import Recording
from mpm_core.typing import Int, Mask

MOST_POINTS = 5000


def file_bytes(rec: Recording, where: str, embedded: bool) -> bytes:
    """The whole file. Raises FormatError for 2D takes and takes without frames or points."""
    refuse_2d(rec, "glTF", where)
    if not rec.frames or not 0 < len(rec.points) <= MOST_POINTS:
        what = f"this take has {rec.frames} frames and {len(rec.points)} points"
        raise FormatError(f"a glTF needs frames and points; {what}", where=where, hint=f"1 to {MOST_POINTS} points")
    rec = with_constant_bones(rec)
    posed = posed_of(rec)
    binary = Binary()
    doc, nodes = _skeleton_scene(posed, rec, binary) if posed is not None else _marker_scene(rec, binary)
    parents = rec.skeleton.parents if rec.skeleton is not None and rec.skeleton.names == rec.points else None
    own = {"rate_hz": rec.rate_hz, "first_frame": rec.source.first_frame, "frames": rec.frames, "points": rec.points}
    own |= {"parents": parents, "nodes": nodes, "whole": posed is not None, "rig": posed is not None and rec.rig is not None}
    asset = {"version": "2.0", "generator": "mpm-studio", "extras": {OWN: own}}
    return binary.file({"asset": asset, "scene": 0, **doc}, embedded)


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
    doc |= add_bones(binary, bone_mesh(posed.rest_place_J3, posed.rest_turn_J4, posed.parents), first_joint=1)
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
