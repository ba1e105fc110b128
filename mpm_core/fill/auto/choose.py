"""The best of the classical fills for each gap, by what trials on the take itself say of each, and other takes of such trials.

F frames, P points, D dimensions, G gaps, M methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations, product

import numpy as np

from mpm_core.fill.auto.priors import expected_error, usable
from mpm_core.fill.auto.sigma import TrialProblem, WantedSamples, expected_sigma, fit_law, trial_problems, wanted_samples
from mpm_core.fill.methods import run_fill
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

CANDIDATES = ("hermite", "spline", "quintic", "pattern", "rigid", "relational", "cyclic", "kalman")
STEEPNESS = 2.5  # a method that promises half the error counts 2 ** STEEPNESS times as much
ROUNDS = 8  # of looking which fills go astray from the others
LEAST_SHARE = 0.02  # what counts less than this times the most promising is not even tried
LEAST_LEFT = 0.2  # of the mean of the variances, whatever the fills are apart
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Choice:
    """The mixture of fills, and for each gap that was filled the method that weighs most."""

    result: FillResult
    methods: dict[Run, str]


def choose_fills(problem: FillProblem, methods: Sequence[str] = CANDIDATES, seed: int = 0, tell: Tell | None = None) -> Choice:
    """Each wanted gap by the methods of which most is to be expected there by their trials (the smallest RMS error), mixed by its power
    -STEEPNESS; what goes astray from the others counts less. In 3D what trials promise is corrected by the priors (priors.py).

    Only methods that reach a whole gap are mixed, and only if the one that promises most is among them: a mixture that changed in the
    middle of a gap would jump. Else the most promising fills what it reaches, and the next best the rest. A method without a trial that it
    reached comes last, in the order given. tell: called with each method's name before its trials, and may raise to stop.
    """
    gaps = problem.gaps()
    seconds_G = np.array([stop - start for _, start, stop in gaps]) / problem.rate_hz
    samples = wanted_samples(problem, gaps, problem.wanted_FP)
    rounds = trial_problems(problem, gaps, seed) if gaps else []
    promise_GM = np.full((len(gaps), len(methods)), np.inf)
    sigma_MN: list[Float | None] = []
    for column, method in enumerate(methods):
        if tell is not None:
            tell(method)
        usable_G = usable(method, seconds_G)
        sigma_N, promise_G = promises(problem, rounds if usable_G.any() else [], samples, method, len(gaps))
        sigma_MN.append(sigma_N)
        promise_GM[usable_G, column] = (
            expected_error(method, promise_G, seconds_G)[usable_G] if problem.xyz_FPD.shape[2] == 3 else promise_G[usable_G]
        )
    order_GM = np.argsort(promise_GM, axis=1, kind="stable")
    fills = _tried(problem, methods, samples, promise_GM)
    xyz_ND, variance_N, weight_GM = _mixed(samples, fills, promise_GM, sigma_MN)
    sigma_N, method_G = np.sqrt(variance_N), np.where(weight_GM.any(axis=1), weight_GM.argmax(axis=1), -1)
    rest_G = method_G < 0
    for turn, column in product(range(len(methods) if rest_G.any() else 0), range(len(methods))):
        mine_N = (rest_G & (order_GM[:, turn] == column))[samples.gap_N]
        open_N = mine_N & ~known(xyz_ND)
        if open_N.any():
            xyz_ND = _with_the_rest(problem, samples, mine_N, xyz_ND, methods[column], fills[column])
            new_N = open_N & known(xyz_ND)
            by_trials_N = sigma_MN[column]
            sigma_N[new_N] = expected_sigma(problem, None, samples.some(new_N)) if by_trials_N is None else by_trials_N[new_N]
            new_G = _per_gap(samples, new_N, len(gaps)) > 0
            method_G[new_G & (method_G < 0)] = column
    result = FillResult(xyz_ND, sigma_N, np.zeros(len(xyz_ND)), {})
    return Choice(result, {gap: methods[column] for gap, column in zip(gaps, method_G, strict=True) if column >= 0})


def promises(
    problem: FillProblem, rounds: Sequence[TrialProblem], samples: WantedSamples, method: str, gaps: int
) -> tuple[Float | None, Float]:
    """What trials say of a method: sigma (N,) in metres per axis, and for each gap its RMS (G,); None and infinity if it reached none."""
    law = fit_law(problem, rounds, method)
    if law is None:
        return None, np.full(gaps, np.inf)
    sigma_N = expected_sigma(problem, law, samples)
    return sigma_N, np.sqrt(_per_gap(samples, sigma_N**2, gaps) / _per_gap(samples, None, gaps))


@dataclass(frozen=True, slots=True)
class _Fill:
    """What a method found where it was tried. share_G: what it would count in a gap (0 = not tried); filled_ND: NaN = not reached."""

    share_G: Float
    filled_ND: Float


def _tried(problem: FillProblem, methods: Sequence[str], samples: WantedSamples, promise_GM: Float) -> list[_Fill]:
    """Each method in the gaps in which it counts."""
    best_G = promise_GM.min(axis=1, initial=np.inf)
    with np.errstate(invalid="ignore"):
        share_GM = np.where(np.isfinite(promise_GM), (best_G[:, None] / promise_GM) ** STEEPNESS, 0.0)
    share_GM[share_GM < LEAST_SHARE] = 0.0
    fills = []
    for method, share_G in zip(methods, share_GM.T, strict=True):
        filled_ND = np.full((len(samples.gap_N), problem.xyz_FPD.shape[2]), np.nan)
        mine_N = share_G[samples.gap_N] > 0
        if mine_N.any():
            at = samples.frame_N[mine_N], samples.point_N[mine_N]
            want_FP = np.zeros_like(problem.wanted_FP)
            want_FP[at] = True
            filled_ND[mine_N] = run_fill(replace(problem, wanted_FP=want_FP), method).xyz_ND
        fills.append(_Fill(share_G, filled_ND))
    return fills


def _mixed(
    samples: WantedSamples, fills: Sequence[_Fill], promise_GM: Float, sigma_MN: Sequence[Float | None]
) -> tuple[Float, Float, Float]:
    """For each sample the weighted mean of the fills (N, D) and its variance (N,), NaN in gaps that the most promising leaves partly open;
    and the weights (G, M), all zero there.

    A mean is nearer to the truth than what it is made of, by as much as that is apart (Krogh and Vedelsby, 1995).
    """
    G, (N, D) = len(promise_GM), fills[0].filled_ND.shape
    weight_GM = np.zeros(promise_GM.shape)
    for column, fill in enumerate(fills):
        open_G = _per_gap(samples, ~known(fill.filled_ND), G) > 0
        weight_GM[:, column] = np.where(open_G, 0.0, fill.share_G)
    weight_GM[weight_GM[np.arange(G), np.argmin(promise_GM, axis=1)] == 0] = 0.0
    weight_GM = _agreeing(weight_GM, _apart(samples, fills, weight_GM), promise_GM.min(axis=1, initial=np.inf))
    total_N = np.where(weight_GM.any(axis=1), weight_GM.sum(axis=1), np.nan)[samples.gap_N]
    sum_ND, square_N, variance_N = np.zeros((N, D)), np.zeros(N), np.zeros(N)
    for column, fill in enumerate(fills):
        weight_N = weight_GM[samples.gap_N, column]
        sum_ND += weight_N[:, None] * np.nan_to_num(fill.filled_ND)
        square_N += weight_N * (np.nan_to_num(fill.filled_ND) ** 2).sum(axis=1)
        by_trials_N = sigma_MN[column]
        variance_N += 0.0 if by_trials_N is None else weight_N * by_trials_N**2  # without a trial it counts nothing
    mean_ND, variance_N = sum_ND / total_N[:, None], variance_N / total_N
    apart_N = square_N / total_N - (mean_ND**2).sum(axis=1)
    return mean_ND, np.maximum(variance_N - apart_N / D, LEAST_LEFT * variance_N), weight_GM


def _apart(samples: WantedSamples, fills: Sequence[_Fill], weight_GM: Float) -> Float:
    """(G, M, M) mean squared distance of two fills over a gap; zero where one of them does not count."""
    G, M = weight_GM.shape
    apart_GMM, count_G = np.zeros((G, M, M)), _per_gap(samples, None, G)
    for one, other in combinations(range(M), 2):
        both_N = ((weight_GM[:, one] > 0) & (weight_GM[:, other] > 0))[samples.gap_N]
        if both_N.any():
            square_N = ((fills[one].filled_ND[both_N] - fills[other].filled_ND[both_N]) ** 2).sum(axis=1)
            apart_GMM[:, one, other] = np.bincount(samples.gap_N[both_N], square_N, G) / count_G
            apart_GMM[:, other, one] = apart_GMM[:, one, other]
    return apart_GMM


def _agreeing(weight_GM: Float, apart_GMM: Float, best_G: Float) -> Float:
    """The weights (summing up to 1, or all zero) of the fills' geometric median: what goes astray from the others counts less, by how far.

    Weiszfeld's rounds, over whole gaps, so that nothing jumps within one; best_G (metres): what lies no further apart is not told apart.
    """
    given_GM = now_GM = _shares(weight_GM)
    for _ in range(ROUNDS):
        from_GM = np.einsum("gmk,gk->gm", apart_GMM, now_GM)
        square_GM = from_GM - np.einsum("gm,gm->g", from_GM, now_GM)[:, None] / 2  # of each from their mean
        now_GM = _shares(given_GM / (np.sqrt(np.maximum(square_GM, 0.0)) + np.where(np.isfinite(best_G), best_G, 1.0)[:, None]))
    return now_GM


def _shares(weight_GM: Float) -> Float:
    """The weights of each gap, summing up to 1; all zero stay."""
    return np.asarray(weight_GM / np.where(weight_GM.any(axis=1), weight_GM.sum(axis=1), 1.0)[:, None])


def _with_the_rest(problem: FillProblem, samples: WantedSamples, mine_N: Mask, xyz_ND: Float, method: str, fill: _Fill) -> Float:
    """xyz_ND with what a method finds of what others left open in its gaps: where a gap is still open throughout, as it found before if it
    was tried there; else anew, between the pieces that better methods filled."""
    open_N = mine_N & ~known(xyz_ND)
    begun_G = _per_gap(samples, mine_N & known(xyz_ND), len(fill.share_G)) > 0
    before_N = open_N & ((fill.share_G > 0) & ~begun_G)[samples.gap_N]
    out_ND = np.where(before_N[:, None], fill.filled_ND, xyz_ND)
    anew_N = open_N & ~before_N
    if anew_N.any():
        anew = samples.frame_N[anew_N], samples.point_N[anew_N]
        out_ND[anew_N] = run_fill(_with_pieces(problem, samples, mine_N & known(out_ND), out_ND, anew), method).xyz_ND
    return out_ND


def _per_gap(samples: WantedSamples, value_N: Float | Mask | None, gaps: int) -> Float:
    """(G,) sums over the samples of each gap; None = how many there are."""
    return np.bincount(samples.gap_N, value_N, gaps).astype(np.float64)


def _with_pieces(problem: FillProblem, samples: WantedSamples, piece_N: Mask, xyz_ND: Float, wanted: tuple[Int, Int]) -> FillProblem:
    """What is visible, and pieces that better methods filled already, so that what is wanted meets them."""
    piece = samples.frame_N[piece_N], samples.point_N[piece_N]
    joined_FPD, visible_FP, wanted_FP = problem.xyz_FPD.copy(), problem.visible_FP.copy(), np.zeros_like(problem.wanted_FP)
    joined_FPD[piece], visible_FP[piece], wanted_FP[wanted] = xyz_ND[piece_N], True, True
    return replace(problem, xyz_FPD=joined_FPD, visible_FP=visible_FP, wanted_FP=wanted_FP)
