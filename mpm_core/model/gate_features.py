"""What speaks for the network's fill of a sample and against it, as numbers. F frames, P points, N samples, K kinds of evidence.

Everything is in metres and seconds, so it does not depend on a take's rate.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mpm_core.gaps import missing_runs
from mpm_core.model.visible_motion import visible_motion
from mpm_core.typing import Float, Int, Mask

if TYPE_CHECKING:
    from mpm_core.model.network_fill import NetworkFill


FEATURES = (
    *("since", "until", "gap"),
    *("apart", "carried", "sigma", "added", "mirror", "stir"),
    *("speed", "own_speed"),
    "hidden",
    *("trials", "off", "left", "classical"),
)
LONGEST_S, FLOOR_S = 4.0, 0.02
FLOOR_M, FLOOR_M_S = 1e-3, 0.05
FLOOR_SHARE, MANY = 0.02, 50.0  # of the usual error; samples of trials


def gate_features(classical_FP3: Float, sigma_FP: Float, by_model: NetworkFill, visible_FP: Mask, where_FP: Mask, rate_hz: float) -> Float:
    """(N, K) for the samples of where_FP, row by row: times to what is visible and the gap's length, how far the fills are apart, how far
    the network was off at the gap's edges, what the classical fill promises, how far trials on the take moved the network's fill, how far
    its answer in a mirror is from the plain one, what goes on meanwhile at the joints that are visible, how fast both fills move, the share
    of points that is hidden; how many samples the trials had, and how far off the network and a classical fill were there.

    classical, and by_model where where_FP is True, are known; metres.
    """
    frame_N, point_N = np.nonzero(where_FP)
    start_N, stop_N = _gaps(visible_FP, frame_N, point_N)
    seconds = [np.minimum(each, LONGEST_S) for each in _times(frame_N, start_N, stop_N, len(visible_FP), rate_hz)]
    at = frame_N, point_N
    raw_FP3, filled_FP3 = by_model.raw_FPD, by_model.filled_FPD
    lengths = [np.linalg.norm(each, axis=1) for each in (filled_FP3[at] - classical_FP3[at], filled_FP3[at] - raw_FP3[at])]
    before_N, after_N = np.maximum(frame_N - 1, 0), np.minimum(frame_N + 1, len(visible_FP) - 1)
    took_N = np.maximum(after_N - before_N, 1) / rate_hz
    speeds = [np.linalg.norm(each[after_N, point_N] - each[before_N, point_N], axis=1) / took_N for each in (classical_FP3, filled_FP3)]
    parts = [np.log(FLOOR_S + each) for each in seconds]
    told = (
        np.nan_to_num(each)
        for each in (by_model.correction_FP[at], by_model.mirror_FP[at], visible_motion(by_model.known_FJ3, start_N, stop_N))
    )
    parts += [np.log(FLOOR_M + each) for each in (*lengths, sigma_FP[at], *told)]
    parts += [np.log(FLOOR_M_S + np.nan_to_num(each)) for each in speeds]
    parts.append((~visible_FP).mean(axis=1)[frame_N])
    samples_N, *shares = by_model.trials_P4[point_N].T
    parts += [np.log(MANY + samples_N), *(np.log(FLOOR_SHARE + each) for each in shares)]
    return np.stack(parts, axis=1)


def _gaps(visible_FP: Mask, frame_N: Int, point_N: Int) -> tuple[Int, Int]:
    """(N,) start and stop of the gap that a sample is in; both its own frame where it is visible."""
    F = len(visible_FP)
    point_G, start_G, stop_G = missing_runs(visible_FP)
    # a gap before all others, for samples that have none before them
    run_G2 = np.concatenate([[(0, 0)], np.stack([point_G * (F + 1) + start_G, point_G * (F + 1) + stop_G], axis=1)])
    flat_N = point_N * (F + 1) + frame_N
    start_N, stop_N = run_G2[np.searchsorted(run_G2[:, 0], flat_N, side="right") - 1].T - point_N * (F + 1)
    shown_N = frame_N >= stop_N
    return np.where(shown_N, frame_N, start_N), np.where(shown_N, frame_N, stop_N)


def _times(frame_N: Int, start_N: Int, stop_N: Int, frames: int, rate_hz: float) -> tuple[Float, Float, Float]:
    """(N,) seconds since a sample's point was visible and until it is (infinite where it never is), and the length of its gap."""
    shown_N = stop_N == start_N
    since_N = np.where(shown_N, 0.0, np.where(start_N == 0, np.inf, frame_N - start_N + 1.0))
    until_N = np.where(shown_N, 0.0, np.where(stop_N == frames, np.inf, stop_N - frame_N))
    return since_N / rate_hz, until_N / rate_hz, (stop_N - start_N) / rate_hz
