"""How thick bones and points are drawn: by length, by their place on the body, and by the size of the take. B bones, P points; metres."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.recording import Recording
from mpm_core.typing import Float, Float32, Mask
from mpm_studio.render.body_rows import Bones, every
from mpm_studio.render.extent import Placing
from mpm_studio.render.limb_ends import PALM, RADIUS_M, SPREAD_M
from mpm_studio.render.sides import MIDDLE

MARKER_M, JOINT_M, END_M, TRUNK_M, SKULL_M = 0.013, 0.026, 0.006, 0.019, 0.058  # radii on a person
REACH_M = 0.7  # no limb is longer


def thickness(rec: Recording, bones: Bones, joints_FJD: Float32 | None, where: Placing, side_R: NDArray[np.intp], scale: float) -> Float:
    """(B, 2) radii in metres: long bones thick, fingers and End Sites thin, the trunk never thin, the head round."""
    child_B = bones.pairs_B2[:, 1]
    length_B = _lengths(rec, bones, joints_FJD, where) / scale
    thick_B = np.clip(0.1 * length_B, END_M, 0.030)
    thick_B = np.where(side_R[child_B] == MIDDLE, np.maximum(thick_B, TRUNK_M), thick_B)
    ends = np.append(_end_sites(rec), np.zeros(17 * len(bones.derived), bool))
    thick_B = np.where(ends[child_B] | (length_B > REACH_M), END_M, thick_B)  # what joins a figure to a far away reference is not a limb
    thick_B2 = np.stack([thick_B, 0.72 * thick_B], axis=1)
    for kind, radius_2 in RADIUS_M.items():
        thick_B2[bones.part_B == kind] = radius_2
    parent_B, palm_B = bones.pairs_B2[:, 0], bones.part_B == PALM
    several_B = palm_B & (np.bincount(parent_B[palm_B], minlength=parent_B.max(initial=0) + 1) > 1)[parent_B]
    thick_B2[several_B] = SPREAD_M
    thick_B2[is_skull(bones)] = SKULL_M
    return thick_B2 * scale


def is_skull(bones: Bones) -> Mask:
    return np.array([tuple(pair) in bones.skulls for pair in bones.pairs_B2.tolist()], bool).reshape(len(bones.pairs_B2))


def _lengths(rec: Recording, bones: Bones, joints_FJD: Float32 | None, where: Placing) -> Float:
    """(B,) the median length in metres over a few frames; 0 when it is never known."""
    some = every(rec)
    rows = rec.xyz_FPD[some] if joints_FJD is None else np.concatenate([rec.xyz_FPD[some], joints_FJD[some]], axis=1)
    xyz_FR3 = where.place(rows)
    long_FB = np.linalg.norm(xyz_FR3[:, bones.pairs_B2[:, 0]] - xyz_FR3[:, bones.pairs_B2[:, 1]], axis=2)
    return np.array([np.median(long[np.isfinite(long)]) if np.isfinite(long).any() else 0.0 for long in long_FB.T], np.float64)


def radii(rec: Recording, bones: Bones, thick_B2: Float, scale: float) -> Float:
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
