"""The masked pose modelling network (MPM, arXiv 2306.17201). B windows, F frames, J joints, C channels, H hidden width.

2D or 3D poses -> an encoder for each -> shared spatial layers (per frame) -> shared temporal layers -> a decoder for each target. Masked
input is replaced by learned vectors: joints before the encoder (v^S), whole frames after the temporal layers (v^T).
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.errors import ModelError
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_3d, to_world
from mpm_core.model.network_protocol import TakeInput, WindowReader, WindowTensors
from mpm_core.typing import Float, Int

STREAMS = ((2, 2), (3, 3), (2, 3))  # dimensions in and out; each has its own v^T


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
    """A stack of layers over (B, F, C), C = config.channels, normalised before each part and at the end."""
    layer = nn.TransformerEncoderLayer(
        config.channels, config.heads, config.hidden, config.dropout, activation="relu", batch_first=True, norm_first=True
    )
    return nn.TransformerEncoder(layer, layers, nn.LayerNorm(config.channels), enable_nested_tensor=False)


def positions(config: ModelConfig) -> nn.Parameter:
    """(F, C) learned position embedding: one vector for each frame of the window."""
    return nn.Parameter(torch.randn(config.frames, config.channels) * 0.02)


def head(config: ModelConfig, dims: int) -> nn.Sequential:
    return nn.Sequential(nn.BatchNorm1d(config.channels), per_frame(config.channels, config.joints * dims))


class StridedLayer(nn.Module):
    """Attention, then a feed-forward with a convolution of stride 3: F frames in, F / 3 out, the middle frame of each three."""

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
    """The whole window in, its middle frame out. The first three layers add positional embeddings of their own."""

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.layers = nn.ModuleList(StridedLayer(config) for _ in config.strides)
        self.tables = nn.ParameterList(positions(config) for _ in config.strides[:3])
        self.norm = nn.LayerNorm(config.channels)

    def forward(self, x_BFC: Tensor) -> Tensor:
        for index, layer in enumerate(self.layers):
            if index < len(self.tables):
                x_BFC = x_BFC + self.tables[index][: x_BFC.shape[1]]
            x_BFC = layer(x_BFC)
        return torch.as_tensor(self.norm(x_BFC))


class PaperNetwork(nn.Module):
    """Only the modules that the configuration needs are built."""

    overlap, hidden_state = 3, 0  # windows over each frame; no hidden state (network_protocol.py)

    def __init__(self, config: ModelConfig) -> None:
        super().__init__()
        self.config = config
        J, H, C = config.joints, config.hidden, config.channels
        self.encoder = nn.ModuleDict({f"{d}d": nn.Sequential(per_frame(J * d, H), norm_act(H, config.dropout)) for d in config.inputs})
        masks = not config.lifts or config.partial
        self.joint_token = nn.ParameterDict({f"{d}d": nn.Parameter(torch.zeros(d)) for d in config.inputs if masks})
        self.spatial = nn.Sequential(ResidualBlock(H, config.dropout), per_frame(H, C))
        self.position = positions(config)
        self.temporal = transformer(config, config.layers)
        self.decoder = nn.ModuleDict({f"{d}d": transformer(config, 1) for d in config.outputs})
        self.head = nn.ModuleDict({f"{d}d": head(config, d) for d in config.outputs})
        if config.outputs:
            self.decoder_position = positions(config)
        if config.drops_frames:
            self.frame_token = nn.Parameter(torch.randn(len(STREAMS), C) * 0.02)
        if config.strided:
            self.strided, self.middle_head = StridedDecoder(config), head(config, 3)
        if config.lifts and config.sequence_head:
            self.sequence_head = head(config, 3)

    def share(self, x_BFJD: Tensor, masked_BFJ: Tensor | None = None, kept_BK: Tensor | None = None) -> Tensor:
        """Shared features (B, F or K, C) of poses. masked_BFJ: joints to replace by v^S; kept_BK: frames to use (None = all)."""
        B, F, J, D = x_BFJD.shape
        if masked_BFJ is not None:
            x_BFJD = torch.where(masked_BFJ[..., None], self.joint_token[f"{D}d"].to(x_BFJD.dtype), x_BFJD)
        position_BFC = self.position.expand(B, F, -1)
        if kept_BK is not None:
            x_BFJD = x_BFJD.gather(1, kept_BK[:, :, None, None].expand(-1, -1, J, D))
            position_BFC = position_BFC.gather(1, kept_BK[:, :, None].expand(-1, -1, self.config.channels))
        x_BHF = self.encoder[f"{D}d"](x_BFJD.flatten(2).transpose(1, 2))
        x_BFC = self.spatial(x_BHF).transpose(1, 2) + position_BFC
        return torch.as_tensor(self.temporal(x_BFC))

    def decode(self, x_BKC: Tensor, stream: tuple[int, int], kept_BK: Tensor | None = None) -> Tensor:
        """Poses (B, F, J, D out) by the light decoder; stream: (D in, D out); frames that were not used are v^T."""
        if kept_BK is not None:
            token_BFC = self.frame_token[STREAMS.index(stream)].to(x_BKC.dtype).expand(len(x_BKC), self.config.frames, -1)
            x_BKC = token_BFC.scatter(1, kept_BK[:, :, None].expand(-1, -1, self.config.channels), x_BKC)
        dims = stream[1]
        x_BFC = self.decoder[f"{dims}d"](x_BKC + self.decoder_position)
        return unflatten(self.head[f"{dims}d"](x_BFC.transpose(1, 2)), dims)

    def masked(self, x_BFJD: Tensor, masked_BFJ: Tensor, kept_BK: Tensor | None = None) -> Tensor:
        """Masked pose modelling within one modality: poses (B, F, J, D) with masked joints (and dropped frames) in, whole poses out."""
        D = x_BFJD.shape[-1]
        return self.decode(self.share(x_BFJD, masked_BFJ, kept_BK), (D, D), kept_BK)

    def lift(self, x_BFJ2: Tensor, masked_BFJ: Tensor | None = None, kept_BK: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
        """2D in; 3D of the middle frame (B, 1, J, 3) and of the whole window (B, F, J, 3; None if there is no such output) out.

        kept_BK: frames to use, for networks whose configuration drops frames.
        """
        x_BFC, middle = self.share(x_BFJ2, masked_BFJ, kept_BK), self.config.frames // 2
        if self.config.strided:
            return self.middle(x_BFC), self.sequence(x_BFC) if self.config.sequence_head else None
        light_BFJ3 = self.decode(x_BFC, (2, 3), kept_BK)
        return light_BFJ3[:, middle : middle + 1], self.sequence(x_BFC) if self.config.sequence_head else light_BFJ3

    def middle(self, x_BFC: Tensor) -> Tensor:
        return unflatten(self.middle_head(self.strided(x_BFC).transpose(1, 2)), 3)

    def sequence(self, x_BFC: Tensor) -> Tensor:
        """3D of every frame from shared features. Raises ModelError when the network has only the middle frame."""
        if self.config.sequence_head:
            return unflatten(self.sequence_head(x_BFC.transpose(1, 2)), 3)
        if self.config.strided:
            raise ModelError("this network gives the middle frame only", hint="train it with a sequence head or a light decoder")
        return self.decode(x_BFC, (2, 3))

    def read_windows(self, take: TakeInput, mirrored: bool = False) -> WindowReader:
        """See network_protocol.py: keypoints are lifted, 3D joints completed in the axes of the configuration."""
        device = self.position.device
        xyz_KJD, missing_KJ = torch.from_numpy(take.xyz_KJD.astype(np.float32)).to(device), torch.from_numpy(take.missing_KJ).to(device)
        root_K3 = torch.from_numpy(take.root_K3.astype(np.float32)).to(device)

        def lift(rows_BW: Int) -> WindowTensors:
            masked_BWJ = missing_KJ[rows_BW] if self.config.partial else None
            return WindowTensors(self.sequence(self.share(xyz_KJD[rows_BW], masked_BWJ)).float())

        def complete(rows_BW: Int) -> WindowTensors:
            x_BWJ3, place = encode_3d(xyz_KJD[rows_BW], root_K3[rows_BW], self.config.space)
            world_BWJ3 = to_world(self.masked(x_BWJ3, missing_KJ[rows_BW]).float(), place)
            return WindowTensors(world_BWJ3 - root_K3[rows_BW][:, :, None])

        return WindowReader(lift if take.xyz_KJD.shape[2] == 2 else complete, np.tile(np.eye(3), (len(take.xyz_KJD), 1, 1)))

    def weights(self, feature_NK: Float, joint_N: Int) -> None:
        """None: without a gate, its fills are used as they are."""


def unflatten(x_BNF: Tensor, dims: int) -> Tensor:
    """(B, J * dims, F) -> (B, F, J, dims)."""
    B, N, F = x_BNF.shape
    return x_BNF.transpose(1, 2).reshape(B, F, N // dims, dims)
