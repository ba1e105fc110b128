"""Which way is up, in camera axes, from the keypoints of the limbs. B windows, F frames, J = 17 joints, L limb joints, C channels.

Spine, thorax, neck and head are left out: every rig and detector places them differently.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from mpm_core.model.person_axes import direction, middle, seen_from, standing_up, turning_to
from mpm_core.skeleton import load_skeleton

CHANNELS = 160
DILATIONS = (1, 2, 4, 8)
EVERY = 3  # it reads each third frame
SPEED_HZ = 10.0  # scale of speeds, in 1 / s
SMALLEST_SIZE = 1e-3  # least size of a person, in focal lengths
LIMBS = ("hip", "knee", "ankle", "shoulder", "elbow", "wrist")  # left and right


class Gravity(nn.Module):
    """A temporal convolution over each window, pooled to one direction."""

    def __init__(self, rate_hz: float) -> None:
        super().__init__()
        self.rate_hz = rate_hz / EVERY
        names = load_skeleton("body17").names
        self.limbs = [names.index(f"{side}_{part}") for side in ("left", "right") for part in LIMBS]
        self.embed = nn.Conv1d(5 * len(self.limbs) + 8, CHANNELS, 3, padding=1)
        self.blocks = nn.ModuleList(Block(dilation) for dilation in DILATIONS)
        self.pool = nn.Conv1d(CHANNELS, 1, 1)
        self.head = nn.Sequential(nn.Linear(CHANNELS, 64), nn.GELU(), nn.Linear(64, 4))

    def forward(self, ray_BFJ2: Tensor, masked_BFJ: Tensor) -> tuple[Tensor, Tensor]:
        """Unit vectors (B, 3) in camera axes, and the logarithm of their expected angular error (B,), radians."""
        features_BFN, turn_B33 = self.view(ray_BFJ2[:, ::EVERY], masked_BFJ[:, ::EVERY])
        x_BCF = self.embed(features_BFN.transpose(1, 2))
        for block in self.blocks:
            x_BCF = block(x_BCF)
        pooled_BC = (x_BCF * self.pool(x_BCF).float().softmax(dim=-1)).sum(dim=-1)
        out_B4 = self.head(pooled_BC).float()
        up_B3 = torch.nn.functional.normalize(out_B4[:, :3] + out_B4.new_tensor([0.0, -1.0, 0.0]), dim=-1)
        return (up_B3[:, None] @ turn_B33)[:, 0], out_B4[:, 3].clamp(-5.0, 1.0)

    def view(self, ray_BFJ2: Tensor, masked_BFJ: Tensor) -> tuple[Tensor, Tensor]:
        """(B, F, 5 L + 8) limbs relative to the person's middle, their speed and what is missing; the middle's place, speed and size; the
        rays' mean; in axes turned so that this mean looks forward and the person stands upright in their image. The rotation (B, 3, 3).
        """
        visible_BFJ1 = (~masked_BFJ)[..., None]
        ever_B1J1 = visible_BFJ1.any(dim=1, keepdim=True).float()
        mean_B2 = middle(ray_BFJ2, ever_B1J1)[:, :, 0].mean(dim=1)
        turn_B33 = turning_to(direction(mean_B2))
        turn_B33 = standing_up(seen_from(turn_B33[:, None], ray_BFJ2), ever_B1J1) @ turn_B33
        ray_BFJ2 = seen_from(turn_B33[:, None], ray_BFJ2)
        middle_BF12 = middle(ray_BFJ2, ever_B1J1)
        limb_BFL2, limb_BFL1 = (ray_BFJ2 - middle_BF12)[:, :, self.limbs], visible_BFJ1[:, :, self.limbs].float()
        square_BF = (limb_BFL2.square().sum(-1, keepdim=True) * limb_BFL1).sum(dim=(2, 3)) / limb_BFL1.sum(dim=(2, 3)).clamp(min=1)
        size_B111 = square_BF.mean(dim=1).sqrt().clamp(min=SMALLEST_SIZE)[:, None, None, None]
        growth_BF1 = 0.5 * (square_BF[..., None] / size_B111[..., 0].square()).clamp(min=1e-2).log()
        place_BFL2 = limb_BFL2 / size_B111 * limb_BFL1
        path_BF2 = (middle_BF12 / size_B111)[:, :, 0]
        both_BFL1 = limb_BFL1[:, 1:] * limb_BFL1[:, :-1]
        speed_BFL2, walk_BF2 = torch.zeros_like(place_BFL2), torch.zeros_like(path_BF2)
        speed_BFL2[:, 1:] = (place_BFL2[:, 1:] - place_BFL2[:, :-1]) * both_BFL1 * (self.rate_hz / SPEED_HZ)
        walk_BF2[:, 1:] = (path_BF2[:, 1:] - path_BF2[:, :-1]) * (self.rate_hz / SPEED_HZ)
        whole_BF3 = torch.cat([(turn_B33[:, :2, 2]), size_B111[:, 0, 0].log()], dim=-1)[:, None].expand(-1, ray_BFJ2.shape[1], -1)
        limbs = (place_BFL2.flatten(2), speed_BFL2.flatten(2), 1 - limb_BFL1[..., 0])
        return torch.cat([*limbs, 0.3 * path_BF2, walk_BF2, growth_BF1, whole_BF3], dim=-1), turn_B33


class Block(nn.Module):
    """Two convolutions beside the identity, normalised over the channels."""

    def __init__(self, dilation: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(1, CHANNELS)
        self.wide, self.narrow = nn.Conv1d(CHANNELS, CHANNELS, 3, padding=dilation, dilation=dilation), nn.Conv1d(CHANNELS, CHANNELS, 1)

    def forward(self, x_BCF: Tensor) -> Tensor:
        return torch.as_tensor(x_BCF + self.narrow(nn.functional.gelu(self.wide(self.norm(x_BCF)))))
