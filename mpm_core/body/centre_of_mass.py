"""The centre of mass of a body of 17 joints. F frames, J = 17 joints."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.typing import Float, Floating

# Share of the body's mass and its two ends: D. A. Winter, Biomechanics and Motor Control of Human Movement, 4th ed., table 4.1
SEGMENTS = (
    (0.081, "neck", "head_top"),
    (0.497, "hip", "thorax"),
    *(
        (share, f"{side}_{upper}", f"{side}_{lower}")
        for side in ("left", "right")
        for share, upper, lower in (
            (0.028, "shoulder", "elbow"),
            (0.022, "elbow", "wrist"),
            (0.100, "hip", "knee"),
            (0.061, "knee", "ankle"),
        )
    ),
)


def centre_of_mass(xyz_FJ3: Floating) -> Float:
    """(F, 3) mean of the middles of the segments, weighted by their masses; in the unit and axes of xyz_FJ3, NaN where a joint is missing.

    >>> centre_of_mass(np.ones((1, 17, 3)))
    array([[1., 1., 1.]])
    """
    names = body17().names
    shares = np.array([share for share, _, _ in SEGMENTS])
    ends = [[names.index(name) for name in pair] for _, *pair in SEGMENTS]
    middle_FS3 = np.asarray(xyz_FJ3, np.float64)[:, ends].mean(axis=2)
    return np.asarray(np.einsum("fsd,s->fd", middle_FS3, shares / shares.sum()))
