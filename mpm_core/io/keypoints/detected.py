"""What the third number of a keypoint says: whether it was detected, and whether it is a confidence."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float, Mask


def detected(person_XK3: Float) -> Mask:
    """(..., K) True where a point was detected: finite, confidence above 0, and not the 0, 0 that stands for nothing.

    >>> detected(np.array([[3.0, 4.0, 0.5], [0.0, 0.0, 0.5], [3.0, 4.0, 0.0]])).tolist()
    [True, False, False]
    """
    return np.asarray(np.isfinite(person_XK3).all(axis=-1) & (person_XK3[..., 2] > 0) & (person_XK3[..., :2] != 0).any(axis=-1))


def are_flags(third: Float) -> bool:
    """Whether third numbers are COCO's visibility flags: 0 not there, 1 hidden, 2 visible.

    >>> are_flags(np.array([0.0, 1, 2])), are_flags(np.array([0.0, 1, 0.5]))
    (True, False)
    """
    return bool(np.isin(third, (0, 1, 2)).all() and (third == 2).any())
