"""Fills that blend into the Hermite curve at the edges of long gaps."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.hermite import interpolate
from mpm_core.fill.keep.edges import BLEND_S, blend_edges
from mpm_core.fill.methods import problem_of
from tests.makers import smooth_take, with_gap


def test_a_fill_with_an_offset_is_continuous_at_both_edges() -> None:
    truth = smooth_take(frames=300, points=2, rate_hz=100.0)
    gapped = with_gap(truth, 0, 100, 200)
    problem = problem_of(gapped, ~gapped.visible_FP)
    offset_FPD = np.where(~gapped.visible_FP[..., None], truth.xyz_FPD + 0.05, np.nan)
    blended_FPD = problem.in_place(blend_edges(problem, offset_FPD[problem.wanted]))
    curve_FPD = interpolate(gapped.xyz_FPD.astype(np.float64), gapped.visible_FP, 100.0)
    width = round(BLEND_S * 100)
    assert np.linalg.norm(blended_FPD[[100, 199], 0] - curve_FPD[[100, 199], 0], axis=1).max() < 0.01
    np.testing.assert_array_equal(blended_FPD[100 + width : 200 - width, 0], offset_FPD[100 + width : 200 - width, 0])
    assert np.isnan(blended_FPD[:, 1]).all() and np.isnan(blended_FPD[:100, 0]).all()


def test_short_gaps_and_points_never_visible_are_unchanged() -> None:
    truth = smooth_take(frames=300, points=2, rate_hz=100.0)
    gapped = with_gap(with_gap(truth, 0, 100, 110), 1, 0, 300)
    problem = problem_of(gapped, ~gapped.visible_FP)
    offset_FPD = np.where(~gapped.visible_FP[..., None], truth.xyz_FPD + 0.05, np.nan)
    blended_FPD = problem.in_place(blend_edges(problem, offset_FPD[problem.wanted]))
    np.testing.assert_array_equal(blended_FPD[:, 0], offset_FPD[:, 0])
    np.testing.assert_array_equal(blended_FPD[:, 1], offset_FPD[:, 1])
