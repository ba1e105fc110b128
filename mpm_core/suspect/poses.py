"""Implausible poses: bones longer or shorter than usual in the take, and, with a model, joints far from their prediction.

F frames, J = 17 joints, B bones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.body.mapping import BodyMap, body_joints, map_body
from mpm_core.body.parts import own_points
from mpm_core.errors import MappingError
from mpm_core.fill.keep.bone_lengths import measured_lengths
from mpm_core.gaps import known, runs
from mpm_core.linalg.robust import MAD_TO_SIGMA
from mpm_core.linalg.subsample import subsample
from mpm_core.progress import Cancel, Progress, part
from mpm_core.recording import Recording, make_recording
from mpm_core.suspect.evidence import abrupt
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Mask

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model


TIMES, LEAST_M, LEAST_SHARE = 8.0, 0.03, 0.15  # of a bone: factor on its spread, metres, and share of its length
LEAST_S, ABRUPT = 0.02, 0.5  # seconds; least change between two frames, as a share of the limit
SIGMAS, FAR_M = 5.0, 0.08  # of a masked joint; with a correct sigma, a 3D distance exceeds 4 once in a thousand
MEDIAN_3D = 1.54  # of a 3D distance, in standard deviations per axis
MASK_S = 0.3  # for how long a joint is masked at a time
MOST_FRAMES = 20_000  # tested with the model, in equally spaced stretches
BODIES = ("markers", "joints", "keypoints")  # kinds of mapping with joints of the 17


def poses(rec: Recording, overrides: Mapping[str, str] | None = None, explained: Sequence[Suspect] = ()) -> list[Suspect]:
    """Every stretch in which a bone's length is outside the take's own spread, and got there or back from one frame to the next: shoulders
    that are raised get there slowly. None for 2D, rigs, points that are not a body, and where one of `explained` is of a
    point of either joint in half of the frames or more: the length follows from that.
    """
    bmap = _mapped(rec, overrides)
    if bmap is None or bmap.kind not in BODIES:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    bones = body17().bones
    length_FB = measured_lengths(joints_FJ3, bones)
    suspects = []
    for bone, (parent, child) in enumerate(bones):
        length_F = length_FB[:, bone]
        if np.isfinite(length_F).sum() < 10:
            continue
        typical = float(np.nanmedian(length_F))
        spread = MAD_TO_SIGMA * float(np.nanmedian(np.abs(length_F - typical)))
        limit = max(TIMES * spread, LEAST_M, LEAST_SHARE * typical)
        names = f"{body17().names[parent]} to {body17().names[child]}".replace("_", " ")
        for start, stop in runs(np.abs(np.nan_to_num(length_F, nan=typical) - typical) > limit):
            if stop - start < max(1, round(LEAST_S * rec.rate_hz)) or not abrupt(length_F, start, stop, ABRUPT * limit):
                continue
            length = float(length_F[start:stop][np.argmax(np.abs(length_F[start:stop] - typical))])
            why = f"{names} is {length * 1000:.0f} mm, usually {typical * 1000:.0f} mm"
            points, of_parent = (own_points(rec, bmap, body17().names[joint]) for joint in (child, parent))
            of_bone = [each for each in explained if (points | of_parent) & set(each.points)]
            if any(2 * (min(each.stop, stop) - max(each.start, start)) >= stop - start for each in of_bone):
                continue
            points = points or of_parent
            suspects.append(Suspect("pose", tuple(sorted(points)), start, stop, abs(length - typical) / limit, why))
    return suspects


def model_poses(
    rec: Recording,
    model: Model,
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> list[Suspect]:
    """Every stretch in which a masked joint is SIGMAS standard deviations and FAR_M from its fill with the model.

    Each pass masks one joint for MASK_S, then the next one, and so on; after 17 passes each joint was masked everywhere. The standard
    deviation is that of the fill; where it has none, the typical error of that joint in this take. Raises ModelError for a model of another
    task, Cancelled. None for 2D and points that are not a body.
    """
    bmap = _mapped(rec, overrides)
    if bmap is None or not rec.frames:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    known_FJ = known(joints_FJ3)
    F, J = known_FJ.shape
    length = max(2, round(MASK_S * rec.rate_hz))
    stretch_F = np.arange(F) // length
    inner = np.arange(1, stretch_F[-1])  # at the start and end of the take a fill has one side only, and large errors
    tested_F = np.isin(stretch_F, inner[subsample(len(inner), MOST_FRAMES // length + 1)])
    error_FJ, sigma_FJ = np.full((F, J), np.nan), np.full((F, J), np.nan)
    for pass_number in range(J):
        masked_FJ = (np.arange(J) == ((stretch_F + pass_number) % J)[:, None]) & tested_F[:, None] & known_FJ
        if masked_FJ.any():
            of_pass = part(progress, pass_number / J, (pass_number + 1) / J)
            _fill_masked(joints_FJ3, masked_FJ, rec.rate_hz, model, error_FJ, sigma_FJ, of_pass, cancel)
    typical_J = np.array([np.median(error_F[np.isfinite(error_F)]) if np.isfinite(error_F).any() else np.nan for error_F in error_FJ.T])
    sigma_FJ = np.where(np.isfinite(sigma_FJ), sigma_FJ, typical_J / MEDIAN_3D)
    return _far_joints(rec, bmap, np.nan_to_num(error_FJ / np.maximum(SIGMAS * sigma_FJ, FAR_M)), error_FJ)


def _fill_masked(
    joints_FJ3: Float,
    masked_FJ: Mask,
    rate_hz: float,
    model: Model,
    error_FJ: Float,
    sigma_FJ: Float,
    progress: Progress | None,
    cancel: Cancel | None,
) -> None:
    """Fill masked joints, and write errors and sigma (per axis) into error_FJ and sigma_FJ, metres."""
    from mpm_core.complete import CompleteOptions, complete_patch

    masked = make_recording(body17().names, rate_hz, np.where(masked_FJ[..., None], np.nan, joints_FJ3))
    patch = complete_patch(masked, CompleteOptions(where_FP=masked_FJ, model=model, limits=None), progress=progress, cancel=cancel).patch
    filled = patch.frames_N, patch.points_N
    error_FJ[filled] = np.linalg.norm(patch.xyz_ND.astype(np.float64) - joints_FJ3[filled], axis=1)
    sigma_FJ[filled] = patch.sigma_N


def _far_joints(rec: Recording, bmap: BodyMap, score_FJ: Float, far_FJ: Float) -> list[Suspect]:
    suspects = []
    for joint, name in enumerate(body17().names):
        for start, stop in runs(score_FJ[:, joint] > 1):
            points = tuple(sorted(own_points(rec, bmap, name)))
            if points:
                why = f"{name.replace('_', ' ')} is {far_FJ[start:stop, joint].max() * 1000:.0f} mm from where the model expects it"
                suspects.append(Suspect("pose", points, start, stop, float(score_FJ[start:stop, joint].max()), why))
    return suspects


def _mapped(rec: Recording, overrides: Mapping[str, str] | None) -> BodyMap | None:
    if rec.dims != 3 or not rec.points:
        return None
    try:
        return map_body(rec, overrides)
    except MappingError:
        return None
