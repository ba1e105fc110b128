"""Lifting by the code that the application runs, of the windows that the network alone is measured on, and of longer takes.

B windows, F frames, J = 17 joints, N frames of all takes. Poses are relative to the root, in camera axes, metres.
"""

from __future__ import annotations

from copy import copy

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.gaps import known
from mpm_core.lift import fit_poses, predict_poses
from mpm_core.model.checkpoint import Model
from mpm_core.recording import make_recording
from mpm_core.typing import Float, Int, Mask
from mpm_core.world_fit.options import LiftOptions
from mpm_core.world_fit.placing import FEWEST_VISIBLE
from mpm_train import metrics
from mpm_train.data.cameras import project
from mpm_train.data.windows import Sampler
from mpm_train.progress import tracked
from mpm_train.tables.lifting import KINDS, lifted, pixels_of
from mpm_train.tables.write import Table, Value

TAKE_S = 8.0
ALONE, WHOLE = ("network MPJPE", "network P-MPJPE"), ("MPJPE", "P-MPJPE")


def application(model: Model, sampler: Sampler, windows: int, takes: int, seed: int, split: str) -> Table:
    """What the application makes of the windows of `lift_tables`, the middle frames scored, and of longer takes, every frame scored; beside
    it what the network says before its poses are fitted. Raises ModelError for a network that gives the middle frame only.
    """
    rows = [_windows(model, sampler, windows, seed, kind) for kind in KINDS] + [_takes(model, sampler, takes, seed, kind) for kind in KINDS]
    columns: dict[str, int | None] = {"2D": None, **dict.fromkeys((*ALONE, *WHOLE), 1), "MPJVE": 2}
    config = model.network.config
    notes = (
        f"{windows} windows of {config.frames} frames, middle frames scored, and {takes} takes of up to {TAKE_S:g} s, every frame scored.",
        f"Without those in which no frame shows {FEWEST_VISIBLE} joints.",
        "MPJPE, P-MPJPE: lifted as the application does, fitted to keypoints, floor and feet at rest, by a camera that it does not know.",
        f"MPJVE in mm per frame at {config.rate_hz:g} Hz.",
    )
    return Table("lifting_application", f"2D to 3D in the application, mm, {split} subjects", columns, tuple(rows), notes)


def _windows(model: Model, sampler: Sampler, windows: int, seed: int, kind: str) -> tuple[Value, ...]:
    """The row of a kind of 2D: the windows of `lifted`, those frames of each that are its clip's own."""
    config = model.network.config
    one = lifted(model, sampler, windows, seed, kind, "", flip=False)
    lifted_B, fitted = np.flatnonzero(_can_be_lifted(one.xy_BFJ2, one.valid_BF)), []
    for window in tracked(lifted_B.tolist(), f"lifting windows, {kind}", "windows"):
        own_F = one.valid_BF[window]
        _, fitted_FJ3 = application_poses(one.xy_BFJ2[window, own_F], one.image_B2[window], config.rate_hz, model)
        fitted.append(fitted_FJ3[own_F[: config.frames // 2].sum()])
    truth_BJ3 = one.truth_BJ3[lifted_B]
    return (f"{kind}, windows", *_figures(one.middle_BJ3[lifted_B], truth_BJ3), *_figures(np.stack(fitted), truth_BJ3), None)


def _takes(model: Model, sampler: Sampler, takes: int, seed: int, kind: str) -> tuple[Value, ...]:
    """The row of a kind of 2D: takes of TAKE_S."""
    rate_hz = model.network.config.rate_hz
    long = copy(sampler)
    long.frames = round(TAKE_S * rate_hz)
    rng = np.random.default_rng([seed, 6])
    drawn = long.draw(takes, rng, augment=False)
    views = project(drawn.xyz_BFJ3, rng)
    xy_BFJ2, missing_BFJ = pixels_of(views, kind, rate_hz, rng)
    visible_BFJ2 = np.where(missing_BFJ[..., None], np.nan, xy_BFJ2.double().numpy())
    valid_BF, found = drawn.valid_BF.numpy(), []
    for take in tracked(np.flatnonzero(_can_be_lifted(visible_BFJ2, valid_BF)).tolist(), f"lifting takes, {kind}", "takes"):
        own_F = valid_BF[take]
        poses = application_poses(visible_BFJ2[take, own_F], views.image_B112[take].flatten().long().numpy(), rate_hz, model)
        found.append((*poses, views.target_BFJ3[take].double().numpy()[own_F]))
    speeds = [metrics.velocity_errors(fitted_FJ3, truth_FJ3) for _, fitted_FJ3, truth_FJ3 in found]
    network_NJ3, fitted_NJ3, truth_NJ3 = (np.concatenate(poses) for poses in zip(*found, strict=True))
    figures = (*_figures(network_NJ3, truth_NJ3), *_figures(fitted_NJ3, truth_NJ3))
    return (f"{kind}, takes", *figures, 1000 * float(np.concatenate(speeds).mean()))


def _can_be_lifted(xy_BFJ2: Float, valid_BF: Mask) -> Mask:
    """(B,) windows of which a frame shows enough joints."""
    return np.asarray((valid_BF & (known(xy_BFJ2).sum(axis=2) >= FEWEST_VISIBLE)).any(axis=1))


def application_poses(xy_FJ2: Float, image_2: Int, rate_hz: float, model: Model) -> tuple[Float, Float]:
    """(F, J, 3) the network's poses, and those that the application fits to them, of pixels (NaN = missing); image_2: width and height of
    the picture. Raises DataError, ModelError."""
    options = LiftOptions(size=(int(image_2[0]), int(image_2[1])), fill_absent=True)
    predicted = predict_poses(make_recording(body17().names, rate_hz, xy_FJ2), options, model=model)
    result = fit_poses(predicted, options)
    camera_FJ3 = result.recording.xyz_FPD[:, : xy_FJ2.shape[1]].astype(np.float64) @ result.camera.turn_33.T
    return predicted.poses.pose_FJ3, metrics.rooted(camera_FJ3)


def _figures(found_NJ3: Float, truth_NJ3: Float) -> tuple[float, ...]:
    """MPJPE and P-MPJPE, mm."""
    return tuple(1000 * float(errors(found_NJ3, truth_NJ3).mean()) for errors in (metrics.position_errors, metrics.aligned_errors))
