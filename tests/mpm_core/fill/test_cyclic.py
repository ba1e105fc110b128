"""The correlations by which the cyclic fill finds a gap's cycles."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.fill.cyclic import _banded


@pytest.mark.parametrize("rows", [1, 63, 64, 65, 150])
@pytest.mark.parametrize(
    "lag_K", [np.arange(3, 9), -np.arange(3, 9), np.arange(140, 160), -np.arange(140, 160), np.arange(-2, 3), np.arange(1)]
)
def test_products_with_rows_a_lag_later(rows: int, lag_K: np.ndarray) -> None:
    rng = np.random.default_rng(0)
    here_NX, there_NX = rng.normal(size=(2, rows, 4))
    expected_NK = np.zeros((rows, len(lag_K)))
    for row in range(rows):
        for column, lag in enumerate(lag_K.tolist()):
            if 0 <= row + lag < rows:
                expected_NK[row, column] = here_NX[row] @ there_NX[row + lag]
    np.testing.assert_allclose(_banded(here_NX, there_NX, lag_K), expected_NK, atol=1e-12)
