"""A few of many, evenly spread: what is looked at where looking at everything would take too long."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Int


def subsample(count: int, most: int) -> Int:
    """All numbers below `count`, or `most` of them from the first to the last (if `most` is 1, the first)."""
    return np.linspace(0, count - 1, min(count, most)).astype(np.int64)
