"""Keys of a glTF's tracks as the file stores them: read to the bit, changed in place, and written anew.

F frames, K keys, W numbers of one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpm_core.errors import Malformed
from mpm_core.io.gltf.binary import FLOAT, Binary
from mpm_core.io.gltf.motion import PATHS, Motion, Track, rest_of, sample
from mpm_core.io.gltf.sharing import byte_range, item_size, stride
from mpm_core.io.gltf.take import SceneTake
from mpm_core.typing import Float, Float32, Mask


def stored_keys(take: SceneTake, node: int, path: str, position_F: Float) -> Float32:
    """(F, W) of a node at positions in time, counted in frames of the file: the bits of its key where there is one, else interpolated."""
    track = take.motion.tracks.get((node, path))
    if track is None:
        return np.broadcast_to(rest_of(take.motion, node)[path].astype(np.float32), (len(position_F), PATHS[path])).copy()
    values_FW = sample(track, position_F, path == "rotation").astype(np.float32)
    at_F = np.searchsorted(track.times_K, position_F).clip(0, len(track.times_K) - 1)
    on_F = track.times_K[at_F] == position_F
    values_FW[on_F] = key_values(track)[at_F[on_F]]
    return values_FW


def key_values(track: Track) -> Float:
    """(K, W) the values of a track's keys, without tangents."""
    return np.asarray(track.values[:, 1] if track.interpolation == "CUBICSPLINE" else track.values)


def key_times(take: SceneTake, node: int, path: str) -> Float32:
    """(F,) seconds of a key in each frame: those of the track's own keys, and of the frames where it has none.

    Raises Malformed when a key of the track lies in no frame, or when float32 does not hold the seconds of all frames.
    """
    times_F = (take.start_s + take.frame_F / take.rate_hz).astype(np.float32)
    if (node, path) in take.tracks:
        frame_K = take.motion.tracks[node, path].times_K
        if not np.isin(frame_K, take.frame_F).all():
            raise Malformed(f"keys of the {path} of the node {take.motion.names[node]!r} lie between the frames, and would be lost")
        times_F[frame_K.astype(np.int64)] = take.tracks[node, path].times_K
    if not (np.diff(times_F) > 0).all():
        raise Malformed("the take is so late in its file's time line that its frames have no times of their own")
    return times_F


def patch_keys(
    doc: dict[str, Any], binary: Binary, animation: int, node: int, path: str, key_FW: Float32, changed_F: Mask, lone: set[int]
) -> bool:
    """Write the changed keys of a track that has one in each frame over those in the buffer. lone: as `lone_arrays` has it.

    False where its numbers are not float32, or something else in the file uses them too.
    """
    channel = _channel(doc, animation, node, path)
    if channel is None:
        return False
    sampler = doc["animations"][animation]["samplers"][channel["sampler"]]
    accessor = doc["accessors"][sampler["output"]]
    used = [each.get("sampler") for each in doc["animations"][animation]["channels"]]
    plain = accessor["componentType"] == FLOAT and "sparse" not in accessor and sampler.get("interpolation") != "CUBICSPLINE"
    if not (plain and sampler["output"] in lone and used.count(channel["sampler"]) == 1):
        return False
    size, step, start = item_size(accessor), stride(doc, accessor), byte_range(doc, sampler["output"])[0]
    for frame in np.flatnonzero(changed_F).tolist():
        binary.data[start + step * frame : start + step * frame + size] = key_FW[frame].astype("<f4").tobytes()
    for bound in ("min", "max"):
        accessor.pop(bound, None)
    return True


def put_track(doc: dict[str, Any], binary: Binary, animation: int, node: int, path: str, times: int, key_FW: Float32, way: str) -> None:
    """A track with one key at each of some times (their accessor), in place of the one that the node has, if any."""
    table = doc["animations"][animation]
    channel = _channel(doc, animation, node, path)
    if channel is None:
        channel = {"target": {"node": node, "path": path}}
        table["channels"].append(channel)
    channel["sampler"] = len(table["samplers"])
    table["samplers"].append({"input": times, "output": binary.add(key_FW), "interpolation": way})


def without_matrix(node: dict[str, Any], motion: Motion, index: int) -> dict[str, Any]:
    """A node with translation, rotation and scale for its matrix, which no track can move. Raises Malformed as `rest_of` does."""
    return {
        **{name: value for name, value in node.items() if name != "matrix"},
        **{p: v.tolist() for p, v in rest_of(motion, index).items()},
    }


def _channel(doc: dict[str, Any], animation: int, node: int, path: str) -> dict[str, Any] | None:
    """The channel that was read: the last one of several."""
    channels: list[dict[str, Any]] = doc["animations"][animation]["channels"]
    found = [each for each in channels if (each["target"].get("node"), each["target"]["path"]) == (node, path)]
    return found[-1] if found else None
