"""Implausible poses: bones that are suddenly longer or shorter than the take's own, and, with a model, joints far from where the rest of
the body says they are. F frames, J = 17 joints, B bones.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body.mapping import BodyMap, body17, body_joints, map_body
from mpm_core.body.parts import own_points
from mpm_core.errors import MappingError
from mpm_core.fill.keep.bone_lengths import measured_lengths
from mpm_core.gaps import known, runs
from mpm_core.linalg.robust import MAD_TO_SIGMA
from mpm_core.linalg.subsample import subsample
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording, make_recording
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Mask

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model


TIMES, LEAST_M, LEAST_PART = 8.0, 0.03, 0.15  # of a bone: its usual variations, metres, and its own length
LEAST_S = 0.02
SIGMAS, FAR_M = 5.0, 0.08  # of a joint the model was not shown: a distance in 3D is beyond 4 once in a thousand, where sigma is right
MEDIAN_3D = 1.54  # of a distance in 3D, in standard deviations per axis
HIDE_S = 0.3  # for how long a joint is hidden at a time
MOST_FRAMES = 20_000  # of a take that are looked at by the model, evenly spread stretches of it
KINDS = ("markers", "joints", "keypoints")


def poses(rec: Recording, overrides: Mapping[str, str] | None = None) -> list[Suspect]:
    """Every stretch in which a bone's length is out of the take's own spread. Nothing for 2D, rigs, and points that make no body."""
    bmap = _mapped(rec, overrides)
    if bmap is None or bmap.kind not in KINDS:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    bones = body17().bones
    length_FB = measured_lengths(joints_FJ3, bones)
    found = []
    for bone, (parent, child) in enumerate(bones):
        length_F = length_FB[:, bone]
        if np.isfinite(length_F).sum() < 10:
            continue
        usual = float(np.nanmedian(length_F))
        spread = MAD_TO_SIGMA * float(np.nanmedian(np.abs(length_F - usual)))
        limit = max(TIMES * spread, LEAST_M, LEAST_PART * usual)
        names = f"{body17().names[parent]} to {body17().names[child]}".replace("_", " ")
        for start, stop in runs(np.abs(np.nan_to_num(length_F, nan=usual) - usual) > limit):
            if stop - start < max(1, round(LEAST_S * rec.rate_hz)):
                continue
            there = float(length_F[start:stop][np.argmax(np.abs(length_F[start:stop] - usual))])
            why = f"{names} is {there * 1000:.0f} mm, usually {usual * 1000:.0f} mm"
            made_of = own_points(rec, bmap, body17().names[child]) or own_points(rec, bmap, body17().names[parent])
            found.append(Suspect("pose", tuple(sorted(made_of)), start, stop, abs(there - usual) / limit, why))
    return found


def model_poses(
    rec: Recording,
    model: Model,
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> list[Suspect]:
    """Every stretch in which a joint that was hidden is SIGMAS standard deviations and FAR_M from where the fill with the model puts it.

    Each pass hides one joint for HIDE_S, the next one after it, and so on round; in 17 passes each joint was hidden everywhere. The
    standard deviation is the fill's own; where it has none, the usual error of that joint in this take.
    Raises ModelError for a model of another task, Cancelled. Nothing for 2D and points that make no body.
    """
    bmap = _mapped(rec, overrides)
    if bmap is None or not rec.frames:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    seen_FJ = known(joints_FJ3)
    F, J = seen_FJ.shape
    length = max(2, round(HIDE_S * rec.rate_hz))
    stretch_F = np.arange(F) // length
    inner = np.arange(1, stretch_F[-1])  # at the take's ends a fill is seen from one side only, and says little
    looked_F = np.isin(stretch_F, inner[subsample(len(inner), MOST_FRAMES // length + 1)])
    off_FJ, sigma_FJ = np.full((F, J), np.nan), np.full((F, J), np.nan)
    for turn in range(J):
        masked_FJ = (np.arange(J) == ((stretch_F + turn) % J)[:, None]) & looked_F[:, None] & seen_FJ
        if masked_FJ.any():
            tell = None if progress is None else _part_of(progress, turn, J)
            _hide(joints_FJ3, masked_FJ, rec.rate_hz, model, off_FJ, sigma_FJ, tell, cancel)
    usual_J = np.array([np.median(each[np.isfinite(each)]) if np.isfinite(each).any() else np.nan for each in off_FJ.T])
    sigma_FJ = np.where(np.isfinite(sigma_FJ), sigma_FJ, usual_J / MEDIAN_3D)
    return _far_joints(rec, bmap, np.nan_to_num(off_FJ / np.maximum(SIGMAS * sigma_FJ, FAR_M)), off_FJ)


def _hide(
    joints_FJ3: Float,
    masked_FJ: Mask,
    rate_hz: float,
    model: Model,
    off_FJ: Float,
    sigma_FJ: Float,
    progress: Progress | None,
    cancel: Cancel | None,
) -> None:
    """Hide some joints, fill them, and put how far off and how unsure the fill is into off_FJ and sigma_FJ (per axis), metres."""
    from mpm_core.complete import CompleteOptions, complete_patch

    shown = make_recording(body17().names, rate_hz, np.where(masked_FJ[..., None], np.nan, joints_FJ3))
    patch = complete_patch(shown, CompleteOptions(where_FP=masked_FJ, model=model), progress=progress, cancel=cancel).patch
    at = patch.frames_N, patch.points_N
    off_FJ[at] = np.linalg.norm(patch.xyz_ND.astype(np.float64) - joints_FJ3[at], axis=1)
    sigma_FJ[at] = patch.sigma_N


def _far_joints(rec: Recording, bmap: BodyMap, score_FJ: Float, far_FJ: Float) -> list[Suspect]:
    found = []
    for joint, name in enumerate(body17().names):
        for start, stop in runs(score_FJ[:, joint] > 1):
            points = tuple(sorted(own_points(rec, bmap, name)))
            if points:
                why = f"{name.replace('_', ' ')} is {far_FJ[start:stop, joint].max() * 1000:.0f} mm from where the model expects it"
                found.append(Suspect("pose", points, start, stop, float(score_FJ[start:stop, joint].max()), why))
    return found


def _mapped(rec: Recording, overrides: Mapping[str, str] | None) -> BodyMap | None:
    if rec.dims != 3 or not rec.points:
        return None
    try:
        return map_body(rec, overrides)
    except MappingError:
        return None


def _part_of(progress: Progress, turn: int, turns: int) -> Progress:
    return lambda share, text: progress((turn + share) / turns, text)
