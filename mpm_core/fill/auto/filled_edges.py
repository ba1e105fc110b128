"""Sigma of a fill that begins or ends at samples which were filled before. F frames, P points, N wanted samples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.fill.problem import FillProblem, FillResult
from mpm_core.typing import Floating


def with_edge_sigma(problem: FillProblem, result: FillResult, sigma_FP: Floating) -> FillResult:
    """The result with the sigma of the filled samples beside its gaps in its own: a fill is no surer than what it begins at.

    sigma_FP: metres (pixels for D = 2) of what is visible, NaN where it is measured or set by hand, and certain. An error at one edge is
    taken to shrink evenly to the other edge, and to stay where the gap has no other. NaN stays NaN.

    >>> known = np.array([[0.3], [np.nan], [np.nan], [np.nan]])  # the first sample was filled, the last is measured
    >>> visible_FP = np.array([[True], [False], [False], [True]])
    >>> problem = FillProblem(("a",), 10.0, np.zeros((4, 1, 3)), visible_FP, ~visible_FP)
    >>> result = FillResult(np.zeros((2, 3)), np.zeros(2), np.zeros(2), {})
    >>> with_edge_sigma(problem, result, known).sigma_N.round(3)
    array([0.2, 0.1])
    """
    certain_FP = np.where(problem.visible_FP & np.isfinite(sigma_FP), sigma_FP, 0.0)
    if not certain_FP.any():
        return result
    own_FP, frames = problem.in_place(result.sigma_N), len(certain_FP)
    for point, start, stop in problem.gaps():
        edges = [certain_FP[frame, point] if 0 <= frame < frames else None for frame in (start - 1, stop)]
        before, after = (0.0 if edge is None else float(edge) for edge in edges)
        share_L = np.arange(1, stop - start + 1) / (stop - start + 1)
        if None in edges:
            share_L = np.full(stop - start, float(edges[0] is None))
        own_FP[start:stop, point] = np.sqrt(own_FP[start:stop, point] ** 2 + ((1 - share_L) * before) ** 2 + (share_L * after) ** 2)
    return replace(result, sigma_N=own_FP[problem.wanted])
