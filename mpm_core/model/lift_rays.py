"""Gravity, poses and feet at rest of a whole take, from rays. F native frames, K model frames, B windows, J = 17 joints, A = 2 ankles."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from mpm_core.errors import ModelError
from mpm_core.fill.hermite import interpolate
from mpm_core.gaps import frames_away, known
from mpm_core.model.checkpoint import Model
from mpm_core.model.network_protocol import TakeInput
from mpm_core.model.predict import BRIDGE_S, SMOOTH_S, lift_joints
from mpm_core.model.ray_lift_network import RayLiftNetwork
from mpm_core.model.resample import from_model_rate, to_model_rate
from mpm_core.model.run_windows import slide
from mpm_core.model.window_blending import rows, starts
from mpm_core.progress import Cancel, Progress, part
from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.camera import quarter_turns, rays, up_of

GRAVITY_SHARE = 0.2  # of the work that is finding gravity, for the progress
GRAVITY_BATCH = 64
OUTLIER_RAD = 0.15  # scale of Cauchy's weights of windows whose up differs from the mean
LEAST_UP_SIGMA = 0.02  # radians: what all windows have in common is not seen in their scatter
TAKE_SHARE = 0.6  # of the error expected of one window that the mean over a take has; measured on validation subjects
ROUNDS = 10
UNSEEN_LEG = 1.25  # of a knee's or an ankle's sigma while it is not seen; measured on validation subjects with legs out of the picture
LEVEL_3 = np.array([0.0, -1.0, 0.0])
USUAL_PITCH = 15.0  # degrees, of a camera of which nothing is known but that it is upright
TURNED = 0.9  # ratio of mean sigmas below which a picture is turned; turned: up to 0.89, real ones too; upright, people who lie: from 1.0
CLEAREST_S = 0.25  # standard deviation of the smoothing over time by which the moment is found that tells most clearly
ASSUMED_UP_SIGMA = 0.2  # radians, of a camera that is assumed to be level
LEG_J = np.array([name.endswith(("knee", "ankle")) for name in load_skeleton("body17").names])


@dataclass(frozen=True, slots=True)
class Gravity:
    """up_3: unit vector in camera axes. sigma: radians. scatter: median angle between the windows' estimates and it, radians; NaN where it
    is not estimated."""

    up_3: Float
    sigma: float
    scatter: float


@dataclass(frozen=True, slots=True)
class RayPoses:
    """pose_FJ3: metres relative to the root, camera axes. sigma_FJ: metres per axis. rest_FA: probability that the left and the right ankle
    is at rest."""

    pose_FJ3: Float
    sigma_FJ: Float
    rest_FA: Float
    gravity: Gravity


def take_poses(
    xy_FJ2: Float,
    image_wh: tuple[int, int],
    focal_px: float,
    rate_hz: float,
    model: Model,
    *,
    up_3: Float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RayPoses:
    """Poses from pixels, NaN = missing, by any network that lifts. up_3: given, not estimated.

    A network without gravity takes the camera as level, and no foot as at rest. Raises ModelError for a model of another task, Cancelled.
    """
    if isinstance(model.network, RayLiftNetwork):
        return lift_rays(rays(xy_FJ2, image_wh, focal_px), rate_hz, model, up_3=up_3, progress=progress, cancel=cancel)
    pose_FJ3, sigma_FJ = lift_joints(xy_FJ2, rate_hz, image_wh, model, progress=progress, cancel=cancel)
    gravity = Gravity(LEVEL_3 if up_3 is None else up_3, ASSUMED_UP_SIGMA, float("nan"))
    return RayPoses(pose_FJ3, sigma_FJ, np.zeros((len(pose_FJ3), 2)), gravity)


def lift_rays(
    ray_FJ2: Float,
    rate_hz: float,
    model: Model,
    *,
    up_3: Float | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> RayPoses:
    """Poses from keypoints in focal lengths from the middle of the image, NaN = missing. up_3: given, not estimated.

    Keypoints missing for up to BRIDGE_S are interpolated, longer gaps are masked. The poses are smoothed over SMOOTH_S. Somebody who lies
    in a picture looks much like somebody who stands in one that is turned by a quarter: that it is turned is believed only if the poses are
    much surer for it (`is_turned`). Raises ModelError for a model of another kind, Cancelled.
    """
    network = model.network
    if not isinstance(network, RayLiftNetwork):
        raise ModelError(f"this model is for {network.config.task!r} ({network.config.kind}), not for lifting from rays", where=model.path)
    config = network.config
    known_KJ2 = to_model_rate(ray_FJ2, rate_hz, config.rate_hz)
    far_KJ = np.asarray(frames_away(known(known_KJ2)) / config.rate_hz > BRIDGE_S)
    ray_KJ2 = interpolate(known_KJ2, known(known_KJ2), config.rate_hz)
    estimated = find_gravity(ray_KJ2, far_KJ, network) if up_3 is None else Gravity(up_3, LEAST_UP_SIGMA, float("nan"))

    def poses(gravity: Gravity, running: Progress | None) -> RayPoses:
        take = TakeInput(ray_KJ2, far_KJ, np.zeros((len(ray_KJ2), 3)), np.zeros(0), gravity.up_3)
        starts_B = starts(len(ray_KJ2), config.frames, config.frames // network.overlap)
        output = slide(network, take, starts_B, running, cancel, "lifting")
        pose_KJ3 = gaussian_filter1d(output.joints_KJ3, SMOOTH_S * config.rate_hz, axis=0, mode="nearest")
        if output.log_sigma_KJ is None or output.rest_K2 is None:
            raise ModelError("this model gives no sigma or no feet at rest", where=model.path)
        log_sigma_KJ = output.log_sigma_KJ + np.log(UNSEEN_LEG) * (far_KJ & LEG_J)
        each = (pose_KJ3 - pose_KJ3[:, :1], log_sigma_KJ, output.rest_K2)
        pose_FJ3, log_sigma_FJ, odds_FA = (from_model_rate(values, len(ray_FJ2), rate_hz, config.rate_hz) for values in each)
        return RayPoses(pose_FJ3, np.exp(log_sigma_FJ), 1 / (1 + np.exp(-odds_FA)), gravity)

    found = poses(estimated, part(progress, GRAVITY_SHARE, 1.0))
    if up_3 is None and quarter_turns(estimated.up_3):
        upright = poses(Gravity(up_of(USUAL_PITCH, 0.0), ASSUMED_UP_SIGMA, float("nan")), None)
        if not is_turned(found.sigma_FJ, upright.sigma_FJ, rate_hz):
            return upright
    return found


def is_turned(turned_FJ: Float, upright_FJ: Float, rate_hz: float) -> bool:
    """Whether a picture is turned, by the sigmas of the poses for a turned and for an upright picture, metres.

    Turned poses must be surer in the mean, and in the moment in which the two differ most: a camera stands still, so who stands up after
    lying, or lies down, shows once in the take which way is up.

    >>> lies_after_standing_FJ = np.repeat([[0.1], [0.03]], [40, 80], axis=0)
    >>> is_turned(lies_after_standing_FJ, np.repeat([[0.04], [0.07]], [40, 80], axis=0), 30.0)
    False
    >>> is_turned(np.full((120, 1), 0.04), np.full((120, 1), 0.07), 30.0)
    True
    """
    surer_F = gaussian_filter1d(np.log(upright_FJ / turned_FJ).mean(axis=1), CLEAREST_S * rate_hz, mode="nearest")
    return bool(turned_FJ.mean() < TURNED * upright_FJ.mean() and surer_F.max() > -surer_F.min())


def find_gravity(ray_KJ2: Float, missing_KJ: Mask, network: RayLiftNetwork) -> Gravity:
    """One direction for the take, of one still camera: the mean of its windows' estimates, each weighted by how sure it is and how well it
    agrees with the others."""
    config, device = network.config, network.position.device
    starts_B = starts(len(ray_KJ2), config.frames, config.frames // 2)
    up, log_error = [], []
    for first in range(0, len(starts_B), GRAVITY_BATCH):
        rows_BW, _ = rows(starts_B[first : first + GRAVITY_BATCH], config.frames, len(ray_KJ2))
        with torch.inference_mode():
            up_B3, log_error_B = network.gravity(
                torch.from_numpy(ray_KJ2[rows_BW].astype(np.float32)).to(device), torch.from_numpy(missing_KJ[rows_BW]).to(device)
            )
        up.append(up_B3.cpu().numpy().astype(np.float64))
        log_error.append(log_error_B.cpu().numpy().astype(np.float64))
    up_B3, error_B = np.concatenate(up), np.exp(np.concatenate(log_error))
    sure_B = 1 / error_B**2
    mean_3 = _unit((sure_B[:, None] * up_B3).sum(axis=0))
    for _ in range(ROUNDS):
        weight_B = sure_B / (1 + (_angles(up_B3, mean_3) / OUTLIER_RAD) ** 2)
        mean_3 = _unit((weight_B[:, None] * up_B3).sum(axis=0))
    apart_B = _angles(up_B3, mean_3)
    expected = float(np.average(error_B, weights=weight_B))
    return Gravity(mean_3, max(LEAST_UP_SIGMA, TAKE_SHARE * expected), float(np.median(apart_B)))


def _unit(vector_3: Float) -> Float:
    return np.asarray(vector_3 / max(float(np.linalg.norm(vector_3)), 1e-9))


def _angles(up_B3: Float, mean_3: Float) -> Float:
    return np.asarray(np.arccos(np.clip(up_B3 @ mean_3, -1, 1)))
