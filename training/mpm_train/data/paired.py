"""Windows of real detections with their 3D in camera axes, from clips whose views name their camera. N rows of pixels, B windows, F frames.

Drawn by the same Sampler as everything else: a row of `PairedRows` holds, joint by joint, x, y, z in camera axes (metres), x, y in pixels,
and the image's width and height.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpm_core.body.mapping import body17
from mpm_core.errors import DataError
from mpm_core.typing import Float32
from mpm_train.data.cameras import Views, project
from mpm_train.data.corpus import Clip, Rows
from mpm_train.data.windows import Sampler, Windows


class PairedRows:
    """(N, 17, 7) rows of the pixels' numbering, put together when they are indexed."""

    def __init__(self, joints_NJ3: Rows, pixels_NJ2: Rows, clips: list[Clip], detector: str) -> None:
        """detector: whose 2D, as in the views. Raises DataError when no view of it knows its camera."""
        pairs = [(clip, view) for clip in clips for view in clip.views if view.detector == detector and view.turn_33 is not None]
        if not pairs:
            known = sorted({view.detector for clip in clips for view in clip.views if view.turn_33 is not None})
            raise DataError(f"no clip has 2D by {detector!r} and its camera", hint=f"there is 2D by {', '.join(known) or 'nobody'}")
        pairs.sort(key=lambda pair: pair[1].start)
        self.joints_NJ3, self.pixels_NJ2 = joints_NJ3, pixels_NJ2
        self.clips = [replace(clip, start=view.start, stop=view.stop, views=()) for clip, view in pairs]
        self.first_V = np.array([view.start for _, view in pairs])
        self.shift_V = np.array([clip.start - view.start for clip, view in pairs])
        self.turn_V33 = np.array([view.turn_33 for _, view in pairs], np.float32)
        self.place_V3 = np.array([view.place_3 for _, view in pairs], np.float32)
        self.image_V2 = np.array([view.image_wh for _, view in pairs], np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), 17, 7)

    def __len__(self) -> int:
        return len(self.pixels_NJ2)

    def __getitem__(self, rows: NDArray[np.integer[Any]]) -> Float32:
        view = np.searchsorted(self.first_V, rows, side="right") - 1
        world = self.joints_NJ3[rows + self.shift_V[view]] - self.place_V3[view][..., None, :]
        axes = np.einsum("...ij,...kj->...ki", self.turn_V33[view], world)
        image = np.broadcast_to(self.image_V2[view][..., None, :], (*rows.shape, 17, 2))
        return np.concatenate([axes, self.pixels_NJ2[rows], image], axis=-1)


class PairedSampler(Sampler):
    """Windows (B, F, 17, 7) of the rows. The only augmentation is `mirror`, since others would not fit the camera that recorded them."""

    def __init__(self, rows: PairedRows, split: str, frames: int, rate_hz: float, mirror: float = 0.0) -> None:
        """mirror: share of the windows with left and right swapped, image and all. Raises DataError when the split has no such clips."""
        super().__init__(rows, rows.clips, split, frames, rate_hz)
        self.mirror = mirror

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        windows = super().draw(batch, rng, augment=False)
        flip_B = torch.from_numpy(rng.random(batch) < (self.mirror if augment else 0.0))
        return replace(windows, xyz_BFJ3=torch.where(flip_B[:, None, None, None], _mirrored(windows.xyz_BFJ3), windows.xyz_BFJ3))


def views_of(windows: Windows, rng: np.random.Generator) -> Views:
    """2D and 3D of windows: by the cameras that recorded them if they are paired (focal_B is NaN, unknown), else by virtual ones."""
    both_BFJ7 = windows.xyz_BFJ3
    if both_BFJ7.shape[3] == 3:
        return project(both_BFJ7, rng)
    return Views(both_BFJ7[..., 3:5], both_BFJ7[..., :3], both_BFJ7[:, :1, :1, 5:], *_unknown(len(both_BFJ7)))


def _mirrored(both_BFJ7: Tensor) -> Tensor:
    order = list(body17().mirror)
    x, y, z, across, down, wide, high = both_BFJ7[:, :, order].unbind(dim=-1)
    return torch.stack([-x, y, z, wide - across, down, wide, high], dim=-1)


def _unknown(batch: int) -> tuple[Tensor, Tensor]:
    """Focal length and rotation of cameras that are not used."""
    return torch.full((batch,), torch.nan), torch.full((batch, 3, 3), torch.nan)
