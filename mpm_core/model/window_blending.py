"""Overlapping windows of fixed length over a take, and their weighted mean. F frames, W window length."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float, Int, Mask


def starts(frames: int, length: int, step: int) -> Int:
    """First frames of windows that cover a take; a take shorter than a window has one window, centred.

    >>> starts(10, 4, 3)
    array([0, 3, 6])
    """
    if frames <= length:
        return np.array([-((length - frames) // 2)])
    return np.unique(np.append(np.arange(0, frames - length, step), frames - length))


def rows(starts_B: Int, length: int, frames: int) -> tuple[Int, Mask]:
    """(B, W) frame numbers, clipped to the take, and True for frames inside it."""
    frame_BW = starts_B[:, None] + np.arange(length)
    return np.clip(frame_BW, 0, frames - 1), (frame_BW >= 0) & (frame_BW < frames)


def blend_weights(length: int) -> Float:
    """(W,) triangular weights, greatest in the middle, never zero.

    >>> blend_weights(4)
    array([1., 2., 2., 1.])
    """
    return np.minimum(np.arange(1, length + 1), np.arange(length, 0, -1)).astype(np.float64)


class Blend:
    """Weighted mean of overlapping windows: `add` each batch, then `mean`.

    >>> blend = Blend(3, 1)
    >>> blend.add(np.array([[0, 1]]), np.array([[True, True]]), np.array([[[2.0], [4.0]]]))
    >>> blend.mean().ravel()
    array([ 2.,  4., nan])
    """

    def __init__(self, frames: int, *shape: int) -> None:
        """frames: of the take. shape: of the value of one frame, such as 17, 3."""
        self._sum = np.zeros((frames, *shape))
        self._weight = np.zeros((frames, *[1] * len(shape)))

    def add(self, rows_BW: Int, inside_BW: Mask, values_BWS: Float) -> None:
        """B windows of W frames. rows_BW: their frames in the take; inside_BW: False for padding beyond it; values_BWS: of each frame."""
        weight_WS = blend_weights(rows_BW.shape[1]).reshape(-1, *[1] * (values_BWS.ndim - 2))
        for rows_W, inside_W, values_WS in zip(rows_BW, inside_BW, values_BWS, strict=True):
            own = rows_W[inside_W]  # each once, so that they are added at once
            self._sum[own] += (values_WS * weight_WS)[inside_W]
            self._weight[own] += weight_WS[inside_W]

    def mean(self) -> Float:
        """(frames, *shape), NaN in frames that are in no window."""
        with np.errstate(invalid="ignore"):
            return np.asarray(self._sum / np.where(self._weight > 0, self._weight, np.nan))
