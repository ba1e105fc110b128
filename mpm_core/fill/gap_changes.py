"""Stretches of a take that are as long as a gap, and how far their samples leave the Hermite curve through the edges.

F frames, N frames in use, C changes (a sample of a stretch), Y values.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.fill.hermite import ERROR, hermite_weights
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int, Mask

STRETCHES, SAMPLES = 60, 6  # at most; samples of each stretch


@dataclass(frozen=True, slots=True)
class Changes:
    """frame_C: samples. edge_4C: the four frames beside each one's stretch, and weight_4C their weights in the curve there."""

    frame_C: Int
    edge_4C: Int
    weight_4C: Float

    @property
    def frames(self) -> Int:
        """All of these frames, in order."""
        return np.unique(np.concatenate([self.frame_C, self.edge_4C.ravel()]))

    def of(self, frame_N: Int, value_NY: Float) -> Float:
        """(C, Y) values less those of the curve. frame_N: the frames of the values, in order, all of `frames` among them."""
        edge_4CY = value_NY[np.searchsorted(frame_N, self.edge_4C)]
        return np.asarray(value_NY[np.searchsorted(frame_N, self.frame_C)] - np.einsum("ac,acy->cy", self.weight_4C, edge_4CY))


def changes_in(usable_F: Mask, gap: int, rate_hz: float) -> Changes:
    """Samples of at most STRETCHES stretches of `gap` frames, spread over the take. usable_F: the frames that may be used.

    >>> changes = changes_in(np.ones(9, bool), 1, 10.0)
    >>> changes.of(np.arange(9), np.arange(9.0)[:, None] ** 2).ravel().round(3)
    array([0.5, 0.5, 0.5, 0.5, 0.5])
    """
    side = max(1, round(ERROR.slope_s * rate_hz)) + 1
    visible_L1 = np.ones((side + gap + side, 1), bool)
    visible_L1[side : side + gap] = False
    weights = hermite_weights(visible_L1, rate_hz, ERROR)
    weights = weights.select(subsample(gap, SAMPLES))
    first_S = np.arange(len(usable_F) - len(visible_L1) + 1)
    first_S = first_S[usable_F[first_S[:, None] + np.unique(weights.index_4N)].all(axis=1)]
    first_S = first_S[subsample(len(first_S), STRETCHES)]
    frame_SN = first_S[:, None] + weights.frame_N
    usable_SN = usable_F[frame_SN]
    edge_4SN, weight_4SN = first_S[:, None] + weights.index_4N[:, None], np.broadcast_to(weights.weight_4N[:, None], (4, *frame_SN.shape))
    return Changes(frame_SN[usable_SN], edge_4SN[:, usable_SN], weight_4SN[:, usable_SN])
