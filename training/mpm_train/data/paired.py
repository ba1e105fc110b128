"""Windows of real detections with their 3D in camera axes, from clips whose views name their camera. N rows of pixels, B windows, F frames.

Drawn by the same Sampler as everything else: a row of `PairedRows` holds, joint by joint, x, y, z in camera axes (metres), x, y in pixels,
the image's width and height, and the lens (focal lengths along x and y, principal point; pixels, NaN where it is not known).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.errors import DataError
from mpm_core.typing import Float32
from mpm_train.data.cameras import Views, project
from mpm_train.data.corpus import Clip, Rows, View
from mpm_train.data.windows import Sampler, Windows

COLUMNS = 11
UNKNOWN_LENS = (np.nan,) * 4


class PairedRows:
    """(N, 17, COLUMNS) rows of the pixels' numbering, put together when they are indexed."""

    def __init__(self, joints_NJ3: Rows, pixels_NJ2: Rows, clips: list[Clip], detectors: tuple[str, ...]) -> None:
        """detectors: whose 2D, as in the views. Raises DataError when one of them has no view that knows its camera."""
        pairs = pairs_of(clips, detectors)
        if absent := set(detectors) - {view.detector for _, view in pairs}:
            known = sorted({view.detector for clip in clips for view in clip.views if view.turn_33 is not None})
            raise DataError(f"no clip has 2D by {min(absent)!r} and its camera", hint=f"there is 2D by {', '.join(known) or 'nobody'}")
        pairs.sort(key=lambda pair: pair[1].start)
        self.joints_NJ3, self.pixels_NJ2 = joints_NJ3, pixels_NJ2
        self.clips = [replace(clip, start=view.start, stop=view.stop, views=()) for clip, view in pairs]
        self.first_V = np.array([view.start for _, view in pairs])
        self.shift_V = np.array([clip.start - view.start for clip, view in pairs])
        self.turn_V33 = np.array([view.turn_33 for _, view in pairs], np.float32)
        self.place_V3 = np.array([view.place_3 for _, view in pairs], np.float32)
        self.camera_V6 = np.array([(*view.image_wh, *(view.lens or UNKNOWN_LENS)) for _, view in pairs], np.float32)

    @property
    def shape(self) -> tuple[int, ...]:
        return (len(self), 17, COLUMNS)

    def __len__(self) -> int:
        return len(self.pixels_NJ2)

    def __getitem__(self, rows: NDArray[np.integer[Any]]) -> Float32:
        view = np.searchsorted(self.first_V, rows, side="right") - 1
        world = self.joints_NJ3[rows + self.shift_V[view]] - self.place_V3[view][..., None, :]
        axes = np.einsum("...ij,...kj->...ki", self.turn_V33[view], world)
        camera = np.broadcast_to(self.camera_V6[view][..., None, :], (*rows.shape, 17, 6))
        return np.concatenate([axes, self.pixels_NJ2[rows], camera], axis=-1)


class PairedSampler(Sampler):
    """Windows (B, F, 17, COLUMNS) of the rows. The only augmentation is `mirror`, since others would not fit the camera that recorded
    them."""

    def __init__(self, rows: PairedRows, split: str, frames: int, rate_hz: float, mirror: float = 0.0, padded: bool = False) -> None:
        """mirror: share of the windows with left and right swapped, image and all. padded: as in Sampler. Raises DataError when the split
        has no such clips."""
        super().__init__(rows, rows.clips, split, frames, rate_hz, padded=padded)
        self.mirror = mirror

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        windows = super().draw(batch, rng, augment=False)
        flip_B = torch.from_numpy(rng.random(batch) < (self.mirror if augment else 0.0))
        return replace(windows, xyz_BFJ3=torch.where(flip_B[:, None, None, None], _mirrored(windows.xyz_BFJ3), windows.xyz_BFJ3))


def pairs_of(clips: list[Clip], detectors: tuple[str, ...]) -> list[tuple[Clip, View]]:
    """The clips with each of their views by these detectors whose camera is known."""
    return [(clip, view) for clip in clips for view in clip.views if view.detector in detectors and view.turn_33 is not None]


def views_of(windows: Windows, rng: np.random.Generator) -> Views:
    """2D and 3D of windows: by the cameras that they name if they are paired, else by virtual ones. turn_B33 of the former is NaN."""
    both_BFJN = windows.xyz_BFJ3
    if both_BFJN.shape[3] == 3:
        return project(both_BFJN, rng)
    camera_B6, turn_B33 = both_BFJN[:, 0, 0, 5:], torch.full((len(both_BFJN), 3, 3), torch.nan)
    return Views(both_BFJN[..., 3:5], both_BFJN[..., :3], camera_B6[:, None, None, :2], camera_B6[:, 2:4], camera_B6[:, 4:], turn_B33)


def paired_with(windows: Windows, views: Views) -> Windows:
    """Windows of 3D joints with the views of them by virtual cameras, as PairedSampler gives windows of real ones."""
    camera_B6 = torch.cat([views.image_B112[:, 0, 0], views.focal_B2, views.centre_B2], dim=-1)
    camera_BFJ6 = camera_B6[:, None, None].expand(*views.xy_BFJ2.shape[:3], -1)
    return replace(windows, xyz_BFJ3=torch.cat([views.camera_BFJ3, views.xy_BFJ2, camera_BFJ6], dim=-1))


def _mirrored(both_BFJN: Tensor) -> Tensor:
    order = list(body17().mirror)
    x, y, z, across, down, wide, high, *focal, centre_x, centre_y = both_BFJN[:, :, order].unbind(dim=-1)
    return torch.stack([-x, y, z, wide - across, down, wide, high, *focal, wide - centre_x, centre_y], dim=-1)
