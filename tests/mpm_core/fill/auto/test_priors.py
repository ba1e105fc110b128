"""What other takes say of the fills, beside the trials of this one."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill import methods
from mpm_core.fill.auto import choose, priors
from mpm_core.fill.auto.priors import ErrorPrior, expected_error, usable
from tests.makers import smooth_take, with_gap


def test_every_method_with_an_entry_is_one_that_is_chosen_among() -> None:
    assert set(priors.error_priors()) <= set(choose.CANDIDATES)
    assert {"hermite", "spline", "pattern", "relational"} <= set(priors.error_priors())


def test_a_method_without_an_entry_is_taken_at_its_word() -> None:
    trial_error_G = np.array([0.001, 0.2, np.inf])
    np.testing.assert_allclose(expected_error("coast", trial_error_G, np.ones(3)), trial_error_G)
    assert usable("coast", np.array([100.0])).all()


def test_a_mixture_s_sigma_has_factors_for_short_and_long_gaps() -> None:
    known = priors.mixture()
    assert len(known.seconds) == len(known.factor) > 1
    assert known.seconds[0] <= 0.1 < 1 < known.seconds[-1]
    assert all(0.1 < each < 10 for each in known.factor)


def test_more_promised_is_less_believed_and_nothing_stays_nothing() -> None:
    errors_G = expected_error("relational", np.array([0.001, 0.01, 0.1, np.inf]), np.ones(4))
    assert (np.diff(errors_G) > 0).all()
    assert np.isinf(errors_G[-1])


def test_a_fill_that_goes_astray_in_long_gaps_is_left_out_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    gapped = with_gap(smooth_take(frames=900, points=2, rate_hz=100.0), 0, 300, 500)
    problem = methods.problem_of(gapped, ~gapped.visible_FP)
    monkeypatch.setattr(priors, "error_priors", lambda: {"spline": ErrorPrior(-50.0, 1.0, 0.0, 1.0)})
    short = choose.choose_fills(problem, ("hermite", "spline"))
    assert set(short.methods.values()) == {"hermite"}
    monkeypatch.setattr(priors, "error_priors", lambda: {"spline": ErrorPrior(-50.0, 1.0, 0.0, 4.0)})
    assert set(choose.choose_fills(problem, ("hermite", "spline")).methods.values()) == {"spline"}
