"""Sticks: thin lines between markers that keep their distance, and between those that the user joins. F frames, P points, S sticks."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from mpm_core.fill.neighbours import distance_spread
from mpm_core.fill.rigid_clusters import RIGID_M
from mpm_core.linalg.subsample import subsample
from mpm_core.recording import Origin, Recording

MOST_FRAMES = 200  # to find them in
LONGEST_M = 0.6  # on a person
EACH = 2  # of its rigid neighbours, the nearest, that a marker is joined to

Sticks = NDArray[np.intp]
"""(S, 2) two points each, the smaller first."""


def rigid_sticks(rec: Recording, points: Sequence[int], scale: float = 1.0) -> Sticks:
    """Sticks among some points: from each to the nearest of those whose distance to it does not vary. None for 2D keypoints."""
    if len(points) < 2 or rec.dims != 3:
        return no_sticks()
    where = np.ix_(subsample(rec.frames, MOST_FRAMES), np.array(points))
    xyz_FP3 = rec.xyz_FPD[where].astype(np.float64)
    xyz_FP3[rec.origin_FP[where] == Origin.MARKED] = np.nan
    spread_PP = distance_spread(xyz_FP3, np.arange(len(points)))
    found: set[tuple[int, int]] = set()
    for own, point in enumerate(points):
        rigid = np.flatnonzero(spread_PP[own] < RIGID_M * scale)
        away_N = np.nanmedian(np.linalg.norm(xyz_FP3[:, rigid] - xyz_FP3[:, own, None], axis=2), axis=0)
        rigid, away_N = rigid[away_N < LONGEST_M * scale], away_N[away_N < LONGEST_M * scale]
        found |= {(min(point, points[other]), max(point, points[other])) for other in rigid[np.argsort(away_N)[:EACH]]}
    return np.array(sorted(found), np.intp).reshape(-1, 2)


def no_sticks() -> Sticks:
    return np.zeros((0, 2), np.intp)
