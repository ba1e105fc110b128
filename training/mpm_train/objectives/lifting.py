"""What the directly lifting network learns by: keypoints as detectors give them. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.gaps import frames_away
from mpm_core.model.encode import encode_2d, tensor_weights
from mpm_core.model.lift_network import LiftNetwork
from mpm_core.model.predict import BRIDGE_S
from mpm_train.config import TrainConfig
from mpm_train.data.cameras import project
from mpm_train.data.detector import Detector, detect
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps, limbs
from mpm_train.objectives.terms import Objective, Terms, distance, mean_over, rounded

CLEAN = 0.2  # share of windows whose keypoints are exact
SPEED_WEIGHT = 2.0  # of errors from frame to frame
LIKELY_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True)
class Projected:
    """seen: encoded keypoints, bridged where nothing was seen; hidden: gaps too long to be bridged; target: root-relative, camera axes.

    valid: 1 where a frame is the clip's own; judged_B: True = not for learning poses.
    """

    visible_BFJ2: Tensor
    masked_BFJ: Tensor
    target_BFJ3: Tensor
    valid_BF: Tensor
    judged_B: Tensor


def project_windows(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Projected:
    views, rate_hz = project(windows.xyz_BFJ3, rng), config.model.rate_hz
    xy_BFJ2, confidence_BFJ = detect(views.xy_BFJ2, views.image_B112, Detector(rate_hz=rate_hz), rng)
    B, F, J = confidence_BFJ.shape
    clean_B = torch.from_numpy(rng.random(B) < CLEAN)[:, None, None]
    xy_BFJ2 = torch.where(clean_B[..., None], views.xy_BFJ2, xy_BFJ2)
    missing_BFJ = ((confidence_BFJ == 0) & ~clean_B).numpy()
    missing_BFJ |= gaps(B, F, rng) & (rng.random(B) < config.partial_2d)[:, None, None]
    missing_BFJ |= limbs(B, rng)[:, None] & (rng.random(B) < config.limbs_2d)[:, None, None]
    missing_BFJ |= ~windows.valid_BF.numpy()[..., None]
    away_FN = frames_away(~missing_BFJ.transpose(1, 0, 2).reshape(F, B * J))
    far_BFJ = (away_FN > BRIDGE_S * rate_hz).reshape(F, B, J).transpose(1, 0, 2)
    visible_BFJ2 = encode_2d(tensor_weights(~missing_BFJ, rate_hz)(xy_BFJ2), views.image_B112)
    return Projected(visible_BFJ2, torch.from_numpy(far_BFJ.copy()), views.target_BFJ3, windows.valid_BF.float(), windows.judged_B)


def judge(network: LiftNetwork, projected: Projected, config: TrainConfig, progress: float) -> Terms:
    """Poses by place and by speed, from most people; sigma, as the scale of a Laplace
    distribution (few errors are huge), from those set aside for it (config.judges)."""
    with rounded(network, config):
        pose_BFJ3, sigma_BFJ = network(projected.visible_BFJ2, projected.masked_BFJ)
    error_BFJ3 = pose_BFJ3 - projected.target_BFJ3
    off_BFJ = distance(pose_BFJ3, projected.target_BFJ3)
    likely_BFJ = (torch.log(sigma_BFJ) + off_BFJ.detach() / (np.sqrt(3) * sigma_BFJ))[:, :, 1:]
    judged_B1 = projected.judged_B[:, None].float()
    learnt_B1 = 1 - judged_B1 if network.training else torch.ones_like(judged_B1)
    judges_B1 = judged_B1 if network.training and bool(projected.judged_B.any()) else torch.ones_like(judged_B1)
    learnt_BF, steps_BF = projected.valid_BF * learnt_B1, projected.valid_BF[:, 1:] * projected.valid_BF[:, :-1] * learnt_B1
    terms = {
        "sequence": mean_over(off_BFJ.mean(dim=-1), learnt_BF),
        "speed": mean_over((error_BFJ3[:, 1:] - error_BFJ3[:, :-1]).norm(dim=-1).mean(dim=-1), steps_BF),
        "likely": mean_over(likely_BFJ.mean(dim=-1), projected.valid_BF * judges_B1) / 1000,
    }
    terms["loss"] = terms["sequence"] + SPEED_WEIGHT * terms["speed"] + 1000 * LIKELY_WEIGHT * terms["likely"]
    return terms


lift = Objective(project_windows, judge)
