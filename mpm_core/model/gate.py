"""The gate: the weight of the network's fill against the classical one, and sigma of their mixture.

N samples, K features (gate_features.py). Trained on people outside the network's training data.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.model.gate_features import FEATURES
from mpm_core.typing import Float, Int

EMBEDDING, WIDTH = 8, 48
SMALLEST_SIGMA_M = 1e-4


class Gate(nn.Module):
    """A perceptron on standardized features and an embedding of the joint. middle, spread: mean and standard deviation of the features."""

    middle: Tensor
    spread: Tensor

    def __init__(self, joints: int) -> None:
        super().__init__()
        K = len(FEATURES)
        self.joint = nn.Embedding(joints, EMBEDDING)
        self.register_buffer("middle", torch.zeros(K))
        self.register_buffer("spread", torch.ones(K))
        self.layers = nn.Sequential(nn.Linear(K + EMBEDDING, WIDTH), nn.GELU(), nn.Linear(WIDTH, WIDTH), nn.GELU(), nn.Linear(WIDTH, 2))

    def forward(self, feature_NK: Tensor, joint_N: Tensor) -> tuple[Tensor, Tensor]:
        """Weight (N,) of the network's fill, from 0 (the classical fill alone) to 1, and sigma (N,) of the mixture, metres per axis."""
        x_NK = (feature_NK - self.middle) / self.spread
        weight_N, log_N = self.layers(torch.cat([x_NK, self.joint(joint_N)], dim=1)).unbind(1)
        return torch.sigmoid(weight_N), SMALLEST_SIGMA_M + torch.exp(log_N.clamp(-7.0, 4.0) - 4.0)


def gate_weights(gate: Gate, feature_NK: Float, joint_N: Int) -> tuple[Float, Float]:
    """Weight and sigma of N samples, as arrays."""
    device = gate.middle.device
    with torch.inference_mode():
        output = gate(torch.from_numpy(feature_NK.astype(np.float32)).to(device), torch.from_numpy(joint_N).to(device))
    weight_N, sigma_N = (value_N.cpu().numpy().astype(np.float64) for value_N in output)
    return weight_N, sigma_N
