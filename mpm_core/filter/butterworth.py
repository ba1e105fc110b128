"""Butterworth low-pass without lag, and the cutoff that residuals suggest. F frames of an unbroken stretch, S series, C cutoffs."""

from __future__ import annotations

import numpy as np
from scipy.signal import butter, sosfiltfilt

from mpm_core.typing import Float, Floating

ORDER = 2  # of each of the two passes: fourth order in all
TWO_PASSES = (2**0.5 - 1) ** 0.25  # 0.802: by this, two passes lower the frequency at which half of the power is left
LOWEST_HZ, CUTOFFS = 1.0, 60
NOISE_FROM, NOISE_TO = 0.35, 0.7  # shares of the highest cutoff: what is left out above them is taken for noise


def highest_hz(rate_hz: float) -> float:
    """The highest cutoff that can be used at a rate: what two passes make of it is still below half of the rate."""
    return 0.95 * TWO_PASSES * rate_hz / 2


def butterworth(xyz_FS: Floating, rate_hz: float, cutoff_hz: float) -> Float:
    """A fourth-order zero-lag low-pass: a second-order Butterworth filter forwards and then backwards.

    At cutoff_hz half of the power is left of both passes together (Winter, Biomechanics and Motor Control of Human Movement, 4th ed. 2009,
    section 2.2.4). The ends are continued by the stretch turned about its end. cutoff_hz: above 0, at most `highest_hz`.

    >>> still = np.ones((50, 1))
    >>> bool(np.allclose(butterworth(still, 100.0, 6.0), still))
    True
    """
    sections = butter(ORDER, cutoff_hz / TWO_PASSES, fs=rate_hz, output="sos")
    room = min(len(xyz_FS) - 1, int(np.ceil(3 * rate_hz / cutoff_hz)))
    return np.asarray(sosfiltfilt(sections, xyz_FS, axis=0, padtype="odd", padlen=room))


def residuals(xyz_FS: Floating, rate_hz: float, cutoff_hz_C: Floating) -> Float:
    """(C,) root mean square of what each cutoff takes away, over all frames; series count together, as the axes of a point."""
    away_C = [np.mean(np.sum((xyz_FS - butterworth(xyz_FS, rate_hz, float(cutoff_hz))) ** 2, axis=1)) for cutoff_hz in cutoff_hz_C]
    return np.sqrt(np.array(away_C, np.float64))


def cutoff_by_residuals(xyz_FS: Floating, rate_hz: float) -> float:
    """The cutoff in Hz at which as much motion is taken away as noise is let through (Winter 2009, section 2.2.4.2).

    Residuals over the cutoff end in a line, where only noise is taken away. Continued to a cutoff of 0, it says how much noise there is;
    the cutoff is where that much is taken away.
    """
    cutoff_hz_C = np.linspace(min(LOWEST_HZ, 0.1 * highest_hz(rate_hz)), highest_hz(rate_hz), CUTOFFS)
    residual_C = residuals(xyz_FS, rate_hz, cutoff_hz_C)
    noise_C = (cutoff_hz_C >= NOISE_FROM * cutoff_hz_C[-1]) & (cutoff_hz_C <= NOISE_TO * cutoff_hz_C[-1])
    noise = max(float(np.polyfit(cutoff_hz_C[noise_C], residual_C[noise_C], 1)[1]), 0.0)
    below = np.flatnonzero(residual_C <= noise)
    return float(cutoff_hz_C[below[0]] if len(below) else cutoff_hz_C[-1])
