"""How much is going on while something is hidden. F frames, J joints, N gaps."""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Int

MOST_FRAMES = 60  # of a gap, that are looked at


def visible_motion(known_FJ3: Float, start_N: Int, stop_N: Int) -> Float:
    """(N,) metres that the joints which stay visible all along a gap are away from the straight way between where they are just before it
    and just after it, on average; where it has one side only, from where they are there. NaN where no joint stays visible.

    known_FJ3: metres, NaN = hidden. The gaps are the frames start..stop-1; an empty one is no gap, and NaN.
    """
    gap_G2, of_N = np.unique(np.stack([start_N, stop_N], axis=1), axis=0, return_inverse=True)
    known_FJ = known(known_FJ3)
    hidden_FJ = np.concatenate([np.zeros((1, known_FJ.shape[1]), np.int64), np.cumsum(~known_FJ, axis=0)])
    motion_G = np.full(len(gap_G2), np.nan)
    for gap, (start, stop) in enumerate(gap_G2.tolist()):
        first, last = max(start - 1, 0), min(stop, len(known_FJ3) - 1)
        stays_J = hidden_FJ[first] == hidden_FJ[last + 1]
        if stop > start and stays_J.any():
            steps_n = subsample(last - first + 1, MOST_FRAMES)
            way_nJ3 = known_FJ3[first + steps_n][:, stays_J]
            straight_nJ3 = _straight(way_nJ3, steps_n / max(last - first, 1), start > 0, stop < len(known_FJ3))
            motion_G[gap] = np.linalg.norm(way_nJ3 - straight_nJ3, axis=2).mean()
    return np.asarray(motion_G[of_N.reshape(-1)])


def _straight(way_nJ3: Float, share_n: Float, before: bool, after: bool) -> Float:
    """From the first place to the last, or the one at the side that there is."""
    if before and after:
        return np.asarray(way_nJ3[0] + share_n[:, None, None] * (way_nJ3[-1] - way_nJ3[0]))
    return way_nJ3[:1] if before else way_nJ3[-1:]
