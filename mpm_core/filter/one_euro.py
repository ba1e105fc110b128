"""The one-euro filter: smooth while slow, quick to follow while fast. F frames of an unbroken stretch, S series."""

from __future__ import annotations

import numpy as np

from mpm_core.typing import Float, Floating

SPEED_CUTOFF_HZ = 1.0  # of the low-pass for the speed, as published


def one_euro(xyz_FS: Floating, rate_hz: float, cutoff_hz: float, beta: float) -> Float:
    """A first-order low-pass whose cutoff grows with the speed (Casiez, Roussel & Vogel, CHI 2012), of each coordinate by itself.

    Published for live data it lags behind; here it is run forwards and then backwards, by which the lags cancel. Where
    fast motion turns it is slow for a moment, so it flattens the turn: it is for shaking at rest, and butterworth for motion.
    cutoff_hz: at rest, of each pass; beta: Hz by which the cutoff grows for each unit (metre or pixel) per second.
    """
    return one_pass(one_pass(xyz_FS, rate_hz, cutoff_hz, beta)[::-1], rate_hz, cutoff_hz, beta)[::-1]


def one_pass(xyz_FS: Floating, rate_hz: float, cutoff_hz: float, beta: float) -> Float:
    """The filter as published: it lags behind."""
    out_FS = np.array(xyz_FS, np.float64)
    speed_S = np.zeros(xyz_FS.shape[1:])
    for frame in range(1, len(xyz_FS)):
        now_S = (xyz_FS[frame] - out_FS[frame - 1]) * rate_hz
        speed_S = speed_S + _share(SPEED_CUTOFF_HZ, rate_hz) * (now_S - speed_S)
        share_S = _share(cutoff_hz + beta * np.abs(speed_S), rate_hz)
        out_FS[frame] = out_FS[frame - 1] + share_S * (xyz_FS[frame] - out_FS[frame - 1])
    return out_FS


def _share(cutoff_hz: Float | float, rate_hz: float) -> Float:
    """Of a new value in a first-order low-pass."""
    return np.asarray(1 / (1 + rate_hz / (2 * np.pi * np.asarray(cutoff_hz))))
