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

from mpm_core.body.mapping import BodyMap, body17, body_joints, map_body
from mpm_core.errors import DataError
from mpm_core.gaps import known
from mpm_core.progress import Cancel, Progress, part
from mpm_core.recording import Origin, Recording, Source
from mpm_core.skeleton import load_skeleton
from mpm_core.spans import Span, spans_about
from mpm_core.typing import Float
from mpm_core.world_fit.bones import bone_lengths, standing_height
from mpm_core.world_fit.camera import FOCAL, held_as_told, level_axes, rays, up_of
from mpm_core.world_fit.options import LiftOptions, check_options

if TYPE_CHECKING:
    from mpm_core.model.checkpoint import Model
    from mpm_core.world_fit.fit import Fitted

NETWORK_SHARE = 0.8  # of the work, for the progress
TOLD_UP_SIGMA = 0.01  # radians, of a pitch that the user gives
CONTACT = "contact"
ANKLES = ("left_ankle", "right_ankle")


@dataclass(frozen=True, slots=True)
class LiftCamera:
    """The camera of a lifted take: camera axes = turn_33 @ world axes, up to a shift; focal length in pixels."""

    turn_33: Float
    focal_px: float
    image_wh: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Lifted:
    """recording: the result. raw: the network's poses, each frame placed by its keypoints alone; bones, floor and feet not fitted."""

    recording: Recording
    raw: Recording
    camera: LiftCamera


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
    stretches in which a foot rests as spans "contact".

    Its notes say how the camera was held and what it was assumed to be. Raises DataError for a recording that is not 2D, whose image size
    is unknown or for options without a sense, MappingError, ModelError, Cancelled.
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
    """`lift`, with the network's own poses and the camera beside the result."""
    from mpm_core.model.checkpoint import choose_model
    from mpm_core.model.lift_rays import take_poses
    from mpm_core.world_fit.fit import fit_world, world_sigma  # here, as scipy's import takes long
    from mpm_core.world_fit.notes import camera_notes, ground_notes, size_note
    from mpm_core.world_fit.placing import place_root
    from mpm_core.world_fit.toes import foot_points

    options = options or LiftOptions()
    if rec.dims != 2:
        raise DataError("this take is 3D already", where=rec.source.path, hint="complete it instead")
    check_options(options)
    image_wh = options.size or rec.source.image_wh or guessed_size(rec)
    focal_px = (options.focal or FOCAL) * max(image_wh)
    rate_hz = rec.rate_hz if options.fps is None else options.fps
    bmap = map_body(rec, overrides)
    xy_FJ2 = body_joints(rec, bmap)
    if not np.isfinite(xy_FJ2).any():
        raise DataError("no body joint is visible in any frame", where=rec.source.path)
    ray_FJ2, weight_FJ = rays(xy_FJ2, image_wh, focal_px), joint_confidence(rec, bmap)
    network = choose_model("lift", model, device)
    up_3 = up_of(options.pitch, options.turn) if options.pitch is not None and options.turn is not None else None
    running = part(progress, 0.0, NETWORK_SHARE)
    poses = take_poses(xy_FJ2, image_wh, focal_px, rate_hz, network, up_3=up_3, progress=running, cancel=cancel)
    gravity = poses.gravity
    if (options.pitch is not None or options.turn is not None) and up_3 is None:
        up_3 = held_as_told(poses.gravity.up_3, options.pitch, options.turn)
        poses = take_poses(xy_FJ2, image_wh, focal_px, rate_hz, network, up_3=up_3, progress=running, cancel=cancel)
    up_3, up_sigma = poses.gravity.up_3, TOLD_UP_SIGMA if options.pitch is not None else gravity.sigma
    scale = 1.0
    if options.height_m is not None:
        scale = options.height_m / standing_height(bone_lengths(poses.pose_FJ3, poses.sigma_FJ))
    fitted = fit_world(poses.pose_FJ3, poses.sigma_FJ, poses.rest_FA, ray_FJ2, weight_FJ, up_3, up_sigma, rate_hz, scale)
    height = standing_height(fitted.length_J)
    tall = f"height {height:.2f} m {'by the model' if options.height_m is None else 'as told'}"
    notes = (size_note(rec, options, image_wh), *camera_notes(fitted, options, gravity.sigma, gravity.scatter), *ground_notes(fitted), tall)
    sigma_FJ = scale * poses.sigma_FJ
    contacts = tuple(Span(CONTACT, rest.start, rest.stop, (ANKLES[rest.ankle],), source="model") for rest in fitted.rests)
    result = _recording(rec, fitted.xyz_FJ3, world_sigma(sigma_FJ, fitted.xyz_FJ3), rate_hz, notes, contacts)
    feet = foot_points(rec.points)
    if feet:
        result = _with_feet(result, rec, feet, fitted, image_wh, focal_px)
    still_FA = np.zeros_like(poses.rest_FA)
    ankles = body17().names.index(ANKLES[0]), body17().names.index(ANKLES[1])
    root_F3 = place_root(scale * poses.pose_FJ3, ray_FJ2, weight_FJ, still_FA, ankles, rate_hz)
    raw_FJ3 = (scale * poses.pose_FJ3 + root_F3[:, None]) @ level_axes(up_3)
    raw = _recording(rec, raw_FJ3, sigma_FJ, rate_hz, (*notes[:1], "the network's poses, not fitted"), ())
    return Lifted(result, raw, LiftCamera(fitted.turn_33, focal_px, image_wh))


def joint_confidence(rec: Recording, bmap: BodyMap) -> Float:
    """(F, J) the least confidence of the points that make each joint, 0 where it is not visible; 1 in files without confidence."""
    weight_FJ: Float = known(body_joints(rec, bmap)).astype(np.float64)
    if rec.confidence_FP is not None:
        for joint, terms in enumerate(bmap.sources):
            if terms:
                weight_FJ[:, joint] *= np.nan_to_num(rec.confidence_FP[:, [point for point, _ in terms]].min(axis=1), nan=1.0)
    return weight_FJ


def guessed_size(rec: Recording) -> tuple[int, int]:
    """The smallest common image size that contains every keypoint. Raises DataError when no keypoint is visible.

    >>> import numpy as np, mpm_core as mpm
    >>> guessed_size(mpm.make_recording(("a",), 30.0, np.array([[[700.0, 400.0]]])))
    (1000, 1000)
    """
    image_sizes = ((640, 480), (1000, 1000), (1280, 720), (1920, 1080), (1080, 1920), (3840, 2160))
    if not rec.visible_FP.any():
        raise DataError("no keypoint is visible in any frame", where=rec.source.path)
    x, y = np.nanmax(rec.xyz_FPD, axis=(0, 1))
    for width, height in image_sizes:
        if x <= width and y <= height:
            return width, height
    raise DataError(f"keypoints reach {x:.0f}, {y:.0f} pixels and the image size is unknown", where=rec.source.path, hint="give --size WxH")


def _with_feet(
    lifted: Recording, rec: Recording, feet: Mapping[str, str], fitted: Fitted, image_wh: tuple[int, int], focal_px: float
) -> Recording:
    """The 17 joints and toes and heels. feet: joint -> keypoint."""
    from mpm_core.world_fit.toes import USUAL_SIGMA, View, place_feet

    body = load_skeleton("body21")
    visible_FP = rec.visible_FP
    ray_FP2 = rays(np.where(visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan), image_wh, focal_px)
    view = View(fitted.turn_33, fitted.place_3, {joint: ray_FP2[:, rec.index(point)] for joint, point in feet.items()})
    on_N = fitted.floor.on_N if fitted.floor is not None else (False,) * len(fitted.rests)
    placed = place_feet(
        fitted.xyz_FJ3, standing_height(fitted.length_J), fitted.rests, on_N, view, lifted.rate_hz, fitted.floor is not None
    )
    more_FP3 = np.stack([placed[joint] for joint in body.names[len(lifted.points) :]], axis=1)
    ankle_FP = np.stack([lifted.sigma_FP[:, lifted.index(f"{joint.split('_')[0]}_ankle")] for joint in placed], axis=1)
    count = more_FP3.shape[:2]
    return replace(
        lifted,
        points=body.names,
        xyz_FPD=np.concatenate([lifted.xyz_FPD, more_FP3.astype(np.float32)], axis=1),
        origin_FP=np.concatenate([lifted.origin_FP, np.full(count, Origin.PREDICTED, np.uint8)], axis=1),
        sigma_FP=np.concatenate([lifted.sigma_FP, np.hypot(ankle_FP, USUAL_SIGMA).astype(np.float32)], axis=1),
        skeleton=body,
        subjects=tuple(replace(subject, points=body.names) for subject in lifted.subjects),
    )


def _recording(
    rec: Recording, xyz_FJ3: Float, sigma_FJ: Float, rate_hz: float, notes: tuple[str, ...], contacts: tuple[Span, ...]
) -> Recording:
    names = body17().names
    lifted = Recording(
        names,
        float(rate_hz),
        xyz_FJ3.astype(np.float32),
        np.full(xyz_FJ3.shape[:2], Origin.PREDICTED, np.uint8),
        sigma_FJ.astype(np.float32),
        skeleton=body17(),
        source=Source(path=rec.source.path, format="lift", first_frame=rec.source.first_frame, notes=notes),
        log=rec.log,
        spans=(*spans_about(rec.spans, names), *contacts),
        subjects=tuple(replace(subject, points=names) for subject in rec.subjects) if len(rec.subjects) == 1 else (),
    )
    return lifted.logged(f"lifted from 2D ({rec.source.format}) by the model")
