"""Lifting: 2D keypoints of one still camera to 3D joints in metres, Z up, standing on the ground. F frames, J = 17 joints, A = 2 ankles.

The network says which way is up, and gives the pose of each frame and when a foot is at rest; world_fit/ makes one body of it that stands
where it stands. The focal length is given, or assumed (world_fit.camera.FOCAL of the image's longer side).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mpm_core.body.confidence import joint_confidence
from mpm_core.body.joints import L_ANKLE, R_ANKLE
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.errors import DataError
from mpm_core.gaps import frames_away, known
from mpm_core.lift_camera import LiftCamera
from mpm_core.picture_size import guessed_size
from mpm_core.progress import Cancel, Progress, part
from mpm_core.recording import Recording
from mpm_core.spans import Span
from mpm_core.typing import Float
from mpm_core.world_fit.bones import bone_lengths, scale_to_height, standing_height
from mpm_core.world_fit.camera import FOCAL, level_axes, rays
from mpm_core.world_fit.options import LiftOptions, check_options, constrained_up, up_sigma, whole_up

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model
    from mpm_core.model.lift_rays import RayPoses

NETWORK_SHARE = 0.8  # of the work, for the progress
CONTACT = "contact"
ANKLES = ("left_ankle", "right_ankle")


@dataclass(frozen=True, slots=True)
class Predicted:
    """What the network says of a take, which `fit_poses` fits into the world for one camera or another. F frames, J = 17 joints.

    xy_FJ2: keypoints of the joints, pixels, NaN = missing. weight_FJ: their confidence. rate_hz: as given, else the recording's.
    """

    recording: Recording
    image_wh: tuple[int, int]
    rate_hz: float
    xy_FJ2: Float
    weight_FJ: Float
    poses: RayPoses


@dataclass(frozen=True, slots=True)
class Lifted:
    """recording: the result. raw: the network's poses, each frame placed by its keypoints alone; bones, floor and feet not fitted.

    doubts: notes which say that an assumption of the lift may be wrong: the picture's size, the still camera, or that there is one person.
    legs_unseen: whether most frames do not show a knee or an ankle, so that only the user knows whether the person sits.
    """

    recording: Recording
    raw: Recording
    camera: LiftCamera
    doubts: tuple[str, ...] = ()
    legs_unseen: bool = False


def lift(
    rec: Recording,
    options: LiftOptions | None = None,
    *,
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Recording:
    """A recording of the 17 body joints, and of toes and heels where the keypoints have them, metres, Z up, all samples PREDICTED, with the
    stretches in which a foot rests as spans "contact". Frames that show no joint stay missing (NaN), unless options.fill_absent.

    rec: 2D keypoints of one camera that stands still, pixels, y down. model, device, overrides: as `CompleteOptions` has them. The
    result's sigma_FP is in metres per axis; its notes say how the camera was held and what it was assumed to be; source.camera is that
    camera. The network follows the masked-pose model of MPM (arXiv 2306.17201); the fit in the world is this program's own. Raises
    DataError for a recording that is not 2D, whose image size is unknown or for options without a sense, MappingError, ModelError,
    Cancelled.

    >>> import mpm_core as mpm
    >>> from mpm_core.resources import resource
    >>> keypoints = mpm.read(resource("sample/walk_reach_sit_openpose"), image_wh=(1920, 1080))
    >>> body = mpm.lift(keypoints, mpm.LiftOptions(height_m=1.75))
    >>> body.dims, body.frames == keypoints.frames, body.points[:2]
    (3, True, ('hip', 'right_hip'))
    """
    return lift_take(rec, options, model=model, device=device, overrides=overrides, progress=progress, cancel=cancel).recording


def lift_take(
    rec: Recording,
    options: LiftOptions | None = None,
    *,
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Lifted:
    """`lift`, with the network's own poses beside the result."""
    options = options or LiftOptions()
    predicted = predict_poses(rec, options, model=model, device=device, overrides=overrides, progress=progress, cancel=cancel)
    return fit_poses(predicted, options)


def predict_poses(
    rec: Recording,
    options: LiftOptions,
    *,
    model: str | Path | Model | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Predicted:
    """The first half of a lift, which takes most of its time. Raises as `lift` does."""
    from mpm_core.model.checkpoint import choose_model
    from mpm_core.model.lift_rays import take_poses

    if rec.dims != 2:
        raise DataError("this take is 3D already", where=rec.source.path, hint="fill its gaps instead: `mpm-studio clean`")
    check_options(options)
    image_wh = options.size or rec.source.image_wh or guessed_size(rec)
    focal_px = (options.focal or FOCAL) * max(image_wh)
    rate_hz = rec.rate_hz if options.fps is None else options.fps
    bmap = map_body(rec, overrides)
    xy_FJ2 = body_joints(rec, bmap)
    if not np.isfinite(xy_FJ2).any():
        raise DataError("no body joint is visible in any frame", where=rec.source.path)
    network = choose_model("lift", model, device)
    running = part(progress, 0.0, NETWORK_SHARE)
    up_3 = whole_up(options)
    poses = take_poses(xy_FJ2, image_wh, focal_px, rate_hz, network, up_3=up_3, progress=running, cancel=cancel)
    if options.constrains_up and up_3 is None:
        found = poses.gravity
        up_3 = constrained_up(found.up_3, options)
        poses = take_poses(xy_FJ2, image_wh, focal_px, rate_hz, network, up_3=up_3, progress=running, cancel=cancel)
        poses = replace(poses, gravity=replace(found, up_3=up_3))
    weight_FJ = np.where(known(xy_FJ2), np.nan_to_num(joint_confidence(rec, bmap), nan=1.0), 0.0)
    return Predicted(rec, image_wh, rate_hz, xy_FJ2, weight_FJ, poses)


def fit_poses(predicted: Predicted, options: LiftOptions) -> Lifted:
    """The second half: the poses in the world. Size and rate are those of the first half; a camera that differs from the one it was done
    for moves the poses and does not estimate them again. Raises DataError for options without a sense.
    """
    from mpm_core.world_fit.fit import SEEN_S, fit_world, world_sigma  # here, as scipy's import takes long
    from mpm_core.world_fit.lifted_take import lifted_take, with_feet
    from mpm_core.world_fit.notes import (
        absence_notes,
        camera_note,
        focal_note,
        ground_notes,
        jump_notes,
        legs_unseen,
        size_note,
        unseen_notes,
    )
    from mpm_core.world_fit.seated import with_seated_legs
    from mpm_core.world_fit.toes_and_heels import foot_points

    check_options(options)
    rec, poses, rate_hz, weight_FJ = predicted.recording, predicted.poses, predicted.rate_hz, predicted.weight_FJ
    focal_px = (options.focal or FOCAL) * max(predicted.image_wh)
    ray_FJ2 = rays(predicted.xy_FJ2, predicted.image_wh, focal_px)
    gravity, up_3 = poses.gravity, constrained_up(poses.gravity.up_3, options)
    sigma_2 = up_sigma(gravity.sigma, options)
    pose_FJ3, sigma_FJ = poses.pose_FJ3, poses.sigma_FJ
    if options.height_m is not None:
        scale = scale_to_height(bone_lengths(pose_FJ3, sigma_FJ), options.height_m)
        pose_FJ3, sigma_FJ = scale * pose_FJ3, scale * sigma_FJ
    unseen_FJ = frames_away(known(predicted.xy_FJ2)) > SEEN_S * rate_hz
    body_FJ3 = with_seated_legs(pose_FJ3, sigma_FJ, unseen_FJ, up_3, rate_hz) if options.seated else pose_FJ3
    fitted = fit_world(body_FJ3, sigma_FJ, poses.rest_FA, ray_FJ2, weight_FJ, up_3, sigma_2, rate_hz)
    camera = LiftCamera(fitted.turn_33, focal_px, predicted.image_wh, fitted.place_3)
    absent_F = np.logical_not(known(predicted.xy_FJ2).any(axis=1))
    height, unseen_legs = standing_height(fitted.length_J), legs_unseen(unseen_FJ[~absent_F])
    uncertain = (size_note(rec, options, predicted.image_wh), camera_note(fitted, options, gravity.sigma, gravity.scatter))
    jumps = jump_notes(predicted.xy_FJ2, poses.pose_FJ3, rate_hz, rec.source.first_frame)
    notes = (
        *(note for note, _ in uncertain),
        *jumps,
        focal_note(options),
        *ground_notes(fitted),
        f"height {height:.2f} m {'by the model' if options.height_m is None else 'as given'}",
        *unseen_notes(unseen_FJ[~absent_F], options.seated),
        *absence_notes(absent_F, rec.source.first_frame, options.fill_absent),
    )
    if options.fill_absent:
        absent_F = np.zeros_like(absent_F)
    contacts = tuple(Span(CONTACT, rest.start, rest.stop, (ANKLES[rest.ankle],), source="model") for rest in fitted.rests)
    result = lifted_take(rec, fitted.xyz_FJ3, world_sigma(sigma_FJ, fitted.xyz_FJ3), absent_F, rate_hz, camera, notes, contacts)
    feet = foot_points(rec.points)
    if feet:
        result = with_feet(result, rec, feet, fitted, camera)
    level = LiftCamera(level_axes(up_3), focal_px, predicted.image_wh)
    raw_FJ3 = _not_fitted(pose_FJ3, ray_FJ2, weight_FJ, rate_hz, level)
    raw_notes = (*notes[:1], "the network's poses, not fitted")
    doubts = (*(note for note, doubtful in uncertain if doubtful), *jumps)
    raw = lifted_take(rec, raw_FJ3, sigma_FJ, absent_F, rate_hz, level, raw_notes, ())
    return Lifted(result, raw, camera, doubts, unseen_legs)


def _not_fitted(pose_FJ3: Float, ray_FJ2: Float, weight_FJ: Float, rate_hz: float, level: LiftCamera) -> Float:
    """(F, J, 3) the network's own poses at the place where a camera that is held level sees them, no foot at rest; metres, Z up."""
    from mpm_core.world_fit.placing import place_root

    root_F3 = place_root(pose_FJ3, ray_FJ2, weight_FJ, np.zeros((len(pose_FJ3), 2)), (L_ANKLE, R_ANKLE), rate_hz, level.turn_33[:, 2])
    return np.asarray((pose_FJ3 + root_F3[:, None]) @ level.turn_33)
