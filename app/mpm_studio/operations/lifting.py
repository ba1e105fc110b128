"""Lifting a 2D take to 3D, and fitting it again for another camera."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any

import numpy as np

from mpm_core.edit.patch import Replace
from mpm_core.edit.request import requested
from mpm_core.lift import CONTACT, Lifted, Predicted, fit_poses, predict_poses
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Recording
from mpm_core.world_fit.bones import bone_lengths, standing_height
from mpm_core.world_fit.camera import pitch_deg, roll_deg
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.operations.networks import Networks

JOINTS = 17


@dataclass(frozen=True, slots=True)
class LiftRequest:
    """A 2D take, and what is known of its video and of the person."""

    recording: Recording
    options: LiftOptions = field(default_factory=LiftOptions)
    overrides: dict[str, Any] = field(default_factory=dict)
    networks: Networks = field(default_factory=Networks)


@dataclass(frozen=True, slots=True, eq=False)
class LiftResult:
    """request: with the options of this result. edit: replaces the 2D take by its 3D one; raw_edit: by the network's poses, not fitted."""

    request: LiftRequest
    predicted: Predicted
    lifted: Lifted
    edit: Replace
    raw_edit: Replace


@dataclass(frozen=True, slots=True)
class LiftFigures:
    """Of a lifted take: degrees, focal length as a share of the longer side, metres. sigma_m: the mean; NaN where there is none."""

    pitch: float
    roll: float
    focal: float
    height_m: float
    contacts: int
    sigma_m: float


def lift(request: LiftRequest, cancel: Cancel, progress: Progress) -> LiftResult:
    """A job. Raises DataError, MappingError, ModelError, Cancelled."""
    networks, overrides = request.networks, request.overrides or None
    predicted = predict_poses(
        request.recording,
        request.options,
        model=networks.lift,
        device=networks.device,
        overrides=overrides,
        progress=progress,
        cancel=cancel,
    )
    return _result(request, predicted, request.options)


def fit_again(before: LiftResult, options: LiftOptions) -> LiftResult:
    """The same poses fitted for other options. Raises DataError."""
    return _result(before.request, before.predicted, options)


def _result(request: LiftRequest, predicted: Predicted, options: LiftOptions) -> LiftResult:
    lifted = fit_poses(predicted, options)
    given = {field.name: getattr(options, field.name) for field in fields(options)}
    arguments = {name: list(value) if isinstance(value, tuple) else value for name, value in given.items()}
    edit = requested(Replace("Lift to 3D", request.recording, lifted.recording), "lift", **arguments)
    raw_edit = Replace("Lift to 3D, not fitted", request.recording, lifted.raw)
    return LiftResult(replace(request, options=options), predicted, lifted, edit, raw_edit)


def summary(rec: Recording) -> str:
    """A lifted take in words."""
    sigma_m = _mean_sigma(rec)
    sure = "" if np.isnan(sigma_m) else f", ± {1000 * sigma_m:.0f} mm"
    return f"{rec.frames:,} frames lifted to 3D: {len(rec.points)} joints at {rec.rate_hz:g} frames a second{sure}"


def figures(rec: Recording) -> LiftFigures | None:
    """None for a take that was not lifted."""
    camera = rec.source.camera
    if camera is None:
        return None
    up_3 = camera.turn_33[:, 2]
    xyz_FJ3, sigma_FJ = rec.xyz_FPD[:, :JOINTS].astype(np.float64), np.nan_to_num(rec.sigma_FP[:, :JOINTS].astype(np.float64), nan=1.0)
    known_F = np.isfinite(xyz_FJ3).all(axis=(1, 2))
    height_m = standing_height(bone_lengths(xyz_FJ3[known_F], sigma_FJ[known_F])) if known_F.any() else float("nan")
    contacts = sum(span.name == CONTACT for span in rec.spans)
    focal = camera.focal_px / max(camera.image_wh)
    return LiftFigures(pitch_deg(up_3), roll_deg(up_3), focal, height_m, contacts, _mean_sigma(rec))


def _mean_sigma(rec: Recording) -> float:
    known_N = rec.sigma_FP[np.isfinite(rec.sigma_FP)]
    return float(known_N.mean()) if len(known_N) else float("nan")
