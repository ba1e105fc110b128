"""The repairing network: masked pose modelling with one token per frame, for gaps of any joints and any length.

B windows, F frames, J joints, C channels, H hidden width, N features (repair_features.py).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import tensor_weights
from mpm_core.model.gate import Gate, gate_weights
from mpm_core.model.network_protocol import TakeInput, WindowReader, WindowTensors
from mpm_core.model.repair_features import body_axes, feature_count, mirror_features, mirror_pose, observe
from mpm_core.typing import Float, Int


class Layer(nn.Module):
    """Pre-norm attention with a learned bias by distance in time, then a feed-forward."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        C, H = config.channels, config.hidden
        self.heads, self.dropout = config.heads, config.dropout
        self.norm_attention, self.norm_feed = nn.LayerNorm(C), nn.LayerNorm(C)
        self.query_key_value, self.join = nn.Linear(C, 3 * C), nn.Linear(C, C)
        self.feed = nn.Sequential(nn.Linear(C, H), nn.GELU(), nn.Linear(H, C))

    def forward(self, x_BFC: Tensor, bias_1HFF: Tensor) -> Tensor:
        B, F, C = x_BFC.shape
        q, k, v = self.query_key_value(self.norm_attention(x_BFC)).view(B, F, 3, self.heads, C // self.heads).permute(2, 0, 3, 1, 4)
        dropped = self.dropout if self.training else 0.0
        y = nn.functional.scaled_dot_product_attention(q, k, v, bias_1HFF, dropped)
        x_BFC = x_BFC + self.join(y.transpose(1, 2).reshape(B, F, C))
        return torch.add(x_BFC, nn.functional.dropout(self.feed(self.norm_feed(x_BFC)), self.dropout, self.training))


class Temporal(nn.Module):
    """Attention over time: features of each frame (B, F, N) in, (B, F, C) out."""

    def __init__(self, config: ModelConfig, features: int) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(features, config.channels)
        self.position = nn.Parameter(torch.randn(config.frames, config.channels) * 0.02)
        self.near = nn.Parameter(torch.zeros(config.heads, 2 * config.frames - 1))
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.channels)

    def along(self, features_BFN: Tensor) -> Tensor:
        """The output of the last layer."""
        return self.hidden_state_and_end(features_BFN)[1]

    def hidden_state_and_end(self, features_BFN: Tensor) -> tuple[Tensor, Tensor]:
        """The activations after half of the layers and after the last."""
        frame_F = torch.arange(features_BFN.shape[1], device=features_BFN.device)
        bias_1HFF = self.near[:, frame_F[:, None] - frame_F + self.config.frames - 1][None]
        x_BFC = hidden_state_BFC = self.embed(features_BFN) + self.position
        for done, layer in enumerate(self.layers, 1):
            x_BFC = layer(x_BFC, bias_1HFF.to(x_BFC.dtype))
            hidden_state_BFC = x_BFC if 2 * done <= len(self.layers) else hidden_state_BFC
        return hidden_state_BFC, torch.as_tensor(self.norm(x_BFC))


class RepairNetwork(Temporal):
    overlap = 2  # windows over each frame, and as many mirrored ones: more accurate than three plain ones, for a third more computation

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, feature_count(config.riding))
        self.hidden_state = config.channels
        self.head = nn.Linear(config.channels, config.joints * 3)
        self.gate = Gate(config.joints) if config.gated else None

    def forward(self, features_BFN: Tensor) -> Tensor:
        """Every joint (B, F, J, 3) in the body's axes, metres."""
        return self.hidden_state_and_pose(features_BFN)[1]

    def hidden_state_and_pose(self, features_BFN: Tensor) -> tuple[Tensor, Tensor]:
        """The activations after half of the layers (B, F, C), and every joint (B, F, J, 3)."""
        B, F, _ = features_BFN.shape
        hidden_state_BFC, end_BFC = self.hidden_state_and_end(features_BFN)
        return hidden_state_BFC, torch.as_tensor(self.head(end_BFC).view(B, F, self.config.joints, 3).float())

    def read_windows(self, take: TakeInput, mirrored: bool = True) -> WindowReader:
        """See network_protocol.py. mirrored: the mean of the outputs for the plain and the mirrored window."""
        device = self.position.device
        xyz_1KJ3, root_1K3, length_1N = (
            torch.from_numpy(array.astype(np.float32))[None] for array in (take.xyz_KJD, take.root_K3, take.length_N)
        )
        axes = body_axes(xyz_1KJ3, root_1K3)
        weights = tensor_weights(~take.missing_KJ[None], self.config.rate_hz)
        missing_1KJ = torch.from_numpy(take.missing_KJ)[None]
        features_KN = observe(xyz_1KJ3, missing_1KJ, axes, weights, length_1N, self.config.rate_hz, self.config.riding)[0]

        def read(rows_BW: Int) -> WindowTensors:
            features_BWN = features_KN[rows_BW].to(device)
            hidden_state_BWC, pose_BWJ3 = self.hidden_state_and_pose(features_BWN)
            mirror_BWJ = None
            if mirrored:
                other_BWJ3 = mirror_pose(self(mirror_features(features_BWN)))
                mirror_BWJ = (pose_BWJ3 - other_BWJ3).float().norm(dim=3)
                pose_BWJ3 = (pose_BWJ3 + other_BWJ3) / 2
            world_BWJ3 = torch.einsum("bwji,bwkj->bwki", axes.turn_BF33[0, rows_BW].to(device), pose_BWJ3)
            return WindowTensors(world_BWJ3, mirror_BWJ=mirror_BWJ, hidden_state_BWC=hidden_state_BWC.float())

        return WindowReader(read, axes.turn_BF33[0].numpy().astype(np.float64))

    def weights(self, feature_NK: Float, joint_N: Int) -> tuple[Float, Float] | None:
        """By the gate (network_protocol.py)."""
        return None if self.gate is None else gate_weights(self.gate, feature_NK, joint_N)
