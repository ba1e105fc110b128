"""Filled markers tremble no more than the same marker does where it is measured. F frames, P points, L frames of a stretch; metres.

Fills that place a marker frame by frame among the visible ones pass on the noise of those, the larger the further away it is.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby
from operator import itemgetter

import numpy as np

from mpm_core.fill.problem import Run
from mpm_core.gaps import known
from mpm_core.typing import Float, Mask

THIRD = np.array([-1.0, 3.0, -3.0, 1.0])  # of four successive samples: their third difference
SIDE = len(THIRD) - 1  # measured frames beside a gap that its smoothing takes into account
STRENGTHS = 4.0 ** np.arange(-3, 11)  # of the last one, the shortest wave that stays whole lasts about 100 frames


def keep_smoothness(filled_FP3: Float, known_FP3: Float, sigma_FP: Float, gaps: Iterable[Run]) -> Float:
    """The fills (NaN = none), smoothed in each gap until the median size of their third differences is at most that of the measured marker.

    The latter is the largest median over stretches of the marker as long as the gap with its edges. Smoothing is that of Whittaker (1922),
    which minimises the sum of squared changes plus a strength times the sum of squared third differences. The smallest sufficient strength
    is used, limited so that no sample moves by more than its sigma (NaN = unknown: no limit). Known samples beside the gap take part and
    stay as they are, so position and velocity are continuous; gaps with fewer than SIDE samples between them are smoothed together. The
    fills of a marker whose known third differences are mostly zero (one that stands, in rounded coordinates) are unchanged.

    known_FP3: measured or filled before, NaN = missing. gaps: point, start, stop, by point and then by time.
    """
    out_FP3, both_FP3 = filled_FP3.copy(), np.where(known(filled_FP3)[..., None], filled_FP3, known_FP3)
    for point, runs in groupby(_together(gaps), itemgetter(0)):
        known_third_T, usual_in_take = _thirds(known_FP3[:, point]), _usual_third(known_FP3[:, point])
        for _, start, stop in runs:
            stretch = slice(max(start - SIDE, 0), stop + SIDE), point
            xyz_L3, filled_L = both_FP3[stretch], known(filled_FP3[stretch]) & ~known(known_FP3[stretch])
            if usual_in_take > 0 and (usual_here := _usual_third(xyz_L3)) > usual_in_take:
                usual = max(usual_in_take, _largest_median(known_third_T, len(xyz_L3) - SIDE))
                if usual_here > usual:
                    out_FP3[stretch][filled_L] = _smoothed(xyz_L3, filled_L, sigma_FP[stretch], usual)[filled_L]
    return out_FP3


def _together(gaps: Iterable[Run]) -> list[Run]:
    """The gaps, those of a point with fewer than SIDE samples between them as one.

    >>> _together([(0, 10, 20), (0, 22, 30), (0, 33, 40), (1, 5, 9)])
    [(0, 10, 30), (0, 33, 40), (1, 5, 9)]
    """
    runs = list[Run]()
    for point, start, stop in gaps:
        if runs and runs[-1][0] == point and start < runs[-1][2] + SIDE:
            runs[-1] = (point, runs[-1][1], stop)
        else:
            runs.append((point, start, stop))
    return runs


def _thirds(xyz_L3: Float) -> Float:
    """Sizes of the third differences (NaN = of samples that are not all known)."""
    return np.asarray(np.linalg.norm(np.diff(xyz_L3, n=SIDE, axis=0), axis=1))


def _usual_third(xyz_L3: Float) -> float:
    """Median size of the third differences; NaN where no four successive samples are known."""
    third_L = _thirds(xyz_L3)
    third_L = third_L[np.isfinite(third_L)]
    return float(np.median(third_L)) if len(third_L) else np.nan


def _largest_median(third_T: Float, frames: int) -> float:
    """The largest median over stretches of `frames` third differences that overlap by half and in which all are known; -inf without one.

    >>> _largest_median(np.array([1.0, 1, 1, 5, 6, 1, 1, np.nan]), 3)
    5.0
    """
    if len(third_T) < frames:
        return -np.inf
    stretches = np.lib.stride_tricks.sliding_window_view(third_T, frames)[:: max(1, frames // 2)]
    return float(np.fmax.reduce(np.median(stretches, axis=1), initial=-np.inf))


def _smoothed(xyz_L3: Float, filled_L: Mask, sigma_L: Float, usual: float) -> Float:
    """xyz_L3 (NaN = neither filled nor measured) with the filled samples smoothed."""
    from scipy.linalg import solveh_banded  # here, as its import takes long

    known_L, start_L3 = known(xyz_L3), np.where(filled_L[:, None], xyz_L3, 0.0)
    whole_S = np.asarray(np.lib.stride_tricks.sliding_window_view(known_L, SIDE + 1).all(axis=1))
    fixed_S3 = whole_S[:, None] * np.diff(np.where((known_L & ~filled_L)[:, None], xyz_L3, 0.0), n=SIDE, axis=0)
    fixed_L3 = np.stack([np.convolve(fixed_S, THIRD) for fixed_S in fixed_S3.T], axis=1) * filled_L[:, None]
    square_4L = np.zeros((SIDE + 1, len(xyz_L3)))  # what multiplies the filled samples in the sum's derivative: lower bands
    for away in range(SIDE + 1):
        inner = len(xyz_L3) - away
        both_L = filled_L[:inner] & filled_L[away:]
        square_4L[away, :inner] = np.convolve(whole_S, THIRD[: SIDE + 1 - away] * THIRD[away:]) * both_L
    out_L3 = xyz_L3
    for strength in STRENGTHS:
        band_4L = strength * square_4L
        band_4L[0] += 1
        tried_L3 = np.where(filled_L[:, None], solveh_banded(band_4L, start_L3 - strength * fixed_L3, lower=True), xyz_L3)
        if (np.linalg.norm(tried_L3 - xyz_L3, axis=1) > sigma_L).any():
            break
        out_L3 = tried_L3
        if _usual_third(out_L3) <= usual:
            break
    return out_L3
