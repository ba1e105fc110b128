"""Filters over a window of frames: Savitzky-Golay and the median. F frames of an unbroken stretch, S series."""

from __future__ import annotations

import numpy as np
from scipy.ndimage import median_filter

from mpm_core.typing import Float, Floating

DEGREE = 3


def window_frames(window_s: float, rate_hz: float) -> int:
    """The odd number of frames that is nearest to a duration.

    >>> window_frames(0.1, 100.0)
    11
    """
    return 2 * round((window_s * rate_hz - 1) / 2 + 1e-9) + 1


def savitzky_golay(xyz_FS: Floating, rate_hz: float, window_s: float) -> Float:
    """Each sample becomes the value of a cubic polynomial fitted to the window around it (Savitzky & Golay, Analytical Chemistry 1964).

    At the ends the polynomial of the first or last whole window is used. The stretch must be at least as long as the window.
    """
    from scipy.signal import savgol_filter  # here, as its import takes long

    return np.asarray(savgol_filter(xyz_FS, window_frames(window_s, rate_hz), DEGREE, axis=0, mode="interp"))


def median(xyz_FS: Floating, rate_hz: float, window_s: float) -> Float:
    """Each sample becomes the median of the window around it, each coordinate by itself (Tukey, Exploratory Data Analysis, 1977).

    Removes spikes shorter than half of the window and keeps steps. At the ends, the end is repeated.
    """
    return np.asarray(median_filter(xyz_FS, size=(window_frames(window_s, rate_hz), 1), mode="nearest"))
