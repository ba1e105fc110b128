"""Keys of a glTF's tracks as the file stores them: read to the bit, changed in place, and written anew.

F frames, K keys, W numbers of one.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from mpm_core.io.gltf.binary import FLOAT, Binary
from mpm_core.io.gltf.motion import PATHS, on_grid, sample
from mpm_core.io.gltf.take import SceneTake
from mpm_core.typing import Float32, Floating, Mask

AT_REST = {"translation": (0.0, 0.0, 0.0), "rotation": (0.0, 0.0, 0.0, 1.0), "scale": (1.0, 1.0, 1.0)}


def stored_keys(take: SceneTake, node: int, path: str, position_F: Floating) -> Float32:
    """(F, W) of a node at positions in time, counted in frames of the file: the bits of its key where there is one, else interpolated."""
    track, frame_F = take.motion.tracks.get((node, path)), take.frame_F[0] + position_F
    if track is None:
        rest_W = np.asarray(take.motion.rest[node].get(path, AT_REST[path]), np.float32)
        return np.broadcast_to(rest_W, (len(position_F), PATHS[path])).copy()
    values_FW = sample(track, frame_F, take.rate_hz, path == "rotation").astype(np.float32)
    if track.interpolation != "CUBICSPLINE":
        key_K = on_grid(track.times_K, take.rate_hz)
        at_F = np.searchsorted(key_K, frame_F).clip(0, len(key_K) - 1)
        on_F = key_K[at_F] == frame_F
        values_FW[on_F] = track.values[at_F[on_F]]
    return values_FW


def patch_keys(doc: dict[str, Any], binary: Binary, animation: int, node: int, path: str, key_FW: Float32, changed_F: Mask) -> bool:
    """Write the changed keys of a track that has one in each frame over those in the buffer.

    False where its numbers are not float32, or another track or array has them too.
    """
    channel = _channel(doc, animation, node, path)
    if channel is None:
        return False
    sampler = doc["animations"][animation]["samplers"][channel["sampler"]]
    accessor = binary.accessors[sampler["output"]]
    places = [(each.get("bufferView"), each.get("byteOffset", 0)) for each in binary.accessors]
    outputs = [each["output"] for table in doc["animations"] for each in table["samplers"]]
    used = [each["sampler"] for each in doc["animations"][animation]["channels"]]
    alone = places.count(places[sampler["output"]]) == outputs.count(sampler["output"]) == used.count(channel["sampler"]) == 1
    plain = accessor["componentType"] == FLOAT and "sparse" not in accessor and "bufferView" in accessor
    if not (alone and plain) or sampler.get("interpolation", "LINEAR") == "CUBICSPLINE":
        return False
    view, size = binary.views[accessor["bufferView"]], key_FW.itemsize * key_FW.shape[1]
    start, stride = view.get("byteOffset", 0) + accessor.get("byteOffset", 0), view.get("byteStride", 0) or size
    for frame in np.flatnonzero(changed_F).tolist():
        binary.data[start + stride * frame : start + stride * frame + size] = key_FW[frame].astype("<f4").tobytes()
    for bound in ("min", "max"):
        accessor.pop(bound, None)
    return True


def put_track(doc: dict[str, Any], binary: Binary, animation: int, node: int, path: str, times: int, key_FW: Float32) -> None:
    """A track with one key at each of some times (their accessor), in place of the one that the node has, if any."""
    table = doc["animations"][animation]
    channel = _channel(doc, animation, node, path)
    if channel is None:
        channel = {"target": {"node": node, "path": path}}
        table["channels"].append(channel)
    channel["sampler"] = len(table["samplers"])
    table["samplers"].append({"input": times, "output": binary.add(key_FW), "interpolation": "LINEAR"})


def _channel(doc: dict[str, Any], animation: int, node: int, path: str) -> dict[str, Any] | None:
    """The channel that was read: the last one of several."""
    channels: list[dict[str, Any]] = doc["animations"][animation]["channels"]
    found = [each for each in channels if (each["target"].get("node"), each["target"]["path"]) == (node, path)]
    return found[-1] if found else None
