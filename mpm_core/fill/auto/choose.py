"""The best of the classical fills for each gap, by trials on the take itself and priors from other takes.

F frames, P points, D dimensions, G gaps, M methods, N wanted samples.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product

import numpy as np

from mpm_core.fill.auto.disagreement import disagreement, squared_distances
from mpm_core.fill.auto.sigma import WantedSamples, expected_sigma, trial_problems, wanted_samples
from mpm_core.fill.auto.try_methods import AMONG_VISIBLE, OnMethod, expected_errors, per_gap, weights
from mpm_core.fill.methods import run_fill
from mpm_core.fill.problem import FillProblem, FillResult, Run
from mpm_core.gaps import known
from mpm_core.typing import Float, Int, Mask

CANDIDATES = ("hermite", "spline", "quintic", "pattern", "rigid", "relational", "cyclic", "kalman")
MARKER_CANDIDATES = (*CANDIDATES, *AMONG_VISIBLE)
TRIALS = 48  # of which all methods are tried on the same; twice as many choose no better
ROUNDS = 8  # iterations of the geometric median
LEAST_VARIANCE = 0.2  # of the mixture, as a share of the mean variance of the fills


@dataclass(frozen=True, slots=True)
class Choice:
    """The mixture of fills, and for each gap with a filled sample the method of greatest weight."""

    result: FillResult
    methods: dict[Run, str]


def choose_fills(
    problem: FillProblem, methods: Sequence[str] = CANDIDATES, seed: int = 0, on_method: OnMethod | None = None, *, markers: bool = False
) -> Choice:
    """Each wanted gap by a weighted mean of fills. Weights are expected errors (RMS) to the power -STEEPNESS.

    The expected error of a method is its error in trials on the take, in 3D corrected by priors (priors.py). Fills at a large distance from
    the others count less (`_median_weights`). Only methods that fill a whole gap are mixed, and only if the best one is among them: a
    mixture that changed within a gap would be discontinuous. Otherwise the best fills what it can, and the next best the rest. A method
    that fills nothing of a gap counts as one without trials there: these come last, in the order given.

    on_method: called with each method's name before its trials, twice if there are several rounds; it may raise to stop. markers: by trials
    alone, since the priors are of joints, and with markers that are lost together tried together. In gaps longer than any trial, errors are
    taken to grow with the length, except those of PLACED.
    """
    gaps = problem.gaps()
    seconds_G = np.array([stop - start for _, start, stop in gaps]) / problem.rate_hz
    samples = wanted_samples(problem, gaps, problem.wanted_FP)
    rounds = trial_problems(problem, gaps, seed, most=TRIALS, together=markers) if gaps else []
    expected_GM, sigma_MN = expected_errors(problem, rounds, samples, methods, seconds_G, on_method, markers=markers)
    fills = _run_fills(problem, methods, samples, expected_GM)
    while (nothing_GM := _best_fills_nothing(samples, fills, expected_GM)).any():
        expected_GM[nothing_GM] = np.inf
        fills = _run_fills(problem, methods, samples, expected_GM, fills)
    order_GM = np.argsort(expected_GM, axis=1, kind="stable")
    xyz_ND, variance_N, weight_GM = _mix(samples, fills, expected_GM, sigma_MN, widen=markers)
    sigma_N, method_G = np.sqrt(variance_N), np.where(weight_GM.any(axis=1), weight_GM.argmax(axis=1), -1)
    unfilled_G = method_G < 0
    for rank, column in product(range(len(methods) if unfilled_G.any() else 0), range(len(methods))):
        own_N = (unfilled_G & (order_GM[:, rank] == column))[samples.gap_N]
        left_N = own_N & ~known(xyz_ND)
        if left_N.any():
            xyz_ND = _fill_left(problem, samples, own_N, xyz_ND, methods[column], fills[column])
            new_N = left_N & known(xyz_ND)
            trial_sigma_N = sigma_MN[column]
            sigma_N[new_N] = expected_sigma(problem, None, samples.select(new_N)) if trial_sigma_N is None else trial_sigma_N[new_N]
            new_G = per_gap(samples, new_N, len(gaps)) > 0
            method_G[new_G & (method_G < 0)] = column
    result = FillResult(xyz_ND, sigma_N, np.zeros(len(xyz_ND)), {})
    return Choice(result, {gap: methods[column] for gap, column in zip(gaps, method_G, strict=True) if column >= 0})


@dataclass(frozen=True, slots=True)
class _Fill:
    """One method's fill. share_G: its weight in each gap (0 = not run). filled_ND: NaN = not filled."""

    share_G: Float
    filled_ND: Float


def _run_fills(
    problem: FillProblem, methods: Sequence[str], samples: WantedSamples, expected_GM: Float, before: Sequence[_Fill] = ()
) -> list[_Fill]:
    """Each method, in the gaps in which it has a weight. before: fills by other weights, to which gaps with a weight only now are added."""
    share_GM = weights(expected_GM, expected_GM.min(axis=1, initial=np.inf))
    fills = []
    for column, (method, share_G) in enumerate(zip(methods, share_GM.T, strict=True)):
        filled_ND = before[column].filled_ND.copy() if before else np.full((len(samples.gap_N), problem.xyz_FPD.shape[2]), np.nan)
        new_N = ((share_G > 0) & (before[column].share_G == 0 if before else True))[samples.gap_N]
        if new_N.any():
            method_wanted_FP = np.zeros_like(problem.wanted_FP)
            method_wanted_FP[samples.frame_N[new_N], samples.point_N[new_N]] = True
            filled_ND[new_N] = run_fill(problem.wanting(method_wanted_FP), method).xyz_ND
        fills.append(_Fill(share_G, filled_ND))
    return fills


def _best_fills_nothing(samples: WantedSamples, fills: Sequence[_Fill], expected_GM: Float) -> Mask:
    """(G, M) True for the best method of a gap if it fills none of it, whatever its trials promised."""
    gaps = np.arange(len(expected_GM))
    best_G = expected_GM.argmin(axis=1)
    filled_GM = np.stack([per_gap(samples, known(fill.filled_ND), len(gaps)) > 0 for fill in fills], axis=1)
    nothing_GM = np.zeros(expected_GM.shape, bool)
    nothing_GM[gaps, best_G] = np.isfinite(expected_GM[gaps, best_G]) & ~filled_GM[gaps, best_G]
    return nothing_GM


def _mix(
    samples: WantedSamples, fills: Sequence[_Fill], expected_GM: Float, sigma_MN: Sequence[Float | None], *, widen: bool
) -> tuple[Float, Float, Float]:
    """Weighted mean of the fills (N, D), its variance (N,), and the weights (G, M).

    NaN and zero weights in gaps that the best method does not fill completely. The error of a mean is smaller than the mean error of its
    terms by their spread (Krogh and Vedelsby, 1995). widen: by their disagreement; not for joints, whose sigma has
    a factor that was measured without it.
    """
    G, (N, D) = len(expected_GM), fills[0].filled_ND.shape
    weight_GM = np.zeros(expected_GM.shape)
    for column, fill in enumerate(fills):
        left_G = per_gap(samples, ~known(fill.filled_ND), G) > 0
        weight_GM[:, column] = np.where(left_G, 0.0, fill.share_G)
    weight_GM[weight_GM[np.arange(G), np.argmin(expected_GM, axis=1)] == 0] = 0.0
    squared_GMM = squared_distances([fill.filled_ND for fill in fills], samples.gap_N, weight_GM)
    weight_GM = _median_weights(weight_GM, squared_GMM, expected_GM.min(axis=1, initial=np.inf))
    total_N = np.where(weight_GM.any(axis=1), weight_GM.sum(axis=1), np.nan)[samples.gap_N]
    sum_ND, square_N, variance_N = np.zeros((N, D)), np.zeros(N), np.zeros(N)
    for column, fill in enumerate(fills):
        weight_N = weight_GM[samples.gap_N, column]
        sum_ND += weight_N[:, None] * np.nan_to_num(fill.filled_ND)
        square_N += weight_N * (np.nan_to_num(fill.filled_ND) ** 2).sum(axis=1)
        trial_sigma_N = sigma_MN[column]
        variance_N += 0.0 if trial_sigma_N is None else weight_N * trial_sigma_N**2  # zero for a method without trials
    mean_ND, variance_N = sum_ND / total_N[:, None], variance_N / total_N
    if widen:
        trial_GM = np.stack([np.zeros(G) if each is None else per_gap(samples, each**2, G) for each in sigma_MN], axis=1)
        variance_N *= disagreement(squared_GMM, weight_GM, D * trial_GM / per_gap(samples, None, G)[:, None])[samples.gap_N]
    spread_N = square_N / total_N - (mean_ND**2).sum(axis=1)
    return mean_ND, np.maximum(variance_N - spread_N / D, LEAST_VARIANCE * variance_N), weight_GM


def _median_weights(weight_GM: Float, squared_GMM: Float, best_G: Float) -> Float:
    """Weights of the fills' geometric median, which sum to 1 (or are all zero): the further a fill is from the others, the less it counts.

    Weiszfeld's algorithm, on whole gaps, so that fills stay continuous. best_G: expected error of the best method, metres; distances below
    it are treated as equal.
    """
    initial_GM = weights_GM = shares(weight_GM)
    for _ in range(ROUNDS):
        from_GM = np.einsum("gmk,gk->gm", squared_GMM, weights_GM)
        square_GM = from_GM - np.einsum("gm,gm->g", from_GM, weights_GM)[:, None] / 2  # squared distance of each from their mean
        weights_GM = shares(initial_GM / (np.sqrt(np.maximum(square_GM, 0.0)) + np.where(np.isfinite(best_G), best_G, 1.0)[:, None]))
    return weights_GM


def shares(weight_GM: Float) -> Float:
    """The weights of each gap divided by their sum; all zero stay zero."""
    return np.asarray(weight_GM / np.where(weight_GM.any(axis=1), weight_GM.sum(axis=1), 1.0)[:, None])


def _fill_left(problem: FillProblem, samples: WantedSamples, own_N: Mask, xyz_ND: Float, method: str, fill: _Fill) -> Float:
    """xyz_ND with samples that are still left filled by one more method.

    In gaps in which nothing is filled yet, its fill is taken as it is, if it was run there. Elsewhere it is run again, between the samples
    that better methods filled.
    """
    left_N = own_N & ~known(xyz_ND)
    started_G = per_gap(samples, own_N & known(xyz_ND), len(fill.share_G)) > 0
    reused_N = left_N & ((fill.share_G > 0) & ~started_G)[samples.gap_N]
    out_ND = np.where(reused_N[:, None], fill.filled_ND, xyz_ND)
    again_N = left_N & ~reused_N
    if again_N.any():
        again = samples.frame_N[again_N], samples.point_N[again_N]
        out_ND[again_N] = run_fill(_with_filled(problem, samples, own_N & known(out_ND), out_ND, again), method).xyz_ND
    return out_ND


def _with_filled(problem: FillProblem, samples: WantedSamples, filled_N: Mask, xyz_ND: Float, wanted: tuple[Int, Int]) -> FillProblem:
    """The problem with the samples that better methods filled taken as visible."""
    filled = samples.frame_N[filled_N], samples.point_N[filled_N]
    known_FPD, visible_FP, wanted_FP = problem.xyz_FPD.copy(), problem.visible_FP.copy(), np.zeros_like(problem.wanted_FP)
    known_FPD[filled], visible_FP[filled], wanted_FP[wanted] = xyz_ND[filled_N], True, True
    return replace(problem, xyz_FPD=known_FPD, visible_FP=visible_FP, wanted_FP=wanted_FP)
