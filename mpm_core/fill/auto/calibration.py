"""Calibration of sigma by factors that depend on the length of the gap. F frames, P points, N gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.gaps import gap_frames
from mpm_core.typing import Float, Mask


@dataclass(frozen=True, slots=True)
class Factors:
    """Factors on sigma at some gap lengths; linear between their logarithms, constant beyond the first and last."""

    seconds: tuple[float, ...]
    factor: tuple[float, ...]

    def at(self, seconds_N: Float) -> Float:
        return np.exp(np.interp(np.log(seconds_N), np.log(self.seconds), np.log(self.factor)))


def calibrated(sigma_FP: Float, visible_FP: Mask, rate_hz: float, factors: Factors) -> Float:
    """(F, P) sigma times the factor for the length of each sample's gap; NaN stays NaN."""
    filled_FP = np.isfinite(sigma_FP)
    out_FP = sigma_FP.copy()
    out_FP[filled_FP] *= factors.at(np.maximum(gap_frames(visible_FP)[filled_FP], 1) / rate_hz)
    return out_FP
