"""Sigma multiplied by factors that depend on the length of the gap."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.auto.calibration import Factors, calibrated

WIDE = Factors((0.5, 2.0), (1.0, 4.0))


def test_factors_are_linear_between_logarithms_and_constant_beyond() -> None:
    np.testing.assert_allclose(WIDE.at(np.array([1e-3, 0.5, 1.0, 2.0, 1e3])), [1, 1, 2, 4, 4])


def test_sigma_is_multiplied_by_the_factor_of_its_gap() -> None:
    visible_FP = np.ones((300, 2), bool)
    visible_FP[20:120, 0] = False  # 1 s
    visible_FP[150:200, 0] = visible_FP[20:270, 1] = False
    sigma_FP = np.where(visible_FP, np.nan, 0.01)
    out_FP = calibrated(sigma_FP, visible_FP, 100.0, WIDE)
    np.testing.assert_array_equal(np.isnan(out_FP), visible_FP)
    np.testing.assert_allclose(out_FP[20:120, 0], 0.02)
    np.testing.assert_allclose(out_FP[150:200, 0], 0.01)
    np.testing.assert_allclose(out_FP[20:270, 1], 0.04)
    assert np.nanmax(sigma_FP) == 0.01, "the argument is unchanged"
