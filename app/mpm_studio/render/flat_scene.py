"""What keypoints look like in their picture. P points, R rows (the points, then body joints that several points make), F frames, J = 17
body joints; pixels."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.errors import DataError, MappingError
from mpm_core.picture_size import guessed_size
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float, Float32
from mpm_studio.render.body_rows import Bones, derived_joints, find_bones
from mpm_studio.render.sides import LEFT, MIDDLE, RIGHT, sides

EMPTY_SIZE = (1920, 1080)  # of a take without an image size and without points
_BODY_SIDES = [{"left": LEFT, "right": RIGHT}.get(name.split("_")[0], MIDDLE) for name in body17().names]


@dataclass(frozen=True, slots=True, eq=False)
class FlatScene:
    """xy_FR2: NaN = missing. between_FP2: where points are that are missing in a frame, interpolated over their gaps; NaN elsewhere.

    joints_FJ2: None where the points are not known to be one body. side_R: MIDDLE, LEFT or RIGHT. size_known: whether the file says
    image_wh. body_px: the median size of a box around the points.
    """

    bones: Bones
    xy_FR2: Float32
    between_FP2: Float32
    joints_FJ2: Float | None
    side_R: NDArray[np.intp]
    image_wh: tuple[int, int]
    size_known: bool
    body_px: float


def flat_scene(rec: Recording, overrides: Mapping[str, str] | None = None, before: FlatScene | None = None) -> FlatScene:
    """The scene of a 2D take. before: that of the same take before an edit, whose bones and size are used again."""
    bones = find_bones(rec, overrides) if before is None else before.bones
    made_FJ2 = derived_joints(rec, bones.derived)
    xy_FR2 = rec.xyz_FPD if made_FJ2 is None else np.concatenate([rec.xyz_FPD, made_FJ2], axis=1)
    side_R = np.concatenate([sides(rec), np.tile(np.array(_BODY_SIDES, np.intp), len(bones.derived))])
    known = rec.source.image_wh is not None
    size = before.image_wh if before is not None and not known else _size(rec)
    return FlatScene(bones, xy_FR2, _between(rec), _joints(rec, overrides), side_R, size, known, _body_size(rec))


def _joints(rec: Recording, overrides: Mapping[str, str] | None) -> Float | None:
    try:
        return body_joints(rec, map_body(rec, dict(overrides or {})))
    except MappingError:
        return None


def _size(rec: Recording) -> tuple[int, int]:
    if rec.source.image_wh is not None:
        return rec.source.image_wh
    try:
        return guessed_size(rec)
    except DataError:  # no point is visible, or they lie beyond every usual size
        if not rec.visible_FP.any():
            return EMPTY_SIZE
        wide, high = np.nanmax(rec.xyz_FPD, axis=(0, 1))
        return max(16, int(np.ceil(wide))), max(16, int(np.ceil(high)))


def _body_size(rec: Recording) -> float:
    """Pixels; of the whole picture's height where there is no box."""
    some_FP2 = rec.xyz_FPD[:: max(1, rec.frames // 200)]
    some_FP2 = some_FP2[np.isfinite(some_FP2[..., 0]).sum(axis=1) > 1]
    if not len(some_FP2):
        return float(_size(rec)[1])
    return max(1.0, float(np.median(np.linalg.norm(np.nanmax(some_FP2, axis=1) - np.nanmin(some_FP2, axis=1), axis=1))))


def _between(rec: Recording) -> Float32:
    """(F, P, 2) straight lines across gaps, NaN outside them."""
    between_FP2 = np.full(rec.xyz_FPD.shape, np.nan, np.float32)
    missing_FP = rec.origin_FP == Origin.MISSING
    for point in np.flatnonzero(missing_FP.any(axis=0) & ~missing_FP.all(axis=0)):
        known_N, gap_N = np.flatnonzero(~missing_FP[:, point]), np.flatnonzero(missing_FP[:, point])
        gap_N = gap_N[(gap_N > known_N[0]) & (gap_N < known_N[-1])]
        for axis in range(2):
            between_FP2[gap_N, point, axis] = np.interp(gap_N, known_N, rec.xyz_FPD[known_N, point, axis])
    return between_FP2
