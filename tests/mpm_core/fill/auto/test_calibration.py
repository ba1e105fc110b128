"""Sigma times a factor for the length of its gap."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.auto.calibration import Factors, calibrated

WIDE = Factors((0.5, 2.0), (1.0, 4.0))


def test_factors_lie_straight_between_logarithms_and_stay_beyond_the_outermost() -> None:
    np.testing.assert_allclose(WIDE.at(np.array([1e-3, 0.5, 1.0, 2.0, 1e3])), [1, 1, 2, 4, 4])


def test_each_sample_s_sigma_has_the_factor_of_its_own_gap() -> None:
    visible_FP = np.ones((300, 2), bool)
    visible_FP[20:120, 0] = False  # 1 s
    visible_FP[150:200, 0] = visible_FP[20:270, 1] = False
    sigma_FP = np.where(visible_FP, np.nan, 0.01)
    out_FP = calibrated(sigma_FP, visible_FP, 100.0, WIDE)
    np.testing.assert_array_equal(np.isnan(out_FP), visible_FP)
    np.testing.assert_allclose(out_FP[20:120, 0], 0.02)
    np.testing.assert_allclose(out_FP[150:200, 0], 0.01)
    np.testing.assert_allclose(out_FP[20:270, 1], 0.04)
    assert np.nanmax(sigma_FP) == 0.01, "what was given is as it was"
