"""Running a model over a take of any length and rate. F native frames, K model frames, B windows, W window length, J = 17 joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from mpm_core.body.mapping import body17
from mpm_core.errors import ModelError
from mpm_core.fill.hermite import interpolate
from mpm_core.fill.keep.bone_lengths import usual_lengths
from mpm_core.gaps import frames_away, known
from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import Model
from mpm_core.model.encode import encode_2d, root_path
from mpm_core.model.lift_network import DirectNetwork
from mpm_core.model.paper_network import Network
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.resample import from_model_rate, to_model_rate
from mpm_core.model.residuals import ResidualModel, fit_residuals
from mpm_core.model.sliding import OVERLAP, autocast, batches, slide
from mpm_core.model.windows import Blend, rows, starts
from mpm_core.progress import Cancel, Progress, part
from mpm_core.typing import Float, Mask

COMPLETING = ("complete", "repair")
BRIDGE_S = 0.5
SMOOTH_S = 0.05  # standard deviation of the Gaussian
TRIED = 0.8  # about the share of the work that trials are


@dataclass(frozen=True, slots=True)
class Prediction:
    """output_FJ3: the network's own positions of every joint, metres, before edges are matched. correction_FJ3: what the residual model
    adds to them after they followed their neighbours, zero where there is no residual model. mirror_FJ: distance between the network's
    answer to the mirrored window and the plain one, metres, NaN where it was not asked. All NaN in frames far from any that is wanted.

    residuals: the residual model fitted to this take (None: a network of another kind, or no joint is missing).
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
    """joints_FJ3: NaN = hidden. wanted_F: frames to predict (None = those in which a joint is hidden).

    Raises ModelError for a model of another task, Cancelled.
    """
    network = model.network
    config = network.config
    if config.task not in COMPLETING:
        raise ModelError(f"this model is for {config.task!r}, not for completion", where=model.path)
    wanted_F = np.asarray(~known(joints_FJ3).all(axis=1)) if wanted_F is None else wanted_F
    known_KJ3 = to_model_rate(joints_FJ3, rate_hz, config.rate_hz)
    wanted_K = _at_model_rate(wanted_F, rate_hz, config.rate_hz, len(known_KJ3))
    length_N = usual_lengths(joints_FJ3, body17())
    residuals, tried = None, 0.0
    if isinstance(network, RepairNetwork):
        tried = TRIED
        residuals = fit_residuals(known_KJ3, wanted_K, length_N, network, part(progress, 0.0, tried), cancel)
    output = slide(known_KJ3, wanted_K, length_N, network, part(progress, tried, 1.0), cancel)
    covered_K = np.asarray(known(output.joints_KJ3).all(axis=1))
    near_F = np.clip(np.round(np.arange(len(joints_FJ3)) * config.rate_hz / rate_hz).astype(np.int64), 0, len(covered_K) - 1)

    def native(values_KJ3: Float) -> Float:
        values_FJ3 = from_model_rate(np.nan_to_num(values_KJ3), len(joints_FJ3), rate_hz, config.rate_hz)
        return np.where(covered_K[near_F][:, None, None], values_FJ3, np.nan)

    correction_KJ3 = residuals.correction(output, known(known_KJ3), config.rate_hz) if residuals else np.zeros_like(known_KJ3)
    output_FJ3 = root_path(joints_FJ3[:, None], rate_hz) + native(output.joints_KJ3)
    mirror_FJ = np.full(joints_FJ3.shape[:2], np.nan)
    if isinstance(network, RepairNetwork):
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
    """Root-relative 3D joints (F, J, 3), metres, camera axes (x right, y down, z forward), from pixels (NaN = not seen), and sigma (F, J),
    metres per axis, NaN where the network says nothing of it.

    Whole windows that overlap, not one for each frame. Keypoints unseen for up to BRIDGE_S are bridged in 2D first, longer gaps are hidden
    from the network. The result is smoothed over SMOOTH_S, since the keypoints' own jitter would go straight into it.
    Raises ModelError for a model of another task, Cancelled.
    """
    config = model.network.config
    if config.task != "lift":
        raise ModelError(f"this model is for {config.task!r}, not for lifting", where=model.path)
    known_KJ2 = to_model_rate(xy_FJ2, rate_hz, config.rate_hz)
    near_KJ = frames_away(known(known_KJ2)) / config.rate_hz <= (BRIDGE_S if config.partial else np.inf)
    known_KJ2 = interpolate(known_KJ2, known(known_KJ2), config.rate_hz)
    device = next(model.network.parameters()).device
    size = torch.tensor(image_wh, dtype=torch.float32, device=device)
    blend = Blend(len(known_KJ2), config.joints, 4)
    for begin_B in batches(starts(len(known_KJ2), config.frames, config.frames // OVERLAP), progress, cancel, "lifting"):
        rows_BW, inside_BW = rows(begin_B, config.frames, len(known_KJ2))
        xy_BWJ2 = torch.from_numpy(known_KJ2[rows_BW].astype(np.float32)).to(device)
        masked_BWJ = torch.from_numpy(~near_KJ[rows_BW]).to(device)
        with torch.inference_mode(), autocast(device):
            output_BWJ4 = _lift(model.network, encode_2d(xy_BWJ2, size), masked_BWJ if config.partial else None)
        blend.add(rows_BW, inside_BW, output_BWJ4.cpu().numpy().astype(np.float64))
    output_KJ4 = blend.mean()
    pose_KJ3 = gaussian_filter1d(output_KJ4[..., :3], SMOOTH_S * config.rate_hz, axis=0, mode="nearest")
    output_KJ4[..., :3] = pose_KJ3 - pose_KJ3[:, :1]
    output_FJ4 = from_model_rate(output_KJ4, len(xy_FJ2), rate_hz, config.rate_hz)
    return output_FJ4[..., :3], np.exp(output_FJ4[..., 3]) if config.direct else np.full(xy_FJ2.shape[:2], np.nan)


def _lift(network: AnyNetwork, x_BWJ2: Tensor, masked_BWJ: Tensor | None) -> Tensor:
    """(B, W, J, 4): joints, and the logarithm of sigma (0 of a network that says nothing of it)."""
    if isinstance(network, DirectNetwork):
        pose_BWJ3, sigma_BWJ = network(x_BWJ2, masked_BWJ)
        return torch.cat([pose_BWJ3, sigma_BWJ.log()[..., None]], -1)
    assert isinstance(network, Network)
    pose_BWJ3 = network.sequence(network.share(x_BWJ2, masked_BWJ)).float()
    return torch.cat([pose_BWJ3, torch.zeros_like(pose_BWJ3[..., :1])], -1)


def _at_model_rate(wanted_F: Mask, rate_hz: float, model_hz: float, frames: int) -> Mask:
    """(K,) the model frames next to wanted native frames."""
    nearest_F = np.minimum(np.rint(np.arange(len(wanted_F)) * model_hz / rate_hz).astype(np.int64), frames - 1)
    wanted_K = np.zeros(frames, bool)
    np.logical_or.at(wanted_K, nearest_F, wanted_F)
    return wanted_K
