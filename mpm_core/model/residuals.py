"""The residual model: what the repairing network is off by on this take, learned from trials. K model frames, J = 17 joints, C channels.

The take's own gaps are masked at other times too, where the truth is known. The error of the network's prediction there, after its edges
are matched, is regressed on the network's hidden state (ridge regression, for each joint, in the body's axes; robust, since a single trial
can go far astray). The regression's value is then added to the prediction in the gaps themselves.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg import solve

from mpm_core.fill.hermite import ERROR, HermiteWeights, hermite_weights, interpolate
from mpm_core.gaps import gap_frames, known, usual_error
from mpm_core.linalg.blas import in_one_thread
from mpm_core.linalg.subsample import subsample
from mpm_core.model.encode import root_path
from mpm_core.model.match_edges import follow_neighbours, match_edges
from mpm_core.model.networks import Network
from mpm_core.model.sliding import WindowOutput, complete_windows
from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Float, Int, Mask

MOST_TRIALS, MOST_FRAMES, STRETCH = 48, 12_000, 3_000  # of a take; frames of all its trials together, and of a single one
MOST_ROWS, LEAST_ROWS = 1_000, 8  # samples of one joint to fit to
RIDGE, ROUNDS, ROBUST_M = 0.06, 3, 0.02  # measured best on held-out people; samples that are off by more count less


@dataclass(frozen=True, slots=True)
class ResidualModel:
    """For each joint, weights (J, C, 3) from the network's hidden state to the correction, zero where there were no trials.

    samples_J: how many samples they were fitted to. error_before_J, error_after_J, classical_error_J: mean error in the trials, relative to
    the usual error in such gaps: without the correction, with a correction fitted to the other half of the take, and of a classical fill;
    NaN without trials.
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
            some = weights.select(weights.series_N == joint)
            body_N3 = _features(output, some) @ self.weight_JC3[joint]
            correction_KJ3[some.frame_N, joint] = np.einsum("ndi,nd->ni", output.turn_K33[some.frame_N], body_N3)
        return correction_KJ3


@dataclass(frozen=True, slots=True)
class TrialSamples:
    """N samples of one joint, over all trials. feature_NC: hidden state, less its interpolation from the gap's edges. off_N3: the
    prediction's error, body axes, metres; classical_N3: a classical fill's; usual_N: the usual error in such a gap; frame_N: frames."""

    feature_NC: Float
    off_N3: Float
    classical_N3: Float
    usual_N: Float
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
    """known_KJ3: metres, NaN = missing; gaps away from wanted frames are not used. None if no joint is missing near them. Raises
    Cancelled."""
    missing_KJ = ~known(known_KJ3)
    pattern_KJ = missing_KJ & wanted_K[:, None]
    if not pattern_KJ.any():
        return None
    K, J = missing_KJ.shape
    trials = int(np.clip(MOST_FRAMES // K, 1, MOST_TRIALS))
    found: list[list[TrialSamples]] = [[] for _ in range(J)]
    for done, shift in enumerate(np.unique(np.linspace(0, K, trials + 2)[1:-1].astype(np.int64)).tolist()):
        if progress is not None:
            progress(done / trials, f"learning from the take (trial {done + 1} of {trials})")
        masked_KJ = np.roll(pattern_KJ, shift, axis=0) & ~missing_KJ
        if masked_KJ.any():
            for joint, samples in _trial(known_KJ3, masked_KJ, length_N, network, max(MOST_ROWS // trials, 1), cancel):
                found[joint].append(samples)
    weight_JC3, samples_J = np.zeros((J, network.hidden_state, 3)), np.zeros(J, np.int64)
    error_before_J, error_after_J, classical_error_J = (np.full(J, np.nan) for _ in range(3))
    for joint, parts in enumerate(found):
        samples_J[joint] = sum(len(part.frame_N) for part in parts)
        if samples_J[joint] >= LEAST_ROWS:
            whole = TrialSamples(*(np.concatenate([getattr(part, name) for part in parts]) for name in TrialSamples.__slots__))
            weight_JC3[joint] = _ridge(whole.feature_NC, whole.off_N3)
            error_before_J[joint], error_after_J[joint] = _share(whole, whole.off_N3), _share(whole, _remaining(whole))
            classical_error_J[joint] = _share(whole, whole.classical_N3)
    return ResidualModel(weight_JC3, samples_J, error_before_J, error_after_J, classical_error_J)


def _trial(
    known_KJ3: Float, masked_KJ: Mask, length_N: Float, network: Network, most: int, cancel: Cancel | None
) -> list[tuple[int, TrialSamples]]:
    """Each joint's samples, at most so many and evenly spread."""
    rate_hz = network.config.rate_hz
    masked_KJ3 = np.where(masked_KJ[..., None], np.nan, known_KJ3)
    visible_KJ = known(masked_KJ3)
    output = complete_windows(masked_KJ3, _stretch(masked_KJ), length_N, network, cancel=cancel, mirrored=False)
    output_KJ3 = root_path(masked_KJ3[:, None], rate_hz) + output.joints_KJ3
    filled_KJ3 = match_edges(follow_neighbours(output_KJ3, masked_KJ3, rate_hz), masked_KJ3, rate_hz)
    off_KJ3 = np.einsum("kdi,kji->kjd", output.turn_K33, known_KJ3 - filled_KJ3)
    classical_KJ3 = interpolate(masked_KJ3, visible_KJ, rate_hz) - known_KJ3
    usual_KJ = usual_error(gap_frames(visible_KJ), rate_hz)
    wanted_KJ = masked_KJ & known(filled_KJ3)
    weights = hermite_weights(visible_KJ, rate_hz, ERROR)
    found = []
    for joint in np.flatnonzero(wanted_KJ.any(axis=0)).tolist():
        some = weights.select((weights.series_N == joint) & wanted_KJ[weights.frame_N, weights.series_N])
        some = some.select(subsample(len(some.frame_N), most))
        feature_NC = _features(output, some)
        finite_N = np.isfinite(feature_NC).all(axis=1)
        feature_NC, at = feature_NC[finite_N], (some.frame_N[finite_N], joint)
        found.append((joint, TrialSamples(feature_NC, off_KJ3[at], classical_KJ3[at], usual_KJ[at], some.frame_N[finite_N])))
    return found


def _features(output: WindowOutput, some: HermiteWeights) -> Float:
    """(N, C) hidden state, less its interpolation from the gaps' edges, so that the correction vanishes there."""
    hidden_state_KC = output.hidden_state_KC
    assert hidden_state_KC is not None, "residuals are fitted only to networks that show a hidden state"
    return np.asarray(hidden_state_KC[some.frame_N] - some.interpolate(hidden_state_KC[some.index_4N]))


def _stretch(masked_KJ: Mask) -> Mask:
    """(K,) frames in which anything is masked, of a very long take those in its middle."""
    from_middle_K = np.abs(np.arange(len(masked_KJ)) - len(masked_KJ) / 2)
    return np.asarray(masked_KJ.any(axis=1) & (from_middle_K <= STRETCH / 2))


def _ridge(feature_NC: Float, off_N3: Float) -> Float:
    """Weights (C, 3), by reweighted least squares; neighbouring samples are nearly alike, hence the penalty that grows with their
    number."""
    scale = (feature_NC**2).sum(axis=1).mean()
    weight_N, penalty_CC = np.ones(len(feature_NC)), RIDGE * len(feature_NC) * scale * np.eye(feature_NC.shape[1])
    weights_C3 = np.zeros((feature_NC.shape[1], 3))
    if scale == 0:
        return weights_C3
    for _ in range(ROUNDS):
        weighed_CN = feature_NC.T * weight_N
        weights_C3 = solve(weighed_CN @ feature_NC + penalty_CC, weighed_CN @ off_N3, assume_a="pos")
        weight_N = 1 / np.maximum(np.linalg.norm(off_N3 - feature_NC @ weights_C3, axis=1), ROBUST_M)
        weight_N /= weight_N.mean()
    return np.asarray(weights_C3)


def _remaining(samples: TrialSamples) -> Float:
    """(N, 3) error that remains in each half of the take after a correction fitted to the other half."""
    remaining_N3 = samples.off_N3.copy()
    early_N = samples.frame_N <= np.median(samples.frame_N)
    for half_N in (early_N, ~early_N):
        if half_N.any() and (~half_N).sum() >= LEAST_ROWS:
            remaining_N3[half_N] -= samples.feature_NC[half_N] @ _ridge(samples.feature_NC[~half_N], samples.off_N3[~half_N])
    return remaining_N3


def _share(samples: TrialSamples, off_N3: Float) -> float:
    return float(np.linalg.norm(off_N3, axis=1).mean() / samples.usual_N.mean())
