"""A lifted pose in the world: from each frame's pose in camera axes to a body of constant bones that stands where it stands.

F frames, J = 17 joints, A = 2 ankles. Camera axes: x right, y down, z forward; world axes: Z up, the camera looks along Y; metres.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.body.mapping import body17
from mpm_core.gaps import frames_away, known
from mpm_core.typing import Float
from mpm_core.world_fit.bones import ANKLE_HEIGHT, bone_lengths, standing_height, with_lengths
from mpm_core.world_fit.camera import level_axes
from mpm_core.world_fit.feet import with_feet_in_place
from mpm_core.world_fit.floor import Floor, find_floor
from mpm_core.world_fit.placing import RAY_OUTLIER, RAY_SIGMA, Ground, place_root, reprojection
from mpm_core.world_fit.rests import Rest, find_rests, held_back

ACROSS_SHARE = 0.5  # of what a joint misses its keypoint by that it is moved
ACROSS_S = 0.05  # standard deviation of the smoothing of that movement
ROUNDS = 2
SEEN_S = 0.5  # how near in time an ankle has to be visible to be at rest
PLACE_SIGMA_M = 0.02  # of the root in the middle of the take
PLACE_SHARE = 0.05  # of the distance from there, by which it grows; measured on validation subjects


@dataclass(frozen=True, slots=True)
class Fitted:
    """xyz_FJ3: world axes. A point x there is turn_33 @ (x - place_3) in camera axes. length_J: of the bone to each joint's parent.

    floor: None where resting feet do not agree on one; else it is at height 0.
    """

    xyz_FJ3: Float
    turn_33: Float
    place_3: Float
    length_J: Float
    rests: tuple[Rest, ...]
    floor: Floor | None


def fit_world(
    pose_FJ3: Float,
    sigma_FJ: Float,
    rest_FA: Float,
    ray_FJ2: Float,
    weight_FJ: Float,
    up_3: Float,
    up_sigma: float,
    rate_hz: float,
    scale: float = 1.0,
) -> Fitted:
    """Fit poses relative to the root (camera axes) to rays, rests and a floor.

    sigma_FJ: metres per axis. rest_FA: probability that the left and the right ankle is at rest. ray_FJ2: keypoints in focal lengths from
    the middle of the image, NaN = missing. weight_FJ: of keypoints, 0..1. up_3: unit vector in camera axes, uncertain by up_sigma, radians.
    scale: of all bones. Raises DataError when no frame shows enough joints.
    """
    names = body17().names
    ankles = names.index("left_ankle"), names.index("right_ankle")
    rest_FA = np.where(frames_away(known(ray_FJ2[:, list(ankles)])) <= SEEN_S * rate_hz, rest_FA, 0.0)
    length_J = scale * bone_lengths(pose_FJ3, sigma_FJ)
    pose_FJ3 = with_lengths(pose_FJ3, length_J)
    pose_FJ3 -= pose_FJ3[:, :1]
    floor: Floor | None = None
    ground: Ground | None = None
    rests: tuple[Rest, ...] = ()
    for _ in range(ROUNDS):
        root_F3 = place_root(pose_FJ3, ray_FJ2, weight_FJ, rest_FA, ankles, rate_hz, ground)
        pose_FJ3 = _towards(pose_FJ3, root_F3, ray_FJ2, weight_FJ, length_J, rate_hz)
        ankle_FA3 = pose_FJ3[:, list(ankles)] + root_F3[:, None]
        still_FA = held_back(rest_FA, ankle_FA3, rate_hz)
        rests = find_rests(still_FA, rate_hz)
        floor = find_floor(ankle_FA3, rests, up_3, up_sigma)
        ground = None if floor is None else _ground(floor, rests, still_FA)
    root_F3 = place_root(pose_FJ3, ray_FJ2, weight_FJ, rest_FA, ankles, rate_hz, ground)
    turn_33 = level_axes(up_3 if floor is None else floor.up_3)
    world_FJ3 = (pose_FJ3 + root_F3[:, None]) @ turn_33
    height = ANKLE_HEIGHT * standing_height(length_J)
    ankle_Z = world_FJ3[:, list(ankles), 2]
    level = float(np.percentile(ankle_Z.min(axis=1), 10)) if floor is None else floor.level_m
    place_3 = -np.array([*world_FJ3[:, 0, :2].mean(axis=0), level - height])
    world_FJ3 += place_3
    level_N = [height if floor is not None and on else None for on in (floor.on_N if floor is not None else [False] * len(rests))]
    placed_FJ3 = with_feet_in_place(world_FJ3, rests, level_N, length_J, rate_hz)
    return Fitted(placed_FJ3, turn_33, place_3, length_J, rests, floor)


def world_sigma(sigma_FJ: Float, xyz_FJ3: Float) -> Float:
    """(F, J) metres per axis, of places in the world, from those of poses: uncertain focal length and gravity stretch and tilt the way
    walked, so the root is the less certain the further it is from the middle of the take.
    """
    away_F = np.linalg.norm(xyz_FJ3[:, 0] - xyz_FJ3[:, 0].mean(axis=0), axis=1)
    return np.asarray(np.sqrt(sigma_FJ**2 + PLACE_SIGMA_M**2 + (PLACE_SHARE * away_F[:, None]) ** 2))


def _ground(floor: Floor, rests: tuple[Rest, ...], still_FA: Float) -> Ground:
    on_FA = np.zeros_like(still_FA)
    for rest, on in zip(rests, floor.on_N, strict=True):
        if on:
            on_FA[rest.frames, rest.ankle] = still_FA[rest.frames, rest.ankle]
    return Ground(floor.up_3, floor.level_m, on_FA)


def _towards(pose_FJ3: Float, root_F3: Float, ray_FJ2: Float, weight_FJ: Float, length_J: Float, rate_hz: float) -> Float:
    """Joints moved across the view towards their keypoints by ACROSS_SHARE, smoothly in time, outliers hardly; bones keep their lengths."""
    from scipy.ndimage import gaussian_filter1d  # here, as its import takes long

    miss_FJ2 = -reprojection(pose_FJ3, root_F3, ray_FJ2)
    known_FJ = known(miss_FJ2)
    miss_FJ2 = np.where(known_FJ[..., None], miss_FJ2, 0.0)
    off_FJ = np.linalg.norm(miss_FJ2, axis=2) / RAY_SIGMA
    use_FJ1 = (np.where(known_FJ, weight_FJ, 0.0) / (1 + (off_FJ / RAY_OUTLIER) ** 2))[..., None]
    spread = ACROSS_S * rate_hz
    sum_FJ2 = gaussian_filter1d(use_FJ1 * miss_FJ2, spread, axis=0, mode="nearest")
    weight_FJ1 = gaussian_filter1d(use_FJ1, spread, axis=0, mode="nearest")
    moved_FJ3 = pose_FJ3.copy()
    moved_FJ3[..., :2] += ACROSS_SHARE * sum_FJ2 / np.maximum(weight_FJ1, 0.3)
    moved_FJ3 = with_lengths(moved_FJ3, length_J)
    return moved_FJ3 - moved_FJ3[:, :1]
