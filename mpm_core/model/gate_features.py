"""The features of the gate. F frames, P points, N samples, K features.

One table, FEATURES, lists them in the order of the gate's inputs. All are in metres and seconds, so that they do not depend on the rate of
the take; logarithms have a floor.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from mpm_core.gaps import missing_runs
from mpm_core.model.motion_in_gaps import visible_motion
from mpm_core.model.predicted_points import PointPrediction
from mpm_core.typing import Float, Int, Mask

LONGEST_S, FLOOR_S = 4.0, 0.02
FLOOR_M, FLOOR_M_S = 1e-3, 0.05
FLOOR_SHARE, TYPICAL_SAMPLES = 0.02, 50.0  # of errors relative to the usual error; added to the number of trial samples


@dataclass(frozen=True, slots=True)
class GateSamples:
    """N samples and the data of their features. start_N, stop_N: their gaps. classical_FP3, sigma_N: the classical fill and its sigma.

    Both fills are known at all samples; metres.
    """

    frame_N: Int
    point_N: Int
    start_N: Int
    stop_N: Int
    classical_FP3: Float
    sigma_N: Float
    prediction: PointPrediction
    visible_FP: Mask
    rate_hz: float

    def seconds(self, frames_N: Float | Int) -> Float:
        """Logarithm of a time given in frames."""
        return np.log(FLOOR_S + np.minimum(frames_N / self.rate_hz, LONGEST_S))

    def since(self) -> Float:
        """Frames since the point was visible; infinite in gaps at the start of the take, 0 where it is visible."""
        visible_N, first_N = self.stop_N == self.start_N, self.start_N == 0
        return np.where(visible_N, 0.0, np.where(first_N, np.inf, self.frame_N - self.start_N + 1.0))

    def until(self) -> Float:
        """Frames until the point is visible; infinite in gaps at the end of the take, 0 where it is visible."""
        visible_N, last_N = self.stop_N == self.start_N, self.stop_N == len(self.visible_FP)
        return np.where(visible_N, 0.0, np.where(last_N, np.inf, self.stop_N - self.frame_N))

    def distance(self, first_FP3: Float, second_FP3: Float) -> Float:
        """Distance between two fills."""
        return np.asarray(np.linalg.norm(first_FP3[self.frame_N, self.point_N] - second_FP3[self.frame_N, self.point_N], axis=1))

    def speed(self, xyz_FP3: Float) -> Float:
        """Logarithm of a fill's speed, metres per second."""
        before_N, after_N = np.maximum(self.frame_N - 1, 0), np.minimum(self.frame_N + 1, len(self.visible_FP) - 1)
        step_N = np.linalg.norm(xyz_FP3[after_N, self.point_N] - xyz_FP3[before_N, self.point_N], axis=1)
        return np.asarray(np.log(FLOOR_M_S + np.nan_to_num(step_N / (np.maximum(after_N - before_N, 1) / self.rate_hz))))

    def of_point(self, value_FP: Float) -> Float:
        return np.asarray(np.nan_to_num(value_FP[self.frame_N, self.point_N]))


@dataclass(frozen=True, slots=True)
class Feature:
    """One input of the gate: `of` gives it for N samples."""

    name: str
    of: Callable[[GateSamples], Float]


def _metres(of: Callable[[GateSamples], Float]) -> Callable[[GateSamples], Float]:
    return lambda s: np.log(FLOOR_M + of(s))


def _trial_error(name: str) -> Callable[[GateSamples], Float]:
    return lambda s: np.log(FLOOR_SHARE + getattr(s.prediction.trials, name)[s.point_N])


FEATURES = (
    Feature("since", lambda s: s.seconds(s.since())),  # time since the point was visible
    Feature("until", lambda s: s.seconds(s.until())),  # time until it is visible again
    Feature("gap", lambda s: s.seconds(s.stop_N - s.start_N)),  # length of the gap
    Feature("distance", _metres(lambda s: s.distance(s.prediction.filled_FPD, s.classical_FP3))),  # between the two fills
    Feature("edge_correction", _metres(lambda s: s.distance(s.prediction.filled_FPD, s.prediction.raw_FPD))),
    Feature("sigma", _metres(lambda s: s.sigma_N)),  # of the classical fill
    Feature("residual_correction", _metres(lambda s: s.of_point(s.prediction.correction_FP))),
    Feature("mirror", _metres(lambda s: s.of_point(s.prediction.mirror_FP))),  # distance to the output for the mirrored window
    Feature("visible_motion", _metres(lambda s: np.nan_to_num(visible_motion(s.prediction.known_FJ3, s.start_N, s.stop_N)))),
    Feature("classical_speed", lambda s: s.speed(s.classical_FP3)),
    Feature("network_speed", lambda s: s.speed(s.prediction.filled_FPD)),
    Feature("missing_share", lambda s: np.asarray((~s.visible_FP).mean(axis=1)[s.frame_N])),  # of the points in that frame
    Feature("trial_samples", lambda s: np.log(TYPICAL_SAMPLES + s.prediction.trials.samples[s.point_N])),
    Feature("trial_error_before", _trial_error("before")),
    Feature("trial_error_after", _trial_error("after")),
    Feature("trial_error_classical", _trial_error("classical")),
)


def column(name: str) -> int:
    """The column of a feature, by its name."""
    return [feature.name for feature in FEATURES].index(name)


def gate_features(
    classical_FP3: Float, sigma_FP: Float, prediction: PointPrediction, visible_FP: Mask, where_FP: Mask, rate_hz: float
) -> Float:
    """(N, K) features of the samples of where_FP, by frame and then by point. Both fills must be known there; metres."""
    frame_N, point_N = np.nonzero(where_FP)
    start_N, stop_N = _gaps(visible_FP, frame_N, point_N)
    samples = GateSamples(frame_N, point_N, start_N, stop_N, classical_FP3, sigma_FP[where_FP], prediction, visible_FP, rate_hz)
    return np.stack([feature.of(samples) for feature in FEATURES], axis=1)


def _gaps(visible_FP: Mask, frame_N: Int, point_N: Int) -> tuple[Int, Int]:
    """(N,) start and stop of the gap of each sample; both its own frame where it is visible."""
    F = len(visible_FP)
    point_G, start_G, stop_G = missing_runs(visible_FP)
    # an empty gap before all others, for samples that have none before them
    run_G2 = np.concatenate([[(0, 0)], np.stack([point_G * (F + 1) + start_G, point_G * (F + 1) + stop_G], axis=1)])
    flat_N = point_N * (F + 1) + frame_N
    start_N, stop_N = run_G2[np.searchsorted(run_G2[:, 0], flat_N, side="right") - 1].T - point_N * (F + 1)
    visible_N = frame_N >= stop_N
    return np.where(visible_N, frame_N, start_N), np.where(visible_N, frame_N, stop_N)
