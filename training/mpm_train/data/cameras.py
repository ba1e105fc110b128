"""2D from 3D by random perspective cameras. B windows, F frames, J joints. Camera axes: x right, y down, z forward; metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.typing import Float, Floating

Range = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Cameras:
    """Position and lens of the cameras. Values are drawn uniformly from ranges, a still camera for each window."""

    distance_m: Range = (2.5, 9.0)
    """From the person's mean place; further where the person would else come nearer than near_m."""
    near_m: float = 0.5
    """The nearest that any joint of a window comes, along the view."""
    elevation_deg: Range = (-10.0, 35.0)
    """Of the camera above the person; below 0 it looks up."""
    roll_deg: float = 3.0
    """Standard deviation of the tilt about the view."""
    quarter_turned: float = 0.0
    """Share of cameras that are turned about the view by a quarter, a half or three quarters of a turn besides."""
    fitting: float = 0.0
    """If not 0, cameras are far enough that somebody as tall as this, in metres, fits into the image."""
    off_centre: tuple[float, float] = (0.15, 0.1)
    """Standard deviation of the person's place beside and below the image's middle, as a share of the distance."""
    focal: Range = (0.8, 1.6)
    """Focal length as a share of the image's longer side: 0.8 covers 64 degrees along it, 1.6 covers 35."""
    images_wh: tuple[tuple[int, int], ...] = ((1920, 1080), (1280, 720), (1000, 1000), (1080, 1920), (640, 480))
    """Width and height in pixels, one of them for each window."""
    k1: Range = (0.0, 0.0)
    """Radial distortion (Brown, 1966): a point r focal lengths from the middle goes to r (1 + k1 r2 + k2 r4). Real lenses: -0.4 to 0.2."""
    k2: Range = (0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Views:
    """xy_BFJ2: pixels, y down; camera_BFJ3: metres in camera axes; image_B112: width and height; focal_B2, centre_B2: focal length along
    x and y and the principal point, pixels; turn_B33: world to camera axes. NaN where these are not known."""

    xy_BFJ2: Tensor
    camera_BFJ3: Tensor
    image_B112: Tensor
    focal_B2: Tensor
    centre_B2: Tensor
    turn_B33: Tensor

    @property
    def up_B3(self) -> Tensor:
        """The direction of up in camera axes."""
        return self.turn_B33[..., 2]

    @property
    def target_BFJ3(self) -> Tensor:
        """What the paper lifts to: metres in camera axes, relative to the root, which is zero."""
        return self.camera_BFJ3 - self.camera_BFJ3[:, :, :1]


def project(xyz_BFJ3: Tensor, rng: np.random.Generator, cameras: Cameras | None = None) -> Views:
    """Project each window (metres, Z up) through a camera of its own, the person roughly in the middle of the image."""
    how, B = cameras or Cameras(), len(xyz_BFJ3)
    azimuth, elevation, roll = rng.uniform(0, 2 * np.pi, B), np.radians(rng.uniform(*how.elevation_deg, B)), rng.normal(0, how.roll_deg, B)
    distance_B = rng.uniform(*how.distance_m, B)
    image_B2 = np.array(how.images_wh, np.float32)[rng.integers(len(how.images_wh), size=B)]
    quarters_B = np.zeros(B, np.int64)
    if how.quarter_turned:
        quarters_B = np.where(rng.random(B) < how.quarter_turned, rng.integers(1, 4, B), 0)
        roll = roll + 90 * quarters_B
    beside_B, below_B = (rng.normal(0, share, B) for share in how.off_centre)
    focal_B = rng.uniform(*how.focal, B) * image_B2.max(axis=1)
    if how.fitting:
        along_B = np.where(quarters_B % 2, image_B2[:, 0], image_B2[:, 1])
        distance_B = np.maximum(distance_B, how.fitting * focal_B / along_B)
    turn_B33 = _tensor(turns(azimuth, elevation, np.radians(roll)))
    from_centre_BFJ3 = xyz_BFJ3 - xyz_BFJ3.mean(dim=(1, 2))[:, None, None]
    camera_BFJ3 = torch.einsum("bij,bfkj->bfki", turn_B33, from_centre_BFJ3)
    nearest_B = camera_BFJ3[..., 2].amin(dim=(1, 2)).numpy()
    away_B3 = np.stack([beside_B * distance_B, below_B * distance_B, np.maximum(distance_B, how.near_m - nearest_B)], axis=1)
    camera_BFJ3 = camera_BFJ3 + _tensor(away_B3)[:, None, None]
    image_B112 = _tensor(image_B2)[:, None, None]
    flat_BFJ2 = camera_BFJ3[..., :2] / camera_BFJ3[..., 2:]
    if any((*how.k1, *how.k2)):
        flat_BFJ2 = distorted(flat_BFJ2, _tensor(rng.uniform(*how.k1, B)), _tensor(rng.uniform(*how.k2, B)))
    focal = _tensor(focal_B)
    xy_BFJ2 = flat_BFJ2 * focal[:, None, None, None] + image_B112 / 2
    return Views(xy_BFJ2, camera_BFJ3, image_B112, focal[:, None].expand(-1, 2), image_B112[:, 0, 0] / 2, turn_B33)


def turns(azimuth_B: Float, elevation_B: Float, roll_B: Float) -> Float:
    """(B, 3, 3) world to camera axes: looking along `azimuth` (about z, from +x), down by `elevation`, tilted by `roll`; radians."""
    level = np.cos(elevation_B)
    forward_B3 = np.stack([level * np.cos(azimuth_B), level * np.sin(azimuth_B), -np.sin(elevation_B)], axis=1)
    right_B3 = np.stack([np.sin(azimuth_B), -np.cos(azimuth_B), np.zeros(len(azimuth_B))], axis=1)
    down_B3 = np.cross(forward_B3, right_B3)
    cos_B1, sin_B1 = np.cos(roll_B)[:, None], np.sin(roll_B)[:, None]
    return np.stack([right_B3 * cos_B1 + down_B3 * sin_B1, down_B3 * cos_B1 - right_B3 * sin_B1, forward_B3], axis=1)


def distorted(flat_BFJ2: Tensor, k1_B: Tensor, k2_B: Tensor) -> Tensor:
    """Points in focal lengths from the middle, as a lens with radial distortion shows them (Brown, 1966).

    Beyond the radius at which the formula turns back towards the middle, which no lens does, points go on outwards at that radius' factor.
    """
    k1, k2 = (k_B[:, None, None, None] for k_B in (k1_B, k2_B))
    r2 = torch.minimum((flat_BFJ2**2).sum(dim=-1, keepdim=True), _turning(k1, k2))
    return flat_BFJ2 * (1 + k1 * r2 + k2 * r2**2)


def _turning(k1: Tensor, k2: Tensor) -> Tensor:
    """The smallest r2 > 0 with 1 + 3 k1 r2 + 5 k2 r4 = 0, infinite where there is none."""
    root = (9 * k1**2 - 20 * k2).clamp(min=0).sqrt()
    none = torch.full_like(k1, torch.inf)
    turning = torch.where((k2 == 0) & (k1 < 0), -1 / (3 * k1), none)
    for sign in (-1, 1):
        r2 = (-3 * k1 + sign * root) / (10 * k2)
        turning = torch.where((k2 != 0) & (9 * k1**2 >= 20 * k2) & (r2 > 0), torch.minimum(turning, r2), turning)
    return turning


def _tensor(array: Floating) -> Tensor:
    return torch.from_numpy(np.asarray(array, np.float32))


def jitter(xy_BFJ2: Tensor, image_B112: Tensor, most: float, rng: np.random.Generator) -> Tensor:
    """Detector noise: per window a size up to `most` of the image width, half of it slow (about 8 frames), half frame by frame."""
    B, F, J, _ = xy_BFJ2.shape
    size_B = rng.uniform(0, most, B)[:, None, None, None]
    fast = rng.normal(0, 1, (B, F, J, 2))
    smooth = np.cumsum(rng.normal(0, 1, (B, F + 8, J, 2)), axis=1)
    slow = (smooth[:, 8:] - smooth[:, :-8]) / np.sqrt(8)
    noise = torch.from_numpy((size_B * (fast + slow) / np.sqrt(2)).astype(np.float32))
    return xy_BFJ2 + noise * image_B112[..., :1]
