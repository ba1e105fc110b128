"""Long gaps blend into the Hermite curve at their edges. N wanted samples, D dimensions."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.hermite import hermite_weights, smooth
from mpm_core.fill.problem import FillProblem
from mpm_core.typing import Float

BLEND_S, LONG_S = 0.05, 0.6  # duration of the blend at each edge, in gaps longer than LONG_S


def blend_edges(problem: FillProblem, xyz_ND: Float) -> Float:
    """(N, D) the fill (NaN = none), blended into the Hermite curve beside the edges of long gaps.

    That near to an edge the curve is accurate, and free of the noise that fills take from other points. In short gaps it overshoots more
    than the fills do.
    """
    rate_hz, frames = problem.rate_hz, len(problem.xyz_FPD)
    weights = hermite_weights(problem.visible_FP, rate_hz)
    before_N, after_N = weights.index_4N[0], weights.index_4N[2]  # in gaps at the start or end, both are on the same side
    since_N, until_N = np.abs(weights.frame_N - before_N), np.abs(after_N - weights.frame_N)
    inner_N = (before_N < weights.frame_N) & (weights.frame_N < after_N)
    length_N = np.where(inner_N, after_N - before_N - 1, np.where(before_N > weights.frame_N, before_N, frames - 1 - after_N))
    width = BLEND_S * rate_hz + 1
    edge_N = (length_N > LONG_S * rate_hz) & (np.minimum(since_N, until_N) < width)
    edges = weights.select(edge_N)
    share_N = (np.minimum(since_N, until_N)[edge_N] / width)[:, None]
    places = edges.frame_N, edges.series_N
    curve_ND = edges.interpolate(problem.xyz_FPD[edges.index_4N, edges.series_N])
    xyz_FPD = problem.in_place(xyz_ND)
    xyz_FPD[places] = curve_ND + smooth(share_N) * (xyz_FPD[places] - curve_ND)
    return xyz_FPD[problem.wanted]
