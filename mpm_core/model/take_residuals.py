"""The residual model: a regression of the repairing network's error on one take, fitted to trials. K model frames, J = 17 joints, C
channels.

The take's own gaps are masked at other times, too, where the true positions are known. The error of the network's prediction there, after
its edges are matched, is regressed on the network's hidden state: ridge regression for each joint, in the body's axes, robust against
trials with large errors. Its prediction is added to the network's in the gaps themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from mpm_core.fill.hermite import ERROR, HermiteWeights, hermite_weights, interpolate
from mpm_core.gaps import gap_frames, known, usual_error
from mpm_core.linalg.blas import in_one_thread
from mpm_core.linalg.subsample import subsample
from mpm_core.model.encode import root_path
from mpm_core.model.match_edges import follow_neighbours, match_edges
from mpm_core.model.network_protocol import Network
from mpm_core.model.run_windows import WindowOutput, complete_windows
from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Float, Float32, Floating, Int, Mask

MOST_TIMES, MOST_FRAMES, MOST_TRIAL_FRAMES = 24, 12_000, 3_000  # other times, their frames together, and frames of one trial, at most
MOST_ROWS, LEAST_ROWS = 1_000, 8  # samples of one joint that are used, and that are needed
MOST_MASKED = 0.2  # of the frames of a joint in one trial: gaps are masked at as many other times at once
RIDGE, ROUNDS, ROBUST_M = 0.06, 3, 0.02  # best on people outside the training data; larger errors have less weight


@dataclass(frozen=True, slots=True)
class ResidualModel:
    """For each joint, weights (J, C, 3) from the network's hidden state to the correction; zero for joints without trials.

    samples_J: number of samples fitted. error_before_J, error_after_J, classical_error_J: mean error in the trials, relative to the usual
    error in such gaps: without the correction, with a correction fitted to the other half of the take, and of a classical fill; NaN without
    trials.
    """

    weight_JC3: Float
    samples_J: Int
    error_before_J: Float
    error_after_J: Float
    classical_error_J: Float

    def correction(self, output: WindowOutput, visible_KJ: Mask, rate_hz: float) -> Float:
        """(K, J, 3) metres, along the world's axes; zero where a joint is visible."""
        correction_KJ3 = np.zeros(output.joints_KJ3.shape)
        weights = hermite_weights(visible_KJ, rate_hz, ERROR)
        for joint in np.flatnonzero(self.samples_J >= LEAST_ROWS).tolist():
            gap = weights.select(weights.series_N == joint)
            body_N3 = _features(output, gap) @ self.weight_JC3[joint]
            correction_KJ3[gap.frame_N, joint] = np.einsum("ndi,nd->ni", output.turn_K33[gap.frame_N], body_N3)
        return correction_KJ3


@dataclass(frozen=True, slots=True)
class TrialSamples:
    """N samples of one joint, over all trials.

    feature_NC: hidden state minus its interpolation from the gap's edges. error_N3, classical_error_N3: of the prediction (body axes) and
    of a classical fill, metres. usual_error_N: the usual error in such a gap, metres. frame_N: frames.
    """

    feature_NC: Float
    error_N3: Float
    classical_error_N3: Float
    usual_error_N: Float
    frame_N: Int


@in_one_thread
def fit_residuals(
    known_KJ3: Float,
    wanted_K: Mask,
    length_N: Float,
    network: Network,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> ResidualModel | None:
    """The residual model of a take; None if no joint is missing near wanted frames. known_KJ3: metres, NaN = missing. Raises Cancelled."""
    missing_KJ = ~known(known_KJ3)
    pattern_KJ = missing_KJ & wanted_K[:, None]
    if not pattern_KJ.any():
        return None
    K, J = missing_KJ.shape
    shift_S = np.unique(np.linspace(0, K, int(np.clip(MOST_FRAMES // K, 1, MOST_TIMES)) + 2)[1:-1].astype(np.int64))
    at_once = max(1, int(MOST_MASKED / pattern_KJ.mean(axis=0).max()))
    trials = -(-len(shift_S) // at_once)
    by_joint: list[list[TrialSamples]] = [[] for _ in range(J)]
    for trial in range(trials):
        if progress is not None:
            progress(trial / trials, f"learning from the take (trial {trial + 1} of {trials})")
        masked_KJ = np.any([np.roll(pattern_KJ, shift, axis=0) for shift in shift_S[trial::trials].tolist()], axis=0) & ~missing_KJ
        if masked_KJ.any():
            for joint, samples in _trial(known_KJ3, masked_KJ, length_N, network, max(MOST_ROWS // trials, 1), cancel):
                by_joint[joint].append(samples)
    weight_JC3, samples_J = np.zeros((J, network.hidden_state, 3)), np.zeros(J, np.int64)
    error_before_J, error_after_J, classical_error_J = (np.full(J, np.nan) for _ in range(3))
    for joint, joint_trials in enumerate(by_joint):
        samples_J[joint] = sum(len(part.frame_N) for part in joint_trials)
        if samples_J[joint] >= LEAST_ROWS:
            pooled = TrialSamples(*(np.concatenate([getattr(part, name) for part in joint_trials]) for name in TrialSamples.__slots__))
            weight_JC3[joint] = _ridge(pooled.feature_NC, pooled.error_N3)
            error_before_J[joint], error_after_J[joint] = (
                _relative_error(pooled, pooled.error_N3),
                _relative_error(pooled, _remaining(pooled)),
            )
            classical_error_J[joint] = _relative_error(pooled, pooled.classical_error_N3)
    return ResidualModel(weight_JC3, samples_J, error_before_J, error_after_J, classical_error_J)


def _trial(
    known_KJ3: Float, masked_KJ: Mask, length_N: Float, network: Network, most: int, cancel: Cancel | None
) -> list[tuple[int, TrialSamples]]:
    """The samples of each joint that is masked in this trial; at most `most` of each, equally spaced."""
    rate_hz = network.config.rate_hz
    masked_KJ3 = np.where(masked_KJ[..., None], np.nan, known_KJ3)
    visible_KJ = known(masked_KJ3)
    output = complete_windows(masked_KJ3, _trial_frames(masked_KJ), length_N, network, cancel=cancel, mirrored=False, overlap=1)
    output_KJ3 = root_path(masked_KJ3[:, None], rate_hz) + output.joints_KJ3
    filled_KJ3 = match_edges(follow_neighbours(output_KJ3, masked_KJ3, rate_hz), masked_KJ3, rate_hz)
    error_KJ3 = np.einsum("kdi,kji->kjd", output.turn_K33, known_KJ3 - filled_KJ3)
    classical_error_KJ3 = interpolate(masked_KJ3, visible_KJ, rate_hz) - known_KJ3
    usual_error_KJ = usual_error(gap_frames(visible_KJ), rate_hz)
    wanted_KJ = masked_KJ & known(filled_KJ3)
    weights = hermite_weights(visible_KJ, rate_hz, ERROR)
    by_joint = []
    for joint in np.flatnonzero(wanted_KJ.any(axis=0)).tolist():
        rows = weights.select((weights.series_N == joint) & wanted_KJ[weights.frame_N, weights.series_N])
        rows = rows.select(subsample(len(rows.frame_N), most))
        feature_NC = _features(output, rows)
        finite_N = np.isfinite(feature_NC).all(axis=1)
        feature_NC, at = feature_NC[finite_N], (rows.frame_N[finite_N], joint)
        by_joint.append(
            (joint, TrialSamples(feature_NC, error_KJ3[at], classical_error_KJ3[at], usual_error_KJ[at], rows.frame_N[finite_N]))
        )
    return by_joint


def _features(output: WindowOutput, rows: HermiteWeights) -> Float:
    """(N, C) hidden state minus its interpolation from the gaps' edges, so that the correction is zero there."""
    hidden_state_KC = output.hidden_state_KC
    assert hidden_state_KC is not None, "residuals are fitted only to networks that show a hidden state"
    return np.asarray(hidden_state_KC[rows.frame_N] - rows.interpolate(hidden_state_KC[rows.index_4N]))


def _trial_frames(masked_KJ: Mask) -> Mask:
    """(K,) frames in which anything is masked; of very long takes those in the middle."""
    from_middle_K = np.abs(np.arange(len(masked_KJ)) - len(masked_KJ) / 2)
    return np.asarray(masked_KJ.any(axis=1) & (from_middle_K <= MOST_TRIAL_FRAMES / 2))


def _ridge(feature_NC: Floating, error_N3: Floating) -> Float32:
    """Weights (C, 3), by iteratively reweighted ridge regression.

    As samples are correlated in time, the penalty is proportional to their number. With it the equations are so well conditioned that
    float32 is precise enough.
    """
    (N, C), feature_NC, error_N3 = feature_NC.shape, feature_NC.astype(np.float32), error_N3.astype(np.float32)
    scale = (feature_NC**2).sum(axis=1).mean()
    root_weight_N1, penalty_CC = np.ones((N, 1), np.float32), RIDGE * N * scale * np.eye(C, dtype=np.float32)
    weights_C3 = np.zeros((C, 3), np.float32)
    if scale == 0:
        return weights_C3
    for _ in range(ROUNDS):
        weighted_NC = root_weight_N1 * feature_NC
        factor = cho_factor(weighted_NC.T @ weighted_NC + penalty_CC, overwrite_a=True, check_finite=False)
        weights_C3 = cho_solve(factor, weighted_NC.T @ (root_weight_N1 * error_N3), check_finite=False)
        weight_N1 = 1 / np.maximum(np.linalg.norm(error_N3 - feature_NC @ weights_C3, axis=1, keepdims=True), ROBUST_M)
        root_weight_N1 = np.sqrt(weight_N1 / weight_N1.mean())
    return np.asarray(weights_C3)


def _remaining(samples: TrialSamples) -> Float:
    """(N, 3) error that remains in each half of the take after a correction fitted to the other half."""
    remaining_N3 = samples.error_N3.copy()
    early_N = samples.frame_N <= np.median(samples.frame_N)
    for half_N in (early_N, ~early_N):
        if half_N.any() and (~half_N).sum() >= LEAST_ROWS:
            remaining_N3[half_N] -= samples.feature_NC[half_N] @ _ridge(samples.feature_NC[~half_N], samples.error_N3[~half_N])
    return remaining_N3


def _relative_error(samples: TrialSamples, error_N3: Float) -> float:
    return float(np.linalg.norm(error_N3, axis=1).mean() / samples.usual_error_N.mean())
