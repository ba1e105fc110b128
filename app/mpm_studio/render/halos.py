"""How uncertain fills are, as translucent spheres of one sigma around their samples. P points; metres."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Recording
from mpm_studio.render.scene import Scene, origin_colours
from mpm_studio.render.shapes import Shapes


def halo_instances(scene: Scene, rec: Recording, frame: int) -> Shapes:
    """A sphere with a radius of one sigma, in the colour of the origin, around each sample of a frame that has a sigma."""
    sigma_P = rec.sigma_FP[frame].astype(np.float64) * scene.placing.scale
    at = np.flatnonzero(np.isfinite(sigma_P) & (sigma_P > 0) & np.isfinite(rec.xyz_FPD[frame]).all(axis=1))
    xyz_N3, colour_N4 = scene.positions(rec, frame)[at], origin_colours(rec.origin_FP[frame, at])
    return Shapes(np.zeros((0, 16), np.float32), np.concatenate([xyz_N3, sigma_P[at, None], colour_N4], axis=1, dtype=np.float32))
