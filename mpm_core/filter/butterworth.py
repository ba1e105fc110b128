"""Butterworth low-pass without lag, and the cutoff that residuals suggest. F frames of an unbroken stretch, S series, C cutoffs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    from scipy.signal import butter, sosfiltfilt  # here, as its import takes long

    sections = butter(ORDER, cutoff_hz / TWO_PASSES, fs=rate_hz, output="sos")
    room = min(len(xyz_FS) - 1, int(np.ceil(3 * rate_hz / cutoff_hz)))
    return np.asarray(sosfiltfilt(sections, xyz_FS, axis=0, padtype="odd", padlen=room))


def amplitude(frequency_hz: Floating, rate_hz: float, cutoff_hz: Floating) -> Float:
    """What `butterworth` leaves of a wave's amplitude, 0..1.

    >>> round(float(amplitude(np.array(1.0), 100.0, np.array(1.0))), 2)
    0.71
    """
    ratio = np.tan(np.pi * frequency_hz / rate_hz) / np.tan(np.pi * cutoff_hz / TWO_PASSES / rate_hz)
    return np.asarray(1 / (1 + ratio ** (2 * ORDER)), np.float64)


def residuals(xyz_FS: Floating, rate_hz: float, cutoff_hz_C: Floating) -> Float:
    """(C,) root mean square of what each cutoff takes away, over all frames; series count together, as the axes of a point.

    From the spectrum of the stretch turned about its ends, which is how the filter continues it.
    """
    line_FS = np.linspace(xyz_FS[0], xyz_FS[-1], len(xyz_FS))
    away_FS = xyz_FS - line_FS  # no cutoff takes anything of a line away
    spectrum_WS = np.fft.rfft(np.concatenate([away_FS, -away_FS[-2:0:-1]]), axis=0)
    frames = 2 * (len(xyz_FS) - 1)
    power_W = (np.abs(spectrum_WS) ** 2).sum(axis=1) * np.where(np.arange(len(spectrum_WS)) % (frames // 2) == 0, 1, 2) / frames**2
    kept_CW = amplitude(np.fft.rfftfreq(frames, 1 / rate_hz), rate_hz, np.asarray(cutoff_hz_C)[:, None])
    return np.asarray(np.sqrt((1 - kept_CW) ** 2 @ power_W), np.float64)


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
    frequency_hz_W = np.linspace(0, rate_hz / 2, 512, endpoint=False)
    of_white_noise_C = np.sqrt(((1 - amplitude(frequency_hz_W, rate_hz, cutoff_hz_C[:, None])) ** 2).mean(axis=1))
    noise = float(np.median((residual_C / of_white_noise_C)[high_C]))
    above = int(np.argmax(residual_C <= noise)) if residual_C[-1] <= noise else CUTOFFS - 1
    beside = [above, max(above - 1, 0)]
    return ResidualAnalysis(cutoff_hz_C, residual_C, noise, float(np.interp(noise, residual_C[beside], cutoff_hz_C[beside])))
