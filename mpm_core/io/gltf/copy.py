"""A take with a glTF's rig, written as a copy of its file: meshes, skins and materials stay, and so does every key that no edit changed.

F frames, J joints, K keys of a track, W numbers of a key.
"""

from __future__ import annotations

from copy import deepcopy
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.edit.file_frames import on_frames
from mpm_core.errors import FormatError, Malformed
from mpm_core.io.bvh.current_rig import current_rig
from mpm_core.io.gltf.binary import OWN, Binary, Scene, scene_of
from mpm_core.io.gltf.keys import key_times, patch_keys, put_track, stored_keys, without_matrix
from mpm_core.io.gltf.node_rig import NodeRig, node_rig, node_values
from mpm_core.io.gltf.sharing import lone_arrays
from mpm_core.io.gltf.take import SceneTake, take_of
from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.typing import Float, Float32, Int, Mask

SAME_RATE = 1e-9


def is_of_scene(rec: Recording) -> bool:
    """Whether a take has the rig of a glTF whose bytes are at hand."""
    return rec.rig is not None and rec.source.format == "gltf" and bool(rec.source.payload)


def scene_take(rec: Recording) -> tuple[Scene, SceneTake, NodeRig]:
    """The file that a take is of, as it was read. Raises FormatError when it holds another rig."""
    assert rec.rig is not None
    scene = scene_of(rec.source.payload, Path(rec.source.path))
    take, rate_hz = take_of(scene), rec.rate_hz * rec.source.part.step
    if take.own is None and abs(rate_hz - take.rate_hz) > SAME_RATE * rate_hz:  # the user gave another one
        take = take_of(scene, rate_hz)
    found = node_rig(take)
    if isinstance(found, str) or len(found.rig.names) != len(rec.rig.names):
        raise FormatError("the take's joints are not those of its file", where=rec.source.path, hint="write a BVH, or open the file again")
    return scene, take, found


def copied(rec: Recording, *, embedded: bool) -> bytes:
    """The take's file with the rotations and places that were changed in it; the same bytes when none was.

    A track that has a key in each frame gets the changed keys in place, unless something else uses its numbers, too. Another one that
    changes is written anew with a key in each frame, of which its own ones keep their times and bits. A take of other frames or another
    rate than its file has all tracks of its animation written anew, and those of morph targets are left out. embedded: as .gltf, else .glb.

    Raises FormatError as `scene_take` does, and when a key of a track to be written anew lies in no frame.
    """
    assert rec.rig is not None
    scene, take, found = scene_take(rec)
    position_F, rows_F, on_F, retimed = frames_of(rec, take)
    now = replace(found.rig, values_FC=current_rig(rec, rec.rig).values_FC)
    changed_FC = (now.values_FC != found.rig.values_FC[rows_F]) | ~on_F[:, None]
    doc = deepcopy(scene.doc)
    binary = Binary(bytearray(scene.buffers[0]), doc.setdefault("bufferViews", []), doc.setdefault("accessors", []))
    lone = lone_arrays(doc)
    tracks: dict[tuple[int, str], Float32] = {}
    if retimed:
        tracks = {key: stored_keys(take, *key, position_F) for key in take.motion.tracks}
        doc["animations"][take.animation] |= {"samplers": [], "channels": []}
    for (node, path), (key_FW, changed_F) in _changed_keys(take, found, now, changed_FC, position_F).items():
        track = take.motion.tracks.get((node, path))
        in_each = track is not None and not retimed and np.array_equal(track.times_K, take.frame_F)
        if not (in_each and patch_keys(doc, binary, take.animation, node, path, key_FW, changed_F, lone)):
            tracks[node, path] = key_FW
    times: dict[bytes, int] = {}
    for (node, path), key_FW in tracks.items():
        try:
            times_F = (np.arange(rec.frames) / rec.rate_hz).astype(np.float32) if retimed else key_times(take, node, path)
            if "matrix" in doc["nodes"][node]:
                doc["nodes"][node] = without_matrix(doc["nodes"][node], take.motion, node)
        except Malformed as error:
            hint = "open it at the rate of its keys, or write a BVH"
            raise FormatError(f"no copy of the file can hold this take: {error}", where=rec.source.path, hint=hint) from error
        if times_F.tobytes() not in times:
            times[times_F.tobytes()] = binary.add(times_F, bounds=True)
        track = take.motion.tracks.get((node, path))
        way = "STEP" if track is not None and track.interpolation == "STEP" else "LINEAR"
        put_track(doc, binary, take.animation, node, path, times[times_F.tobytes()], key_FW, way)
    put_names(doc, take, found, rec)
    same = not tracks and binary.data == scene.buffers[0] and all(doc[name] == scene.doc[name] for name in ("nodes", "asset"))
    if same and embedded == (scene.data[:4] != b"glTF"):
        return scene.data
    return binary.file(doc, embedded)


def frames_of(rec: Recording, take: SceneTake) -> tuple[Float, Int, Mask, bool]:
    """(F,) positions of a take's frames, counted in frames of its file; the nearest of these; whether it is one; and whether the two
    have other frames or another rate.
    """
    position_F = rec.source.part.start + rec.source.part.step * np.arange(rec.frames, dtype=np.float64)
    rows_F, on_F = on_frames(position_F, len(take.frame_F))
    return position_F, rows_F, on_F, not (np.array_equal(rows_F, take.frame_F) and on_F.all() and rec.rate_hz == take.rate_hz)


def _changed_keys(
    take: SceneTake, found: NodeRig, now: Rig, changed_FC: Mask, position_F: Float
) -> dict[tuple[int, str], tuple[Float32, Mask]]:
    """For each track that changes: its key in every frame, (F, W), and which of them are not the file's, (F,)."""
    out = {}
    translation_FJ3, rotation_FJ4 = node_values(found, now)
    for joint, (_, turns, _, places) in enumerate(channel_columns(now)):
        for path, columns, values_FW in (("rotation", turns, rotation_FJ4[:, joint]), ("translation", places, translation_FJ3[:, joint])):
            changed_F = np.asarray(changed_FC[:, columns].any(axis=1))
            if changed_F.any():
                key_FW = stored_keys(take, found.nodes[joint], path, position_F)
                key_FW[changed_F] = values_FW[changed_F]
                if path == "rotation":
                    _turn_on(key_FW, changed_F)
                out[found.nodes[joint], path] = (key_FW, changed_F)
    return out


def _turn_on(key_F4: Float32, changed_F: Mask) -> None:
    """Of the two quaternions of a changed rotation, in place, the one nearer to the frame before (for the first frame, as it is)."""
    for frame in np.flatnonzero(changed_F):
        if frame and key_F4[frame] @ key_F4[frame - 1] < 0:
            key_F4[frame] *= -1


def put_names(doc: dict[str, Any], take: SceneTake, found: NodeRig, rec: Recording) -> None:
    """The take's names of joints that were renamed, and its facts in a file of this program, into the scene."""
    for node, old, new in zip(found.nodes, found.rig.names, rec.points, strict=True):
        if old != new:
            doc["nodes"][node]["name"] = new
    if take.own is not None:
        doc["asset"]["extras"][OWN] |= {
            "rate_hz": rec.rate_hz,
            "first_frame": rec.source.first_frame,
            "frames": rec.frames,
            "points": list(rec.points),
        }
