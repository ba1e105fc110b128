"""Which animation of a glTF is the take, which nodes are its points, and when its frames are. F frames, N nodes."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.errors import FormatError, Malformed, reason
from mpm_core.io.conventions import ASSUMED_RATE_HZ
from mpm_core.io.gltf.binary import OWN, Scene
from mpm_core.io.gltf.motion import ON_THE_GRID, Motion, motion_of, on_grid
from mpm_core.io.tables.table import COMMON_RATES
from mpm_core.typing import Float

SLOWEST_HZ = 5.0  # keys further apart than this are poses, with the motion between them interpolated, not frames
FLOAT32 = 1e-5  # by how much of it the times of keys may round a rate
MOST_FRAMES = 1 << 20
MOST_SAMPLES, PER_KEY = 1 << 20, 2  # an animation of more samples than both has at least half as many keys


@dataclass(frozen=True, slots=True)
class Own:
    """The facts of the take that this program writes into its files. whole: no sample is missing; rig: the nodes are a rig's joints."""

    nodes: list[int]
    points: list[str]
    parents: tuple[int, ...] | None
    rate_hz: float
    first_frame: int
    frames: int
    whole: bool
    rig: bool


@dataclass(frozen=True, slots=True)
class SceneTake:
    """animation: its number in the file; nodes: of the points; frame_F: the times of the frames, times rate_hz."""

    animation: int
    motion: Motion
    nodes: list[int]
    rate_hz: float
    frame_F: Float
    notes: tuple[str, ...]
    own: Own | None


def take_of(scene: Scene, fps: float | None = None) -> SceneTake:
    """The longest animation at the rate of its keys, or at fps. Its points: the skins' joints, else the nodes that move and their branches.

    Raises FormatError when there is no animation, or one of too many samples.
    """
    animations = scene.table("animations")
    if not animations:
        raise FormatError("the file holds no animation", where=scene.where, hint="export it again with its animation")
    motions = [motion_of(scene, animation) for animation in animations[:64]]
    ends_s = [max((track.times_K[-1] for track in motion.tracks.values()), default=-1.0) for motion in motions]
    longest = int(np.argmax(ends_s))
    motion = motions[longest]
    if not motion.tracks:
        raise FormatError("no node moves in the file's animation", where=scene.where, hint="morph targets and cameras are not read")
    notes = [f"the file holds {len(animations)} animations; the longest was read"] if len(animations) > 1 else []
    own = _own(scene)
    nodes = own.nodes if own else _joints(scene, motion)
    if own:
        motion = _snapped(motion, own.rate_hz)
    rate_hz, first, frames, more = _frames(motion, own, fps)
    keys = sum(len(track.times_K) for track in motion.tracks.values())
    if not 0 < frames <= MOST_FRAMES or frames * len(nodes) > max(MOST_SAMPLES, PER_KEY * keys):
        what = f"the animation has {keys} keys and would be {frames} frames of {len(nodes)} points at {rate_hz:g} Hz"
        raise FormatError(what, where=scene.where, hint="say a lower rate with --fps, or copy the file again if it is damaged")
    return SceneTake(longest, motion, nodes, rate_hz, first + np.arange(frames, dtype=np.float64), (*notes, *more), own)


def _own(scene: Scene) -> Own | None:
    """None for files of other programs. Raises FormatError when the facts contradict the file."""
    extras = scene.doc["asset"].get("extras")
    own = extras.get(OWN) if isinstance(extras, dict) else None
    if own is None:
        return None
    try:
        facts = Own(
            [int(node) for node in own["nodes"]],
            [str(name) for name in own["points"]],
            None if own["parents"] is None else tuple(int(parent) for parent in own["parents"]),
            float(own["rate_hz"]),
            int(own["first_frame"]),
            int(own["frames"]),
            bool(own.get("whole", False)),  # files of before have a key for each sample, and no rig
            bool(own.get("rig", False)),
        )
        points = len(facts.points)
        fits = len(facts.nodes) == points and (facts.parents is None or len(facts.parents) == points) and facts.rate_hz > 0
        if not fits or any(not 0 <= node < len(scene.table("nodes")) for node in facts.nodes):
            raise Malformed("points and nodes do not match")
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise scene.broken(f"the facts of the take in the file cannot be understood ({reason(error)})") from error
    return facts


def _joints(scene: Scene, motion: Motion) -> list[int]:
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


def _frames(motion: Motion, own: Own | None, fps: float | None) -> tuple[float, float, int, list[str]]:
    """Frames a second, the first frame's number on the time line, how many, and notes."""
    if own:
        return own.rate_hz, 0.0, own.frames, []
    first_s = min(float(track.times_K[0]) for track in motion.tracks.values())
    last_s = max(float(track.times_K[-1]) for track in motion.tracks.values())
    densest = max((track.times_K for track in motion.tracks.values()), key=len)
    notes = []
    if fps is None:
        step = float(np.median(np.diff(densest))) if len(densest) > 1 else 0.0
        rate_hz = 1 / step if step > 0 else ASSUMED_RATE_HZ
        if rate_hz < SLOWEST_HZ or rate_hz > 10_000:
            rate_hz = ASSUMED_RATE_HZ
        near, whole = min(COMMON_RATES, key=lambda common: abs(common - rate_hz)), float(np.rint(rate_hz))
        rate_hz = near if abs(near - rate_hz) < 0.002 * near else whole if abs(whole - rate_hz) < FLOAT32 * whole else rate_hz
    else:
        rate_hz = fps
        notes.append(f"frame rate: {fps:g} Hz (as asked)")
    keys = (densest - first_s) * rate_hz
    if np.abs(keys - np.rint(keys)).max() > max(ON_THE_GRID, 0.1):
        notes.append(f"the keys do not lie at even times; the motion between them was sampled at {rate_hz:g} Hz")
    elif len(densest) == 1:
        notes.append(f"frame rate taken as {rate_hz:g} Hz: the file holds one key")
    return rate_hz, float(on_grid(np.array(first_s), rate_hz)), int(min(np.rint((last_s - first_s) * rate_hz), MOST_FRAMES)) + 1, notes


def _snapped(motion: Motion, rate_hz: float) -> Motion:
    """Key times on the frames that they were written for: float32 seconds of a long take are not exact."""
    tracks = {key: replace(track, times_K=np.rint(track.times_K * rate_hz) / rate_hz) for key, track in motion.tracks.items()}
    return replace(motion, tracks=tracks)
