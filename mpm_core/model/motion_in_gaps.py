"""Motion of visible joints during a gap. F frames, J joints, N gaps."""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int

MOST_FRAMES = 60  # of a gap that are used


def visible_motion(known_FJ3: Float, start_N: Int, stop_N: Int) -> Float:
    """(N,) mean distance in metres of joints from the straight line between their positions before and after the gap.

    Of the joints that are visible throughout; NaN without any. In gaps at the start or end of the take, distance from the position at the
    one side. known_FJ3: metres, NaN = missing. Gaps are frames start..stop-1; NaN for empty ones.
    """
    gap_G2, gap_of_N = np.unique(np.stack([start_N, stop_N], axis=1), axis=0, return_inverse=True)
    known_FJ = known(known_FJ3)
    missing_FJ = np.concatenate([np.zeros((1, known_FJ.shape[1]), np.int64), np.cumsum(~known_FJ, axis=0)])
    motion_G = np.full(len(gap_G2), np.nan)
    for gap, (start, stop) in enumerate(gap_G2.tolist()):
        first, last = max(start - 1, 0), min(stop, len(known_FJ3) - 1)
        visible_J = missing_FJ[first] == missing_FJ[last + 1]
        if stop > start and visible_J.any():
            steps_n = subsample(last - first + 1, MOST_FRAMES)
            path_nJ3 = known_FJ3[first + steps_n][:, visible_J]
            straight_nJ3 = _straight(path_nJ3, steps_n / max(last - first, 1), start > 0, stop < len(known_FJ3))
            motion_G[gap] = np.linalg.norm(path_nJ3 - straight_nJ3, axis=2).mean()
    return np.asarray(motion_G[gap_of_N.reshape(-1)])


def _straight(path_nJ3: Float, share_n: Float, before: bool, after: bool) -> Float:
    """Positions on the line from the first to the last, or the position at the only side."""
    if before and after:
        return np.asarray(path_nJ3[0] + share_n[:, None, None] * (path_nJ3[-1] - path_nJ3[0]))
    return path_nJ3[:1] if before else path_nJ3[-1:]
