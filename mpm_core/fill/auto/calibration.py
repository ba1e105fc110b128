"""Sigma as held-out people showed it to be: multiplied by a factor for the length of the gap. F frames, P points, N gaps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.gaps import gap_frames
from mpm_core.typing import Float, Mask


@dataclass(frozen=True, slots=True)
class Factors:
    """On sigma in gaps of these lengths; straight between the logarithms, beyond the outermost as there."""

    seconds: tuple[float, ...]
    factor: tuple[float, ...]

    def at(self, seconds_N: Float) -> Float:
        return np.exp(np.interp(np.log(seconds_N), np.log(self.seconds), np.log(self.factor)))


def calibrated(sigma_FP: Float, visible_FP: Mask, rate_hz: float, factors: Factors) -> Float:
    """(F, P) sigma, each sample's times the factor of its gap's length; NaN stays NaN."""
    some_FP = np.isfinite(sigma_FP)
    out_FP = sigma_FP.copy()
    out_FP[some_FP] *= factors.at(np.maximum(gap_frames(visible_FP)[some_FP], 1) / rate_hz)
    return out_FP
