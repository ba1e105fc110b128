"""Published curves: the walking leg in the sagittal plane, and smooth human transitions. Phase 0..1 of a gait cycle from heel strike.

Key values: Perry and Burnfield, Gait Analysis (2nd ed. 2010), mean angles at the phases' ends (loading 12 %, mid stance 31 %, terminal
stance 50 %, pre-swing 62 %, swing 75 and 87 %) and at the peaks between them, to about 2 degrees. Thigh is against the vertical, flexion
positive; knee flexion positive; ankle dorsiflexion positive. A periodic cubic spline interpolates.
A cycle lasts 1.14 s at natural cadence (105 steps a minute: Winter, The Biomechanics and Motor Control of Human Gait, 1991).
"""

from __future__ import annotations

import numpy as np
from scipy.interpolate import CubicSpline

from mpm_core.typing import Float

CYCLE_S = 120 / 105
THIGH_DEG = ((0, 20), (10, 20), (31, 0), (50, -20), (62, -10), (75, 15), (87, 25), (100, 20))
KNEE_DEG = ((0, 5), (13, 18), (31, 8), (40, 5), (50, 12), (62, 40), (72, 60), (87, 25), (97, 2), (100, 5))
ANKLE_DEG = ((0, 0), (7, -5), (31, 5), (47, 10), (62, -17), (75, -5), (87, 0), (100, 0))


def _periodic(keys: tuple[tuple[int, int], ...]) -> CubicSpline:
    percent_K, degrees_K = np.array(keys, np.float64).T
    return CubicSpline(percent_K / 100, degrees_K, bc_type="periodic")


_THIGH, _KNEE, _ANKLE = _periodic(THIGH_DEG), _periodic(KNEE_DEG), _periodic(ANKLE_DEG)


def knee_deg(phase: Float) -> Float:
    """Knee flexion in degrees."""
    return np.asarray(_KNEE(phase))


def foot_pitch_deg(phase: Float) -> Float:
    """Foot against the floor in degrees, toes up positive: thigh - knee + ankle, and exactly flat from 12 to 31 % of the cycle."""
    pitch = _THIGH(phase) - _KNEE(phase) + _ANKLE(phase)
    flat = (1 - ramp(phase, 0.03, 0.12)) + ramp(phase, 0.31, 0.42)
    return np.asarray(pitch * flat)


def ramp(x: Float, start: float, stop: float) -> Float:
    """0 before start, 1 after stop, between them a minimum-jerk transition (Flash and Hogan, 1985)."""
    u = np.clip((x - start) / (stop - start), 0.0, 1.0)
    return np.asarray(u**3 * (10 - 15 * u + 6 * u**2))


def bump(x: Float, start: float, stop: float) -> Float:
    """0 outside start..stop, 1 in the middle, minimum jerk up and down."""
    middle = (start + stop) / 2
    return ramp(x, start, middle) - ramp(x, middle, stop)
