"""From what a network says of its own errors to what held-out people showed. F frames, J joints, K gap lengths."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.gaps import gap_frames
from mpm_core.model.checkpoint import Model

Float = NDArray[np.float64]


def calibrated(sigma_FJ: Float, visible_FJ: NDArray[np.bool_], rate_hz: float, model: Model) -> Float:
    """(F, J) metres per axis: sigma times the factor that the model's file holds for a gap of that length (straight between the
    logarithms of the measured lengths); as it came where the file holds none."""
    measured = model.facts.get("calibration")
    if not measured:
        return sigma_FJ
    some_FJ = np.isfinite(sigma_FJ)
    seconds_N = np.maximum(gap_frames(visible_FJ)[some_FJ], 1) / rate_hz
    out_FJ = sigma_FJ.copy()
    out_FJ[some_FJ] *= np.exp(np.interp(np.log(seconds_N), np.log(measured["seconds"]), np.log(measured["factor"])))
    return out_FJ
