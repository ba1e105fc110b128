"""Node transforms of a glTF animation at given times. F frames, K keys, N nodes; metres, Y up; quaternions x, y, z, w.

Interpolation as the specification gives it (glTF 2.0, appendix C): STEP, LINEAR (slerp for rotations) and CUBICSPLINE; before the first key
and after the last one the nearest key holds.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.errors import Malformed, reason
from mpm_core.io.gltf.binary import Scene, whole
from mpm_core.typing import Float, Int

PATHS = {"translation": 3, "rotation": 4, "scale": 3}
CHUNK_MATRICES = 1 << 17  # bounds the memory of a long animation's transforms
MAX_NODES = 20_000
WAYS = ("STEP", "LINEAR", "CUBICSPLINE")
ON_THE_GRID = 0.1  # frames: how far a key's time may lie from the frame that it means
SCALE_ROUNDING = 1e-5


@dataclass(frozen=True, slots=True)
class Track:
    """One channel. times_K: seconds, or frames after `in_frames`; values: (K, width), or for CUBICSPLINE (K, 3, width), with the tangents
    (by the same unit of time) around the value.
    """

    times_K: Float
    values: Float
    interpolation: str


@dataclass(frozen=True, slots=True)
class Motion:
    """parents: -1 for a root; order: parents before children; tracks: (node, path) -> Track; rest: TRS or matrix of each node."""

    names: tuple[str, ...]
    parents: tuple[int, ...]
    order: tuple[int, ...]
    rest: tuple[dict[str, Any], ...]
    tracks: dict[tuple[int, str], Track]


def motion_of(scene: Scene, animation: dict[str, Any]) -> Motion:
    """Raises FormatError when nodes form no tree or a channel is broken."""
    nodes = scene.table("nodes")
    if not 0 < len(nodes) <= MAX_NODES:
        raise scene.broken(f"the file has {len(nodes)} nodes")
    parents = [-1] * len(nodes)
    for index, node in enumerate(nodes):
        children = node.get("children", [])
        if not isinstance(children, list):
            raise scene.broken(f"the children of node {index} are not a list")
        for child in children:
            if not isinstance(child, int) or not 0 <= child < len(nodes) or parents[child] >= 0:
                raise scene.broken(f"the child {child!r} of node {index} is not there, or has another parent too")
            parents[child] = index
    order = [index for index, parent in enumerate(parents) if parent < 0]
    for index in order:
        order += nodes[index].get("children", [])
    if len(order) != len(nodes):
        raise scene.broken("the nodes form a ring")
    names = tuple(str(node.get("name") or f"node_{index}") for index, node in enumerate(nodes))
    rest = tuple(_rest(scene, node, index) for index, node in enumerate(nodes))
    motion = Motion(names, tuple(parents), tuple(order), rest, _tracks(scene, animation, len(nodes)))
    moving = {node for node, _ in motion.tracks if "matrix" in rest[node]}
    try:
        return replace(motion, rest=tuple(rest_of(motion, node) if node in moving else each for node, each in enumerate(rest)))
    except Malformed as error:
        raise scene.broken(str(error)) from error


def _rest(scene: Scene, node: dict[str, Any], index: int) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for path, width in (("translation", 3), ("rotation", 4), ("scale", 3), ("matrix", 16)):
        if path in node:
            try:
                out[path] = np.array([float(value) for value in node[path]])
            except (TypeError, ValueError, OverflowError) as error:
                raise scene.broken(f"the {path} of node {index} is not a list of numbers") from error
            if out[path].shape != (width,) or not np.isfinite(out[path]).all():
                raise scene.broken(f"the {path} of node {index} is not {width} numbers")
    return out


def _tracks(scene: Scene, animation: dict[str, Any], nodes: int) -> dict[tuple[int, str], Track]:
    out: dict[tuple[int, str], Track] = {}
    try:
        for channel in animation["channels"]:
            node, path = channel["target"].get("node"), channel["target"]["path"]
            if not isinstance(path, str):
                raise Malformed(f"the path {path!r} is not text")
            if node is None or whole(node) >= nodes or path not in PATHS:
                continue
            sampler = animation["samplers"][whole(channel["sampler"])]
            times_K, values = scene.array(sampler["input"])[:, 0], scene.array(sampler["output"])
            interpolation = sampler.get("interpolation", "LINEAR")
            if interpolation not in WAYS:
                raise Malformed(f"the interpolation {interpolation!r} is not one of {', '.join(WAYS)}")
            per_key = 3 if interpolation == "CUBICSPLINE" else 1
            fits = len(values) == per_key * len(times_K) and values.shape[1] == PATHS[path] and len(times_K) > 0
            if not (fits and np.isfinite(values).all() and np.isfinite(times_K).all() and (np.diff(times_K) > 0).all()):
                raise Malformed(f"the {path} keys of node {node} do not fit together")
            out[node, path] = Track(times_K, values.reshape(len(times_K), 3, -1) if per_key == 3 else values, interpolation)
    except (KeyError, IndexError, TypeError, ValueError, AttributeError) as error:
        raise scene.broken(f"a channel of the animation cannot be read ({reason(error)})") from error
    return out


def rest_of(motion: Motion, node: int) -> dict[str, Any]:
    """Translation, rotation and scale of a node at rest. Raises Malformed for a matrix that is not made of these."""
    rest = motion.rest[node]
    if "matrix" not in rest:
        return {"translation": np.zeros(3), "rotation": np.array([0.0, 0.0, 0.0, 1.0]), "scale": np.ones(3), **rest}
    linear_33 = rest["matrix"].reshape(4, 4).T[:3, :3]
    scale_3 = np.linalg.norm(linear_33, axis=0)
    turn_33 = linear_33 / np.where(scale_3 > 0, scale_3, 1.0)
    if not np.allclose(turn_33.T @ turn_33, np.eye(3), atol=SCALE_ROUNDING) or np.linalg.det(turn_33) < 0:
        raise Malformed(f"the matrix of the node {motion.names[node]!r} does more than turn, place and scale")
    return {"translation": rest["matrix"][12:15], "rotation": Rotation.from_matrix(turn_33).as_quat(), "scale": scale_3}


def in_frames(motion: Motion, start_s: float, rate_hz: float, tolerance: float) -> Motion:
    """The motion with the times of its keys in frames from start_s on; those within a tolerance (in frames) of a frame are that frame."""
    tracks = {}
    for key, track in motion.tracks.items():
        per_frame = np.array([[1 / rate_hz], [1.0], [1 / rate_hz]])  # of tangents
        values = track.values * per_frame if track.interpolation == "CUBICSPLINE" else track.values
        tracks[key] = Track(on_grid((track.times_K - start_s) * rate_hz, tolerance), values, track.interpolation)
    return replace(motion, tracks=tracks)


def on_grid(key_K: Float, tolerance: float) -> Float:
    """Times of keys, in frames: those within a tolerance of a frame are that frame, unless two keys would be the same one."""
    near_K = np.rint(key_K)
    grid_K = np.where(np.abs(key_K - near_K) <= tolerance, near_K, key_K)
    return grid_K if (np.diff(grid_K) > 0).all() else key_K


def positions(motion: Motion, chosen: list[int], frame_F: Float) -> Float:
    """(F, P, 3) places of the chosen nodes at the given frames, of a motion in frames."""
    out_FP3 = np.empty((len(frame_F), len(chosen), 3))
    needed = _with_ancestors(motion, chosen)
    for rows in _chunks(len(frame_F), max(1, CHUNK_MATRICES // max(len(needed), 1))):
        world: dict[int, Float] = {}
        for node in motion.order:
            if node in needed:
                local_F44 = _local(motion, node, frame_F[rows])
                parent = motion.parents[node]
                world[node] = local_F44 if parent < 0 else world[parent] @ local_F44
        for column, node in enumerate(chosen):
            out_FP3[rows, column] = world[node][:, :3, 3]
    return out_FP3


def _with_ancestors(motion: Motion, chosen: list[int]) -> set[int]:
    needed: set[int] = set()
    for node in chosen:
        while node >= 0 and node not in needed:
            needed.add(node)
            node = motion.parents[node]
    return needed


def _local(motion: Motion, node: int, frame_F: Float) -> Float:
    out_F44 = np.zeros((len(frame_F), 4, 4))
    if "matrix" in motion.rest[node]:  # then no track moves it
        out_F44[:] = motion.rest[node]["matrix"].reshape(4, 4).T
        return out_F44
    values, rest = {}, rest_of(motion, node)
    for path, width in PATHS.items():
        track = motion.tracks.get((node, path))
        still = np.broadcast_to(rest[path], (len(frame_F), width))
        values[path] = still if track is None else sample(track, frame_F, path == "rotation")
    out_F44[:, :3, :3] = matrices(values["rotation"]) * values["scale"][:, None, :]
    out_F44[:, :3, 3] = values["translation"]
    out_F44[:, 3, 3] = 1.0
    return out_F44


def sample(track: Track, frame_F: Float, turns: bool) -> Float:
    """(F, width) of a track, whose times are in frames, at frames. A key that lies at one comes back exactly."""
    key_K = track.times_K
    after_F = np.searchsorted(key_K, frame_F, side="right").clip(1, max(len(key_K) - 1, 1))
    before_F = after_F - 1
    if len(key_K) == 1:
        after_F = before_F
    span_F = key_K[after_F] - key_K[before_F]
    share_F1 = ((frame_F - key_K[before_F]) / np.where(span_F > 0, span_F, 1)).clip(0, 1)[:, None]
    if track.interpolation == "CUBICSPLINE":
        out_FW = _hermite(track.values, before_F, after_F, share_F1, span_F[:, None])
        return _unit(out_FW) if turns else out_FW
    low_FW, high_FW = track.values[before_F], track.values[after_F]
    if track.interpolation == "STEP":
        return np.asarray(np.where(share_F1 >= 1, high_FW, low_FW))
    if turns:
        return _slerp(_unit(low_FW), _unit(high_FW), share_F1)
    return np.asarray(np.where(share_F1 >= 1, high_FW, low_FW + share_F1 * (high_FW - low_FW)))


def _hermite(values_K3W: Float, before_F: Int, after_F: Int, t: Float, span: Float) -> Float:
    p0, m0 = values_K3W[before_F, 1], values_K3W[before_F, 2] * span
    p1, m1 = values_K3W[after_F, 1], values_K3W[after_F, 0] * span
    return np.asarray((2 * t**3 - 3 * t**2 + 1) * p0 + (t**3 - 2 * t**2 + t) * m0 + (3 * t**2 - 2 * t**3) * p1 + (t**3 - t**2) * m1)


def _slerp(low_F4: Float, high_F4: Float, share_F1: Float) -> Float:
    dot_F1 = (low_F4 * high_F4).sum(axis=1, keepdims=True)
    high_F4 = np.where(dot_F1 < 0, -high_F4, high_F4)
    angle_F1 = np.arccos(np.abs(dot_F1).clip(0, 1))
    near_F1 = angle_F1 < 1e-6
    size_F1 = np.where(near_F1, 1.0, np.sin(angle_F1))
    low_share = np.where(near_F1, 1 - share_F1, np.sin((1 - share_F1) * angle_F1) / size_F1)
    high_share = np.where(near_F1, share_F1, np.sin(share_F1 * angle_F1) / size_F1)
    return _unit(low_share * low_F4 + high_share * high_F4)


def _unit(quaternion_F4: Float) -> Float:
    size_F1 = np.linalg.norm(quaternion_F4, axis=1, keepdims=True)
    return np.where(size_F1 > 1e-12, quaternion_F4 / np.where(size_F1 > 1e-12, size_F1, 1), [0.0, 0.0, 0.0, 1.0])


def matrices(quaternion_F4: Float) -> Float:
    """(F, 3, 3) rotations of x, y, z, w."""
    x, y, z, w = _unit(quaternion_F4).T
    rows = [
        [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
        [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
        [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
    ]
    return np.moveaxis(np.array(rows), 2, 0)


def _chunks(frames: int, size: int) -> Iterator[slice]:
    for start in range(0, frames, size):
        yield slice(start, min(start + size, frames))
