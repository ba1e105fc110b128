"""2D from 3D by random perspective cameras. B windows, F frames, J joints. Camera axes: x right, y down, z forward; metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

IMAGES_WH = ((1920, 1080), (1280, 720), (1000, 1000), (1080, 1920), (640, 480))


@dataclass(frozen=True, slots=True)
class Shots:
    """xy_BFJ2: pixels, y down; camera_BFJ3: metres in camera axes; image_B112: width and height; focal_B: focal length in pixels."""

    xy_BFJ2: Tensor
    camera_BFJ3: Tensor
    image_B112: Tensor
    focal_B: Tensor


def shoot(xyz_BFJ3: Tensor, rng: np.random.Generator) -> Shots:
    """A still camera for each window, 2.5-9 m from the person's mean place, the person roughly in the middle of the image."""
    B = len(xyz_BFJ3)
    azimuth, elevation, roll = rng.uniform(0, 2 * np.pi, B), np.radians(rng.uniform(-10, 35, B)), np.radians(rng.normal(0, 3, B))
    distance, image_B2 = rng.uniform(2.5, 9.0, B), np.array(IMAGES_WH, np.float32)[rng.integers(len(IMAGES_WH), size=B)]
    forward = np.stack([np.cos(elevation) * np.cos(azimuth), np.cos(elevation) * np.sin(azimuth), -np.sin(elevation)], 1)
    right = np.stack([np.sin(azimuth), -np.cos(azimuth), np.zeros(B)], 1)
    down = np.cross(forward, right)
    right, down = (
        right * np.cos(roll)[:, None] + down * np.sin(roll)[:, None],
        down * np.cos(roll)[:, None] - right * np.sin(roll)[:, None],
    )
    turn_B33 = torch.from_numpy(np.stack([right, down, forward], 1).astype(np.float32))
    centre_B3 = xyz_BFJ3.mean(dim=(1, 2))
    away_B3 = torch.from_numpy(
        np.stack([rng.normal(0, 0.15, B) * distance, rng.normal(0, 0.1, B) * distance, distance], 1).astype(np.float32)
    )
    camera_BFJ3 = torch.einsum("bij,bfkj->bfki", turn_B33, xyz_BFJ3 - centre_B3[:, None, None]) + away_B3[:, None, None]
    camera_BFJ3[..., 2].clamp_(min=0.5)
    image_B112 = torch.from_numpy(image_B2)[:, None, None]
    focal_B = torch.from_numpy((rng.uniform(0.8, 1.6, B) * image_B2.max(axis=1)).astype(np.float32))
    xy_BFJ2 = camera_BFJ3[..., :2] / camera_BFJ3[..., 2:] * focal_B[:, None, None, None] + image_B112 / 2
    return Shots(xy_BFJ2, camera_BFJ3, image_B112, focal_B)


def jitter(xy_BFJ2: Tensor, image_B112: Tensor, most: float, rng: np.random.Generator) -> Tensor:
    """Detector noise: per window a size up to `most` of the image width, half of it slow (about 8 frames), half frame by frame."""
    B, F, J, _ = xy_BFJ2.shape
    size_B = rng.uniform(0, most, B)[:, None, None, None]
    fast = rng.normal(0, 1, (B, F, J, 2))
    smooth = np.cumsum(rng.normal(0, 1, (B, F + 8, J, 2)), axis=1)
    slow = (smooth[:, 8:] - smooth[:, :-8]) / np.sqrt(8)
    noise = torch.from_numpy((size_B * (fast + slow) / np.sqrt(2)).astype(np.float32))
    return xy_BFJ2 + noise * image_B112[..., :1]
