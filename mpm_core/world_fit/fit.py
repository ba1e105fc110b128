"""A lifted pose in the world: from each frame's pose in camera axes to a body of constant bones, placed on the floor.

F frames, J = 17 joints, A = 2 ankles. Camera axes: x right, y down, z forward; world axes: Z up, the camera looks along Y; metres.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from mpm_core.body.joints import L_ANKLE, R_ANKLE
from mpm_core.gaps import frames_away, known
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.ankle_rests import SURE, Rest, find_rests, find_touches, hangs, swings, without_fast_ankles
from mpm_core.world_fit.balance import balanced_up
from mpm_core.world_fit.bones import ANKLE_HEIGHT, bone_lengths, scale_to_height, standing_height, with_lengths
from mpm_core.world_fit.camera import level_axes
from mpm_core.world_fit.floor import Floor, find_floor
from mpm_core.world_fit.follow_keypoints import follow_keypoints
from mpm_core.world_fit.hold_ankles import hold_ankles
from mpm_core.world_fit.placing import FLOOR_M, Ground, place_root

ANKLES = (L_ANKLE, R_ANKLE)
ROUNDS = 2
SEEN_S = 0.5  # how near in time an ankle has to be visible to be seen, and to be at rest
NEAR_FLOOR_M = 0.05  # from the floor's level to the lower ankle while none is at rest; measured on training subjects
NEAR_OUTLIER = 3.0  # in NEAR_FLOOR_M: the scale of Cauchy's weights above the floor; people climb and jump
PLACE_SIGMA_M = 0.02  # of the root in the middle of the take
PLACE_SHARE = 0.05  # of the distance from there, by which it grows; measured on validation subjects


@dataclass(frozen=True, slots=True)
class Fitted:
    """xyz_FJ3: world axes. A point x there is turn_33 @ (x - place_3) in camera axes. length_J: of the bone to each joint's parent.

    floor: None where resting feet, or of somebody who rests none the touches of the ground, do not agree on one; else it is at height 0.
    """

    xyz_FJ3: Float
    turn_33: Float
    place_3: Float
    length_J: Float
    rests: tuple[Rest, ...]
    floor: Floor | None

    @property
    def on_floor_N(self) -> tuple[bool, ...]:
        """Of each of the rests: whether it is on the floor."""
        return (False,) * len(self.rests) if self.floor is None or not self.rests else self.floor.on_N


def fit_world(
    pose_FJ3: Float,
    sigma_FJ: Float,
    rest_FA: Float,
    ray_FJ2: Float,
    weight_FJ: Float,
    up_3: Float,
    up_sigma_2: Float,
    rate_hz: float,
) -> Fitted:
    """Fit poses relative to the root (camera axes) to rays, rests and a floor.

    sigma_FJ: metres per axis. rest_FA: probability that the left and the right ankle is at rest. ray_FJ2: keypoints in focal lengths from
    the middle of the image, NaN = missing. weight_FJ: of keypoints, 0..1. up_3: unit vector in camera axes. up_sigma_2: radians
    by which it is uncertain, sideways (roll) and along the view (pitch).
    The body is as tall as in the poses; what part of that each bone is, keypoints and poses say together. Raises DataError when no frame
    shows enough joints, or the poses have no height.
    """
    seen_FA = frames_away(known(ray_FJ2[:, list(ANKLES)])) <= SEEN_S * rate_hz
    rest_FA = np.where(seen_FA, rest_FA, 0.0)
    swings_F = swings(pose_FJ3 @ up_3, ray_FJ2, rate_hz)
    swinging = float((rest_FA[swings_F] > SURE).sum())
    rest_FA[swings_F] = 0.0
    length_J = bone_lengths(pose_FJ3, sigma_FJ)
    network_FJ3 = with_lengths(pose_FJ3, length_J)
    root_F3 = place_root(network_FJ3, ray_FJ2, weight_FJ, rest_FA, ANKLES, rate_hz, up_3)
    free_FJ3 = follow_keypoints(network_FJ3, sigma_FJ, root_F3, ray_FJ2, weight_FJ, rate_hz, stretch=True)
    height_m, length_J = standing_height(length_J), bone_lengths(free_FJ3, sigma_FJ)
    length_J *= scale_to_height(length_J, height_m)
    network_FJ3 = with_lengths(pose_FJ3, length_J)
    for _ in range(ROUNDS):
        pose_FJ3 = with_lengths(follow_keypoints(network_FJ3, sigma_FJ, root_F3, ray_FJ2, weight_FJ, rate_hz), length_J)
        ankle_FA3 = pose_FJ3[:, list(ANKLES)] + root_F3[:, None]
        still_FA = without_fast_ankles(rest_FA, ankle_FA3, rate_hz)
        rests = find_rests(still_FA, rate_hz)
        on_ground, on_FA = rests, still_FA
        if not rests:
            others_F = ((np.delete(pose_FJ3, ANKLES, axis=1) + root_F3[:, None]) @ up_3).min(axis=1)
            may_touch_FA = seen_FA & np.logical_not(hangs(pose_FJ3 @ up_3))[:, None]
            on_ground, on_FA = find_touches(ankle_FA3 @ up_3, others_F, may_touch_FA), np.ones_like(still_FA)
        balanced_3 = balanced_up(pose_FJ3, rests, up_3, length_J, rate_hz)
        floor = find_floor(ankle_FA3, on_ground, up_3, up_sigma_2, balanced_3, swinging)
        ground = None if floor is None else _ground(floor, on_ground, on_FA, ankle_FA3, np.logical_not(seen_FA.any(axis=1)))
        fitted_up_3 = up_3 if floor is None else floor.up_3
        root_F3 = place_root(pose_FJ3, ray_FJ2, weight_FJ, rest_FA, ANKLES, rate_hz, fitted_up_3, ground)
    turn_33 = level_axes(fitted_up_3)
    world_FJ3 = (pose_FJ3 + root_F3[:, None]) @ turn_33
    height = ANKLE_HEIGHT * standing_height(length_J)
    ankle_Z = world_FJ3[:, list(ANKLES), 2]
    level = float(np.percentile(ankle_Z.min(axis=1), 10)) if floor is None else floor.level_m
    place_3 = -np.array([*world_FJ3[:, 0, :2].mean(axis=0), level - height])
    world_FJ3 += place_3
    fitted = Fitted(world_FJ3, turn_33, place_3, length_J, rests, floor)
    level_N = [height if on else None for on in fitted.on_floor_N]
    return replace(fitted, xyz_FJ3=hold_ankles(world_FJ3, rests, level_N, length_J, rate_hz))


def world_sigma(sigma_FJ: Float, xyz_FJ3: Float) -> Float:
    """(F, J) metres per axis, of places in the world, from those of poses: uncertain focal length and gravity stretch and tilt the way
    walked, so the root is the less certain the further it is from the middle of the take.
    """
    away_F = np.linalg.norm(xyz_FJ3[:, 0] - xyz_FJ3[:, 0].mean(axis=0), axis=1)
    return np.asarray(np.sqrt(sigma_FJ**2 + PLACE_SIGMA_M**2 + (PLACE_SHARE * away_F[:, None]) ** 2))


def _ground(floor: Floor, rests: tuple[Rest, ...], still_FA: Float, ankle_FA3: Float, unseen_F: Mask) -> Ground:
    """Ankles at rest on the floor are on it; where neither is seen (unseen_F), the lower one is near it, or below it by error."""
    on_FA = np.zeros_like(still_FA)
    for rest, on in zip(rests, floor.on_N, strict=True):
        if on:
            on_FA[rest.frames, rest.ankle] = still_FA[rest.frames, rest.ankle]
    height_FA = ankle_FA3[unseen_F] @ floor.up_3 - floor.level_m
    over_F = np.maximum(height_FA.min(axis=1), 0)
    sigma_F = NEAR_FLOOR_M * np.sqrt(1 + (over_F / (NEAR_OUTLIER * NEAR_FLOOR_M)) ** 2)
    on_FA[np.flatnonzero(unseen_F), height_FA.argmin(axis=1)] = (FLOOR_M / sigma_F) ** 2
    return Ground(floor.level_m, on_FA)
