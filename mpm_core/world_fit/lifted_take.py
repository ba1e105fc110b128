"""The recording of a lifted take. F frames, P points, J = 17 joints."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import FilePart, Origin, Recording, Source
from mpm_core.skeleton import load_skeleton
from mpm_core.spans import Span, spans_about
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.bones import standing_height
from mpm_core.world_fit.camera import rays
from mpm_core.world_fit.fit import Fitted
from mpm_core.world_fit.toes_and_heels import USUAL_SIGMA, View, place_toes_and_heels


def lifted_take(
    rec: Recording,
    xyz_FJ3: Float,
    sigma_FJ: Float,
    absent_F: Mask,
    rate_hz: float,
    camera: LiftCamera,
    notes: tuple[str, ...],
    contacts: tuple[Span, ...],
) -> Recording:
    """A take of the 17 joints, all samples PREDICTED, those of absent_F MISSING. rec: the keypoints that it was lifted from."""
    names, part = body17().names, rec.source.part
    lifted = Recording(
        names,
        float(rate_hz),
        np.where(absent_F[:, None, None], np.nan, xyz_FJ3).astype(np.float32),
        np.where(absent_F[:, None], np.uint8(Origin.MISSING), np.full(xyz_FJ3.shape[:2], Origin.PREDICTED, np.uint8)),
        sigma_FJ.astype(np.float32),
        skeleton=body17(),
        source=Source(
            path=rec.source.path,
            format="lift",
            first_frame=rec.source.first_frame,
            notes=notes,
            part=FilePart(part.start, part.step),
            camera=camera,
        ),
        log=rec.log,
        spans=(*spans_about(rec.spans, names), *contacts),
        subjects=tuple(replace(subject, points=names) for subject in rec.subjects) if len(rec.subjects) == 1 else (),
    )
    return lifted.logged(f"lifted from 2D ({rec.source.format}) by the model")


def with_feet(lifted: Recording, rec: Recording, feet: Mapping[str, str], fitted: Fitted, camera: LiftCamera) -> Recording:
    """The 17 joints and toes and heels, missing in the same frames. feet: joint -> keypoint."""
    body, absent_F = load_skeleton("body21"), lifted.origin_FP[:, 0] == Origin.MISSING
    visible_FP = rec.visible_FP
    ray_FP2 = rays(np.where(visible_FP[..., None], rec.xyz_FPD.astype(np.float64), np.nan), camera.image_wh, camera.focal_px)
    view = View(fitted.turn_33, fitted.place_3, {joint: ray_FP2[:, rec.index(point)] for joint, point in feet.items()})
    height_m, has_floor = standing_height(fitted.length_J), fitted.floor is not None
    placed = place_toes_and_heels(fitted.xyz_FJ3, height_m, fitted.rests, fitted.on_floor_N, view, lifted.rate_hz, has_floor)
    more_FP3 = np.stack([placed[joint] for joint in body.names[len(lifted.points) :]], axis=1)
    ankle_FP = np.stack([lifted.sigma_FP[:, lifted.index(f"{joint.split('_')[0]}_ankle")] for joint in placed], axis=1)
    more_FP3[absent_F] = np.nan
    origin_FP = np.where(absent_F[:, None], np.uint8(Origin.MISSING), np.full(more_FP3.shape[:2], Origin.PREDICTED, np.uint8))
    return replace(
        lifted,
        points=body.names,
        xyz_FPD=np.concatenate([lifted.xyz_FPD, more_FP3.astype(np.float32)], axis=1),
        origin_FP=np.concatenate([lifted.origin_FP, origin_FP], axis=1),
        sigma_FP=np.concatenate([lifted.sigma_FP, np.hypot(ankle_FP, USUAL_SIGMA).astype(np.float32)], axis=1),
        skeleton=body,
        subjects=tuple(replace(subject, points=body.names) for subject in lifted.subjects),
    )
