"""How far off a classical fill may be, from its own evidence: gaps like the take's own are made where the truth is seen, and filled.

Sigma is a standard deviation per axis. F frames, P points, D dimensions, G gaps, N samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from itertools import zip_longest

import numpy as np

from mpm_core.fill.auto.error_law import FINEST_M, Case, Law, fit
from mpm_core.fill.auto.trials import Round, Trial, draw_rounds, errors
from mpm_core.fill.methods import run_fill
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

TRIALS, LEAST = 96, 48
ROUNDS, ROUND_SAMPLES = (1, 4), 2_000_000  # of trials hidden together: as many as this many samples allow
SHORTER = 3  # how often gaps that fit nowhere are halved
SLOPE_S = 0.05  # velocities beside a gap are taken over this
STILL_M_S = 1e-3  # unrest below this is none
UNKNOWN_M_S = 1.0  # without a single trial and without any visible movement: a body part's speed


@dataclass(frozen=True, slots=True)
class WantedSamples:
    """Hidden samples and what a law looks at: the gap of each (its number), frames to the nearest visible sample (infinite where the point
    is never seen), the gap's length in frames and the unrest beside it."""

    frame_N: Int
    point_N: Int
    gap_N: Int
    away_N: Float
    length_N: Float
    unrest_N: Float

    def some(self, some_N: Mask) -> WantedSamples:
        return WantedSamples(*(getattr(self, each.name)[some_N] for each in fields(self)))


@dataclass(frozen=True, slots=True)
class TrialProblem:
    """What is still visible in a round of trials, and how unrestful it is beside each of them."""

    round: Round
    problem: FillProblem
    unrest_T: Float


def classical_sigma(problem: FillProblem, method: str, filled_FP: Mask, seed: int = 0) -> Float:
    """(F, P) metres (pixels for D = 2) for the samples that a method filled, NaN elsewhere; finite for every one of them.

    At most TRIALS gaps of the same points and lengths are moved to where the truth is visible, with what is hidden around them, and
    filled by the same method; `error_law` makes a law of their errors, scaled so that 90 % of the trials' samples lie in the 90 % ball. A
    take too short for any trial is judged by how far its points move in the time to the nearest sample. The same seed, the same sigma.
    """
    sigma_FP = np.full(filled_FP.shape, np.nan)
    gaps = problem.gaps()
    filled_gaps = [gap for gap in gaps if filled_FP[gap[1] : gap[2], gap[0]].any()]
    if filled_gaps:
        samples = wanted_samples(problem, gaps, filled_FP)
        law = fit_law(problem, trial_problems(problem, filled_gaps, seed), method)
        sigma_FP[samples.frame_N, samples.point_N] = expected_sigma(problem, law, samples)
    return sigma_FP


def with_sigma(problem: FillProblem, method: str) -> FillResult:
    """The result of a classical fill with its sigma estimated by trials (`classical_sigma`)."""
    result = run_fill(problem, method)
    sigma_FP = classical_sigma(problem, method, known(problem.in_place(result.xyz_ND)))
    return replace(result, sigma_N=sigma_FP[problem.wanted])


def wanted_samples(problem: FillProblem, gaps: Sequence[Run], where_FP: Mask) -> WantedSamples:
    """The samples of where_FP, all of them in the gaps, which are sorted as `FillProblem.gaps` are."""
    F = len(where_FP)
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    frame_N, point_N = np.nonzero(where_FP)
    gap_N = np.searchsorted(run_G3[:, 0] * F + run_G3[:, 1], point_N * F + frame_N, side="right") - 1
    _, start_N, stop_N = run_G3[gap_N].T
    before_N = np.where(start_N > 0, frame_N - start_N + 1.0, np.inf)
    after_N = np.where(stop_N < F, stop_N - frame_N.astype(np.float64), np.inf)
    return WantedSamples(
        frame_N, point_N, gap_N, np.minimum(before_N, after_N), (stop_N - start_N).astype(np.float64), _unrest(problem, gaps)[gap_N]
    )


def trial_problems(problem: FillProblem, gaps: Sequence[Run], seed: int = 0) -> list[TrialProblem]:
    """At most TRIALS trials of gaps like these, for all methods alike."""
    rng = np.random.default_rng(seed)
    rounds = []
    for each in _rounds(problem, sample_gaps(gaps, TRIALS, rng), rng):
        left = each.problem(problem)
        rounds.append(TrialProblem(each, left, _unrest(left, [(trial.point, trial.start, trial.stop) for trial in each.trials])))
    return rounds


def fit_law(problem: FillProblem, rounds: Sequence[TrialProblem], method: str) -> Law | None:
    """What the errors of a method follow in trials; None when there are none, or the method reached none."""
    cases = []
    for each in rounds:
        found = errors(problem, each.round, run_fill(each.problem, method).xyz_ND)
        for (trial, off_ND), unrest in zip(found, each.unrest_T, strict=True):
            reached_N = np.isfinite(off_ND).all(axis=1)
            if reached_N.any():
                cases.append(Case(trial.point, trial.frames, float(unrest), _away(trial)[reached_N], off_ND[reached_N]))
    return fit(cases) if cases else None


def expected_sigma(problem: FillProblem, law: Law | None, samples: WantedSamples) -> Float:
    """(N,) sigma by a law, or without one by how far points move."""
    if law is None:
        sigma_N = _from_movement(problem, samples.point_N, samples.away_N)
    else:
        away_N = np.where(np.isfinite(samples.away_N), samples.away_N, samples.length_N)
        sigma_N = law.sigma(samples.point_N, away_N, samples.length_N, samples.unrest_N)
    return np.maximum(sigma_N, FINEST_M)


def sample_gaps(gaps: Sequence[Run], most: int, rng: np.random.Generator) -> list[Run]:
    """Up to `most` of the gaps, every octave of length and every point in turn; of a few gaps, each as often as makes LEAST."""
    gaps = list(gaps) * max(1, LEAST // max(len(gaps), 1))
    groups: dict[tuple[int, int], list[Run]] = {}
    for number in rng.permutation(len(gaps)):
        point, start, stop = gaps[number]
        groups.setdefault((int(np.log2(stop - start)), point), []).append(gaps[number])
    by_length: dict[int, list[list[Run]]] = {}
    for (octave, _), some in groups.items():
        by_length.setdefault(octave, []).append(some)
    turns = [[gap for turn in zip_longest(*some) for gap in turn if gap is not None] for some in by_length.values()]
    return [gap for turn in zip_longest(*turns) for gap in turn if gap is not None][:most]


def _rounds(problem: FillProblem, wanted: list[Run], rng: np.random.Generator) -> list[Round]:
    """Rounds of trials; what is so long that nothing of its length found a place is halved and tried again."""
    rounds: list[Round] = []
    most = int(np.clip(ROUND_SAMPLES // problem.visible_FP.size, *ROUNDS))
    for _ in range(1 + SHORTER):
        rounds += draw_rounds(problem.visible_FP, wanted, ~problem.visible_FP, problem.rate_hz, rng, most)
        longest = max((trial.frames for each in rounds for trial in each.trials), default=0)
        wanted, most = [_halved(gap, len(problem.visible_FP)) for gap in wanted if gap[2] - gap[1] >= max(2 * longest, 2)], 1
    return rounds


def _halved(gap: Run, F: int) -> Run:
    point, start, stop = gap
    half = (stop - start) // 2
    return (point, stop - half, stop) if stop == F else (point, start, start + half)


def _away(trial: Trial) -> Float:
    """(frames,) to the nearest sample outside the trial."""
    from_start, from_stop = np.arange(1, trial.frames + 1.0), np.arange(trial.frames, 0.0, -1)
    return np.asarray({"": np.minimum(from_start, from_stop), "start": from_stop, "stop": from_start}[trial.open_end])


def _unrest(problem: FillProblem, gaps: Sequence[Run]) -> Float:
    """(G,) metres a second by which the velocities beside a gap (RMS) differ from the straight way across it; from rest at an open end."""
    F, step = len(problem.xyz_FPD), max(1, round(SLOPE_S * problem.rate_hz))
    run_G3 = np.array(gaps, np.int64).reshape(-1, 3)
    point_G, before_G, after_G = run_G3[:, 0], run_G3[:, 1] - 1, run_G3[:, 2]

    def at(frame_G: Int) -> Float:
        xyz_GD = problem.xyz_FPD[np.clip(frame_G, 0, F - 1), point_G]
        return np.where(((frame_G >= 0) & (frame_G < F))[:, None], xyz_GD, np.nan)

    straight_GD = (at(after_G) - at(before_G)) / (after_G - before_G)[:, None]
    straight_GD = np.where(np.isfinite(straight_GD), straight_GD, 0.0)
    slopes_2GD = np.stack([at(before_G) - at(before_G - step), at(after_G + step) - at(after_G)]) / step
    off_2G = ((slopes_2GD - straight_GD) ** 2).sum(axis=2)
    count_G = np.isfinite(off_2G).sum(axis=0)
    unrest_G = np.sqrt(np.where(np.isfinite(off_2G), off_2G, 0.0).sum(axis=0) / np.maximum(count_G, 1)) * problem.rate_hz
    usual = float(np.median(unrest_G[count_G > 0])) if (count_G > 0).any() else 0.0
    return np.asarray(np.maximum(np.where(count_G > 0, unrest_G, usual), STILL_M_S))


def _from_movement(problem: FillProblem, points: Int, away_N: Float) -> Float:
    """(N,) how far a point moves per axis (RMS) in the time to the nearest sample, where that is visible anywhere."""
    F, P = problem.visible_FP.shape
    lags = np.unique(np.round(np.geomspace(1, max(1, F // 2), 8)).astype(np.int64))
    some = np.unique(points)
    moved_KU = _moved(problem.xyz_FPD[:, some], lags)
    moved_KP = moved_KU if np.isfinite(moved_KU).all() or len(some) == P else _moved(problem.xyz_FPD, lags)
    usual_K = np.array([row[np.isfinite(row)].mean() if np.isfinite(row).any() else np.nan for row in moved_KP])
    away_N = np.minimum(away_N, F)
    sigma_N = UNKNOWN_M_S * away_N / problem.rate_hz
    for point, moved_K in zip(some, moved_KU.T, strict=True):
        row_K = np.where(np.isfinite(moved_K), moved_K, usual_K)
        if np.isfinite(row_K).any():
            mine_N = points == point
            sigma_N[mine_N] = np.interp(away_N[mine_N], lags[np.isfinite(row_K)], row_K[np.isfinite(row_K)])
    return sigma_N


def _moved(xyz_FPD: Float, lags: Int) -> Float:
    """(K, P) how far each point moves per axis (RMS) in each number of frames; NaN where it is never seen both before and after."""
    moved_KP = np.full((len(lags), xyz_FPD.shape[1]), np.nan)
    for row, lag in enumerate(lags):
        square_FP = ((xyz_FPD[lag:] - xyz_FPD[:-lag]) ** 2).mean(axis=2)
        count_P = np.isfinite(square_FP).sum(axis=0)
        total_P = np.where(np.isfinite(square_FP), square_FP, 0.0).sum(axis=0)
        moved_KP[row] = np.where(count_P > 0, np.sqrt(total_P / np.maximum(count_P, 1)), np.nan)
    return moved_KP
