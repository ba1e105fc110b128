"""The network that repairs takes: masked poses as in MPM, one token a frame, made for gaps of any joints and any length.

B windows, F frames, J joints, C channels, H hidden width, N features. What it sees is made by observe.py.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mpm_core.model.config import ModelConfig
from mpm_core.model.gate import Gate
from mpm_core.model.observations import features_of


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
    """Features of each frame in, (B, F, C) that know of the whole window out."""

    def __init__(self, config: ModelConfig, features: int) -> None:
        super().__init__()
        self.config = config
        self.embed = nn.Linear(features, config.channels)
        self.position = nn.Parameter(torch.randn(config.frames, config.channels) * 0.02)
        self.near = nn.Parameter(torch.zeros(config.heads, 2 * config.frames - 1))
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = nn.LayerNorm(config.channels)

    def along(self, features_BFN: Tensor) -> Tensor:
        return self.hidden_state_and_end(features_BFN)[1]

    def hidden_state_and_end(self, features_BFN: Tensor) -> tuple[Tensor, Tensor]:
        """What half of the layers made of it, and all of them."""
        frame_F = torch.arange(features_BFN.shape[1], device=features_BFN.device)
        bias_1HFF = self.near[:, frame_F[:, None] - frame_F + self.config.frames - 1][None]
        x_BFC = hidden_state_BFC = self.embed(features_BFN) + self.position
        for done, layer in enumerate(self.layers, 1):
            x_BFC = layer(x_BFC, bias_1HFF.to(x_BFC.dtype))
            hidden_state_BFC = x_BFC if 2 * done <= len(self.layers) else hidden_state_BFC
        return hidden_state_BFC, torch.as_tensor(self.norm(x_BFC))


class RepairNetwork(Temporal):
    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, features_of(config.joints, config.riding))
        self.head = nn.Linear(config.channels, config.joints * 3)
        self.judge = Gate(config.joints) if config.judged else None

    def forward(self, features_BFN: Tensor) -> Tensor:
        """Every joint (B, F, J, 3) in the body's axes, metres."""
        return self.hidden_state_and_pose(features_BFN)[1]

    def hidden_state_and_pose(self, features_BFN: Tensor) -> tuple[Tensor, Tensor]:
        """What the layers hold halfway (B, F, C), and every joint."""
        B, F, _ = features_BFN.shape
        hidden_state_BFC, end_BFC = self.hidden_state_and_end(features_BFN)
        return hidden_state_BFC, torch.as_tensor(self.head(end_BFC).view(B, F, self.config.joints, 3).float())
