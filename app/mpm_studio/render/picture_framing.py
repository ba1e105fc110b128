"""Where a camera's picture is in its view: pixels of the picture to pixels of the view, and back."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from mpm_core.typing import Float

LEAST_SCALE, MOST_SCALE = 0.02, 40.0


@dataclass(frozen=True, slots=True)
class PictureFraming:
    """scale: pixels of the view for one of the picture; left, top: the picture's corner in the view.

    >>> framing = PictureFraming(0.5, 10, 20)
    >>> framing.to_picture(framing.to_view([100, 40]))
    array([100.,  40.])
    """

    scale: float = 1.0
    left: float = 0.0
    top: float = 0.0

    def to_view(self, xy_N2: ArrayLike) -> Float:
        return np.asarray(xy_N2, np.float64) * self.scale + [self.left, self.top]

    def to_picture(self, xy_N2: ArrayLike) -> Float:
        return np.asarray((np.asarray(xy_N2, np.float64) - [self.left, self.top]) / self.scale)

    def zoomed(self, factor: float, x: float, y: float) -> PictureFraming:
        """Larger by a factor, with what is at x, y of the view staying there."""
        factor = float(np.clip(factor, LEAST_SCALE / self.scale, MOST_SCALE / self.scale))
        return PictureFraming(self.scale * factor, x - factor * (x - self.left), y - factor * (y - self.top))

    def moved(self, x: float, y: float) -> PictureFraming:
        return PictureFraming(self.scale, self.left + x, self.top + y)


def fitted(image_wh: tuple[float, float], view_wh: tuple[float, float], margin: float) -> PictureFraming:
    """The whole picture in the middle of the view."""
    room = [max(side - 2 * margin, 1.0) for side in view_wh]
    scale = max(min(room[0] / image_wh[0], room[1] / image_wh[1]), LEAST_SCALE)
    left, top = ((view - scale * image) / 2 for view, image in zip(view_wh, image_wh, strict=True))
    return PictureFraming(scale, left, top)
