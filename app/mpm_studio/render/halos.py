"""How uncertain fills are, as translucent spheres of one sigma around their samples. P points; metres."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_studio.render.scene import Scene, origin_colours
from mpm_studio.render.shapes import Shapes

MOST = 0.5  # share of the points: where more have a sigma, as in a lifted take, halos would hide the body


def halo_sigma(rec: Recording, frame: int, selected: Collection[int]) -> Float:
    """(P,) sigma of the samples of a frame that get a halo, NaN of the others: all, or the selected ones where that were too many."""
    sigma_P = np.where(np.isfinite(rec.xyz_FPD[frame]).all(axis=1), rec.sigma_FP[frame].astype(np.float64), np.nan)
    sigma_P[~(sigma_P > 0)] = np.nan
    if np.isfinite(sigma_P).sum() > MOST * len(sigma_P):
        left_out = np.ones(len(sigma_P), bool)
        left_out[list(selected)] = False
        sigma_P[left_out] = np.nan
    return sigma_P


def halo_instances(scene: Scene, rec: Recording, frame: int, selected: Collection[int] = ()) -> Shapes:
    """A sphere with a radius of one sigma, in the colour of the origin, around each sample of a frame that gets a halo."""
    sigma_P = halo_sigma(rec, frame, selected) * scene.placing.scale
    at = np.flatnonzero(np.isfinite(sigma_P))
    xyz_N3, colour_N4 = scene.positions(rec, frame)[at], origin_colours(rec.origin_FP[frame, at])
    return Shapes(np.zeros((0, 16), np.float32), np.concatenate([xyz_N3, sigma_P[at, None], colour_N4], axis=1, dtype=np.float32))
