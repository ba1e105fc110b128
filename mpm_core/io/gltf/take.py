"""Which animation of a glTF is the take, which nodes are its points, and when its frames are. F frames, N nodes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_core.errors import FormatError, Malformed, reason
from mpm_core.io.conventions import ASSUMED_RATE_HZ
from mpm_core.io.gltf.binary import OWN, Scene
from mpm_core.io.gltf.motion import ON_THE_GRID, Motion, Track, in_frames, motion_of, on_grid
from mpm_core.io.tables.table import COMMON_RATES
from mpm_core.typing import Float

SLOWEST_HZ = 5.0  # keys further apart than this are poses, with the motion between them interpolated, not frames
KNOWN_RATES = (*COMMON_RATES, 24000 / 1001, 30000 / 1001, 60000 / 1001)
NEAR_RATE, FLOAT32 = 0.002, 1e-5  # by how much of it the keys' rate may differ from a known one, and from a whole number
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
    """animation: its number in the file; motion: in frames; tracks: the same keys as the file has them, in seconds; nodes: of the points;
    start_s: the time of the first frame; frame_F: 0 to F - 1.
    """

    animation: int
    motion: Motion
    tracks: Mapping[tuple[int, str], Track]
    nodes: list[int]
    rate_hz: float
    start_s: float
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
    rate_hz, start_s, frames, more = _frames(motion, own, fps)
    keys = sum(len(track.times_K) for track in motion.tracks.values())
    if not 0 < frames <= MOST_FRAMES or frames * len(nodes) > max(MOST_SAMPLES, PER_KEY * keys):
        what = f"the animation has {keys} keys and would be {frames} frames of {len(nodes)} points at {rate_hz:g} Hz"
        raise FormatError(what, where=scene.where, hint="say a lower rate with --fps, or copy the file again if it is damaged")
    now = in_frames(motion, start_s, rate_hz, _tolerance(ends_s[longest], rate_hz) if own is None else 0.5)
    return SceneTake(longest, now, motion.tracks, nodes, rate_hz, start_s, np.arange(frames, dtype=np.float64), (*notes, *more), own)


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
    """Frames a second, the time of the first frame in seconds, how many, and notes."""
    if own:
        return own.rate_hz, 0.0, own.frames, []
    first_s = min(float(track.times_K[0]) for track in motion.tracks.values())
    last_s = max(float(track.times_K[-1]) for track in motion.tracks.values())
    densest = max((track.times_K for track in motion.tracks.values()), key=len)
    rate_hz = _rate(densest) if fps is None else fps
    notes = [] if fps is None else [f"frame rate: {fps:g} Hz (as asked)"]
    if not _even((densest - first_s) * rate_hz, _tolerance(last_s, rate_hz)):
        notes.append(f"the keys do not lie at even times; the motion between them was sampled at {rate_hz:g} Hz")
    elif len(densest) == 1:
        notes.append(f"frame rate taken as {rate_hz:g} Hz: the file holds one key")
    return rate_hz, first_s, int(min(np.rint((last_s - first_s) * rate_hz), MOST_FRAMES)) + 1, notes


def _rate(times_K: Float) -> float:
    """The frames a second on which keys at these seconds lie: a known number where they lie on that too, else that of their median step."""
    if len(times_K) < 2:
        return ASSUMED_RATE_HZ
    last_s, span_s = float(times_K[-1]), float(times_K[-1] - times_K[0])
    rate_hz = 1 / float(np.median(np.diff(times_K)))
    for steps in (len(times_K) - 1, float(np.rint(span_s * rate_hz))):
        if steps and _even((times_K - times_K[0]) * (steps / span_s), _tolerance(last_s, rate_hz)):
            rate_hz = steps / span_s
            break
    if not SLOWEST_HZ <= rate_hz <= 10_000:
        return ASSUMED_RATE_HZ
    rounding = 2 * float(np.spacing(np.float32(last_s))) / span_s
    known = [(each, NEAR_RATE) for each in sorted(KNOWN_RATES, key=lambda each: abs(each - rate_hz))]
    for each, near in (*known, (float(np.rint(rate_hz)), FLOAT32)):
        if abs(each - rate_hz) < max(near, rounding) * each and _even((times_K - times_K[0]) * each, _tolerance(last_s, each)):
            return each
    return rate_hz


def _tolerance(last_s: float, rate_hz: float) -> float:
    """Frames by which the time of a key may differ from its frame: seconds are float32, and these are coarse late in a time line."""
    return max(ON_THE_GRID, float(np.spacing(np.float32(abs(last_s)))) * rate_hz)


def _even(key_K: Float, tolerance: float) -> bool:
    """Whether each key, in frames, is a frame of its own."""
    grid_K = on_grid(key_K, tolerance)
    return bool((grid_K == np.rint(grid_K)).all())
