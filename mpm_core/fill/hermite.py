"""Hermite interpolation across gaps: continuous in position and velocity at both edges.

F frames, S series, D dimensions, G gaps, N missing samples. The interpolation is linear in the visible values: each missing sample is a
weighted sum of four of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.gaps import known, missing_runs
from mpm_core.typing import Float, Int, Mask


@dataclass(frozen=True, slots=True)
class Tangent:
    """The velocity at the edge of a gap: measured over slope_s, with an effect that fades to zero over reach_s (both in seconds)."""

    reach_s: float
    slope_s: float


MOTION = Tangent(28 / 30, 1 / 60)  # to fill positions: the best values on people outside the training data
ERROR = Tangent(16 / 30, 1 / 60)  # to interpolate the error of a prediction


@dataclass(frozen=True, slots=True)
class HermiteWeights:
    """The missing samples of all series that have a visible sample, each as a weighted sum of four visible samples of its series.

    frame_N, series_N: where each missing sample is. index_4N: the frames of the four visible samples. weight_4N: their weights.
    """

    frame_N: Int
    series_N: Int
    index_4N: Int
    weight_4N: Float

    def in_frames(self, frames_F: Mask) -> HermiteWeights:
        """The samples in the frames that are True."""
        return self.select(frames_F[self.frame_N])

    def select(self, rows_N: Mask | Int) -> HermiteWeights:
        """The samples of the given rows."""
        return HermiteWeights(self.frame_N[rows_N], self.series_N[rows_N], self.index_4N[:, rows_N], self.weight_4N[:, rows_N])

    def interpolate(self, source_4ND: Float) -> Float:
        """(N, D) missing samples, from the visible values (4, N, D) at index_4N."""
        return np.asarray(sum(weight_N[:, None] * source_ND for weight_N, source_ND in zip(self.weight_4N, source_4ND, strict=True)))


def hermite_weights(visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> HermiteWeights:
    """Weights for every gap of (F, S) series. A gap at the start or end of the take is extrapolated and slows down to a stop.

    >>> import numpy as np
    >>> weights = hermite_weights(np.array([[True], [False], [True]]), 10.0)
    >>> weights.frame_N, weights.weight_4N.sum(axis=0)
    (array([1]), array([1.]))
    """
    F = len(visible_FS)
    span = max(1, round(tangent.slope_s * rate_hz))
    reach = max(tangent.reach_s * rate_hz, 1.0)
    series_S = np.flatnonzero(visible_FS.any(axis=0))
    row_G, start_G, stop_G = missing_runs(visible_FS[:, series_S])
    series_G = series_S[row_G]
    same_G = series_G[1:] == series_G[:-1]
    run_start_G = np.concatenate([[0], np.where(same_G, stop_G[:-1], 0)])[: len(start_G)]
    run_stop_G = np.concatenate([np.where(same_G, start_G[1:], F), [F]])[: len(start_G)] - 1
    has_before_G, has_after_G = start_G > 0, stop_G < F
    before_G, after_G = np.where(has_before_G, start_G - 1, stop_G), np.where(has_after_G, stop_G, start_G - 1)
    far_before_G = np.where(has_before_G, np.maximum(run_start_G, before_G - span), before_G)
    far_after_G = np.where(has_after_G, np.minimum(run_stop_G, after_G + span), after_G)

    length_G = stop_G - start_G
    of_N = np.repeat(np.arange(len(start_G)), length_G)
    step_N = np.arange(len(of_N)) - np.repeat(np.cumsum(length_G) - length_G, length_G)
    since_N, until_N = step_N + 1.0, (length_G[of_N] - step_N).astype(np.float64)
    both_N = (has_before_G & has_after_G)[of_N]
    span_N = since_N + until_N
    reach_N = np.minimum(span_N, reach)
    parts = []
    for steps_N, other_N, has_G, run_G in (
        (since_N, until_N, has_before_G, before_G - far_before_G),
        (until_N, since_N, has_after_G, far_after_G - after_G),
    ):
        has_N = has_G[of_N]
        push_N = np.where(both_N, _tangent(steps_N, reach_N), np.where(has_N, _coast(steps_N, reach), 0.0)) / np.maximum(run_G, 1)[of_N]
        parts += [np.where(both_N, smooth(other_N / span_N), has_N) + push_N, -push_N]
    index_4G = np.stack([before_G, far_before_G, after_G, far_after_G])
    return HermiteWeights(start_G[of_N] + step_N, series_G[of_N], index_4G[:, of_N], np.stack(parts))


def interpolate(values_FSD: Float, visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> Float:
    """(F, S, D) the values where they are visible, interpolated elsewhere; zero in a series without any visible sample.

    >>> import numpy as np
    >>> interpolate(np.array([[[0.0]], [[np.nan]], [[2.0]]]), np.array([[True], [False], [True]]), 10.0).ravel()
    array([0., 1., 2.])
    """
    weights = hermite_weights(visible_FS, rate_hz, tangent)
    out_FSD = np.where(visible_FS[..., None], values_FSD, 0.0)
    out_FSD[weights.frame_N, weights.series_N] = weights.interpolate(values_FSD[weights.index_4N, weights.series_N])
    return out_FSD


def correct_edges(prediction_FSD: Float, known_FSD: Float, rate_hz: float) -> Float:
    """(F, S, D) the prediction, corrected so that it is continuous with the known values (NaN = missing) in position and velocity.

    The error at a gap's edges is interpolated across the gap and subtracted. Known values are returned unchanged.

    >>> import numpy as np
    >>> known_FSD = np.array([[[1.0]], [[np.nan]], [[1.0]]])
    >>> correct_edges(np.array([[[0.0]], [[0.5]], [[0.0]]]), known_FSD, 10.0).ravel()
    array([1. , 1.5, 1. ])
    """
    visible_FS = known(known_FSD)
    weights = hermite_weights(visible_FS, rate_hz, ERROR)
    source = weights.index_4N, weights.series_N
    out_FSD = np.where(visible_FS[..., None], known_FSD, prediction_FSD)
    out_FSD[weights.frame_N, weights.series_N] += weights.interpolate(known_FSD[source] - prediction_FSD[source])
    return out_FSD


def smooth(u: Float) -> Float:
    """Smoothstep: from 0 to 1 with zero slope at both ends.

    >>> import numpy as np
    >>> smooth(np.array([0.0, 0.5, 1.0]))
    array([0. , 0.5, 1. ])
    """
    return u * u * (3 - 2 * u)


def _tangent(steps: Float, reach: Float) -> Float:
    """The cubic Hermite tangent basis function on [0, reach]; zero beyond."""
    u = np.minimum(steps / reach, 1.0)
    return np.asarray(reach * u * (1 - u) ** 2)


def _coast(steps: Float, reach: float) -> Float:
    """The distance covered at unit initial velocity that decays exponentially over `reach`."""
    return reach * (1 - np.exp(-steps / reach))
