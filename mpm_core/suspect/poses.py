"""Implausible poses: bones that are suddenly longer or shorter than the take's own, and, with a model, joints far from where the rest of
the body says they are. F frames, J = 17 joints, B bones.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body import BodyMap, body17, body_joints, map_body
from mpm_core.bones import bone_lengths
from mpm_core.errors import MappingError
from mpm_core.gaps import known, runs
from mpm_core.parts import own_points
from mpm_core.recording import Recording
from mpm_core.suspect.companions import TO_SIGMA
from mpm_core.suspect.kinds import Float, Suspect

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model

Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]

TIMES, LEAST_M, LEAST_PART = 8.0, 0.03, 0.15  # of a bone: its usual variations, metres, and its own length
LEAST_S = 0.02
SIGMAS, FAR_M = 4.0, 0.06  # of a joint the model was not shown
HIDE_S = 0.5  # for how long a joint is hidden at a time
MOST_FRAMES = 20_000  # of a take that are looked at by the model, evenly spread stretches of it
KINDS = ("markers", "joints", "keypoints")


def poses(rec: Recording, overrides: Mapping[str, str] | None = None) -> list[Suspect]:
    """Every stretch in which a bone's length is out of the take's own spread. Nothing for 2D, rigs, and points that make no body."""
    bmap = _mapped(rec, overrides)
    if bmap is None or bmap.kind not in KINDS:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    bones = body17().bones
    length_FB = np.where(_whole(joints_FJ3, bones), bone_lengths(joints_FJ3, bones), np.nan)
    found = []
    for bone, (parent, child) in enumerate(bones):
        length_F = length_FB[:, bone]
        if np.isfinite(length_F).sum() < 10:
            continue
        usual = float(np.nanmedian(length_F))
        spread = TO_SIGMA * float(np.nanmedian(np.abs(length_F - usual)))
        limit = max(TIMES * spread, LEAST_M, LEAST_PART * usual)
        names = f"{body17().names[parent]} to {body17().names[child]}".replace("_", " ")
        for start, stop in runs(np.abs(np.nan_to_num(length_F, nan=usual) - usual) > limit):
            if stop - start < max(1, round(LEAST_S * rec.rate_hz)):
                continue
            there = float(length_F[start:stop][np.argmax(np.abs(length_F[start:stop] - usual))])
            why = f"{names} is {there * 1000:.0f} mm, usually {usual * 1000:.0f} mm"
            found.append(
                Suspect(
                    "pose",
                    tuple(sorted(own_points(rec, bmap, body17().names[child]) or own_points(rec, bmap, body17().names[parent]))),
                    start,
                    stop,
                    abs(there - usual) / limit,
                    why,
                )
            )
    return found


def model_poses(
    rec: Recording,
    model: Model,
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> list[Suspect]:
    """Every stretch in which a joint, hidden from the model, is SIGMAS standard deviations and FAR_M from where it expects it.

    Each pass hides one joint for HIDE_S, the next one after it, and so on round; in 17 passes each joint was hidden everywhere.
    Raises ModelError for a model of another task, Cancelled. Nothing for 2D and points that make no body.
    """
    from mpm_core.edit.fill import donor
    from mpm_core.model.predict import predict_joints
    from mpm_core.model.sigma import calibrated

    bmap = _mapped(rec, overrides)
    if bmap is None:
        return []
    joints_FJ3 = body_joints(rec, bmap)
    seen_FJ = known(joints_FJ3)
    F, J = seen_FJ.shape
    length = max(2, round(HIDE_S * rec.rate_hz))
    stretch_F = np.arange(F) // length
    stretches = int(stretch_F[-1]) + 1 if F else 0
    looked_F = np.isin(stretch_F, np.linspace(0, stretches - 1, min(stretches, MOST_FRAMES // length + 1)).astype(np.int64))
    score_FJ, far_FJ = np.zeros((F, J)), np.zeros((F, J))
    for turn in range(J):
        hidden_FJ = (np.arange(J) == ((stretch_F + turn) % J)[:, None]) & looked_F[:, None] & seen_FJ
        if not hidden_FJ.any():
            continue
        shown_FJ3 = np.where(hidden_FJ[..., None], np.nan, joints_FJ3)
        tell = None if progress is None else _part_of(progress, turn, J)
        said = predict_joints(shown_FJ3, rec.rate_hz, model, wanted_F=np.asarray(hidden_FJ.any(axis=1)), progress=tell, cancel=cancel)
        guess_FJ3 = donor(said.xyz_FJ3, shown_FJ3, rec.rate_hz)
        sigma_FJ = calibrated(said.sigma_FJ, known(shown_FJ3), rec.rate_hz, model)
        off_FJ = np.linalg.norm(guess_FJ3 - joints_FJ3, axis=2)
        limit_FJ = np.maximum(SIGMAS * np.sqrt(3) * np.nan_to_num(sigma_FJ), FAR_M)
        score_FJ[hidden_FJ] = np.nan_to_num(off_FJ / limit_FJ)[hidden_FJ]
        far_FJ[hidden_FJ] = np.nan_to_num(off_FJ)[hidden_FJ]
    return _far_joints(rec, bmap, score_FJ, far_FJ)


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


def _whole(joints_FJ3: Float, bones: tuple[tuple[int, int], ...]) -> np.ndarray:
    seen_FJ = known(joints_FJ3)
    return np.stack([seen_FJ[:, parent] & seen_FJ[:, child] for parent, child in bones], axis=1)


def _part_of(progress: Progress, turn: int, turns: int) -> Progress:
    return lambda share, text: progress((turn + share) / turns, text)
