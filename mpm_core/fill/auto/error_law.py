"""A regression of the errors of trial fills, which gives sigma. T trials, C cells (thirds of a trial), K = 3 features, N samples.

log sigma is linear in the logarithms of the time to the nearest visible sample, the gap's length, and the change of velocity beside the
gap; each point has an offset of its own. For each octave of gap length, it is then scaled to the nominal coverage.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.typing import Float, Int

FINEST_M = 1e-6
INSIDE = 0.9  # share of the trials' samples inside the ball that contains this share of a normal distribution
BALL = {1: 1.6449, 2: 2.1460, 3: 2.5003}  # its radius in sigmas, by dimensions: square roots of chi-square's 90 % points
PRIOR_TRIALS = 2.0  # weight of the prior (all points alike), in trials


@dataclass(frozen=True, slots=True)
class Case:
    """One trial: point, length in frames, velocity change beside it; of each filled sample frames to the nearest visible one, and error
    (metres).
    """

    point: int
    frames: int
    velocity_change: float
    to_visible_N: Float
    error_ND: Float


@dataclass(frozen=True, slots=True)
class Law:
    """log sigma = level + slope_K . (log features - middle_K) + size_P of the point + log of the octave's factor. places: of the trials."""

    level: float
    slope_K: Float
    middle_K: Float
    size_P: Float
    octaves: Float
    factors: Float
    places: int = 0

    def sigma(self, points_N: Int, to_visible_N: Float, frames_N: Float, velocity_change_N: Float) -> Float:
        """(N,) metres per axis. A point without a trial has offset 0."""
        size_N = np.where(points_N < len(self.size_P), self.size_P[np.minimum(points_N, len(self.size_P) - 1)], 0.0)
        scale_N = np.exp(np.interp(np.log2(frames_N), self.octaves, np.log(self.factors)))
        return np.asarray(_usual_sigma(self, to_visible_N, frames_N, velocity_change_N) * np.exp(size_N) * scale_N)


def fit(cases: Sequence[Case]) -> Law:
    """The regression for a take's trials. Each case has at least one sample."""
    rows, trial_of = [], []
    for number, case in enumerate(cases):
        order = np.argsort(case.to_visible_N, kind="stable")
        for part in np.array_split(order, min(3, len(order))):
            rms = float(np.sqrt((case.error_ND[part] ** 2).mean()))
            rows.append([*_features(case.to_visible_N[part].mean(), case.frames, case.velocity_change), np.log(max(rms, FINEST_M))])
            trial_of.append(number)
    cell_CX = np.array(rows)
    middle_K, level = cell_CX[:, :-1].mean(axis=0), float(cell_CX[:, -1].mean())
    slope_K = _slopes(cell_CX[:, :-1] - middle_K, cell_CX[:, -1] - level)
    residual_C = cell_CX[:, -1] - level - (cell_CX[:, :-1] - middle_K) @ slope_K
    residual_T = np.bincount(trial_of, weights=residual_C) / np.bincount(trial_of)
    point_T = np.array([case.point for case in cases])
    sum_P, count_P = np.bincount(point_T, weights=residual_T), np.bincount(point_T)
    unscaled = Law(level, slope_K, middle_K, sum_P / (count_P + PRIOR_TRIALS), np.zeros(1), np.ones(1))
    others_T = (sum_P[point_T] - residual_T) / (count_P[point_T] - 1 + PRIOR_TRIALS)  # estimated from the point's other trials
    ratios = [
        np.linalg.norm(case.error_ND, axis=1)
        / (_usual_sigma(unscaled, case.to_visible_N, case.frames, case.velocity_change) * np.exp(size))
        / BALL[case.error_ND.shape[1]]
        for case, size in zip(cases, others_T, strict=True)
    ]
    octaves, factors = _factors(np.log2([case.frames for case in cases]), ratios)
    return Law(unscaled.level, slope_K, middle_K, unscaled.size_P, octaves, factors)


def _features(to_visible: Float | float, frames: Float | float, velocity_change: Float | float) -> list[Float]:
    return [np.log(to_visible), np.log(frames), np.log(velocity_change)]


def _usual_sigma(law: Law, to_visible: Float, frames: Float | float, velocity_change: Float | float) -> Float:
    parts = zip(_features(to_visible, frames, velocity_change), law.slope_K, law.middle_K, strict=True)
    return np.asarray(np.exp(law.level + sum(slope * (feature - middle) for feature, slope, middle in parts)))


def _slopes(feature_CK: Float, log_C: Float) -> Float:
    """(K,) slopes by regularized least squares; features with a negative slope are left out (slope 0)."""
    used = list(range(feature_CK.shape[1]))
    slope_K = np.zeros(len(used))
    while used:
        used_CU = feature_CK[:, used]
        slope_U = np.linalg.solve(used_CU.T @ used_CU + PRIOR_TRIALS * np.eye(len(used)), used_CU.T @ log_C)
        if (slope_U >= 0).all():
            slope_K[used] = slope_U
            break
        used.pop(int(np.argmin(slope_U)))
    return slope_K


def _factors(octave_T: Float, ratios: Sequence[Float]) -> tuple[Float, Float]:
    """Octaves of length, and the factor for each by which INSIDE of the samples of trials near it are covered; equal weight per trial."""
    ratio_X = np.concatenate(ratios)
    order = np.argsort(ratio_X)
    frames_T = np.array([len(ratio_N) for ratio_N in ratios], dtype=np.float64)
    trial_X = np.repeat(np.arange(len(ratios)), frames_T.astype(np.int64))[order]
    octaves = np.unique(np.round(octave_T))
    factors = []
    for octave in octaves:
        near_T = np.exp(-0.5 * (octave_T - octave) ** 2)
        trials = near_T.sum() ** 2 / (near_T**2).sum()
        share_X = np.cumsum((near_T / frames_T)[trial_X])
        target = min(INSIDE * (1 + 1 / trials), 1.0)  # slightly more for few trials, which may miss the largest errors
        rank = min(int(np.searchsorted(share_X / share_X[-1], target)), len(order) - 1)
        factors.append(max(float(ratio_X[order][rank]), 1e-3))
    return octaves, np.array(factors)
