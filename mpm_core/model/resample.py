"""Resampling between a take's own rate and the model's. F native frames, K model frames, S any trailing axes.

Both have their first frame at time zero.
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from mpm_core.typing import Float

ON_FRAME = 1e-6


def model_frames(frames: int, rate_hz: float, model_hz: float) -> int:
    """Number of model frames in a take; at least one.

    >>> model_frames(120, 120.0, 30.0)
    30
    """
    return int(np.floor((frames - 1) / rate_hz * model_hz + ON_FRAME)) + 1


def to_model_rate(values_FS: Float, rate_hz: float, model_hz: float) -> Float:
    """(K, ...) values, linear between the two native frames around each model frame; NaN where one that is needed is NaN."""
    position_K = np.arange(model_frames(len(values_FS), rate_hz, model_hz)) * (rate_hz / model_hz)
    low_K = np.clip(np.floor(position_K + ON_FRAME).astype(np.int64), 0, len(values_FS) - 1)
    high_K = np.minimum(low_K + 1, len(values_FS) - 1)
    share_K = np.clip(position_K - low_K, 0.0, 1.0).reshape(-1, *[1] * (values_FS.ndim - 1))
    on_frame = share_K < ON_FRAME
    return np.asarray(np.where(on_frame, values_FS[low_K], values_FS[low_K] * (1 - share_K) + values_FS[high_K] * share_K))


def from_model_rate(values_KS: Float, frames: int, rate_hz: float, model_hz: float) -> Float:
    """(F, ...) values at native frames by a cubic spline through the model frames; constant after the last one."""
    if len(values_KS) == 1:
        return np.repeat(values_KS, frames, axis=0)
    position_F = np.minimum(np.arange(frames) * (model_hz / rate_hz), len(values_KS) - 1.0)
    return np.asarray(CubicSpline(np.arange(len(values_KS)), values_KS)(position_F))
