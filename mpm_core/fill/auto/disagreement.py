"""What several fills of one gap tell about each other's errors. G gaps, M methods, N samples, D dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from mpm_core.typing import Float, Int


def squared_distances(fills_MND: Sequence[Float], gap_N: Int, weight_GM: Float) -> Float:
    """(G, M, M) mean squared distance of two fills over a gap; zero where one of them has no weight."""
    G, M = weight_GM.shape
    squared_GMM, count_G = np.zeros((G, M, M)), np.bincount(gap_N, minlength=G)
    for one, other in combinations(range(M), 2):
        both_N = ((weight_GM[:, one] > 0) & (weight_GM[:, other] > 0))[gap_N]
        if both_N.any():
            square_N = ((fills_MND[one][both_N] - fills_MND[other][both_N]) ** 2).sum(axis=1)
            squared_GMM[:, one, other] = np.bincount(gap_N[both_N], square_N, G) / count_G
            squared_GMM[:, other, one] = squared_GMM[:, one, other]
    return squared_GMM


def disagreement(squared_GMM: Float, weight_GM: Float, variance_GM: Float) -> Float:
    """(G,) ratio of the mean squared distance of the fills from their mean to the one expected of independent errors; at least 1.

    It widens sigma where fills differ more than their trials suggest: two fills 40 mm apart cannot both have an error of 5 mm.

    squared_GMM: mean squared distances of two fills over a gap, square metres. weight_GM: sum to 1, or are all zero. variance_GM: expected
    squared errors (not per axis).

    >>> disagreement(np.array([[[0.0, 50.0], [50.0, 0.0]]]), np.array([[0.5, 0.5]]), np.array([[1.0, 1.0]]))
    array([25.])
    """
    spread_G = np.einsum("gmk,gm,gk->g", squared_GMM, weight_GM, weight_GM) / 2
    expected_G = (weight_GM * (1 - weight_GM) * variance_GM).sum(axis=1)
    return np.asarray(np.maximum(np.divide(spread_G, expected_G, out=np.ones(len(spread_G)), where=expected_G > 0), 1.0))
