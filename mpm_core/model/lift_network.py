"""The former lifting network (decoder "direct"), kept for its model files: windows of 2D keypoints in, the 3D pose of every frame out.
B windows, F frames, J joints.

Keypoints are relative to the middle of the trunk in each frame, in units of the person's size; position and size in the image are separate
inputs.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.model.config import ModelConfig
from mpm_core.model.network_protocol import TakeInput, WindowReader, WindowTensors
from mpm_core.model.person_axes import middle
from mpm_core.model.repair_features import gap_features
from mpm_core.model.repair_network import Temporal
from mpm_core.typing import Float, Int

SPEED_HZ = 10.0  # scale of speeds, in 1 / s
SMALLEST_SIGMA_M = 1e-4
SMALLEST_SIZE = 1e-3  # least size of a person, in half image widths


class LiftNetwork(Temporal):
    """Keypoints to poses by the temporal layers of repair_network.py."""

    overlap, hidden_state = 3, 0  # windows over each frame; no hidden state (network_protocol.py)

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, 7 * config.joints + 5)
        self.head = nn.Linear(config.channels, config.joints * 3)
        self.sigma_head = nn.Sequential(nn.Linear(config.channels + 3 * config.joints, 64), nn.GELU(), nn.Linear(64, config.joints))

    def lift(self, x_BFJ2: Tensor, masked_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Encoded keypoints, interpolated where missing -> the pose of the middle frame (B, 1, J, 3) and of the window (B, F, J, 3),
        metres.
        """
        pose_BFJ3, _ = self(x_BFJ2, masked_BFJ)
        middle = self.config.frames // 2
        return pose_BFJ3[:, middle : middle + 1], pose_BFJ3

    def forward(self, x_BFJ2: Tensor, masked_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Poses (B, F, J, 3) in camera axes, metres, the root at zero; sigma (B, F, J), metres per axis.

        Sigma is estimated from the same features; its gradient does not reach them.
        """
        B, F, J, _ = x_BFJ2.shape
        masked_BFJ = torch.zeros(B, F, J, dtype=torch.bool, device=x_BFJ2.device) if masked_BFJ is None else masked_BFJ
        gap_BFN = gap_features(masked_BFJ, F // 2)
        x_BFC = self.along(torch.cat([self.view(x_BFJ2, masked_BFJ), gap_BFN], dim=-1))
        pose_BFJ3 = self.head(x_BFC).view(B, F, J, 3).float()
        log_BFJ = self.sigma_head(torch.cat([x_BFC.detach(), gap_BFN], dim=-1)).view(B, F, J).float()
        return pose_BFJ3 - pose_BFJ3[:, :, :1], SMALLEST_SIGMA_M + torch.exp(log_BFJ.clamp(-8.0, 3.0) - 3.0)

    def read_windows(self, take: TakeInput, mirrored: bool = False) -> WindowReader:
        """Windows of a take (network_protocol.py)."""
        device = self.position.device
        xy_KJ2, missing_KJ = torch.from_numpy(take.xyz_KJD.astype(np.float32)).to(device), torch.from_numpy(take.missing_KJ).to(device)

        def read(rows_BW: Int) -> WindowTensors:
            pose_BWJ3, sigma_BWJ = self(xy_KJ2[rows_BW], missing_KJ[rows_BW] if self.config.partial else None)
            return WindowTensors(pose_BWJ3, sigma_BWJ.log())

        return WindowReader(read, np.tile(np.eye(3), (len(take.xyz_KJD), 1, 1)))

    def weights(self, feature_NK: Float, joint_N: Int) -> None:
        """None: without a gate, its poses are used as they are."""

    def view(self, x_BFJ2: Tensor, masked_BFJ: Tensor) -> Tensor:
        """(B, F, 4 J + 5) positions and velocities of keypoints, position, velocity and size of the person, from joints visible in the
        window.
        """
        visible_BFJ1 = (~masked_BFJ)[..., None]
        ever_B1J1 = visible_BFJ1.any(dim=1, keepdim=True).float()
        middle_BF12 = middle(x_BFJ2, ever_B1J1)
        offset_BFJ2 = x_BFJ2 - middle_BF12
        visible_B = ever_B1J1.sum(dim=(1, 2, 3)).clamp(min=1)
        square_B = (offset_BFJ2.square().sum(-1, keepdim=True) * ever_B1J1).mean(dim=1).sum(dim=(1, 2)) / visible_B
        size_B111 = square_B.sqrt().clamp(min=SMALLEST_SIZE)[:, None, None, None]
        place_BFJ2 = torch.where(visible_BFJ1, offset_BFJ2 / size_B111, 0.0)
        speed_BFJ2 = torch.zeros_like(place_BFJ2)
        both = visible_BFJ1[:, 1:] & visible_BFJ1[:, :-1]
        speed_BFJ2[:, 1:] = torch.where(both, (place_BFJ2[:, 1:] - place_BFJ2[:, :-1]) * (self.config.rate_hz / SPEED_HZ), 0.0)
        walk_BF2 = torch.zeros_like(middle_BF12[:, :, 0])
        walk_BF2[:, 1:] = ((middle_BF12[:, 1:] - middle_BF12[:, :-1]) / size_B111)[:, :, 0] * (self.config.rate_hz / SPEED_HZ)
        size_BF1 = size_B111[..., 0].log().expand(-1, x_BFJ2.shape[1], -1)
        return torch.cat([place_BFJ2.flatten(2), speed_BFJ2.flatten(2), middle_BF12[:, :, 0], walk_BF2, size_BF1], dim=-1)
