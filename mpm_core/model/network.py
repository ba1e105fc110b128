"""The masked-pose network (MPM, arXiv 2306.17201), top to bottom. B windows, F frames, J joints, C channels, H hidden width.

2D or 3D poses -> an encoder of their own -> shared spatial layers (per frame) -> shared temporal layers -> a decoder of the target's own.
What is hidden is replaced by learned vectors: joints before the encoder (v^S), whole frames after the temporal layers (v^T).
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mpm_core.model.config import ModelConfig


def per_frame(inputs: int, outputs: int) -> nn.Conv1d:
    """A linear layer over (B, channels, F)."""
    return nn.Conv1d(inputs, outputs, 1)


def norm_act(width: int, dropout: float) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm1d(width), nn.LeakyReLU(0.2), nn.Dropout(dropout))


class ResidualBlock(nn.Module):
    def __init__(self, width: int, dropout: float) -> None:
        super().__init__()
        self.layers = nn.Sequential(per_frame(width, width), norm_act(width, dropout), per_frame(width, width), norm_act(width, dropout))

    def forward(self, x_BHF: Tensor) -> Tensor:
        return torch.add(x_BHF, self.layers(x_BHF))


def transformer(config: ModelConfig, layers: int) -> nn.TransformerEncoder:
    layer = nn.TransformerEncoderLayer(
        config.channels, config.heads, config.hidden, config.dropout, activation="relu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(config.channels), enable_nested_tensor=False)


def positions(config: ModelConfig) -> nn.Parameter:
    return nn.Parameter(torch.randn(config.frames, config.channels) * 0.02)


def head(config: ModelConfig, dims: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm1d(config.channels), per_frame(config.channels, config.joints * dims))


class StridedLayer(nn.Module):
    """Attention, then a feed-forward whose second layer is a convolution of stride 3: F frames in, F / 3 out, centres kept."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        C = config.channels
        self.norm_attention, self.norm_feed = nn.LayerNorm(C), nn.LayerNorm(C)
        self.attention = nn.MultiheadAttention(C, config.heads, config.dropout, batch_first=True)
        self.widen, self.stride = per_frame(C, config.hidden), nn.Conv1d(config.hidden, C, 3, stride=3)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, x_BFC: Tensor) -> Tensor:
        y_BFC = self.norm_attention(x_BFC)
        x_BFC = x_BFC + self.dropout(self.attention(y_BFC, y_BFC, y_BFC, need_weights=False)[0])
        wide_BHF = self.dropout(torch.relu(self.widen(self.norm_feed(x_BFC).transpose(1, 2))))
        return torch.add(x_BFC[:, 1::3], self.dropout(self.stride(wide_BHF)).transpose(1, 2))


class StridedDecoder(nn.Module):
    """The whole window in, the middle frame out. The first three layers add positions, each from a table of its own."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(StridedLayer(config) for _ in config.strides)
        self.tables = nn.ParameterList(positions(config) for _ in range(3))
        self.norm = nn.LayerNorm(config.channels)

    def forward(self, x_BFC: Tensor) -> Tensor:
        for index, layer in enumerate(self.layers):
            if index < len(self.tables):
                x_BFC = x_BFC + self.tables[index][: x_BFC.shape[1]]
            x_BFC = layer(x_BFC)
        return torch.as_tensor(self.norm(x_BFC))


class Network(nn.Module):
    """Only the parts that the configuration's task needs are built, so that a checkpoint holds no dead weights."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        J, H, C = config.joints, config.hidden, config.channels
        inputs = {"pretrain": (2, 3), "complete": (3,), "lift": (2,)}[config.task]
        outputs = {"pretrain": (2, 3), "complete": (3,), "lift": ()}[config.task]
        self.encoder = nn.ModuleDict({f"{d}d": nn.Sequential(per_frame(J * d, H), norm_act(H, config.dropout)) for d in inputs})
        masks = config.task != "lift" or config.partial
        self.joint_token = nn.ParameterDict({f"{d}d": nn.Parameter(torch.zeros(d)) for d in inputs if masks})
        self.spatial = nn.Sequential(ResidualBlock(H, config.dropout), per_frame(H, C))
        self.position = positions(config)
        self.temporal = transformer(config, config.layers)
        self.decoder = nn.ModuleDict({f"{d}d": transformer(config, 1) for d in outputs})
        self.head = nn.ModuleDict({f"{d}d": head(config, d) for d in outputs})
        if outputs:
            self.decoder_position = positions(config)
        if config.task == "pretrain":
            self.frame_token = nn.ParameterDict({f"{d}d": nn.Parameter(torch.randn(C) * 0.02) for d in outputs})
        if config.task == "lift":
            self.strided = StridedDecoder(config)
            self.middle_head, self.sequence_head = head(config, 3), head(config, 3)

    def share(self, x_BFJD: Tensor, hidden_BFJ: Tensor | None = None, kept_BK: Tensor | None = None) -> Tensor:
        """Shared features (B, F or K, C) of poses. hidden_BFJ: joints to replace by v^S; kept_BK: frames that pass (None = all)."""
        B, F, J, D = x_BFJD.shape
        if hidden_BFJ is not None:
            x_BFJD = torch.where(hidden_BFJ[..., None], self.joint_token[f"{D}d"].to(x_BFJD.dtype), x_BFJD)
        position_BFC = self.position.expand(B, F, -1)
        if kept_BK is not None:
            x_BFJD = x_BFJD.gather(1, kept_BK[:, :, None, None].expand(-1, -1, J, D))
            position_BFC = position_BFC.gather(1, kept_BK[:, :, None].expand(-1, -1, self.config.channels))
        x_BHF = self.encoder[f"{D}d"](x_BFJD.flatten(2).transpose(1, 2))
        x_BFC = self.spatial(x_BHF).transpose(1, 2) + position_BFC
        return torch.as_tensor(self.temporal(x_BFC))

    def decode(self, x_BKC: Tensor, dims: int, kept_BK: Tensor | None = None) -> Tensor:
        """Poses (B, F, J, dims) from shared features; frames that did not pass are v^T."""
        B, F = len(x_BKC), self.config.frames
        if kept_BK is not None:
            token = self.frame_token[f"{dims}d"].to(x_BKC.dtype).expand(B, F, -1)
            x_BKC = token.scatter(1, kept_BK[:, :, None].expand(-1, -1, self.config.channels), x_BKC)
        x_BFC = self.decoder[f"{dims}d"](x_BKC + self.decoder_position)
        return unflatten(self.head[f"{dims}d"](x_BFC.transpose(1, 2)), dims)

    def masked(self, x_BFJD: Tensor, hidden_BFJ: Tensor, kept_BK: Tensor | None = None) -> Tensor:
        """Masked pose modelling within one modality: (B, F, J, D) with hidden joints (and dropped frames) in, the whole out."""
        return self.decode(self.share(x_BFJD, hidden_BFJ, kept_BK), x_BFJD.shape[-1], kept_BK)

    def lift(self, x_BFJ2: Tensor, hidden_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """2D in; 3D of the middle frame (B, 1, J, 3) and of the whole window (B, F, J, 3) out."""
        x_BFC = self.share(x_BFJ2, hidden_BFJ)
        return self.middle(x_BFC), self.sequence(x_BFC)

    def middle(self, x_BFC: Tensor) -> Tensor:
        return unflatten(self.middle_head(self.strided(x_BFC).transpose(1, 2)), 3)

    def sequence(self, x_BFC: Tensor) -> Tensor:
        return unflatten(self.sequence_head(x_BFC.transpose(1, 2)), 3)


def unflatten(x_BNF: Tensor, dims: int) -> Tensor:
    """(B, J * dims, F) -> (B, F, J, dims)."""
    B, N, F = x_BNF.shape
    return x_BNF.transpose(1, 2).reshape(B, F, N // dims, dims)
