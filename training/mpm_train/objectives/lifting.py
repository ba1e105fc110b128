"""The loss of the lifting network: keypoints with a detector's errors to 3D joints. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.gaps import frames_away
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_2d, tensor_weights
from mpm_core.model.lift_network import LiftNetwork
from mpm_core.model.predict import BRIDGE_S
from mpm_train.data.cameras import Views, project
from mpm_train.data.detector import Detector, detect
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps, limbs
from mpm_train.objectives.config import LiftingConfig, RayLiftingConfig
from mpm_train.objectives.terms import Objective, Terms, distance, mean_over

CLEAN = 0.2  # share of windows whose keypoints are exact
SPEED_WEIGHT = 2.0  # of errors from frame to frame
NLL_WEIGHT = 1e-3


@dataclass(frozen=True, slots=True)
class ProjectedWindows:
    """visible_BFJ2: encoded keypoints, interpolated where they are missing. masked_BFJ: True in gaps too long to be interpolated.

    target_BFJ3: metres, camera axes, relative to the root. valid_BF: 1 where a frame is the clip's own. gate_B: as in Windows.
    """

    visible_BFJ2: Tensor
    masked_BFJ: Tensor
    target_BFJ3: Tensor
    valid_BF: Tensor
    gate_B: Tensor


def project_windows(windows: Windows, model: ModelConfig, settings: LiftingConfig, rng: np.random.Generator) -> ProjectedWindows:
    """Windows through virtual cameras, with a detector's errors and gaps; a share CLEAN of them exact."""
    views = project(windows.xyz_BFJ3, rng)
    xy_BFJ2, far_BFJ = detected_with_gaps(views, windows.valid_BF, model.rate_hz, settings, rng)
    visible_BFJ2 = encode_2d(xy_BFJ2, views.image_B112)
    return ProjectedWindows(visible_BFJ2, far_BFJ, views.target_BFJ3, windows.valid_BF.float(), windows.gate_B)


def detected_with_gaps(
    views: Views, valid_BF: Tensor, rate_hz: float, settings: LiftingConfig | RayLiftingConfig, rng: np.random.Generator
) -> tuple[Tensor, Tensor]:
    """Keypoints in pixels as a detector gives them, with gaps, interpolated where they are missing; and masked_BFJ, True in gaps too long
    for that. A share CLEAN is exact. valid_BF: True where a frame is the clip's own; others are missing."""
    xy_BFJ2, confidence_BFJ = detect(views.xy_BFJ2, views.image_B112, Detector(rate_hz=rate_hz), rng)
    B, F, J = confidence_BFJ.shape
    clean_B = torch.from_numpy(rng.random(B) < CLEAN)[:, None, None]
    xy_BFJ2 = torch.where(clean_B[..., None], views.xy_BFJ2, xy_BFJ2)
    missing_BFJ = ((confidence_BFJ == 0) & ~clean_B).numpy()
    missing_BFJ |= gaps(B, F, rng) & (rng.random(B) < settings.partial_2d)[:, None, None]
    missing_BFJ |= limbs(B, rng)[:, None] & (rng.random(B) < settings.limbs_2d)[:, None, None]
    missing_BFJ |= ~valid_BF.numpy()[..., None]
    away_FN = frames_away(~missing_BFJ.transpose(1, 0, 2).reshape(F, B * J))
    far_BFJ = (away_FN > BRIDGE_S * rate_hz).reshape(F, B, J).transpose(1, 0, 2)
    return tensor_weights(~missing_BFJ, rate_hz)(xy_BFJ2), torch.from_numpy(far_BFJ.copy())


def loss(network: LiftNetwork, batch: ProjectedWindows, _: LiftingConfig, progress: float, precision: torch.autocast) -> Terms:
    """Errors of positions and of movement from frame to frame, from all windows but those of TrainConfig.gate_subjects; and the negative
    log likelihood of the errors with sigma as the scale of a Laplace distribution (few errors are huge), from the latter alone.
    """
    with precision:
        pose_BFJ3, sigma_BFJ = network(batch.visible_BFJ2, batch.masked_BFJ)
    return pose_terms(network, pose_BFJ3, sigma_BFJ, batch.target_BFJ3, batch.valid_BF, batch.gate_B)


def pose_terms(network: nn.Module, pose_BFJ3: Tensor, sigma_BFJ: Tensor, target_BFJ3: Tensor, valid_BF: Tensor, gate_B: Tensor) -> Terms:
    """The terms of `loss` from poses and their sigma."""
    error_BFJ3 = pose_BFJ3 - target_BFJ3
    distance_BFJ = distance(pose_BFJ3, target_BFJ3)
    nll_BFJ = (torch.log(sigma_BFJ) + distance_BFJ.detach() / (np.sqrt(3) * sigma_BFJ))[:, :, 1:]
    gate_B1 = gate_B[:, None].float()
    pose_B1 = 1 - gate_B1 if network.training else torch.ones_like(gate_B1)
    sigma_B1 = gate_B1 if network.training and bool(gate_B.any()) else torch.ones_like(gate_B1)
    pose_BF, step_BF = valid_BF * pose_B1, valid_BF[:, 1:] * valid_BF[:, :-1] * pose_B1
    terms = {
        "sequence": mean_over(distance_BFJ.mean(dim=-1), pose_BF),
        "speed": mean_over((error_BFJ3[:, 1:] - error_BFJ3[:, :-1]).norm(dim=-1).mean(dim=-1), step_BF),
        "nll": mean_over(nll_BFJ.mean(dim=-1), valid_BF * sigma_B1) / 1000,
    }
    terms["loss"] = terms["sequence"] + SPEED_WEIGHT * terms["speed"] + 1000 * NLL_WEIGHT * terms["nll"]
    return terms


lifting = Objective(project_windows, loss, headline=lambda _model: "sequence")
