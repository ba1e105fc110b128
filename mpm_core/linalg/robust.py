"""Robust statistics."""

from __future__ import annotations

from typing import Final

import numpy as np

from mpm_core.typing import Float

MAD_TO_SIGMA: Final = 1.4826  # from a median absolute deviation to a standard deviation, for normal errors


def lower_median(values: Float, axis: int = 0) -> Float:
    """The median along an axis of the values that are known: of an even number, the lower of the two in the middle; NaN where none is.

    >>> lower_median(np.array([[1.0, 4.0], [3.0, np.nan], [2.0, np.nan]]))
    array([2., 4.])
    """
    ordered = np.sort(values, axis=axis)
    middle = np.maximum(np.isfinite(ordered).sum(axis=axis, keepdims=True) - 1, 0) // 2
    return np.asarray(np.take_along_axis(ordered, middle, axis=axis).squeeze(axis))
