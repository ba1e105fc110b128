"""How far the network's fill of a sample is to be trusted against the best classical one, and how far off their mixture is likely to be.

N samples, K kinds of evidence (mpm_core/model/gate_features.py). Learned from fills of people whose poses the network never saw.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.model.gate_features import FEATURES
from mpm_core.typing import Float, Int

NAME, WIDTH = 8, 48
SMALLEST_SIGMA_M = 1e-4


class Gate(nn.Module):
    middle: Tensor
    spread: Tensor

    def __init__(self, joints: int) -> None:
        super().__init__()
        self.joint = nn.Embedding(joints, NAME)
        self.register_buffer("middle", torch.zeros(len(FEATURES)))
        self.register_buffer("spread", torch.ones(len(FEATURES)))
        self.layers = nn.Sequential(
            nn.Linear(len(FEATURES) + NAME, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2)
        )

    def forward(self, feature_NK: Tensor, joint_N: Tensor) -> tuple[Tensor, Tensor]:
        """Trust (N,) from 0 (the classical fill) to 1, and sigma (N,) in metres per axis of the mixture."""
        x_NK = (feature_NK - self.middle) / self.spread
        weight_N, log_N = self.layers(torch.cat([x_NK, self.joint(joint_N)], dim=1)).unbind(1)
        return torch.sigmoid(weight_N), SMALLEST_SIGMA_M + torch.exp(log_N.clamp(-7.0, 4.0) - 4.0)


def gate_weights(judge: Gate, feature_NK: Float, joint_N: Int) -> tuple[Float, Float]:
    """Trust and sigma of many samples, as arrays."""
    device = judge.middle.device
    with torch.inference_mode():
        said = judge(torch.from_numpy(feature_NK.astype(np.float32)).to(device), torch.from_numpy(joint_N).to(device))
    weight_N, sigma_N = (each.cpu().numpy().astype(np.float64) for each in said)
    return weight_N, sigma_N
