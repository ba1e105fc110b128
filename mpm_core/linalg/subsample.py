"""Equally spaced subsamples."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Int


def subsample(count: int, most: int) -> Int:
    """At most `most` indices below `count`, equally spaced from the first to the last (if `most` is 1, the first).

    >>> subsample(10, 4)
    array([0, 3, 6, 9])
    >>> subsample(3, 4)
    array([0, 1, 2])
    """
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
