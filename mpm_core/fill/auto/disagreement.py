"""What several fills of one gap tell about each other's errors. G gaps, M methods."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float


def disagreement(squared_GMM: Float, weight_GM: Float, variance_GM: Float) -> Float:
    """(G,) how many times larger the mean squared distance of fills from their mean is than independent errors make it; at least 1.

    Two fills that lie 40 mm apart cannot both be 5 mm off, whatever they were off in trials, which may have been where less moves.

    squared_GMM: mean squared distances of two fills over a gap, square metres. weight_GM: sum to 1, or are all zero. variance_GM: expected
    squared errors (not per axis).

    >>> disagreement(np.array([[[0.0, 50.0], [50.0, 0.0]]]), np.array([[0.5, 0.5]]), np.array([[1.0, 1.0]]))
    array([25.])
    """
    spread_G = np.einsum("gmk,gm,gk->g", squared_GMM, weight_GM, weight_GM) / 2
    expected_G = (weight_GM * (1 - weight_GM) * variance_GM).sum(axis=1)
    return np.asarray(np.maximum(np.divide(spread_G, expected_G, out=np.ones(len(spread_G)), where=expected_G > 0), 1.0))
