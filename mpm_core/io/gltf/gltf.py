"""glTF 2.0 skeletal animation, .glb and .gltf, in and out. F frames, P points, N nodes. Metres, Y up in the file, as the format demands."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.errors import DataError, FormatError
from mpm_core.files.atomic import write_bytes
from mpm_core.io.conventions import FARTHEST, find_unit, world_positions
from mpm_core.io.gltf.binary import load
from mpm_core.io.gltf.motion import Motion, positions
from mpm_core.io.gltf.node_rig import node_rig
from mpm_core.io.gltf.take import take_of
from mpm_core.io.point_names import unique_names
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.rigs.kinematics import joint_positions
from mpm_core.skeleton import Skeleton


def sniff(path: Path, head: bytes) -> bool:
    """A GLB, or a .gltf's JSON."""
    return head[:4] == b"glTF" or (path.suffix.lower() == ".gltf" and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{")


def read(path: Path, *, unit: str | None = None, up: str | None = None, fps: float | None = None) -> Recording:
    """The joints of the skins (else the nodes that move, and what hangs on them) of the longest animation, metres, Z up.

    Where joints turn, with their rotations as a rig, and with the nodes between and above them that belong to it.
    The frame rate is that of the keys, else 30 Hz; between keys the file's own interpolation counts. Files of this program come back with
    their rate, first frame, names and gaps. unit, up and fps overrule. Raises FormatError.
    """
    scene = load(path)
    take = take_of(scene, fps)
    own, notes = take.own, list(take.notes)
    with np.errstate(over="ignore", invalid="ignore"):  # `world_positions` says which numbers are too large
        found = node_rig(take) if own is None or own.rig else "it is one of points"
        rig = None if isinstance(found, str) else found.rig
        xyz_FP3 = positions(take.motion, take.nodes, take.frame_F) if rig is None else joint_positions(rig)
        xyz_FP3[~np.isfinite(xyz_FP3)] = 2 * FARTHEST
    if own and not own.whole:
        for column, node in enumerate(take.nodes):
            xyz_FP3[~_has_key(take.motion, node, take.frame_F), column] = np.nan
    if isinstance(found, str):
        names, more = unique_names(dict(enumerate(own.points if own else [take.motion.names[node] for node in take.nodes])))
        parents = own.parents if own else _parents(take.motion, take.nodes)
        notes += [f"positions were read, and no rotations: {found}"] if own is None else []
    else:
        names, more, parents = found.rig.names, list(found.numbered), found.rig.parents
    where, payload, rate_hz = scene.where, b"" if rig is None else scene.data, take.rate_hz if fps is None else fps
    del scene, take, found  # most of what a long take needs
    world = world_positions(xyz_FP3, file_unit="m", file_up="y", trusted=True, unit=unit, up=up, where=where)
    if unit is None:
        notes += find_unit("m", world.xyz_FP3)[1]
    if rig is not None and not payload:
        notes.append("meshes and skins are not kept, because the file's buffers are files of their own; a .glb keeps them")
    source = Source(
        where,
        "gltf",
        world.unit,
        world.up,
        world.file_to_world_33,
        own.first_frame if own else 1,
        payload,
        notes=(*notes, *more, *world.notes),
    )
    try:
        return make_recording(names, rate_hz, world.xyz_FP3, skeleton=_skeleton(path.stem, names, parents), rig=rig, source=source)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=error.hint) from error


def write(rec: Recording, path: Path) -> None:
    """An animated skeleton with a visible body (.glb, or .gltf with everything inside). Raises FormatError for 2D and empty takes.

    A take of a glTF with rotations, whose bytes are at hand, is written as a copy of it, with all that it holds. Of others a rig is written
    as its joints' rotations, any other skeleton as joints without rotations, and points without a skeleton (or with gaps) as nodes of their
    own, of no size while they are missing.
    """
    from mpm_core.io.gltf.copy import copied, is_of_scene  # here, because finding out a file's format needs none of what these import
    from mpm_core.io.gltf.write import file_bytes

    embedded = path.suffix.lower() == ".gltf"
    write_bytes(path, copied(rec, embedded=embedded) if is_of_scene(rec) else file_bytes(rec, str(path), embedded))


def _has_key(motion: Motion, node: int, frame_F: Any) -> Any:
    """Frames at which a file of this program has a key for the node. A point that is always missing has one key, of the kind STEP."""
    track = motion.tracks.get((node, "translation"))
    if track is None or track.interpolation != "LINEAR":
        return np.zeros(len(frame_F), bool)
    return np.isin(frame_F, track.times_K)


def _parents(motion: Motion, chosen: list[int]) -> tuple[int, ...]:
    column, out = {node: index for index, node in enumerate(chosen)}, []
    for node in chosen:
        parent = motion.parents[node]
        while parent >= 0 and parent not in column:
            parent = motion.parents[parent]
        out.append(column.get(parent, -1))
    return tuple(out)


def _skeleton(name: str, points: tuple[str, ...], parents: tuple[int, ...] | None) -> Skeleton | None:
    body = body17()
    if parents is None:
        return None
    return body if (points, parents) == (body.names, body.parents) else Skeleton(name, points, parents)
