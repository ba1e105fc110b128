"""glTF 2.0 skeletal animation, .glb and .gltf, in and out. F frames, P points, N nodes. Metres, Y up in the file, as the format demands."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.errors import DataError, FormatError, Malformed, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.io.conventions import ASSUMED_RATE_HZ, FARTHEST, find_unit, world_positions
from mpm_core.io.gltf.binary import OWN, Scene, load
from mpm_core.io.gltf.motion import ON_THE_GRID, Motion, motion_of, positions
from mpm_core.io.point_names import unique_names
from mpm_core.io.tables.table import COMMON_RATES
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.skeleton import Skeleton

SLOWEST_HZ = 5.0  # keys further apart than this are poses, with the motion between them interpolated, not frames
MOST_FRAMES = 1 << 20
MOST_SAMPLES, PER_KEY = 1 << 20, 2  # an animation of more samples than both has at least half as many keys


def sniff(path: Path, head: bytes) -> bool:
    """A GLB, or a .gltf's JSON."""
    return head[:4] == b"glTF" or (path.suffix.lower() == ".gltf" and head.lstrip(b"\xef\xbb\xbf \t\r\n")[:1] == b"{")


def read(path: Path, *, unit: str | None = None, up: str | None = None, fps: float | None = None) -> Recording:
    """The joints of the skins (else the nodes that move, and what hangs on them) of the longest animation, metres, Z up.

    The frame rate is that of the keys, else 30 Hz; between keys the file's own interpolation counts. Files of this program come back with
    their rate, first frame, names and gaps. unit, up and fps overrule. Raises FormatError.
    """
    scene = load(path)
    animations = scene.table("animations")
    if not animations:
        raise FormatError("the file holds no animation", where=scene.where, hint="export it again with its animation")
    motions = [motion_of(scene, animation) for animation in animations[:64]]
    motion = max(motions, key=lambda motion: max((track.times_K[-1] for track in motion.tracks.values()), default=-1.0))
    if not motion.tracks:
        raise FormatError("no node moves in the file's animation", where=scene.where, hint="morph targets and cameras are not read")
    notes = [f"the file holds {len(animations)} animations; the longest was read"] if len(animations) > 1 else []
    own = _own(scene)
    chosen = own["nodes"] if own else _chosen(scene, motion)
    if own:
        motion = _snapped(motion, own["rate_hz"])
    rate_hz, first, frames, more = _frames(motion, own, fps)
    notes += more
    keys = sum(len(track.times_K) for track in motion.tracks.values())
    if not 0 < frames <= MOST_FRAMES or frames * len(chosen) > max(MOST_SAMPLES, PER_KEY * keys):
        what = f"the animation has {keys} keys and would be {frames} frames of {len(chosen)} points at {rate_hz:g} Hz"
        raise FormatError(what, where=scene.where, hint="say a lower rate with --fps, or copy the file again if it is damaged")
    frame_F = first + np.arange(frames, dtype=np.float64)
    with np.errstate(over="ignore", invalid="ignore"):  # `world_positions` says which numbers are too large
        xyz_FP3 = positions(motion, chosen, frame_F, rate_hz)
        xyz_FP3[~np.isfinite(xyz_FP3)] = 2 * FARTHEST
    if own and not own["whole"]:
        for column, node in enumerate(chosen):
            xyz_FP3[~_has_key(motion, node, frame_F, rate_hz), column] = np.nan
    names, numbered = unique_names(dict(enumerate(own["points"] if own else [motion.names[node] for node in chosen])))
    skeleton = _skeleton(path.stem, names, own["parents"] if own else _parents(motion, chosen))
    where = scene.where
    del scene, motions, motion  # most of what a long take needs
    world = world_positions(xyz_FP3, file_unit="m", file_up="y", trusted=True, unit=unit, up=up, where=where)
    if unit is None:
        notes += find_unit("m", world.xyz_FP3)[1]
    source = Source(
        where,
        "gltf",
        world.unit,
        world.up,
        world.file_to_world_33,
        own["first_frame"] if own else 1,
        notes=(*notes, *numbered, *world.notes),
    )
    try:
        return make_recording(names, rate_hz if fps is None else fps, world.xyz_FP3, skeleton=skeleton, source=source)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=error.hint) from error


def write(rec: Recording, path: Path) -> None:
    """An animated skeleton with a visible body (.glb, or .gltf with everything inside). Raises FormatError for 2D and empty takes.

    A rig is written as its joints' rotations, any other skeleton as joints without rotations, and points without a skeleton (or with gaps)
    as nodes of their own, of no size while they are missing.
    """
    from mpm_core.io.gltf.write import file_bytes  # here, because finding out a file's format needs none of what it imports

    write_bytes(path, file_bytes(rec, str(path), embedded=path.suffix.lower() == ".gltf"))


def _own(scene: Scene) -> dict[str, Any] | None:
    """The facts that this program writes into its files, checked; None for others. Raises FormatError when they contradict the file."""
    extras = scene.doc["asset"].get("extras")
    own = extras.get(OWN) if isinstance(extras, dict) else None
    if own is None:
        return None
    try:
        nodes, points = [int(node) for node in own["nodes"]], [str(name) for name in own["points"]]
        parents = None if own["parents"] is None else tuple(int(parent) for parent in own["parents"])
        rate, first, frames = float(own["rate_hz"]), int(own["first_frame"]), int(own["frames"])
        whole = bool(own.get("whole", False))  # of no point is anything missing; files of before have a key for each sample
        fits = len(nodes) == len(points) and (parents is None or len(parents) == len(points)) and rate > 0
        if not fits or any(not 0 <= node < len(scene.table("nodes")) for node in nodes):
            raise Malformed("points and nodes do not match")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise scene.broken(f"the facts of the take in the file cannot be understood ({reason(error)})") from error
    return {"nodes": nodes, "points": points, "parents": parents, "rate_hz": rate, "first_frame": first, "frames": frames, "whole": whole}


def _chosen(scene: Scene, motion: Motion) -> list[int]:
    joints: set[int] = set()
    for skin in scene.table("skins"):
        listed = skin.get("joints", [])
        if not isinstance(listed, list) or any(not isinstance(joint, int) or not 0 <= joint < len(motion.names) for joint in listed):
            raise scene.broken("a skin lists joints that are not there")
        joints |= set(listed)
    if not joints:
        moving = {node for node, _ in motion.tracks}
        for node in motion.order:
            if node in moving or motion.parents[node] in joints:
                joints.add(node)
    return [node for node in motion.order if node in joints]


def _frames(motion: Motion, own: dict[str, Any] | None, fps: float | None) -> tuple[float, float, int, list[str]]:
    """Frames a second, the first frame's number on the time line, how many, and notes."""
    if own:
        return own["rate_hz"], 0.0, own["frames"], []
    first_s = min(float(track.times_K[0]) for track in motion.tracks.values())
    last_s = max(float(track.times_K[-1]) for track in motion.tracks.values())
    densest = max((track.times_K for track in motion.tracks.values()), key=len)
    notes = []
    if fps is None:
        step = float(np.median(np.diff(densest))) if len(densest) > 1 else 0.0
        rate_hz = 1 / step if step > 0 else ASSUMED_RATE_HZ
        if rate_hz < SLOWEST_HZ or rate_hz > 10_000:
            rate_hz = ASSUMED_RATE_HZ
        near = min(COMMON_RATES, key=lambda common: abs(common - rate_hz))
        rate_hz = near if abs(near - rate_hz) < 0.002 * near else rate_hz
    else:
        rate_hz = fps
        notes.append(f"frame rate: {fps:g} Hz (as asked)")
    keys = (densest - first_s) * rate_hz
    if np.abs(keys - np.rint(keys)).max() > max(ON_THE_GRID, 0.1):
        notes.append(f"the keys do not lie at even times; the motion between them was sampled at {rate_hz:g} Hz")
    elif len(densest) == 1:
        notes.append(f"frame rate taken as {rate_hz:g} Hz: the file holds one key")
    return rate_hz, first_s * rate_hz, int(min(np.rint((last_s - first_s) * rate_hz), MOST_FRAMES)) + 1, notes


def _snapped(motion: Motion, rate_hz: float) -> Motion:
    """Key times on the frames that they were written for: float32 seconds of a long take are not exact."""
    tracks = {key: replace(track, times_K=np.rint(track.times_K * rate_hz) / rate_hz) for key, track in motion.tracks.items()}
    return replace(motion, tracks=tracks)


def _has_key(motion: Motion, node: int, frame_F: Any, rate_hz: float) -> Any:
    """Frames at which a file of this program has a key for the node. A point that is always missing has one key, of the kind STEP."""
    track = motion.tracks.get((node, "translation"))
    if track is None or track.interpolation != "LINEAR":
        return np.zeros(len(frame_F), bool)
    return np.isin(frame_F, np.rint(track.times_K * rate_hz))


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
