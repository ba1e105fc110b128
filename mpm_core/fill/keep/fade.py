"""Changes of a path that are known in some frames, fading away in the others. F frames."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.hermite import smooth
from mpm_core.typing import Float, Mask

BLEND_S = 0.25  # after which a change has faded


def faded(change_F3: Float, known_F: Mask, rate_hz: float) -> Float:
    """(F, 3) the changes where they are known; before and after, they fade within BLEND_S, or turn into the next known one.

    >>> faded(np.array([[0.0], [0], [8], [0], [0], [0]]) * np.ones(3), np.arange(6) == 2, 8.0)[:, 0]
    array([0., 4., 8., 4., 0., 0.])
    """
    if not known_F.any():
        return np.zeros_like(change_F3)
    F, fade = len(change_F3), max(round(BLEND_S * rate_hz), 1)
    known = np.flatnonzero(known_F)
    before_F = known[np.clip(np.searchsorted(known, np.arange(F), side="right") - 1, 0, None)]
    after_F = known[np.clip(np.searchsorted(known, np.arange(F)), None, len(known) - 1)]
    since_F, until_F = np.arange(F) - before_F, after_F - np.arange(F)
    inside_F, out_F3 = (since_F >= 0) & (until_F >= 0), np.zeros(change_F3.shape)
    width_F = np.minimum(np.where(inside_F, np.maximum(since_F + until_F, 1), fade), fade)
    for source_F, away_F in ((before_F, since_F), (after_F, until_F)):
        share_F = smooth(np.clip(1 - away_F / width_F, 0, 1))
        out_F3 += np.where((away_F >= 0) & ~known_F, share_F, 0.0)[:, None] * change_F3[source_F]
    return np.where(known_F[:, None], change_F3, out_F3)
