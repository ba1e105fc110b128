"""What speaks for the network's fill of a sample and against it, as numbers. F frames, P points, N samples, K kinds of evidence.

Everything is in metres and seconds, so it does not depend on a take's rate.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.gaps import gap_frames

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]

KINDS = ("since", "until", "gap", "apart", "carried", "sigma", "speed", "own_speed", "hidden")
LONGEST_S, FLOOR_S = 4.0, 0.02
FLOOR_M, FLOOR_M_S = 1e-3, 0.05


def evidence(
    classical_FP3: Float, sigma_FP: Float, raw_FP3: Float, filled_FP3: Float, visible_FP: Mask, where_FP: Mask, rate_hz: float
) -> Float:
    """(N, K) for the samples of where_FP, row by row: times to what is visible and the gap's length, how far the fills are apart, how far
    the network was off at the gap's edges, what the classical fill promises, how fast both move, the share of points that is hidden.

    classical, filled: both fills; raw: the network's before its edges were met; metres, known where where_FP is True.
    """
    since_FP = _waiting(visible_FP) / rate_hz
    until_FP = _waiting(visible_FP[::-1])[::-1] / rate_hz
    seconds = [np.minimum(each, LONGEST_S) for each in (since_FP, until_FP, gap_frames(visible_FP) / rate_hz)]
    lengths = [np.linalg.norm(each, axis=2) for each in (filled_FP3 - classical_FP3, filled_FP3 - raw_FP3)]
    speeds = [
        np.linalg.norm(np.gradient(each, axis=0), axis=2) * rate_hz if len(each) > 1 else 0 * since_FP
        for each in (classical_FP3, filled_FP3)
    ]
    parts = [np.log(FLOOR_S + each) for each in seconds]
    parts += [np.log(FLOOR_M + each) for each in (*lengths, sigma_FP)]
    parts += [np.log(FLOOR_M_S + np.nan_to_num(each)) for each in speeds]
    parts.append(np.broadcast_to((~visible_FP).mean(axis=1, keepdims=True), visible_FP.shape))
    return np.stack([each[where_FP] for each in parts], axis=1)


def _waiting(visible_FP: Mask) -> Float:
    """Frames since a point was visible; infinite before it ever was."""
    frame_F1 = np.arange(len(visible_FP), dtype=np.float64)[:, None]
    return np.asarray(frame_F1 - np.maximum.accumulate(np.where(visible_FP, frame_F1, -np.inf), axis=0))
