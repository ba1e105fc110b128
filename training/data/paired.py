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

from mpm_core.body import body17
from mpm_core.errors import DataError
from training.data.cameras import Shots
from training.data.corpus import Clip, Rows
from training.data.windows import Sampler, Windows


class PairedRows:
    """(N, 17, 7) rows of the pixels' numbering, put together when they are asked for."""

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

    def __getitem__(self, rows: NDArray[np.integer[Any]]) -> NDArray[np.float32]:
        view = np.searchsorted(self.first_V, rows, side="right") - 1
        world = self.joints_NJ3[rows + self.shift_V[view]] - self.place_V3[view][..., None, :]
        axes = np.einsum("...ij,...kj->...ki", self.turn_V33[view], world)
        image = np.broadcast_to(self.image_V2[view][..., None, :], (*rows.shape, 17, 2))
        return np.concatenate([axes, self.pixels_NJ2[rows], image], axis=-1)


def paired_sampler(rows: PairedRows, split: str, frames: int, rate_hz: float) -> Sampler:
    """Draw from it with augment=False, then `shots_of`. Raises DataError when the split has no such clips."""
    return Sampler(rows, rows.clips, split, frames, rate_hz)


def shots_of(windows: Windows, mirror: float, rng: np.random.Generator) -> Shots:
    """The windows as if a virtual camera had filmed them; `mirror`: share of them with left and right swapped, image and all.

    focal_B is NaN: nobody says it.
    """
    xyz_BFJ3, xy_BFJ2, image_B112 = windows.xyz_BFJ3[..., :3], windows.xyz_BFJ3[..., 3:5], windows.xyz_BFJ3[:, :1, :1, 5:]
    flip = torch.from_numpy(rng.random(len(xyz_BFJ3)) < mirror)[:, None, None, None]
    order = list(body17().mirror)
    flipped_BFJ2 = torch.cat([image_B112[..., :1] - xy_BFJ2[:, :, order, :1], xy_BFJ2[:, :, order, 1:]], dim=-1)
    xyz = torch.where(flip, xyz_BFJ3[:, :, order] * torch.tensor([-1.0, 1, 1]), xyz_BFJ3)
    return Shots(torch.where(flip, flipped_BFJ2, xy_BFJ2), xyz, image_B112, torch.full((len(xyz),), torch.nan))
