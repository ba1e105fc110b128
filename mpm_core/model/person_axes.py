"""Axes that look at the person, from rays of a camera. B windows, F frames, J = 17 joints.

A ray is a keypoint in focal lengths from the middle of the image, x right and y down: (u, v) stands for the direction (u, v, 1) in camera
axes.
"""

from __future__ import annotations

import torch
from torch import Tensor

from mpm_core.skeleton import load_skeleton

TRUNK = ("left_hip", "right_hip", "left_shoulder", "right_shoulder")
NEAREST = 0.1  # least depth of a direction that is projected, as a share of its length in depth
OVERHEAD = 0.05  # sine of the angle between up and the view below which the image's own vertical is used


def middle(x_BFJ2: Tensor, ever_B1J1: Tensor) -> Tensor:
    """(B, F, 1, 2) mean of the trunk's joints, or of all joints if none of the trunk is visible in the window. ever_B1J1: 1 for joints that
    are visible in a frame of the window, else 0."""
    names = load_skeleton("body17").names
    trunk_J1 = x_BFJ2.new_tensor([[name in TRUNK] for name in names])
    trunk_B1J1 = ever_B1J1 * trunk_J1
    weight_B1J1 = torch.where(trunk_B1J1.any(dim=2, keepdim=True), trunk_B1J1, ever_B1J1)
    return torch.as_tensor((x_BFJ2 * weight_B1J1).sum(dim=2, keepdim=True) / weight_B1J1.sum(dim=2, keepdim=True).clamp(min=1))


def direction(ray_S2: Tensor) -> Tensor:
    """(..., 3) unit vectors of rays (..., 2)."""
    return torch.nn.functional.normalize(torch.cat([ray_S2, torch.ones_like(ray_S2[..., :1])], dim=-1), dim=-1)


def looking_along(view_S3: Tensor, up_S3: Tensor) -> Tensor:
    """(..., 3, 3) rows: right, down and forward of axes that look along `view` with `up` upright in their image; unit vectors, camera
    axes."""
    across_S3 = up_S3 - (up_S3 * view_S3).sum(-1, keepdim=True) * view_S3
    image_S3 = torch.zeros_like(view_S3)
    image_S3[..., 1] = -1.0
    image_S3 = image_S3 - (image_S3 * view_S3).sum(-1, keepdim=True) * view_S3
    down_S3 = -torch.nn.functional.normalize(torch.where(across_S3.norm(dim=-1, keepdim=True) < OVERHEAD, image_S3, across_S3), dim=-1)
    return torch.stack([torch.linalg.cross(down_S3, view_S3), down_S3, view_S3], dim=-2)


def turning_to(view_S3: Tensor) -> Tensor:
    """(..., 3, 3) the shortest rotation that turns a unit vector of camera axes, in front of the camera, to the forward axis."""
    x, y, z = view_S3.unbind(-1)
    k = 1 / (1 + z)
    rows = ((1 - x * x * k, -x * y * k, -x), (-x * y * k, 1 - y * y * k, -y), (x, y, z))
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)


def seen_from(turn_S33: Tensor, ray_SJ2: Tensor) -> Tensor:
    """(..., J, 2) rays in axes turned by turn (..., 3, 3), rows = the new axes."""
    turned_SJ3 = torch.cat([ray_SJ2, torch.ones_like(ray_SJ2[..., :1])], dim=-1) @ turn_S33.transpose(-1, -2)
    return turned_SJ3[..., :2] / turned_SJ3[..., 2:].clamp(min=NEAREST)


def standing_up(ray_BFJ2: Tensor, ever_B1J1: Tensor) -> Tensor:
    """(B, 3, 3) rotations about the view that turn the person upright: the mean direction from the ankles to the shoulders to the top of
    the image.

    Of windows without ankles or shoulders no turn.
    """
    names = load_skeleton("body17").names
    ends_BF2 = []
    for part in ("ankle", "shoulder"):
        part_B1J1 = ever_B1J1 * ever_B1J1.new_tensor([[name.endswith(part)] for name in names])
        ends_BF2.append((ray_BFJ2 * part_B1J1).sum(dim=2) / part_B1J1.sum(dim=2).clamp(min=1) * part_B1J1.any(dim=2))
    known_B1 = (ends_BF2[0].abs().sum(dim=(1, 2)) > 0) & (ends_BF2[1].abs().sum(dim=(1, 2)) > 0)
    along_B2 = (ends_BF2[1] - ends_BF2[0]).mean(dim=1)
    along_B2 = torch.where(known_B1[:, None], along_B2, along_B2.new_tensor([0.0, -1.0]))
    sin_B, cos_B = torch.nn.functional.normalize(along_B2, dim=-1).unbind(-1)
    zero_B, one_B = torch.zeros_like(sin_B), torch.ones_like(sin_B)
    rows = ((-cos_B, sin_B, zero_B), (-sin_B, -cos_B, zero_B), (zero_B, zero_B, one_B))
    return torch.stack([torch.stack(row, dim=-1) for row in rows], dim=-2)
