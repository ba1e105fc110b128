"""Batches of windows, drawn and augmented without a loop over samples. B windows, F frames, J joints."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.typing import Float, Float32, Int
from mpm_train.config import Augment
from mpm_train.data.augment import halting_speed, mirrored, mixed, posed, reproportioned, resized, shortened, tilted
from mpm_train.data.corpus import Clip, Joints
from mpm_train.data.low_poses import low_frames, lowered


@dataclass(frozen=True, slots=True)
class Windows:
    """xyz_BFJ3: metres, Z up. valid_BF: False where a clip was too short and its first or last frame was repeated. gate_B: True for windows
    of subjects whose poses are not learned from (TrainConfig.gate_subjects)."""

    xyz_BFJ3: Tensor
    valid_BF: Tensor
    gate_B: Tensor


class Sampler:
    """Draws windows of F frames at rate_hz from the clips of one split, with `beside` more frames on both sides of each. Clips (K of them)
    are drawn in proportion to their length.

    padded: every frame of a clip is the middle of a window equally often, its first and last frames repeated beyond its ends; otherwise
    windows lie within the clip where it is long enough.
    """

    def __init__(
        self,
        joints_NJ3: Joints,
        clips: list[Clip],
        split: str,
        frames: int,
        rate_hz: float,
        augment: Augment | None = None,
        gate_subjects: tuple[str, ...] = (),
        beside: int = 0,
        padded: bool = False,
    ) -> None:
        chosen = [clip for clip in clips if clip.split == split]
        if not chosen:
            raise DataError(f"the corpus has no {split} clips", hint="prepare more folders")
        self.joints_NJ3, self.frames, self.beside, self.augment = joints_NJ3, frames, beside, augment or Augment()
        self.padded = padded
        self.start_K = np.array([clip.start for clip in chosen])
        self.length_K = np.array([clip.stop - clip.start for clip in chosen])
        self.stride_K = np.array([clip.rate_hz / rate_hz for clip in chosen])
        self.gate_K = np.array([clip.subject in gate_subjects for clip in chosen])
        self.subject_K = [clip.subject for clip in chosen]
        self.frames_K = self.length_K / self.stride_K  # at rate_hz
        self.share_K = self.frames_K / self.frames_K.sum()
        self.low_N2 = low_frames(joints_NJ3, chosen, gate_subjects) if self.augment.low else np.zeros((0, 2), np.int64)

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        """Frames between recorded ones are interpolated linearly. augment=False: the recorded speed, nothing else varied."""
        clip_B, at_BF = self._places(batch, rng, augment=augment)
        last_B1 = self.length_K[clip_B, None] - 1
        valid_BF = (at_BF >= 0) & (at_BF <= last_B1)
        xyz_BFJ3 = self._interpolated(clip_B, np.clip(at_BF, 0, last_B1))
        xyz, valid, gate = torch.from_numpy(xyz_BFJ3), torch.from_numpy(valid_BF), torch.from_numpy(self.gate_K[clip_B])
        if augment:
            xyz, valid = self._varied(xyz, valid, gate, rng)
        return Windows(xyz, valid, gate)

    def _places(self, batch: int, rng: np.random.Generator, *, augment: bool) -> tuple[Int, Float]:
        """The clip of each window, and where in it its frames lie, (B, F) in frames of the clip: between them, and beyond its ends."""
        how = self.augment
        clip_B, low_B = rng.choice(len(self.share_K), batch, p=self.share_K), None
        if augment and len(self.low_N2):
            low_B, some_B = rng.random(batch) < how.low, rng.integers(len(self.low_N2), size=batch)
            clip_B, frame_B = np.where(low_B, self.low_N2[some_B, 0], clip_B), self.low_N2[some_B, 1]
        stride_B = self.stride_K[clip_B] * (rng.uniform(*how.warp, batch) if augment else 1.0)
        room_B = self.length_K[clip_B] - (self.frames - 1) * stride_B
        middle = self.frames // 2 if self.padded else 0  # the frame of the window that lies at place_B of the clip
        if self.padded:
            place_B = np.floor(rng.uniform(0, 1, batch) * self.length_K[clip_B])
        else:
            place_B = np.floor(rng.uniform(0, 1, batch) * np.maximum(room_B, 1))
            place_B = np.where(room_B < 1, np.floor(rng.uniform(0, 1, batch) * (room_B - 1)), place_B)
        if low_B is not None:
            around_B = frame_B - rng.uniform(0, 1, batch) * (self.frames - 1) * stride_B
            first_B = np.clip(around_B, np.minimum(room_B - 1, 0), np.maximum(room_B - 1, 0))
            place_B = np.where(low_B, first_B + middle * stride_B, place_B)
        step_BF = np.arange(-self.beside, self.frames + self.beside, dtype=np.float64)[None] - middle
        if augment and how.halts:  # else nothing is drawn for it, as below: runs without it keep their numbers
            passed_BF = np.cumsum(halting_speed(batch, step_BF.shape[1], how.halts, rng), axis=1)
            step_BF = passed_BF - passed_BF[:, [self.beside + middle]]
        return clip_B, place_B[:, None] + step_BF * stride_B[:, None]

    def _interpolated(self, clip_B: Int, at_BF: Float) -> Float32:
        """(B, F, J, 3) joints at places within the clips, which may be between frames."""
        before_BF = np.floor(at_BF).astype(np.int64)
        share_BF11 = (at_BF - before_BF).astype(np.float32)[..., None, None]
        start_B1, last_B1 = self.start_K[clip_B, None], self.length_K[clip_B, None] - 1
        xyz_BFJ3: Float32 = np.asarray(self.joints_NJ3[start_B1 + before_BF])
        if share_BF11.any():
            after_BFJ3 = np.asarray(self.joints_NJ3[start_B1 + np.minimum(before_BF + 1, last_B1)])
            xyz_BFJ3 = (xyz_BFJ3 + share_BF11 * (after_BFJ3 - xyz_BFJ3)).astype(np.float32)
        return xyz_BFJ3

    def _varied(self, xyz: Tensor, valid: Tensor, gate: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
        """Windows and their valid frames, varied as `augment` says."""
        how = self.augment
        xyz = mixed(xyz, how.mix, gate, rng)
        xyz = mirrored(xyz, how.mirror, rng)
        xyz = reproportioned(xyz, how.bones, rng)
        xyz = resized(xyz, how.size, rng)
        back = torch.from_numpy(rng.random(len(xyz)) < how.reverse)
        xyz = torch.where(back[:, None, None, None], xyz.flip(1), xyz)
        valid = torch.where(back[:, None], valid.flip(1), valid)
        if how.posed:
            xyz = posed(xyz, how.posed, rng)
        if how.lowered:
            xyz = lowered(xyz, how.lowered, rng)
        if how.tilt:
            xyz = tilted(xyz, how.tilt, valid, rng)
        if how.short:
            valid = shortened(valid, self.frames, how.short, rng)
        return xyz, valid
