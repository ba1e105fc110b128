"""Butterworth low-pass without lag, and the cutoff that residuals suggest. F frames of an unbroken stretch, S series, C cutoffs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.signal import butter, sosfiltfilt, sosfreqz

from mpm_core.typing import Float, Floating

ORDER = 2  # of each of the two passes: fourth order in all
TWO_PASSES = (2**0.5 - 1) ** 0.25  # 0.802: by this, two passes lower the frequency at which half of the power is left
LOWEST_HZ, CUTOFFS = 1.0, 60
NOISE_FROM = 0.6  # of the highest cutoff: what is taken away from there on is noise


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


@dataclass(frozen=True, slots=True, eq=False)
class ResidualAnalysis:
    """residual_C: what each of the cutoffs cutoff_hz_C takes away; noise: how much noise there is, in the same unit; cutoff_hz: chosen."""

    cutoff_hz_C: Float
    residual_C: Float
    noise: float
    cutoff_hz: float


def analyse_residuals(xyz_FS: Floating, rate_hz: float) -> ResidualAnalysis:
    """The cutoff in Hz at which as much is taken away as there is noise (residual analysis, Winter 2009, section 2.2.4.2).

    Winter reads the noise off a line through the residuals at high cutoffs, where only noise is taken away. Here it is the white noise of
    which those residuals would be left, because a line by eye cannot be repeated, and a fitted one takes fast motion for noise.
    """
    cutoff_hz_C = np.linspace(min(LOWEST_HZ, 0.1 * highest_hz(rate_hz)), highest_hz(rate_hz), CUTOFFS)
    residual_C = residuals(xyz_FS, rate_hz, cutoff_hz_C)
    high_C = cutoff_hz_C >= NOISE_FROM * cutoff_hz_C[-1]
    noise = float(np.median(residual_C[high_C] / [_of_white_noise(rate_hz, float(cutoff_hz)) for cutoff_hz in cutoff_hz_C[high_C]]))
    above = int(np.argmax(residual_C <= noise)) if residual_C[-1] <= noise else CUTOFFS - 1
    beside = [above, max(above - 1, 0)]
    return ResidualAnalysis(cutoff_hz_C, residual_C, noise, float(np.interp(noise, residual_C[beside], cutoff_hz_C[beside])))


def _of_white_noise(rate_hz: float, cutoff_hz: float) -> float:
    """The share of white noise, as root mean square, that two passes take away."""
    sections = butter(ORDER, cutoff_hz / TWO_PASSES, fs=rate_hz, output="sos")
    _, response_W = sosfreqz(sections, worN=512, fs=rate_hz)
    return float(np.sqrt(np.mean((1 - np.abs(response_W) ** 2) ** 2)))
