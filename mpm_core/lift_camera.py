"""The camera of a lifted take: where a place in the world is in the picture. P points."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from mpm_core.typing import Float


@dataclass(frozen=True, slots=True, eq=False)
class LiftCamera:
    """A place x of the world is turn_33 @ (x - place_3) in camera axes (x right, y down, z forward); focal length in pixels; metres.

    >>> camera = LiftCamera(np.array([[1.0, 0, 0], [0, 0, -1], [0, 1, 0]]), 1000.0, (1920, 1080), np.array([0, -4.0, 1]))
    >>> camera.project(np.array([[0.4, 0, 1]]))  # 4 m away, 0.4 m to the right, at the height of a level camera
    array([[1060.,  540.]])
    """

    turn_33: Float
    focal_px: float
    image_wh: tuple[int, int]
    place_3: Float = field(default_factory=lambda: np.zeros(3))

    def project(self, xyz_P3: Float) -> Float:
        """(..., P, 2) pixels of places in the world, (..., P, 3); NaN behind the camera and where a place is missing."""
        seen_P3 = (np.asarray(xyz_P3, np.float64) - self.place_3) @ self.turn_33.T
        depth_P1 = np.where(seen_P3[..., 2:] > 1e-6, seen_P3[..., 2:], np.nan)
        return np.asarray(self.focal_px * seen_P3[..., :2] / depth_P1 + np.array(self.image_wh) / 2)
