"""Square, turned regions of a picture. Pixels, x right, y down; shares of a region run from 0 to 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.typing import Float, Float32


@dataclass(frozen=True, slots=True)
class Region:
    """x, y: its middle. side: pixels. turn: radians, clockwise in the picture."""

    x: float
    y: float
    side: float
    turn: float = 0.0

    def to_picture(self, share_N2: Float) -> Float:
        """(N, 2) pixels of the picture.

        >>> Region(100, 50, 20, np.pi / 2).to_picture(np.array([[1.0, 0.5]]))
        array([[100.,  60.]])
        """
        away_N2 = self.side * (np.asarray(share_N2, np.float64) - 0.5)
        cos, sin = np.cos(self.turn), np.sin(self.turn)
        return np.asarray(away_N2 @ np.array([[cos, sin], [-sin, cos]]) + [self.x, self.y])


def whole(image_HW3: NDArray[np.uint8]) -> Region:
    """The smallest square around a picture."""
    high, wide = image_HW3.shape[:2]
    return Region(wide / 2, high / 2, float(max(wide, high)))


def cut_out(image_HW3: NDArray[np.uint8], region: Region, pixels: int) -> Float32:
    """(pixels, pixels, 3) 0..1, interpolated; black outside the picture."""
    share = (np.arange(pixels) + 0.5) / pixels
    at_N2 = region.to_picture(np.stack(np.meshgrid(share, share), axis=-1).reshape(-1, 2)) - 0.5
    high, wide = image_HW3.shape[:2]
    low_N2 = np.floor(at_N2).astype(np.intp)
    part_N2 = (at_N2 - low_N2).astype(np.float32)
    out_N3: Float32 = np.zeros((len(at_N2), 3), np.float32)
    for right in (0, 1):
        for down in (0, 1):
            x_N, y_N = low_N2[:, 0] + right, low_N2[:, 1] + down
            inside_N = (x_N >= 0) & (x_N < wide) & (y_N >= 0) & (y_N < high)
            weight_N = np.abs(1 - right - part_N2[:, 0]) * np.abs(1 - down - part_N2[:, 1])
            out_N3[inside_N] += weight_N[inside_N, None] * image_HW3[y_N[inside_N], x_N[inside_N]]
    out_N3 /= 255
    return out_N3.reshape(pixels, pixels, 3)
