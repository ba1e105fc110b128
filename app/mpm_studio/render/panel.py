"""One panel of a picture: which poses to show, where they stand, and the camera. Pure numpy. F frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.render.camera import Camera
from mpm_studio.render.extent import corners, there
from mpm_studio.render.scene import Scene, build_scene, frame_instances, rebased
from mpm_studio.render.shapes import Floor, Shapes, joined

FEWEST_POSES, MOST_POSES = 3, 8
APART = 0.5  # between poses, in body sizes


@dataclass(frozen=True, slots=True)
class Panel:
    """What the off-screen renderer needs. captions: what to write under each pose, at a place on the floor."""

    title: str
    camera: Camera
    floor: Floor
    solid: Shapes
    ghost: Shapes
    captions: tuple[tuple[str, tuple[float, float, float]], ...]
    origins: tuple[Origin, ...]
    sided: bool


PanelSource = tuple[Recording, Recording | None, int, str]


def make_panels(sources: Sequence[PanelSource], aspect: float) -> list[Panel]:
    """A panel for each (recording, ghost, frame, title). Panels of one take show the same poses at the same places."""
    return [_panel(source, [other[0] for other in sources if _same_take(other[0], source[0])], aspect) for source in sources]


def strobe(recs: Sequence[Recording], frame: int, poses: int) -> list[int]:
    """Some frames around a frame: across the gap it lies in, when one of the recordings has one there, else a second of motion."""
    frames, rate = recs[0].frames, recs[0].rate_hz
    touched_F = np.any([(rec.origin_FP != Origin.MEASURED).any(axis=1) for rec in recs], axis=0)
    around = next(((start, stop) for start, stop in runs(touched_F) if start <= frame < stop), None)
    if around is None or around[1] - around[0] > 0.8 * frames:
        half = round(0.6 * rate)
        around = (frame - half, frame + half + 1)
    margin = max(1, round(0.08 * (around[1] - around[0])))
    low, high = max(0, around[0] - margin), min(frames, around[1] + margin) - 1
    return sorted(set(np.linspace(low, high, poses).round().astype(int).tolist()))


def stacked(count: int, size: tuple[int, int]) -> bool:
    """Panels under each other, where that leaves each of them a row of poses to hold; else side by side."""
    return count > 1 and size[0] * count > 1.2 * size[1]


def _same_take(a: Recording, b: Recording) -> bool:
    return a.points == b.points and a.xyz_FPD.shape == b.xyz_FPD.shape


def _panel(source: PanelSource, same: Sequence[Recording], aspect: float) -> Panel:
    """One take's panel. same: the takes of all panels that show this motion, so that poses and camera are the same in each."""
    rec, ghost, frame, title = source
    frames = strobe(same, frame, int(np.clip(round(2.1 * aspect), FEWEST_POSES, MOST_POSES)))
    fullest = max(same, key=lambda other: int((other.origin_FP[frames] != Origin.MISSING).sum()))
    scene = build_scene(fullest)
    front = scene.extent.front + (8.0 if rec.dims == 2 else 28.0)
    camera = Camera(azimuth=front % 360, elevation=9.0, fov=24.0)
    shifts_N3 = _places(scene, fullest, frames, camera)
    solid = [_moved(frame_instances(rebased(scene, rec), rec, f), shift) for f, shift in zip(frames, shifts_N3, strict=True)]
    pale: list[Shapes] = []
    if ghost is not None and ghost.frames:
        ghost_scene = rebased(scene, ghost) if _same_take(ghost, rec) else build_scene(ghost)
        for f, shift in zip(frames, shifts_N3, strict=True):
            pale.append(_moved(frame_instances(ghost_scene, ghost, min(f, ghost.frames - 1), ghost=True), shift))
    seen_P3 = np.concatenate([there(scene.positions(fullest, f)) + shift for f, shift in zip(frames, shifts_N3, strict=True)])
    if not len(seen_P3):
        seen_P3 = corners(scene.extent.low_3, scene.extent.high_3)
    feet_P3 = seen_P3 * [1, 1, 0] + [0, 0, scene.floor.height]
    heads_P3 = seen_P3 + np.array([0, 0, 0.06]) * scene.extent.size
    middle_3 = seen_P3.mean(axis=0)
    captions = [
        (
            f"{'frame ' if f == frames[0] else ''}{f + rec.source.first_frame}",
            (float(shift[0] + at[0]), float(shift[1] + at[1]), scene.floor.height),
        )
        for f, shift, at in zip(frames, shifts_N3, scene.extent.anchor_F3[frames], strict=True)
    ]
    return Panel(
        title=title,
        camera=camera.fitted(np.concatenate([feet_P3, heads_P3]), aspect, 0.72),
        floor=replace(scene.floor, middle=(float(middle_3[0]), float(middle_3[1])), radius=8.0 * scene.floor.cell),
        solid=joined(solid),
        ghost=joined(pale),
        captions=tuple(captions),
        origins=tuple(Origin(value) for value in np.unique(rec.origin_FP[frames]) if value != Origin.MISSING),
        sided=bool((np.unique(scene.colour_R4[: len(rec.points)], axis=0)).shape[0] > 1),
    )


def _places(scene: Scene, rec: Recording, frames: Sequence[int], camera: Camera) -> Float:
    """(N, 3) how far to move each pose so that they stand in a row from left to right, in the order of time."""
    row_N = (np.arange(len(frames)) - (len(frames) - 1) / 2) * APART * scene.extent.size
    anchor_N3 = scene.extent.anchor_F3[frames] * [1, 1, 0]
    return np.asarray(row_N[:, None] * camera.axes_33[0] - anchor_N3)


def _moved(shapes: Shapes, shift_3: Float) -> Shapes:
    capsules, spheres = shapes.capsules_N16.copy(), shapes.spheres_N8.copy()
    capsules[:, 0:3] += shift_3
    capsules[:, 4:7] += shift_3
    spheres[:, 0:3] += shift_3
    return Shapes(capsules, spheres)
