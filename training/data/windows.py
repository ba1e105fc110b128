"""Batches of windows, drawn and augmented without a loop over samples. B windows, F frames, J joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.skeleton import load_skeleton
from training.data.corpus import Clip


@dataclass(frozen=True, slots=True)
class Windows:
    """xyz_BFJ3: metres, Z up; valid_BF: False where a clip was too short and its end frame was repeated."""

    xyz_BFJ3: Tensor
    valid_BF: Tensor


class Sampler:
    """Draws windows of F frames at about rate_hz from the clips of one split, clips weighted by their length."""

    def __init__(self, joints_NJ3: NDArray[np.float32], clips: list[Clip], split: str, frames: int, rate_hz: float) -> None:
        chosen = [clip for clip in clips if clip.split == split]
        if not chosen:
            raise DataError(f"the corpus has no {split} clips", hint="prepare more folders")
        self.joints_NJ3, self.frames = joints_NJ3, frames
        self.start_K = np.array([clip.start for clip in chosen])
        self.length_K = np.array([clip.stop - clip.start for clip in chosen])
        self.stride_K = np.array([clip.rate_hz / rate_hz for clip in chosen])
        seconds_K = self.length_K / self.stride_K
        self.share_K = seconds_K / seconds_K.sum()
        self.mirror = list(load_skeleton("body17").mirror)

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        """Augmented: time warp 0.75-1.25, mirrored by half, body size 0.85-1.15."""
        clip_B = rng.choice(len(self.share_K), batch, p=self.share_K)
        warp_B = rng.uniform(0.75, 1.25, batch) if augment else np.ones(batch)
        stride_B = np.maximum(np.round(self.stride_K[clip_B] * warp_B), 1.0)
        room_B = self.length_K[clip_B] - (self.frames - 1) * stride_B
        first_B = np.floor(rng.uniform(0, 1, batch) * np.maximum(room_B, 1))
        first_B = np.where(room_B < 1, np.floor(rng.uniform(0, 1, batch) * (room_B - 1)), first_B)
        frame_BF = (first_B[:, None] + np.arange(self.frames) * stride_B[:, None]).astype(np.int64)
        last_B1 = self.length_K[clip_B, None] - 1
        valid_BF = (frame_BF >= 0) & (frame_BF <= last_B1)
        rows_BF = self.start_K[clip_B, None] + np.clip(frame_BF, 0, last_B1)
        xyz_BFJ3 = torch.from_numpy(np.asarray(self.joints_NJ3[rows_BF]))
        if augment:
            flip_B = torch.from_numpy(rng.random(batch) < 0.5)
            flipped = xyz_BFJ3[:, :, self.mirror] * torch.tensor([-1.0, 1, 1])
            size_B = torch.from_numpy(rng.uniform(0.85, 1.15, batch).astype(np.float32))
            xyz_BFJ3 = torch.where(flip_B[:, None, None, None], flipped, xyz_BFJ3) * size_B[:, None, None, None]
        return Windows(xyz_BFJ3, torch.from_numpy(valid_BF))
