"""Filled markers tremble no more than the same marker does where it is measured. F frames, P points, L frames of a stretch; metres.

Fills that place a marker frame by frame among the visible ones pass on the noise of those, the larger the further away it is.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from mpm_core.fill.problem import Run
from mpm_core.gaps import known
from mpm_core.typing import Float, Mask

THIRD = np.array([-1.0, 3.0, -3.0, 1.0])  # of four successive samples: their third difference
SIDE = len(THIRD) - 1  # measured frames beside a gap that its smoothing takes into account
STRENGTHS = 4.0 ** np.arange(-3, 11)  # of the last one, the shortest wave that stays whole lasts about 100 frames


def keep_smoothness(filled_FP3: Float, known_FP3: Float, sigma_FP: Float, gaps: Iterable[Run]) -> Float:
    """The fills (NaN = none), smoothed in each gap until their usual third difference is at most the measured marker's.

    Smoothing is that of Whittaker (1922): the sum of squared changes, and of squared third differences times a strength, is least. The
    smallest strength that suffices is taken, and none that moves a sample by more than its sigma (NaN = not known: by any distance).
    Measured samples beside the gap take part and stay as they are, so positions and velocities meet at its edges. A marker whose
    measured third differences are mostly zero, as of one that stands and is rounded, tells nothing, and its fills stay.

    known_FP3: NaN = missing. gaps: point, start, stop.
    """
    out_FP3, both_FP3 = filled_FP3.copy(), np.where(known(filled_FP3)[..., None], filled_FP3, known_FP3)
    for point, start, stop in gaps:
        usual = _usual_third(known_FP3[:, point])
        stretch = slice(max(start - SIDE, 0), stop + SIDE), point
        xyz_L3, filled_L = both_FP3[stretch], known(filled_FP3[stretch]) & ~known(known_FP3[stretch])
        if usual > 0 and _usual_third(xyz_L3) > usual:
            out_FP3[stretch][filled_L] = _smoothed(xyz_L3, filled_L, sigma_FP[stretch], usual)[filled_L]
    return out_FP3


def _usual_third(xyz_L3: Float) -> float:
    """Median size of the third differences; NaN where no four successive samples are known."""
    third_L3 = np.diff(xyz_L3, n=SIDE, axis=0)
    third_L = np.linalg.norm(third_L3[known(third_L3)], axis=1)
    return float(np.median(third_L)) if len(third_L) else np.nan


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
