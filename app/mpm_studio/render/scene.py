"""A recording as arrays to draw: bones, sizes and colours, and the capsules and spheres of each frame. Pure numpy.

P points, R rows (the points, then 17 body joints when bones need joints that markers make), B bones, F frames; metres, Z up.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.joints import body17
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float32, Mask, UInt8
from mpm_studio import palette
from mpm_studio.operations.bodies import bodies_of
from mpm_studio.operations.cached import remember_last
from mpm_studio.render.body_rows import Bones, changed_frames, derived_joints, find_bones, nearby, some_joints, updated_joints
from mpm_studio.render.extent import Extent, Placing, extent, placing
from mpm_studio.render.limb_ends import LIMB
from mpm_studio.render.shapes import Floor, Shapes
from mpm_studio.render.sides import LEFT, MIDDLE, RIGHT, sides
from mpm_studio.render.sticks import Sticks, no_sticks, rigid_sticks
from mpm_studio.render.thickness import is_skull, radii, thickness

BODY_M = 1.9  # the diagonal of a box around a person
NEAR_M = 0.11  # how far the markers that make a joint are from it
SUBJECT_SHARE = 0.6  # of a subject's own colour
FADE = 0.38  # share of the background in bones between joints that were not measured, so that markers stand out
LIGHT_TURN = -25.0  # degrees from the body's front to where the light comes from


@dataclass(frozen=True, slots=True, eq=False)
class Scene:
    """Everything about a take that does not change from frame to frame.

    radius_B2 (parent's and child's end), radius_P: metres. inset_B1: the share of its length that a bone is shorter at each end. colour_R4:
    rgba of a measured sample; fade_B1: share of the background in a bone's. joints_FJD: the derived joints, which belong to one recording,
    `joints_of` (see `rebased`). near_JP: (17 a body) the points whose origins a derived joint shows. sticks_S2: between points without
    bones, see sticks.py. subjects: names and points, where there are several. scale: how much larger than a person what is drawn is.
    """

    points: tuple[str, ...]
    scale: float
    subjects: tuple[tuple[str, tuple[int, ...]], ...]
    bones: Bones
    sticks_S2: Sticks
    fade_B1: Float32
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


@remember_last
def build_scene(rec: Recording, overrides: Mapping[str, str] | None = None, *, soon: int | None = None) -> Scene:
    """The scene of a take. Any recording has one, empty ones too. overrides: the user's mapping of body joints.

    soon: a frame; of a long take the joints that markers make are known in it and in some other frames only, until `rebased`.
    """
    side_P = sides(rec)
    where = placing(rec)
    size = extent(rec, where, side_P)
    scale = _scale(size.size)
    bones = find_bones(rec, overrides)
    joints_FJD, joints_of = (derived_joints(rec, bones.derived), rec) if soon is None else some_joints(rec, bones.derived, soon)
    side_R = side_P if joints_FJD is None else np.concatenate([side_P, np.tile(_BODY_SIDES, len(bones.derived))])
    thick_B2 = thickness(rec, bones, joints_FJD, where, side_R, scale)
    subject_P = np.zeros(len(rec.points), np.intp)
    found = bodies_of(rec, overrides)
    for number, body in enumerate(found):
        subject_P[list(body.points)] = number
    derived_J = np.array([subject_P[each.points[0]] for each in bones.derived], np.intp).repeat(17)
    loose = [rigid_sticks(rec, body.points, scale) for body in bones.loose]
    return Scene(
        points=rec.points,
        scale=scale,
        subjects=tuple((body.subject, body.points) for body in found) if len(found) > 1 else (),
        bones=bones,
        sticks_S2=np.concatenate([no_sticks(), *loose]),
        fade_B1=np.where((bones.part_B != LIMB)[:, None] & bool(bones.derived), np.float32(FADE), np.float32(0)),
        radius_B2=thick_B2.astype(np.float32),
        inset_B1=np.where(is_skull(bones)[:, None], np.float32(0.3), np.float32(0)),
        radius_P=radii(rec, bones, thick_B2, scale).astype(np.float32),
        colour_R4=np.concatenate([_colours(side_P, subject_P), faded(_colours(side_R[len(side_P) :], derived_J), FADE)]),
        placing=where,
        extent=size,
        floor=_floor(size, scale),
        joints_FJD=joints_FJD,
        joints_of=joints_of,
        near_JP=np.zeros((0, len(rec.points)), bool) if joints_FJD is None else nearby(rec, joints_FJD, NEAR_M * scale / where.scale),
    )


def rebased(scene: Scene, rec: Recording) -> Scene:
    """The same scene for a recording with the same points and other samples."""
    if scene.joints_FJD is None or rec is scene.joints_of:
        return scene
    return replace(scene, joints_FJD=updated_joints(scene.joints_FJD, scene.joints_of, rec, scene.bones.derived), joints_of=rec)


def from_nearest(given: tuple[Sequence[Scene], Recording], cancel: Cancel, progress: Progress) -> Scene:
    """The scene of a recording, from the one of some scenes of the same take whose recording differs from it in the fewest frames."""
    scenes, rec = given
    return rebased(min(scenes, key=lambda scene: len(changed_frames(scene.joints_of, rec))), rec)


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
    plain_B4 = faded(plain_R4[child_B], scene.fade_B1)
    capsules[:, 8:12] = np.where(own_R[parent_B, None], plain_B4, colour_R4[parent_B])
    capsules[:, 12:16] = np.where(own_R[child_B, None], plain_B4, colour_R4[child_B])
    return Shapes(capsules[(origin_R[parent_B] != Origin.MISSING) & (origin_R[child_B] != Origin.MISSING)], spheres)


def origin_colours(origin_N: UInt8) -> Float32:
    """(N, 4) rgba of origins."""
    return _ORIGIN_COLOURS[origin_N]


def faded(colour_N4: Float32, share: float | Float32) -> Float32:
    """Colours with a share of the background's in them."""
    return np.asarray((1 - share) * colour_N4 + share * _BACKGROUND, np.float32)


def _colours(side_R: NDArray[np.intp], subject_R: NDArray[np.intp]) -> Float32:
    """(R, 4) rgba by side of the body; of every subject but the first mixed with a colour of its own."""
    sides_R4, share = _SIDE_COLOURS[side_R], np.where(subject_R > 0, np.float32(SUBJECT_SHARE), np.float32(0))[:, None]
    return np.asarray((1 - share) * sides_R4 + share * _SUBJECT_COLOURS[(subject_R - 1) % len(_SUBJECT_COLOURS)])


def _rgba(colour: str) -> Float32:
    return np.array([*palette.rgb(colour), 1.0], np.float32)


_SIDE_COLOURS = np.stack([_rgba({MIDDLE: palette.MIDDLE, LEFT: palette.LEFT, RIGHT: palette.RIGHT}[side]) for side in range(3)])
_ORIGIN_COLOURS = np.stack([_rgba(palette.ORIGIN[origin]) for origin in sorted(Origin)])
_GHOST = _rgba(palette.GHOST)
_BACKGROUND = _rgba(palette.VIEW_BOTTOM)
_SUBJECT_COLOURS = np.stack([_rgba(colour) for colour in palette.SUBJECTS])
_BODY_SIDES = np.array([{"left": LEFT, "right": RIGHT}.get(name.split("_")[0], MIDDLE) for name in body17().names], np.intp)


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
