"""What a recording looks like: bones, sizes, colours, and per frame the arrays to draw. Pure numpy.

P points, R rows (the points, then 17 body joints when bones need joints that markers make), B bones, F frames; metres, Z up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.mapping import body17
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Float32, Mask
from mpm_studio import palette
from mpm_studio.render.body_rows import Bones, derived_joints, find_bones, nearby, updated_joints
from mpm_studio.render.extent import Extent, Placing, extent, placing
from mpm_studio.render.shapes import Floor, Shapes
from mpm_studio.render.sides import LEFT, MIDDLE, RIGHT, sides

BODY_M = 1.9  # the diagonal of a box around a person
MARKER_M, JOINT_M, END_M, TRUNK_M, SKULL_M = 0.013, 0.026, 0.006, 0.019, 0.058  # radii on a person
REACH_M = 0.7  # no limb is longer
NEAR_M = 0.11  # how far the markers that make a joint are from it
LIGHT_TURN = -25.0  # degrees from the body's front to where the light comes from
TRAIL_S = 1.0
TRAIL_STEPS = 40  # at most, per point and side


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything about a take that does not change from frame to frame.

    radius_B2 (parent's and child's end), radius_P: metres. inset_B1: the share of its length that a bone is shorter at each end. colour_R4:
    rgba of a measured sample. joints_FJD: the derived joints, which belong to one recording, `joints_of` (see `rebased`).
    near_JP: (17 a body) the points whose origins a derived joint shows.
    """

    points: tuple[str, ...]
    bones: Bones
    radius_B2: Float32
    inset_B1: Float32
    radius_P: Float32
    colour_R4: Float32
    placing: Placing
    extent: Extent
    floor: Floor
    joints_FJD: Float32 | None
    joints_of: Recording
    near_JP: Mask

    def positions(self, rec: Recording, frame: int) -> Float32:
        """(P, 3) where the points of one frame are; NaN where missing."""
        return self.placing.place(rec.xyz_FPD[frame])


def build_scene(rec: Recording, overrides: Mapping[str, str] | None = None) -> Scene:
    """The scene of a take. Any recording has one, empty ones too. overrides: the user's mapping of body joints."""
    side_P = sides(rec)
    where = placing(rec)
    size = extent(rec, where, side_P)
    scale = _scale(size.size)
    bones = find_bones(rec, overrides)
    joints_FJD = derived_joints(rec, bones.derived)
    side_R = side_P if joints_FJD is None else np.concatenate([side_P, np.tile(_BODY_SIDES, len(bones.derived))])
    thick_B2 = _thickness(rec, bones, joints_FJD, where, side_R, scale)
    return Scene(
        points=rec.points,
        bones=bones,
        radius_B2=thick_B2.astype(np.float32),
        inset_B1=np.where(_is_skull(bones)[:, None], np.float32(0.3), np.float32(0)),
        radius_P=_radii(rec, bones, thick_B2, scale).astype(np.float32),
        colour_R4=np.concatenate([_SIDE_COLOURS[side_P], _SIDE_COLOURS[side_R[len(side_P) :]] * _DERIVED]),
        placing=where,
        extent=size,
        floor=_floor(size, scale),
        joints_FJD=joints_FJD,
        joints_of=rec,
        near_JP=np.zeros((0, len(rec.points)), bool) if joints_FJD is None else nearby(rec, joints_FJD, NEAR_M * scale / where.scale),
    )


def rebased(scene: Scene, rec: Recording) -> Scene:
    """The same scene for a recording with the same points and other samples."""
    if scene.joints_FJD is None or rec is scene.joints_of:
        return scene
    return replace(scene, joints_FJD=updated_joints(scene.joints_FJD, scene.joints_of, rec, scene.bones.derived), joints_of=rec)


def frame_instances(scene: Scene, rec: Recording, frame: int, ghost: bool = False) -> Shapes:
    """Capsules and spheres of one frame; without missing points. A ghost's measured samples are in one pale colour.

    A bone takes its child's colour, and the colour of its ends' origins where these are not measured; a lifted body, all of which is
    predicted, keeps the colours of its sides.
    """
    xyz_R3, origin_R = scene.positions(rec, frame), rec.origin_FP[frame]
    there_P = origin_R != Origin.MISSING
    if scene.joints_FJD is not None:
        joints_J3 = scene.placing.place(scene.joints_FJD[frame])
        made_J = np.where(scene.near_JP & (origin_R > Origin.MEASURED), origin_R, Origin.MEASURED).max(axis=1, initial=Origin.MEASURED)
        made_J = np.where(np.isnan(joints_J3[:, 0]), Origin.MISSING, made_J).astype(np.uint8)
        xyz_R3, origin_R = np.concatenate([xyz_R3, joints_J3]), np.concatenate([origin_R, made_J])
    plain_R4 = np.broadcast_to(_GHOST, scene.colour_R4.shape) if ghost else scene.colour_R4
    own_R = (origin_R == Origin.MEASURED) | ((origin_R == Origin.PREDICTED) & (rec.source.camera is not None))
    colour_R4 = np.where(own_R[:, None], plain_R4, _ORIGIN_COLOURS[origin_R])
    P = len(scene.points)
    spheres = np.concatenate([xyz_R3[:P], scene.radius_P[:, None], colour_R4[:P]], axis=1, dtype=np.float32)[there_P]
    parent_B, child_B = scene.bones.pairs_B2.T
    capsules = np.empty((len(parent_B), 16), np.float32)
    along_B3 = (xyz_R3[child_B] - xyz_R3[parent_B]) * scene.inset_B1
    capsules[:, 0:3], capsules[:, 4:7] = xyz_R3[parent_B] + along_B3, xyz_R3[child_B] - along_B3
    capsules[:, 3], capsules[:, 7] = scene.radius_B2.T
    capsules[:, 8:12] = np.where(own_R[parent_B, None], plain_R4[child_B], colour_R4[parent_B])
    capsules[:, 12:16] = colour_R4[child_B]
    return Shapes(capsules[(origin_R[parent_B] != Origin.MISSING) & (origin_R[child_B] != Origin.MISSING)], spheres)


def trail_instances(scene: Scene, rec: Recording, points: Sequence[int], frame: int) -> Shapes:
    """Thin capsules along the path of some points, TRAIL_S before and after a frame, thinner away from it; none across gaps."""
    step = max(1, round(TRAIL_S * rec.rate_hz / TRAIL_STEPS))
    reach = max(step, round(TRAIL_S * rec.rate_hz))
    around = np.arange(max(0, frame - reach), min(rec.frames - 1, frame + reach) + 1)
    frames = np.unique(np.append(around[around % step == 0], frame))
    points = [point for point in points if 0 <= point < len(scene.points)]
    where = np.ix_(frames, np.array(points, np.intp))
    xyz, origin = scene.placing.place(rec.xyz_FPD[where]), rec.origin_FP[where]
    colour = np.where((origin == Origin.MEASURED)[..., None], scene.colour_R4[points], _ORIGIN_COLOURS[origin])
    fade = 1 - 0.8 * np.abs(frames - frame) / reach
    thin = np.broadcast_to(0.35 * scene.radius_P[points] * fade[:, None], origin.shape)[..., None]
    ends = np.concatenate([xyz, thin], axis=2)
    capsules = np.concatenate([ends[:-1], ends[1:], colour[:-1], colour[1:]], axis=2, dtype=np.float32)
    there = (origin[:-1] != Origin.MISSING) & (origin[1:] != Origin.MISSING)
    return Shapes(capsules[there], np.zeros((0, 8), np.float32))


def _rgba(colour: str) -> Float32:
    return np.array([*palette.rgb(colour), 1.0], np.float32)


_SIDE_COLOURS = np.stack([_rgba({MIDDLE: palette.MIDDLE, LEFT: palette.LEFT, RIGHT: palette.RIGHT}[side]) for side in range(3)])
_ORIGIN_COLOURS = np.stack([_rgba(palette.ORIGIN[origin]) for origin in sorted(Origin)])
_GHOST = _rgba(palette.GHOST)
_DERIVED = np.array([0.62, 0.62, 0.62, 1.0], np.float32)  # bones between joints that nobody measured stand back behind the markers
_BODY_SIDES = np.array([{"left": LEFT, "right": RIGHT}.get(name.split("_")[0], MIDDLE) for name in body17().names], np.intp)


def _thickness(rec: Recording, bones: Bones, joints_FJD: Float32 | None, where: Placing, side_R: NDArray[np.intp], scale: float) -> Float:
    """(B, 2) radii in metres: long bones thick, fingers and End Sites thin, the trunk never thin, the head round."""
    child_B = bones.pairs_B2[:, 1]
    length_B = _lengths(rec, bones, joints_FJD, where) / scale
    thick_B = np.clip(0.1 * length_B, END_M, 0.030)
    thick_B = np.where(side_R[child_B] == MIDDLE, np.maximum(thick_B, TRUNK_M), thick_B)
    ends = np.append(_end_sites(rec), np.zeros(17 * len(bones.derived), bool))
    thick_B = np.where(ends[child_B] | (length_B > REACH_M), END_M, thick_B)  # what joins a figure to a far away reference is no limb
    thick_B2 = np.stack([thick_B, 0.72 * thick_B], axis=1)
    thick_B2[_is_skull(bones)] = SKULL_M
    return thick_B2 * scale


def _is_skull(bones: Bones) -> Mask:
    return np.array([tuple(pair) in bones.skulls for pair in bones.pairs_B2.tolist()], bool).reshape(len(bones.pairs_B2))


def _lengths(rec: Recording, bones: Bones, joints_FJD: Float32 | None, where: Placing) -> Float:
    """(B,) the median length in metres over a few frames; 0 when it is never known."""
    some = slice(None, None, max(1, rec.frames // 50))
    rows = rec.xyz_FPD[some] if joints_FJD is None else np.concatenate([rec.xyz_FPD[some], joints_FJD[some]], axis=1)
    xyz_FR3 = where.place(rows)
    long_FB = np.linalg.norm(xyz_FR3[:, bones.pairs_B2[:, 0]] - xyz_FR3[:, bones.pairs_B2[:, 1]], axis=2)
    return np.array([np.median(long[np.isfinite(long)]) if np.isfinite(long).any() else 0.0 for long in long_FB.T], np.float64)


def _radii(rec: Recording, bones: Bones, thick_B2: Float, scale: float) -> Float:
    """(P,) spheres a little thicker than the bones that meet there; markers alike."""
    radius_R = np.zeros(len(rec.points) + 17 * len(bones.derived))
    joint = np.minimum(1.12 * thick_B2[:, 0], JOINT_M * scale)
    np.maximum.at(radius_R, bones.pairs_B2, joint[:, None])
    radius_P = radius_R[: len(rec.points)]
    radius_P[radius_P == 0] = MARKER_M * scale
    radius_P[_end_sites(rec)] = END_M * scale
    return radius_P


def _end_sites(rec: Recording) -> Mask:
    ends = set() if rec.rig is None else {name for name, end in zip(rec.rig.names, rec.rig.is_end_J, strict=True) if end}
    return np.array([name in ends for name in rec.points], bool).reshape(len(rec.points))


def _scale(size: float) -> float:
    """How much larger than a person the things to draw are. Several people or a walkway (up to 15 m) are still drawn as people."""
    ratio = size / BODY_M
    return ratio if ratio <= 1.2 or ratio > 8 else 1.2


def _floor(size: Extent, scale: float) -> Floor:
    """At z = 0, unless the take is clearly somewhere else: then under its lowest point."""
    low = float(size.low_3[2])
    height = 0.0 if -0.15 * scale < low < 0.8 * scale else low
    middle = (size.low_3 + size.high_3) / 2
    reach = float(np.linalg.norm(size.high_3[:2] - size.low_3[:2])) / 2
    cell = 1.0 if 0.3 < scale < 8 else float(10.0 ** np.round(np.log10(scale)))
    return Floor(height, (float(middle[0]), float(middle[1])), reach + 6 * cell, cell, size.front + LIGHT_TURN)
