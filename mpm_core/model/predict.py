"""Prediction for a take of any length and rate. F native frames, K model frames, B windows, W window length, J = 17 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d

from mpm_core.body.joints import body17
from mpm_core.errors import ModelError
from mpm_core.fill.hermite import interpolate
from mpm_core.fill.keep.bone_lengths import typical_lengths
from mpm_core.gaps import frames_away, known
from mpm_core.model.checkpoint import Model
from mpm_core.model.encode import encode_2d, root_path
from mpm_core.model.network_protocol import TakeInput
from mpm_core.model.resample import from_model_rate, to_model_rate
from mpm_core.model.run_windows import complete_windows, slide
from mpm_core.model.take_residuals import ResidualModel, fit_residuals
from mpm_core.model.window_blending import starts
from mpm_core.progress import Cancel, Progress, part
from mpm_core.typing import Float, Mask

BRIDGE_S = 0.5  # longer gaps of a keypoint are masked, shorter ones interpolated
SMOOTH_S = 0.05  # standard deviation of the Gaussian
TRIALS_SHARE = 0.8  # of the work that is fitting the residual model, for the progress


@dataclass(frozen=True, slots=True)
class Prediction:
    """output_FJ3: the network's positions of every joint, metres, before edges are matched.

    correction_FJ3: correction by the residual model, to be added after `follow_neighbours`; zero without a residual model. mirror_FJ:
    distance between the outputs for the mirrored window and the plain one, metres, NaN where not computed. All NaN in frames far from
    wanted ones. residuals: the residual model of this take; None for other networks, and if no joint is missing.
    """

    output_FJ3: Float
    correction_FJ3: Float
    mirror_FJ: Float
    residuals: ResidualModel | None = None


def predict_joints(
    joints_FJ3: Float,
    rate_hz: float,
    model: Model,
    *,
    wanted_F: Mask | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Prediction:
    """The network's prediction for joints_FJ3 (metres, NaN = missing). wanted_F: frames to predict (None = those with a missing joint).

    Raises ModelError for a model of another task, Cancelled.
    """
    network, config = model.network, model.network.config
    if not config.completes:
        raise ModelError(f"this model is for {config.task!r}, not for completion", where=model.path)
    wanted_F = np.asarray(~known(joints_FJ3).all(axis=1)) if wanted_F is None else wanted_F
    known_KJ3 = to_model_rate(joints_FJ3, rate_hz, config.rate_hz)
    wanted_K = _at_model_rate(wanted_F, rate_hz, config.rate_hz, len(known_KJ3))
    length_N = typical_lengths(joints_FJ3, body17())
    residuals, share = None, 0.0
    if network.hidden_state:
        share = TRIALS_SHARE
        residuals = fit_residuals(known_KJ3, wanted_K, length_N, network, part(progress, 0.0, share), cancel)
    output = complete_windows(known_KJ3, wanted_K, length_N, network, part(progress, share, 1.0), cancel)
    predicted_K = np.asarray(known(output.joints_KJ3).all(axis=1))
    nearest_F = np.clip(np.round(np.arange(len(joints_FJ3)) * config.rate_hz / rate_hz).astype(np.int64), 0, len(predicted_K) - 1)

    def native(values_KJ3: Float) -> Float:
        values_FJ3 = from_model_rate(np.nan_to_num(values_KJ3), len(joints_FJ3), rate_hz, config.rate_hz)
        return np.where(predicted_K[nearest_F][:, None, None], values_FJ3, np.nan)

    correction_KJ3 = residuals.correction(output, known(known_KJ3), config.rate_hz) if residuals else np.zeros_like(known_KJ3)
    output_FJ3 = root_path(joints_FJ3[:, None], rate_hz) + native(output.joints_KJ3)
    mirror_FJ = np.full(joints_FJ3.shape[:2], np.nan)
    if output.mirror_KJ is not None:
        mirror_FJ = np.maximum(native(output.mirror_KJ[..., None])[..., 0], 0.0)
    return Prediction(output_FJ3, native(correction_KJ3), mirror_FJ, residuals)


def lift_joints(
    xy_FJ2: Float,
    rate_hz: float,
    image_wh: tuple[int, int],
    model: Model,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Float, Float]:
    """Root-relative 3D joints (F, J, 3) in metres, camera axes (x right, y down, z forward), and sigma (F, J), metres per axis, from
    pixels.

    xy_FJ2: NaN = missing. Sigma is NaN where the network estimates none. Windows overlap, and each gives all of its frames. Keypoints
    missing for up to BRIDGE_S are interpolated in 2D, longer gaps are masked. The result is smoothed over SMOOTH_S, against the jitter of
    the keypoints. Raises ModelError for a model of another task, Cancelled.
    """
    network, config = model.network, model.network.config
    if not config.lifts:
        raise ModelError(f"this model is for {config.task!r}, not for lifting", where=model.path)
    known_KJ2 = to_model_rate(xy_FJ2, rate_hz, config.rate_hz)
    far_KJ = frames_away(known(known_KJ2)) / config.rate_hz > (BRIDGE_S if config.partial else np.inf)
    pixels_KJ2 = torch.from_numpy(interpolate(known_KJ2, known(known_KJ2), config.rate_hz).astype(np.float32))
    x_KJ2 = encode_2d(pixels_KJ2, torch.tensor(image_wh, dtype=torch.float32)).numpy()
    take = TakeInput(x_KJ2, far_KJ, np.zeros((len(x_KJ2), 3)), np.zeros(0))
    starts_B = starts(len(x_KJ2), config.frames, config.frames // network.overlap)
    output = slide(network, take, starts_B, progress, cancel, "lifting")
    pose_KJ3 = gaussian_filter1d(output.joints_KJ3, SMOOTH_S * config.rate_hz, axis=0, mode="nearest")
    pose_FJ3 = from_model_rate(pose_KJ3 - pose_KJ3[:, :1], len(xy_FJ2), rate_hz, config.rate_hz)
    if output.log_sigma_KJ is None:
        return pose_FJ3, np.full(xy_FJ2.shape[:2], np.nan)
    return pose_FJ3, np.exp(from_model_rate(output.log_sigma_KJ, len(xy_FJ2), rate_hz, config.rate_hz))


def _at_model_rate(wanted_F: Mask, rate_hz: float, model_hz: float, frames: int) -> Mask:
    """(K,) the model frames nearest to wanted native frames."""
    nearest_F = np.minimum(np.rint(np.arange(len(wanted_F)) * model_hz / rate_hz).astype(np.int64), frames - 1)
    wanted_K = np.zeros(frames, bool)
    np.logical_or.at(wanted_K, nearest_F, wanted_F)
    return wanted_K
