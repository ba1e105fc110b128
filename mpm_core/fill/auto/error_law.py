"""From the errors of trial fills to how far off a fill may be. T trials, C cells (thirds of a trial), K = 3 features, N samples.

The logarithm of the error grows along straight lines with those of the time to the nearest sample, the gap's length and the unrest of the
motion beside it; each point has a size of its own. What that law says is scaled, for each octave of length, until it holds what it should.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.typing import Float, Int

FINEST_M = 1e-6
INSIDE = 0.9  # this share of the trials' samples lies inside the ball that holds it of a normal distribution
BALL = {1: 1.6449, 2: 2.1460, 3: 2.5003}  # its radius in sigmas, by dimensions: square roots of chi-square's 90 % points
STEADY = 2.0  # trials that count as much as a point's own


@dataclass(frozen=True, slots=True)
class Case:
    """One trial: its point, its length in frames, the unrest beside it; for each sample reached away_N (frames) and off_ND (metres)."""

    point: int
    frames: int
    unrest: float
    away_N: Float
    off_ND: Float


@dataclass(frozen=True, slots=True)
class Law:
    """log sigma = level + slope_K . (log features - middle_K) + size_P of the point + log of the octave's factor."""

    level: float
    slope_K: Float
    middle_K: Float
    size_P: Float
    octaves: Float
    factors: Float

    def sigma(self, points_N: Int, away_N: Float, frames_N: Float, unrest_N: Float) -> Float:
        """(N,) metres per axis. A point without a trial has the usual size."""
        own_N = np.where(points_N < len(self.size_P), self.size_P[np.minimum(points_N, len(self.size_P) - 1)], 0.0)
        scale_N = np.exp(np.interp(np.log2(frames_N), self.octaves, np.log(self.factors)))
        return np.asarray(_along(self, away_N, frames_N, unrest_N) * np.exp(own_N) * scale_N)


def fit(cases: Sequence[Case]) -> Law:
    """The law that a take's trials follow. Each case holds at least one sample."""
    rows, trial_of = [], []
    for number, case in enumerate(cases):
        order = np.argsort(case.away_N, kind="stable")
        for part in np.array_split(order, min(3, len(order))):
            rms = float(np.sqrt((case.off_ND[part] ** 2).mean()))
            rows.append([*_features(case.away_N[part].mean(), case.frames, case.unrest), np.log(max(rms, FINEST_M))])
            trial_of.append(number)
    cell_CX = np.array(rows)
    middle_K, level = cell_CX[:, :-1].mean(axis=0), float(cell_CX[:, -1].mean())
    slope_K = _slopes(cell_CX[:, :-1] - middle_K, cell_CX[:, -1] - level)
    left_C = cell_CX[:, -1] - level - (cell_CX[:, :-1] - middle_K) @ slope_K
    left_T = np.bincount(trial_of, weights=left_C) / np.bincount(trial_of)
    point_T = np.array([case.point for case in cases])
    sum_P, count_P = np.bincount(point_T, weights=left_T), np.bincount(point_T)
    bare = Law(level, slope_K, middle_K, sum_P / (count_P + STEADY), np.zeros(1), np.ones(1))
    others_T = (sum_P[point_T] - left_T) / (count_P[point_T] - 1 + STEADY)  # a trial is judged by its point's other trials
    ratios = [
        np.linalg.norm(case.off_ND, axis=1)
        / (_along(bare, case.away_N, case.frames, case.unrest) * np.exp(size))
        / BALL[case.off_ND.shape[1]]
        for case, size in zip(cases, others_T, strict=True)
    ]
    octaves, factors = _factors(np.log2([case.frames for case in cases]), ratios)
    return Law(bare.level, slope_K, middle_K, bare.size_P, octaves, factors)


def _features(away: Float | float, frames: Float | float, unrest: Float | float) -> list[Float]:
    return [np.log(away), np.log(frames), np.log(unrest)]


def _along(law: Law, away: Float, frames: Float | float, unrest: Float | float) -> Float:
    parts = zip(_features(away, frames, unrest), law.slope_K, law.middle_K, strict=True)
    return np.asarray(np.exp(law.level + sum(slope * (feature - middle) for feature, slope, middle in parts)))


def _slopes(feature_CK: Float, log_C: Float) -> Float:
    """How steeply the error grows with each feature: least squares, steadied; what would make it shrink is left out."""
    use = list(range(feature_CK.shape[1]))
    slope_K = np.zeros(len(use))
    while use:
        some_CU = feature_CK[:, use]
        slope_U = np.linalg.solve(some_CU.T @ some_CU + STEADY * np.eye(len(use)), some_CU.T @ log_C)
        if (slope_U >= 0).all():
            slope_K[use] = slope_U
            break
        use.pop(int(np.argmin(slope_U)))
    return slope_K


def _factors(octave_T: Float, ratios: Sequence[Float]) -> tuple[Float, Float]:
    """Octaves of length and, for each, the factor by which INSIDE of the samples of the trials near it are held; trials count alike."""
    ratio_X = np.concatenate(ratios)
    order = np.argsort(ratio_X)
    frames_T = np.array([len(each) for each in ratios], dtype=np.float64)
    trial_X = np.repeat(np.arange(len(ratios)), frames_T.astype(np.int64))[order]
    octaves = np.unique(np.round(octave_T))
    factors = []
    for octave in octaves:
        near_T = np.exp(-0.5 * (octave_T - octave) ** 2)
        trials = near_T.sum() ** 2 / (near_T**2).sum()
        share_X = np.cumsum((near_T / frames_T)[trial_X])
        want = min(INSIDE * (1 + 1 / trials), 1.0)  # of few trials a little more, as they may have missed the worst
        found = min(int(np.searchsorted(share_X / share_X[-1], want)), len(order) - 1)
        factors.append(max(float(ratio_X[order][found]), 1e-3))
    return octaves, np.array(factors)
