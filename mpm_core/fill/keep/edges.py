"""The edges of long gaps: beside what is visible a fill goes over into the curve that meets it. N wanted samples, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.hermite import hermite_weights, smooth
from mpm_core.fill.problem import FillProblem
from mpm_core.typing import Float

BLEND_S, LONG_S = 0.05, 0.6  # for this long on each side of gaps longer than that


def blend_edges(problem: FillProblem, xyz_ND: Float) -> Float:
    """(N, D) the fill (NaN = none), going over into the Hermite curve beside the edges of long gaps.

    So near to an edge the curve is as good as anything, and does not take over what neighbours shake. Across a short gap it would bend more
    than the fills do.
    """
    rate_hz, frames = problem.rate_hz, len(problem.xyz_FPD)
    weights = hermite_weights(problem.visible_FP, rate_hz)
    before_N, after_N = weights.index_4N[0], weights.index_4N[2]  # at an open end both are beyond the other, or both before it
    since_N, until_N = np.abs(weights.frame_N - before_N), np.abs(after_N - weights.frame_N)
    both_N = (before_N < weights.frame_N) & (weights.frame_N < after_N)
    length_N = np.where(both_N, after_N - before_N - 1, np.where(before_N > weights.frame_N, before_N, frames - 1 - after_N))
    wide = BLEND_S * rate_hz + 1
    near_N = (length_N > LONG_S * rate_hz) & (np.minimum(since_N, until_N) < wide)
    edges = weights.select(near_N)
    share_N = (np.minimum(since_N, until_N)[near_N] / wide)[:, None]
    at = edges.frame_N, edges.series_N
    curve_ND = edges.interpolate(problem.xyz_FPD[edges.index_4N, edges.series_N])
    xyz_FPD = problem.in_place(xyz_ND)
    xyz_FPD[at] = curve_ND + smooth(share_N) * (xyz_FPD[at] - curve_ND)
    return xyz_FPD[problem.wanted]
