"""Methods tried on gaps whose truth is visible, and the error to expect of each in the gaps themselves.

G gaps, M methods, N wanted samples.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache

import numpy as np

from mpm_core.fill.auto.priors import expected_error, usable
from mpm_core.fill.auto.sigma import TrialProblem, WantedSamples, beyond_trials, expected_sigma, fit_law, for_few_places
from mpm_core.fill.methods import METHODS
from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.gaps import known
from mpm_core.typing import Float, Mask

AMONG_VISIBLE = ("regression", "weighted_pca")  # they learn how a marker lies among the visible ones
PLACED = ("rigid", *AMONG_VISIBLE)  # by visible markers alone, so that their error hardly grows with the length of the gap
STEEPNESS = 2.5  # a method with half the expected error has 2 ** STEEPNESS times the weight
LEAST_SHARE = 0.02  # a method with less than this share of the greatest weight is not run
OnMethod = Callable[[str], None]
Fill = Callable[[FillProblem], FillResult]


def expected_errors(
    problem: FillProblem,
    rounds: Sequence[TrialProblem],
    samples: WantedSamples,
    methods: Sequence[str],
    seconds_G: Float,
    on_method: OnMethod | None = None,
    *,
    markers: bool = False,
) -> tuple[Float, list[Float | None]]:
    """The RMS error (G, M) to expect of each method in each gap, metres, infinite where it is not used or no trial was filled; and of
    each method sigma (N,), metres per axis, None without trials.

    Methods that the first of several rounds leaves without a weight are not tried in the others. seconds_G: lengths of the gaps. on_method,
    markers: as of `choose_fills`.
    """
    beyond_G = beyond_trials(rounds, seconds_G * problem.rate_hz)
    expected_GM = np.full((len(seconds_G), len(methods)), np.inf)
    sigma_MN: list[Float | None] = [None] * len(methods)
    fill_M = [cache(METHODS[method].run) for method in methods]  # as the first round is in both passes
    tried_M = np.ones(len(methods), bool)
    for some in (rounds[:1], rounds) if len(rounds) > 1 else (rounds,):
        for column in np.flatnonzero(tried_M).tolist():
            method = methods[column]
            if on_method is not None:
                on_method(method)
            usable_G = usable(method, seconds_G) | markers
            own = some if usable_G.any() else []
            sigma_MN[column], trial_error_G = trial_error(problem, own, samples, fill_M[column], len(seconds_G), together=markers)
            trial_error_G = trial_error_G * (beyond_G if markers and method not in PLACED else 1.0)
            expected_GM[usable_G, column] = (
                trial_error_G if markers or problem.xyz_FPD.shape[2] != 3 else expected_error(method, trial_error_G, seconds_G)
            )[usable_G]
        if len(some) < len(rounds):
            tried_M = _worth_trying(expected_GM, some[0], fill_M)
    return expected_GM, sigma_MN


def trial_error(
    problem: FillProblem, rounds: Sequence[TrialProblem], samples: WantedSamples, fill: Fill, gaps: int, *, together: bool = False
) -> tuple[Float | None, Float]:
    """The error of a fill in trials: sigma (N,), metres per axis, and RMS (G,) for each gap; None and infinity if no trial was filled.

    together: gaps were tried together (`draw_rounds`), in few places, for which sigma is widened.
    """
    law = fit_law(problem, rounds, fill, together=together)
    if law is None:
        return None, np.full(gaps, np.inf)
    sigma_N = expected_sigma(problem, law, samples)
    error_G = np.sqrt(per_gap(samples, sigma_N**2, gaps) / per_gap(samples, None, gaps))
    return sigma_N * (for_few_places(law.places) if together else 1.0), error_G


def weights(expected_GM: Float, best_G: Float) -> Float:
    """(G, M) weights by expected errors, relative to that of a fill with the error best_G; 0 below LEAST_SHARE."""
    with np.errstate(invalid="ignore"):
        weight_GM = np.where(np.isfinite(expected_GM), (best_G[:, None] / expected_GM) ** STEEPNESS, 0.0)
    return np.where(weight_GM < LEAST_SHARE, 0.0, weight_GM)


def per_gap(samples: WantedSamples, value_N: Float | Mask | None, gaps: int) -> Float:
    """(G,) sums over the samples of each gap; None: their number."""
    return np.bincount(samples.gap_N, value_N, gaps).astype(np.float64)


def _worth_trying(expected_GM: Float, first: TrialProblem, fill_M: Sequence[Fill]) -> Mask:
    """(M,) the methods that may have a weight in a gap, by the first round of trials, and those that filled none of them.

    They are compared with the best of those that filled the most samples, as one that filled few may have filled the easiest.
    """
    none_M: Mask = np.asarray(np.isinf(expected_GM).all(axis=0))
    filled_M = [0 if none else int(known(fill(first.problem).xyz_ND).sum()) for fill, none in zip(fill_M, none_M, strict=True)]
    best_G = expected_GM[:, np.equal(filled_M, max(filled_M))].min(axis=1)
    return np.asarray(none_M | (weights(expected_GM, best_G) > 0).any(axis=0))
