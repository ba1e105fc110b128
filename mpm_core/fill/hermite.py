"""Carrying values across gaps: position and velocity meet at both edges. F frames, S series, D dimensions, G gaps, N hidden samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.gaps import known, missing_runs
from mpm_core.typing import Float, Int, Mask


@dataclass(frozen=True, slots=True)
class Tangent:
    """How the velocity at a gap's edge counts: measured over slope_s, keeping its say for reach_s (both in seconds)."""

    reach_s: float
    slope_s: float


MOTION = Tangent(28 / 30, 1 / 60)  # for the motion itself: measured best on held-out people
ERROR = Tangent(16 / 30, 1 / 60)  # for a prediction's error


@dataclass(frozen=True, slots=True)
class HermiteWeights:
    """The hidden samples of all series that are visible somewhere, and what each is made of: four visible frames and their weights."""

    frame_N: Int
    series_N: Int
    index_4N: Int
    weight_4N: Float

    def at(self, some_F: Mask) -> HermiteWeights:
        """Those of some frames."""
        return self.some(some_F[self.frame_N])

    def some(self, some_N: Mask | Int) -> HermiteWeights:
        return HermiteWeights(self.frame_N[some_N], self.series_N[some_N], self.index_4N[:, some_N], self.weight_4N[:, some_N])

    def interpolate(self, at_4ND: Float) -> Float:
        """(N, D) the samples, from the values (4, N, D) at index_4N."""
        return np.asarray(sum(weight_N[:, None] * at_ND for weight_N, at_ND in zip(self.weight_4N, at_4ND, strict=True)))


def hermite_weights(visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> HermiteWeights:
    """Where a gap has one side only (a clip's edge), the motion runs on from there, slowing to a stop."""
    F = len(visible_FS)
    span = max(1, round(tangent.slope_s * rate_hz))
    run_fill = max(tangent.reach_s * rate_hz, 1.0)
    seen_S = np.flatnonzero(visible_FS.any(axis=0))
    row_G, start_G, stop_G = missing_runs(visible_FS[:, seen_S])
    series_G = seen_S[row_G]
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
    gone_N, left_N = step_N + 1.0, (length_G[of_N] - step_N).astype(np.float64)
    both_N = (has_before_G & has_after_G)[of_N]
    span_N = gone_N + left_N
    reach_N = np.minimum(span_N, run_fill)
    parts = []
    for steps_N, other_N, has_G, run_G in (
        (gone_N, left_N, has_before_G, before_G - far_before_G),
        (left_N, gone_N, has_after_G, far_after_G - after_G),
    ):
        has_N = has_G[of_N]
        push_N = np.where(both_N, _tangent(steps_N, reach_N), np.where(has_N, _coast(steps_N, run_fill), 0.0)) / np.maximum(run_G, 1)[of_N]
        parts += [np.where(both_N, smooth(other_N / span_N), has_N) + push_N, -push_N]
    index_4G = np.stack([before_G, far_before_G, after_G, far_after_G])
    return HermiteWeights(start_G[of_N] + step_N, series_G[of_N], index_4G[:, of_N], np.stack(parts))


def dense_weights(visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> tuple[Int, Float]:
    """The classical fill as four frames and their weights for every frame of S series: (4, F, S) both.

    A fill is linear in the values around it, so that a network's error can be carried across a gap by the same numbers.
    A visible frame is its own only source. A series that is nowhere visible has zero weights.
    """
    found = hermite_weights(visible_FS, rate_hz, tangent)
    index_4FS = np.tile(np.arange(len(visible_FS))[:, None], (4, 1, visible_FS.shape[1]))
    weight_4FS = np.zeros(index_4FS.shape)
    weight_4FS[0] = visible_FS
    index_4FS[:, found.frame_N, found.series_N] = found.index_4N
    weight_4FS[:, found.frame_N, found.series_N] = found.weight_4N
    return index_4FS, weight_4FS


def interpolate(values_FSD: Float, visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> Float:
    """Values where visible, the classical fill of each series elsewhere (zero where a series is nowhere visible)."""
    found = hermite_weights(visible_FS, rate_hz, tangent)
    out_FSD = np.where(visible_FS[..., None], values_FSD, 0.0)
    out_FSD[found.frame_N, found.series_N] = found.interpolate(values_FSD[found.index_4N, found.series_N])
    return out_FSD


def correct_edges(prediction_FSD: Float, known_FSD: Float, rate_hz: float) -> Float:
    """The prediction, moved so that position and velocity meet what is known (NaN = unknown) at each gap's edges; known values stay."""
    visible_FS = known(known_FSD)
    found = hermite_weights(visible_FS, rate_hz, ERROR)
    at = found.index_4N, found.series_N
    out_FSD = np.where(visible_FS[..., None], known_FSD, prediction_FSD)
    out_FSD[found.frame_N, found.series_N] += found.interpolate(known_FSD[at] - prediction_FSD[at])
    return out_FSD


def smooth(u: Float) -> Float:
    """From 0 to 1 with no slope at either end."""
    return u * u * (3 - 2 * u)


def _tangent(steps: Float, run_fill: Float) -> Float:
    """Cubic Hermite's tangent basis on [0, reach], zero with zero slope after it."""
    u = np.minimum(steps / run_fill, 1.0)
    return np.asarray(run_fill * u * (1 - u) ** 2)


def _coast(steps: Float, run_fill: float) -> Float:
    """How far one unit of velocity carries while it decays exponentially over `run_fill`."""
    return run_fill * (1 - np.exp(-steps / run_fill))
