"""Sigma of classical fills, estimated by trials: gaps like the take's own are masked where the truth is visible, and filled.

Sigma is a standard deviation per axis. F frames, P points, D dimensions, G gaps, N samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, replace
from functools import partial
from itertools import zip_longest

import numpy as np

from mpm_core.fill.auto.draw_trials import draw_rounds
from mpm_core.fill.auto.error_law import FINEST_M, Case, Law, fit
from mpm_core.fill.auto.trials import Round, Trial, errors
from mpm_core.fill.methods import run_fill
from mpm_core.fill.problem import FillProblem, FillResult, Run, gap_numbers
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

TRIALS, LEAST = 96, 48
LEAST_PLACES = 12  # in which markers that are hidden together are tried
ROUNDS, ROUND_SAMPLES = (1, 4), 2_000_000  # rounds of trials, and samples of all rounds together, at most
SHORTER = 3  # times that gaps for which there is no place are halved
SLOPE_S = 0.05  # velocities beside a gap are measured over this
LEAST_M_S = 1e-3  # least change of velocity
UNKNOWN_M_S = 1.0  # speed of a body part, where there is neither a trial nor any visible motion


@dataclass(frozen=True, slots=True)
class WantedSamples:
    """Missing samples and the features of the regression (error_law.py).

    gap_N: number of each sample's gap. to_visible_N: frames to the nearest visible sample, infinite for a point without any. length_N:
    length of the gap in frames. velocity_change_N: of the motion beside the gap, metres per second.
    """

    frame_N: Int
    point_N: Int
    gap_N: Int
    to_visible_N: Float
    length_N: Float
    velocity_change_N: Float

    def select(self, rows_N: Mask) -> WantedSamples:
        return WantedSamples(*(getattr(self, field.name)[rows_N] for field in fields(self)))


@dataclass(frozen=True, slots=True)
class TrialProblem:
    """A round of trials as a problem with their samples masked, and the change of velocity beside each trial."""

    round: Round
    problem: FillProblem
    velocity_change_T: Float


def classical_sigma(problem: FillProblem, method: str, filled_FP: Mask, seed: int = 0) -> Float:
    """(F, P) sigma in metres (pixels for D = 2) of the samples that a method filled, NaN elsewhere.

    Gaps of the same points and lengths are moved to where the truth is visible, along with what is missing around them, and
    filled by the same method. `error_law` fits a regression to their errors, scaled so that 90 % of the trials' samples are inside the 90 %
    ball. In gaps longer than any trial, sigma grows with the length. In a take too short for any trial, it is the displacement of the point
    in the time to the nearest visible sample. The result depends on nothing but the arguments.
    """
    sigma_FP = np.full(filled_FP.shape, np.nan)
    gaps = problem.gaps()
    filled_gaps = [gap for gap in gaps if filled_FP[gap[1] : gap[2], gap[0]].any()]
    if filled_gaps:
        samples = wanted_samples(problem, gaps, filled_FP)
        rounds = trial_problems(problem, filled_gaps, seed)
        law = fit_law(problem, rounds, partial(run_fill, method=method))
        beyond_N = beyond_trials([] if law is None else rounds, samples.length_N)
        sigma_FP[samples.frame_N, samples.point_N] = expected_sigma(problem, law, samples) * beyond_N
    return sigma_FP


def with_sigma(problem: FillProblem, method: str) -> FillResult:
    """The result of a classical fill with its sigma estimated by trials (`classical_sigma`)."""
    result = run_fill(problem, method)
    sigma_FP = classical_sigma(problem, method, known(problem.in_place(result.xyz_ND)))
    return replace(result, sigma_N=sigma_FP[problem.wanted])


def wanted_samples(problem: FillProblem, gaps: Sequence[Run], where_FP: Mask) -> WantedSamples:
    """The samples of where_FP, all of which are in the gaps; gaps in the order of `FillProblem.gaps`."""
    F = len(where_FP)
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    frame_N, point_N = np.nonzero(where_FP)
    gap_N = gap_numbers(gaps, F, frame_N, point_N)
    _, start_N, stop_N = run_G3[gap_N].T
    before_N = np.where(start_N > 0, frame_N - start_N + 1.0, np.inf)
    after_N = np.where(stop_N < F, stop_N - frame_N.astype(np.float64), np.inf)
    return WantedSamples(
        frame_N,
        point_N,
        gap_N,
        np.minimum(before_N, after_N),
        (stop_N - start_N).astype(np.float64),
        _velocity_change(problem, gaps)[gap_N],
    )


def trial_problems(
    problem: FillProblem, gaps: Sequence[Run], seed: int = 0, *, most: int = TRIALS, together: bool = False
) -> list[TrialProblem]:
    """Trials of at most `most` gaps like these (`sample_gaps`), the same for all methods. together: as of `draw_rounds`."""
    rng = np.random.default_rng(seed)
    rounds = []
    for trial_round in _rounds(problem, sample_gaps(gaps, most, rng, together=together), rng, together):
        masked = trial_round.problem(problem)
        rounds.append(
            TrialProblem(
                trial_round, masked, _velocity_change(masked, [(trial.point, trial.start, trial.stop) for trial in trial_round.trials])
            )
        )
    return rounds


def fit_law(
    problem: FillProblem, rounds: Sequence[TrialProblem], fill: Callable[[FillProblem], FillResult], *, together: bool = False
) -> Law | None:
    """The regression of a fill's errors in trials; None when no trial was filled. together: as of `draw_rounds`."""
    cases, places = [], set()
    for number, trial_round in enumerate(rounds):
        trial_errors = errors(problem, trial_round.round, fill(trial_round.problem).xyz_ND)
        for (trial, error_ND), velocity_change in zip(trial_errors, trial_round.velocity_change_T, strict=True):
            filled_N = np.isfinite(error_ND).all(axis=1)
            if filled_N.any():
                places.add((number, trial.place))
                cases.append(Case(trial.point, trial.frames, float(velocity_change), _to_visible(trial)[filled_N], error_ND[filled_N]))
    return fit(cases, len(places) if together else 0) if cases else None


def beyond_trials(rounds: Sequence[TrialProblem], frames_X: Float | Int) -> Float:
    """(X,) ratio of frames_X to the length of the longest trial; at least 1, and 1 without trials."""
    longest = max((trial.frames for each in rounds for trial in each.round.trials), default=0)
    return np.maximum(frames_X / longest, 1.0) if longest else np.ones(len(frames_X))


def for_few_places(places: int) -> float:
    """Ratio of the widths of the 90 % interval by Student's t, with errors from `places` places, and by the normal distribution.

    Markers that are hidden together have much the same error, so that however many they are, a place is one observation.

    >>> [round(for_few_places(places), 2) for places in (1, 2, 4, 8)]
    [3.84, 1.78, 1.3, 1.13]
    """
    from scipy.special import ndtri, stdtrit

    return float(stdtrit(places, 0.95) / ndtri(0.95))


def expected_sigma(problem: FillProblem, law: Law | None, samples: WantedSamples) -> Float:
    """(N,) sigma by the regression, or without one from the displacement of the points."""
    if law is None:
        sigma_N = _from_movement(problem, samples.point_N, samples.to_visible_N)
    else:
        to_visible_N = np.where(np.isfinite(samples.to_visible_N), samples.to_visible_N, samples.length_N)
        sigma_N = law.sigma(samples.point_N, to_visible_N, samples.length_N, samples.velocity_change_N)
    return np.maximum(sigma_N, FINEST_M)


def sample_gaps(gaps: Sequence[Run], most: int, rng: np.random.Generator, *, together: bool = False) -> list[Run]:
    """At most `most` of the gaps, alternating octaves of length and points. Few gaps are all repeated, to about LEAST.

    together: gaps that overlap are tried in one place, and have much the same error there, so that few gaps are repeated to about
    LEAST_PLACES, however many of them overlap.
    """
    if 0 < len(gaps) <= most:
        repeats = max(1, LEAST // len(gaps), LEAST_PLACES // _apart(gaps) if together else 1)
        gaps, most = list(gaps) * repeats, max(most, repeats * len(gaps))
    groups: dict[tuple[int, int], list[Run]] = {}
    for number in rng.permutation(len(gaps)):
        point, start, stop = gaps[number]
        groups.setdefault((int(np.log2(stop - start)), point), []).append(gaps[number])
    by_length: dict[int, list[list[Run]]] = {}
    for (octave, _), distinct in groups.items():
        by_length.setdefault(octave, []).append(distinct)
    by_octave = [[gap for turn in zip_longest(*distinct) for gap in turn if gap is not None] for distinct in by_length.values()]
    return [gap for turn in zip_longest(*by_octave) for gap in turn if gap is not None][:most]


def _apart(gaps: Sequence[Run]) -> int:
    """How many stretches of time they cover."""
    _, start_G, stop_G = np.array(sorted(gaps, key=lambda gap: gap[1])).T
    return int(1 + (start_G[1:] >= np.maximum.accumulate(stop_G)[:-1]).sum())


def _rounds(problem: FillProblem, wanted: list[Run], rng: np.random.Generator, together: bool) -> list[Round]:
    """Rounds of trials; gaps too long for any place are halved and tried again."""
    rounds: list[Round] = []
    most = int(np.clip(ROUND_SAMPLES // problem.visible_FP.size, *ROUNDS))
    for _ in range(1 + SHORTER):
        rounds += draw_rounds(problem.visible_FP, wanted, ~problem.visible_FP, problem.rate_hz, rng, most, together=together)
        longest = max((trial.frames for trial_round in rounds for trial in trial_round.trials), default=0)
        wanted, most = [_halved(gap, len(problem.visible_FP)) for gap in wanted if gap[2] - gap[1] >= max(2 * longest, 2)], 1
    return rounds


def _halved(gap: Run, F: int) -> Run:
    point, start, stop = gap
    half = (stop - start) // 2
    return (point, stop - half, stop) if stop == F else (point, start, start + half)


def _to_visible(trial: Trial) -> Float:
    """(frames,) frames to the nearest sample outside the trial."""
    from_start, from_stop = np.arange(1, trial.frames + 1.0), np.arange(trial.frames, 0.0, -1)
    return np.asarray({"": np.minimum(from_start, from_stop), "start": from_stop, "stop": from_start}[trial.open_end])


def _velocity_change(problem: FillProblem, gaps: Sequence[Run]) -> Float:
    """(G,) RMS difference of the velocities beside a gap from the mean velocity across it (zero at an open end), metres per second."""
    F, step = len(problem.xyz_FPD), max(1, round(SLOPE_S * problem.rate_hz))
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    point_G, before_G, after_G = run_G3[:, 0], run_G3[:, 1] - 1, run_G3[:, 2]

    def at(frame_G: Int) -> Float:
        xyz_GD = problem.xyz_FPD[np.clip(frame_G, 0, F - 1), point_G]
        return np.where(((frame_G >= 0) & (frame_G < F))[:, None], xyz_GD, np.nan)

    straight_GD = (at(after_G) - at(before_G)) / (after_G - before_G)[:, None]
    straight_GD = np.where(np.isfinite(straight_GD), straight_GD, 0.0)
    slopes_2GD = np.stack([at(before_G) - at(before_G - step), at(after_G + step) - at(after_G)]) / step
    change_2G = ((slopes_2GD - straight_GD) ** 2).sum(axis=2)
    count_G = np.isfinite(change_2G).sum(axis=0)
    velocity_change_G = np.sqrt(np.where(np.isfinite(change_2G), change_2G, 0.0).sum(axis=0) / np.maximum(count_G, 1)) * problem.rate_hz
    typical = float(np.median(velocity_change_G[count_G > 0])) if (count_G > 0).any() else 0.0
    return np.asarray(np.maximum(np.where(count_G > 0, velocity_change_G, typical), LEAST_M_S))


def _from_movement(problem: FillProblem, points: Int, to_visible_N: Float) -> Float:
    """(N,) RMS displacement of the point per axis in the time to the nearest visible sample, where it is visible."""
    F, P = problem.visible_FP.shape
    lags = np.unique(np.round(np.geomspace(1, max(1, F // 2), 8)).astype(np.int64))
    distinct = np.unique(points)
    displacement_KU = _displacement(problem.xyz_FPD[:, distinct], lags)
    displacement_KP = displacement_KU if np.isfinite(displacement_KU).all() or len(distinct) == P else _displacement(problem.xyz_FPD, lags)
    mean_K = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in displacement_KP])
    to_visible_N = np.minimum(to_visible_N, F)
    sigma_N = UNKNOWN_M_S * to_visible_N / problem.rate_hz
    for point, displacement_K in zip(distinct, displacement_KU.T, strict=True):
        row_K = np.where(np.isfinite(displacement_K), displacement_K, mean_K)
        if np.isfinite(row_K).any():
            own_N = points == point
            sigma_N[own_N] = np.interp(to_visible_N[own_N], lags[np.isfinite(row_K)], row_K[np.isfinite(row_K)])
    return sigma_N


def _displacement(xyz_FPD: Float, lags: Int) -> Float:
    """(K, P) RMS displacement per axis in each number of frames; NaN where a point is never visible both before and after."""
    displacement_KP = np.full((len(lags), xyz_FPD.shape[1]), np.nan)
    for row, lag in enumerate(lags):
        square_FP = ((xyz_FPD[lag:] - xyz_FPD[:-lag]) ** 2).mean(axis=2)
        count_P = np.isfinite(square_FP).sum(axis=0)
        total_P = np.where(np.isfinite(square_FP), square_FP, 0.0).sum(axis=0)
        displacement_KP[row] = np.where(count_P > 0, np.sqrt(total_P / np.maximum(count_P, 1)), np.nan)
    return displacement_KP
