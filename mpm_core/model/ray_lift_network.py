"""The lifting network that ships: windows of keypoints as rays of a camera in; the 3D pose of every frame, feet at rest and gravity out.

B windows, F frames, J joints. The pose is estimated in axes that look at the person with up upright, and turned back to camera axes: where
in the image the person is, and how the camera is held, is geometry and need not be learned. Keypoints are in units of the person's size.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.model.config import ModelConfig
from mpm_core.model.gravity import SMALLEST_SIZE, SPEED_HZ, Gravity
from mpm_core.model.network_protocol import TakeInput, WindowReader, WindowTensors
from mpm_core.model.person_axes import direction, looking_along, middle, seen_from
from mpm_core.model.repair_features import gap_features
from mpm_core.model.repair_network import Temporal
from mpm_core.typing import Float, Int

SMALLEST_SIGMA_M = 1e-4
REST_CHANNELS = 96
RAY_SCALE = 2.4  # half image widths in a focal length, of the network that this one continues


class RayLiftNetwork(Temporal):
    """Rays to poses by the temporal layers of repair_network.py, and to gravity by gravity.py."""

    overlap, hidden_state = 3, 0  # windows over each frame; no hidden state (network_protocol.py)

    def __init__(self, config: ModelConfig) -> None:
        super().__init__(config, 7 * config.joints + 5)
        self.head = nn.Linear(config.channels, config.joints * 3)
        self.sigma_head = nn.Sequential(nn.Linear(config.channels + 3 * config.joints, 64), nn.GELU(), nn.Linear(64, config.joints))
        self.gravity = Gravity(config.rate_hz)
        self.rest = Rest(7 * config.joints + 5)

    def lift(self, ray_BFJ2: Tensor, masked_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """Rays, interpolated where missing -> the pose of the middle frame (B, 1, J, 3) and of the window (B, F, J, 3), metres."""
        masked_BFJ = torch.zeros_like(ray_BFJ2[..., 0], dtype=torch.bool) if masked_BFJ is None else masked_BFJ
        pose_BFJ3, _ = self(ray_BFJ2, masked_BFJ, self.gravity(ray_BFJ2, masked_BFJ)[0])
        half = self.config.frames // 2
        return pose_BFJ3[:, half : half + 1], pose_BFJ3

    def forward(self, ray_BFJ2: Tensor, masked_BFJ: Tensor, up_B3: Tensor) -> tuple[Tensor, Tensor]:
        """Poses (B, F, J, 3) in camera axes, metres, the root at zero; sigma (B, F, J), metres per axis.

        up_B3: unit vectors in camera axes. Sigma is estimated from the same features; its gradient does not reach them.
        """
        B, F, J, _ = ray_BFJ2.shape
        gap_BFN = gap_features(masked_BFJ, F // 2)
        features_BFN, axes_BF33 = self.view(ray_BFJ2, masked_BFJ, up_B3)
        x_BFC = self.along(torch.cat([features_BFN, gap_BFN], dim=-1))
        pose_BFJ3 = self.head(x_BFC).view(B, F, J, 3).float()
        log_BFJ = self.sigma_head(torch.cat([x_BFC.detach(), gap_BFN], dim=-1)).view(B, F, J).float()
        sigma_BFJ = SMALLEST_SIGMA_M + torch.exp(log_BFJ.clamp(-8.0, 3.0) - 3.0)
        return (pose_BFJ3 - pose_BFJ3[:, :, :1]) @ axes_BF33, sigma_BFJ

    def at_rest(self, ray_BFJ2: Tensor, masked_BFJ: Tensor, up_B3: Tensor) -> Tensor:
        """Log-odds (B, F, 2) that the left and the right ankle is at rest."""
        features_BFN, _ = self.view(ray_BFJ2, masked_BFJ, up_B3)
        return torch.as_tensor(self.rest(torch.cat([features_BFN, gap_features(masked_BFJ, ray_BFJ2.shape[1] // 2)], dim=-1)))

    def read_windows(self, take: TakeInput, mirrored: bool = False) -> WindowReader:
        """Windows of a take (network_protocol.py)."""
        device = self.position.device
        ray_KJ2, missing_KJ = torch.from_numpy(take.xyz_KJD.astype(np.float32)).to(device), torch.from_numpy(take.missing_KJ).to(device)
        up_13 = None if take.up_3 is None else torch.from_numpy(take.up_3.astype(np.float32)).to(device)[None]

        def read(rows_BW: Int) -> WindowTensors:
            ray_BWJ2, missing_BWJ = ray_KJ2[rows_BW], missing_KJ[rows_BW]
            up_B3 = self.gravity(ray_BWJ2, missing_BWJ)[0] if up_13 is None else up_13.expand(len(rows_BW), 3)
            pose_BWJ3, sigma_BWJ = self(ray_BWJ2, missing_BWJ, up_B3)
            return WindowTensors(pose_BWJ3, sigma_BWJ.log(), rest_BW2=self.at_rest(ray_BWJ2, missing_BWJ, up_B3))

        return WindowReader(read, np.tile(np.eye(3), (len(take.xyz_KJD), 1, 1)))

    def weights(self, feature_NK: Float, joint_N: Int) -> None:
        """None: without a gate, its poses are used as they are."""

    def view(self, ray_BFJ2: Tensor, masked_BFJ: Tensor, up_B3: Tensor) -> tuple[Tensor, Tensor]:
        """(B, F, 4 J + 5) positions and velocities of keypoints, up, the view's turning and the person's size, from joints visible in the
        window; and the axes (B, F, 3, 3), rows, in which they are.
        """
        visible_BFJ1 = (~masked_BFJ)[..., None]
        ever_B1J1 = visible_BFJ1.any(dim=1, keepdim=True).float()
        view_BF3 = direction(middle(ray_BFJ2, ever_B1J1)[:, :, 0])
        up_BF3 = up_B3[:, None].expand_as(view_BF3)
        axes_BF33 = looking_along(view_BF3, up_BF3)
        offset_BFJ2 = seen_from(axes_BF33, ray_BFJ2)
        visible_B = ever_B1J1.sum(dim=(1, 2, 3)).clamp(min=1)
        square_B = (offset_BFJ2.square().sum(-1, keepdim=True) * ever_B1J1).mean(dim=1).sum(dim=(1, 2)) / visible_B
        size_B111 = square_B.sqrt().clamp(min=SMALLEST_SIZE)[:, None, None, None]
        place_BFJ2 = torch.where(visible_BFJ1, offset_BFJ2 / size_B111, 0.0)
        speed_BFJ2, turning_BF2 = torch.zeros_like(place_BFJ2), torch.zeros_like(view_BF3[..., :2])
        both = visible_BFJ1[:, 1:] & visible_BFJ1[:, :-1]
        speed_BFJ2[:, 1:] = torch.where(both, (place_BFJ2[:, 1:] - place_BFJ2[:, :-1]) * (self.config.rate_hz / SPEED_HZ), 0.0)
        step_BF3 = (view_BF3[:, 1:] - view_BF3[:, :-1])[:, :, None] @ axes_BF33[:, :-1].transpose(-1, -2)
        turning_BF2[:, 1:] = step_BF3[:, :, 0, :2] / size_B111[:, :, 0] * (self.config.rate_hz / SPEED_HZ)
        level_BF2 = (up_BF3[:, :, None] @ axes_BF33.transpose(-1, -2))[:, :, 0, 1:]
        size_BF1 = (RAY_SCALE * size_B111[..., 0]).log().expand(-1, ray_BFJ2.shape[1], -1)
        features_BFN = torch.cat([place_BFJ2.flatten(2), speed_BFJ2.flatten(2), level_BF2, turning_BF2, size_BF1], dim=-1)
        return features_BFN, axes_BF33


class Rest(nn.Module):
    """Whether each ankle is at rest: a convolution over the features of RayLiftNetwork.view and its gaps."""

    def __init__(self, features: int) -> None:
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv1d(features, REST_CHANNELS, 5, padding=2),
            nn.GELU(),
            nn.Conv1d(REST_CHANNELS, REST_CHANNELS, 5, padding=2),
            nn.GELU(),
            nn.Conv1d(REST_CHANNELS, 2, 5, padding=2),
        )

    def forward(self, features_BFN: Tensor) -> Tensor:
        """Log-odds (B, F, 2)."""
        return torch.as_tensor(self.layers(features_BFN.transpose(1, 2)).transpose(1, 2).float())
