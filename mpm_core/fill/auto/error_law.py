"""A regression of the errors of trial fills, which gives sigma.

T trials, C cells (thirds of a trial), K = 3 features, N samples (of one trial), X samples (of all trials).

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


def fit(cases: Sequence[Case], places: int = 0) -> Law:
    """The regression for a take's trials. Each case has at least one sample.

    places: of trials that were made together, in which there are few of them (`sigma.for_few_places`); 0 for trials by themselves.
    """
    count_T = np.array([len(case.to_visible_N) for case in cases])
    point_T, frames_T = np.array([case.point for case in cases]), np.array([case.frames for case in cases])
    velocity_change_T = np.array([case.velocity_change for case in cases])
    to_visible_X, error_XD = np.concatenate([case.to_visible_N for case in cases]), np.concatenate([case.error_ND for case in cases])
    trial_X = np.repeat(np.arange(len(cases)), count_T)
    first_C, trial_C = _thirds(count_T)
    order_X = np.lexsort((to_visible_X, trial_X))
    size_C = np.diff(first_C, append=len(order_X))
    near_C = np.add.reduceat(to_visible_X[order_X], first_C) / size_C
    square_C = np.add.reduceat((error_XD**2).mean(axis=1)[order_X], first_C) / size_C
    feature_CK = np.stack(_features(near_C, frames_T[trial_C], velocity_change_T[trial_C]), axis=1)
    log_C = np.log(np.maximum(np.sqrt(square_C), FINEST_M))
    middle_K, level = feature_CK.mean(axis=0), float(log_C.mean())
    slope_K = _slopes(feature_CK - middle_K, log_C - level)
    residual_C = log_C - level - (feature_CK - middle_K) @ slope_K
    residual_T = np.bincount(trial_C, weights=residual_C) / np.bincount(trial_C)
    sum_P, count_P = np.bincount(point_T, weights=residual_T), np.bincount(point_T)
    unscaled = Law(level, slope_K, middle_K, sum_P / (count_P + PRIOR_TRIALS), np.zeros(1), np.ones(1))
    others_T = (sum_P[point_T] - residual_T) / (count_P[point_T] - 1 + PRIOR_TRIALS)  # estimated from the point's other trials
    sigma_X = _usual_sigma(unscaled, to_visible_X, frames_T[trial_X], velocity_change_T[trial_X]) * np.exp(others_T)[trial_X]
    ratio_X = np.linalg.norm(error_XD, axis=1) / sigma_X / BALL[error_XD.shape[1]]
    octaves, factors = _factors(np.log2(frames_T), ratio_X, trial_X, count_T, few=not places)
    return Law(unscaled.level, slope_K, middle_K, unscaled.size_P, octaves, factors, places)


def _thirds(count_T: Int) -> tuple[Int, Int]:
    """(C,) index of the first sample of each cell, samples being in the order of trials, and the trial of each cell."""
    cells_T = np.minimum(count_T, 3)
    trial_C = np.repeat(np.arange(len(count_T)), cells_T)
    number_C = np.arange(len(trial_C)) - np.repeat(np.cumsum(cells_T) - cells_T, cells_T)
    first_T = np.cumsum(count_T) - count_T
    return first_T[trial_C] - (-number_C * count_T[trial_C]) // cells_T[trial_C], trial_C


def _features(to_visible: Float, frames: Float | Int, velocity_change: Float) -> list[Float]:
    return [np.log(to_visible), np.log(frames), np.log(velocity_change)]


def _usual_sigma(law: Law, to_visible: Float, frames: Float | Int, velocity_change: Float) -> Float:
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


def _factors(octave_T: Float, ratio_X: Float, trial_X: Int, count_T: Int, *, few: bool) -> tuple[Float, Float]:
    """Octaves of length, and the factor for each by which INSIDE of the samples of trials near it are covered; equal weight per trial.

    few: slightly more are covered where there are few trials, which may miss the largest errors.
    """
    order = np.argsort(ratio_X)
    trial_X = trial_X[order]
    octaves = np.unique(np.round(octave_T))
    factors = []
    for octave in octaves:
        near_T = np.exp(-0.5 * (octave_T - octave) ** 2)
        trials = near_T.sum() ** 2 / (near_T**2).sum()
        share_X = np.cumsum((near_T / count_T)[trial_X])
        target = min(INSIDE * (1 + 1 / trials), 1.0) if few else INSIDE
        rank = min(int(np.searchsorted(share_X / share_X[-1], target)), len(order) - 1)
        factors.append(max(float(ratio_X[order][rank]), 1e-3))
    return octaves, np.array(factors)
