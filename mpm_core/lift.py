"""Lifting: 2D keypoints of one static camera to 3D joints in metres, Z up. F frames, J = 17 joints.

The network gives the pose of each frame relative to the root, in camera axes; the root's position follows from its size in the image. The
camera is assumed to be level, with a focal length of FOCAL image widths (the longer side).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np

from mpm_core.body.mapping import body17, body_joints, map_body
from mpm_core.errors import DataError
from mpm_core.progress import Cancel, Progress
from mpm_core.recording import Origin, Recording, Source
from mpm_core.spans import spans_about
from mpm_core.typing import Float

CAMERA_TO_WORLD = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])  # x right, y down, z forward -> x right, y forward, z up
FOCAL = 1.2
ROOT_SMOOTH_S = 0.15
ANKLE_HEIGHT = 0.05  # height of an ankle over the floor, as a share of the body height
FEWEST_VISIBLE = 6  # joints that must be visible in a frame to place its root


def lift(
    rec: Recording,
    *,
    fps: float | None = None,
    size: tuple[int, int] | None = None,
    height_m: float | None = None,
    model: str | Path | None = None,
    device: str = "auto",
    overrides: Mapping[str, str] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Recording:
    """A recording of the 17 body joints, metres, Z up, all samples PREDICTED.

    fps: frame rate, replaces the recording's. size: image width and height in pixels, for files that have none. height_m: the person's
    height, to which the result is scaled. Raises DataError for a recording that is not 2D or whose image size is unknown, MappingError,
    ModelError, Cancelled.
    """
    from mpm_core.model.checkpoint import choose_model
    from mpm_core.model.predict import lift_joints

    if rec.dims != 2:
        raise DataError("this take is 3D already", where=rec.source.path, hint="complete it instead")
    image_wh = size or rec.source.image_wh or guessed_size(rec)
    rate_hz = rec.rate_hz if fps is None else fps
    xy_FJ2 = body_joints(rec, map_body(rec, overrides))
    if not np.isfinite(xy_FJ2).any():
        raise DataError("no body joint is visible in any frame", where=rec.source.path)
    network = choose_model("lift", model, device)
    pose_FJ3, sigma_FJ = lift_joints(xy_FJ2, rate_hz, image_wh, network, progress=progress, cancel=cancel)
    if height_m is not None:
        scale = height_m / body_height(pose_FJ3)
        pose_FJ3, sigma_FJ = pose_FJ3 * scale, sigma_FJ * scale
    root_F3 = place_root(pose_FJ3, xy_FJ2, image_wh, rate_hz)
    world_FJ3 = (pose_FJ3 + root_F3[:, None]) @ CAMERA_TO_WORLD.T
    world_FJ3 -= [*world_FJ3[:, 0, :2].mean(axis=0), floor_of(world_FJ3, body_height(pose_FJ3))]
    size_note = (
        "as the file says" if rec.source.image_wh and size is None else "as told" if size else "guessed from where the keypoints lie"
    )
    source = Source(
        path=rec.source.path,
        format="lift",
        first_frame=rec.source.first_frame,
        notes=(
            f"image {image_wh[0]}x{image_wh[1]} ({size_note})",
            f"camera taken as level, focal length {FOCAL:g} image widths",
            f"height {height_m:g} m as told" if height_m is not None else f"height {body_height(pose_FJ3):.2f} m by the model",
        ),
    )
    names = body17().names
    shape = (rec.frames, len(names))
    lifted = Recording(
        names,
        float(rate_hz),
        world_FJ3.astype(np.float32),
        np.full(shape, Origin.PREDICTED, np.uint8),
        sigma_FJ.astype(np.float32),
        skeleton=body17(),
        source=source,
        log=rec.log,
        spans=spans_about(rec.spans, names),
        subjects=tuple(replace(subject, points=names) for subject in rec.subjects) if len(rec.subjects) == 1 else (),
    )
    return lifted.logged(f"lifted from 2D ({rec.source.format}) by the model")


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


def body_height(pose_FJ3: Float) -> float:
    """Standing height in metres: the sum of median bone lengths and the height of an ankle over the floor.

    >>> import numpy as np
    >>> body_height(np.zeros((1, 17, 3)))
    0.0
    """
    names = body17().names
    chain = [names.index(name) for name in ("head_top", "neck", "thorax", "spine", "hip")]
    leg = [names.index(name) for name in ("left_hip", "left_knee", "left_ankle")]
    parts = [*pairwise(chain), *pairwise(leg)]
    length = sum(float(np.median(np.linalg.norm(pose_FJ3[:, a] - pose_FJ3[:, b], axis=1))) for a, b in parts)
    return length / (1 - ANKLE_HEIGHT)


def place_root(pose_FJ3: Float, xy_FJ2: Float, image_wh: tuple[int, int], rate_hz: float) -> Float:
    """(F, 3) root in camera axes: the least-squares translation with which the pose projects to the keypoints, smoothed in time.

    Each visible joint gives two equations, linear in the translation t: (X + tx) = u (Z + tz) and (Y + ty) = v (Z + tz). Frames with fewer
    than FEWEST_VISIBLE joints are interpolated. Raises DataError when there are no others.
    """
    from scipy.ndimage import gaussian_filter1d  # here, as its import takes long

    uv_FJ2 = (xy_FJ2 - np.array(image_wh) / 2) / (FOCAL * max(image_wh))
    visible_FJ = np.isfinite(uv_FJ2).all(axis=2)
    u_FJ, v_FJ = np.where(visible_FJ, uv_FJ2[..., 0], 0.0), np.where(visible_FJ, uv_FJ2[..., 1], 0.0)
    w_FJ = visible_FJ.astype(np.float64)
    rows_F2J3 = np.concatenate(
        [np.stack([w_FJ, 0 * w_FJ, -u_FJ], axis=2), np.stack([0 * w_FJ, w_FJ, -v_FJ], axis=2)],
        axis=1,
    )
    x, y, z = pose_FJ3[..., 0], pose_FJ3[..., 1], pose_FJ3[..., 2]
    rhs_F2J = np.concatenate([u_FJ * z - w_FJ * x, v_FJ * z - w_FJ * y], axis=1)
    placed_F = visible_FJ.sum(axis=1) >= FEWEST_VISIBLE
    if not placed_F.any():
        raise DataError(f"no frame shows {FEWEST_VISIBLE} body joints at once", hint="the person cannot be placed; use a better detection")
    normal_F33 = np.einsum("fri,frj->fij", rows_F2J3, rows_F2J3)[placed_F]
    normal_rhs_F3 = np.einsum("fri,fr->fi", rows_F2J3, rhs_F2J)[placed_F]
    solution_F3 = np.linalg.solve(normal_F33, normal_rhs_F3[..., None])[..., 0]
    frames = np.arange(len(pose_FJ3))
    root_F3 = np.stack([np.interp(frames, frames[placed_F], solution_F3[:, axis]) for axis in range(3)], axis=1)
    return np.asarray(gaussian_filter1d(root_F3, ROOT_SMOOTH_S * rate_hz, axis=0, mode="nearest"))


def floor_of(world_FJ3: Float, height_m: float) -> float:
    """Height of the floor, from the lower ankle in the lowest tenth of the frames.

    >>> import numpy as np
    >>> floor_of(np.ones((5, 17, 3)), 0.0)
    1.0
    """
    names = body17().names
    ankles_FA = world_FJ3[:, [names.index("left_ankle"), names.index("right_ankle")], 2]
    return float(np.percentile(ankles_FA.min(axis=1), 10)) - ANKLE_HEIGHT * height_m
