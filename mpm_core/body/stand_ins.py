"""Points that stand in for others while those are not seen: one ear for the middle of both. F frames, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.body.tree import Terms
from mpm_core.gaps import frames_away, known
from mpm_core.recording import Recording
from mpm_core.typing import Float

VISIBLE_ENOUGH = 0.05  # an alternative visible in this share of the frames of the most visible one is used if it comes first
MOVED_S = 1.0  # from a frame that shows both, within which a stand-in is moved as there; after as long again it is not moved at all


def follow_stand_in(place_FD: Float, stand_in_FD: Float, rate_hz: float) -> Float:
    """place_FD, and where it is missing the stand-in, moved by how far it is from the place; NaN = missing.

    That is interpolated over time between the frames that show both, so that nothing jumps where one takes over from the other, and fades
    away from MOVED_S to twice that after and before them: what a few frames show, which may be wrong, says nothing of the whole take.

    >>> follow_stand_in(np.array([[5.0], [np.nan], [np.nan]]), np.array([[3.0], [4], [6]]), 30.0)[:, 0]
    array([5., 6., 8.])
    """
    here_F, there_F = known(place_FD), known(stand_in_FD)
    both, wanted = np.flatnonzero(here_F & there_F), np.flatnonzero(~here_F & there_F)
    out_FD = place_FD.copy()
    out_FD[wanted] = stand_in_FD[wanted]
    if len(both):
        away_F = frames_away((here_F & there_F)[:, None])[:, 0]
        share_W = np.clip(2 - away_F[wanted] / (MOVED_S * rate_hz), 0, 1)
        apart_BD = place_FD[both] - stand_in_FD[both]
        for axis in range(place_FD.shape[1]):
            out_FD[wanted, axis] += share_W * np.interp(wanted, both, apart_BD[:, axis])
    return out_FD


def from_most_visible(rec: Recording, alternatives: tuple[Terms, ...]) -> tuple[Terms, ...]:
    """The alternatives from the first on that is not hardly ever visible compared with the most visible one."""
    visible_FP = rec.visible_FP
    counts = [int(visible_FP[:, [point for point, _ in terms]].all(axis=1).sum()) for terms in alternatives]
    first = next((place for place, count in enumerate(counts) if count >= VISIBLE_ENOUGH * max(counts)), 0)
    return alternatives[first:]
