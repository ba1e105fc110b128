"""Priors on the errors of the fills, from other takes."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill import methods
from mpm_core.fill.auto import choose, priors
from mpm_core.fill.auto.priors import ErrorPrior, expected_error, usable
from tests.makers import smooth_take, with_gap


def test_priors_are_for_candidates_of_the_choice() -> None:
    assert set(priors.error_priors()) <= set(choose.CANDIDATES)
    assert {"hermite", "spline", "pattern", "relational"} <= set(priors.error_priors())


def test_without_a_prior_the_expected_error_is_the_trial_error() -> None:
    trial_error_G = np.array([0.001, 0.2, np.inf])
    np.testing.assert_allclose(expected_error("coast", trial_error_G, np.ones(3)), trial_error_G)
    assert usable("coast", np.array([100.0])).all()


def test_the_sigma_of_the_mixture_has_factors_for_short_and_long_gaps() -> None:
    factors = priors.mixture()
    assert len(factors.seconds) == len(factors.factor) > 1
    assert factors.seconds[0] <= 0.1 < 1 < factors.seconds[-1]
    assert all(0.1 < each < 10 for each in factors.factor)


def test_the_expected_error_increases_with_the_trial_error() -> None:
    errors_G = expected_error("relational", np.array([0.001, 0.01, 0.1, np.inf]), np.ones(4))
    assert (np.diff(errors_G) > 0).all()
    assert np.isinf(errors_G[-1])


def test_a_method_is_not_used_beyond_its_longest_gap(monkeypatch: pytest.MonkeyPatch) -> None:
    gapped = with_gap(smooth_take(frames=900, points=2, rate_hz=100.0), 0, 300, 500)
    problem = methods.problem_of(gapped, ~gapped.visible_FP)
    monkeypatch.setattr(priors, "error_priors", lambda: {"spline": ErrorPrior(-50.0, 1.0, 0.0, 1.0)})
    short = choose.choose_fills(problem, ("hermite", "spline"))
    assert set(short.methods.values()) == {"hermite"}
    monkeypatch.setattr(priors, "error_priors", lambda: {"spline": ErrorPrior(-50.0, 1.0, 0.0, 4.0)})
    assert set(choose.choose_fills(problem, ("hermite", "spline")).methods.values()) == {"spline"}
