"""The vertical acceleration of bodies in the air, which shows a wrong frame rate or unit. F frames, J = 17 joints, metres, Z up.

While nobody and nothing holds a body, its centre of mass moves on a parabola whose acceleration is that of gravity. Read at N times the
true frame rate it falls N^2 times too fast. Nothing here depends on the rate except the acceleration's unit.
"""

from __future__ import annotations

import numpy as np

from mpm_core.body.centre_of_mass import centre_of_mass
from mpm_core.body.joints import body17
from mpm_core.gaps import known, runs
from mpm_core.typing import Float, Floating

GRAVITY_M_S2 = 9.8
BELIEVABLE_M_S2 = (5.0, 15.0)  # a rate of 0.71 to 1.24 times the true one is within
FEWEST_FALLS = 3
FLOOR_PERCENT = 5  # of the lower ankle's heights: the take's floor
LIFTED_M = 0.12  # of both ankles above it: more than standing on tiptoe lifts them
FEWEST_FRAMES = 6
LEAST_HEIGHT_M = 0.03  # of the parabola
MOST_RESIDUAL, MOST_SIDEWAYS = 0.05, 0.3  # of its height; of its vertical acceleration


def falls_m_s2(xyz_FJ3: Floating, rate_hz: float) -> list[float]:
    """The acceleration of each fall: of each stretch in which both ankles are in the air and the centre of mass moves on a parabola.

    About -9.8 where rate and unit are right. A frame with a missing joint ends a stretch.

    >>> falls_m_s2(np.zeros((9, 17, 3)), 30.0)
    []
    """
    names = body17().names
    lower_F = xyz_FJ3[:, [names.index("left_ankle"), names.index("right_ankle")], 2].min(axis=1).astype(np.float64)
    good_F = known(xyz_FJ3).all(axis=1)
    if not good_F.any():
        return []
    floor = float(np.percentile(lower_F[good_F], FLOOR_PERCENT))
    mass_F3 = centre_of_mass(xyz_FJ3)
    with np.errstate(invalid="ignore"):
        airborne_F = good_F & (lower_F > floor + LIFTED_M)
    fits = [_parabola(mass_F3[start:stop]) for start, stop in runs(airborne_F) if stop - start >= FEWEST_FRAMES]
    return [fit * rate_hz**2 for fit in fits if fit is not None]


def rate_suspicion(found_m_s2: list[float], rate_hz: float) -> str:
    """What the falls say against a frame rate, if they do: their median is far from gravity's and there are FEWEST_FALLS at least."""
    if len(found_m_s2) < FEWEST_FALLS:
        return ""
    median = float(np.median(found_m_s2))
    if BELIEVABLE_M_S2[0] <= -median <= BELIEVABLE_M_S2[1]:
        return ""
    likely_hz = rate_hz * np.sqrt(GRAVITY_M_S2 / max(-median, 1e-3))
    return f"bodies fall at {median:.1f} m/s2: is the rate {likely_hz:.0f} Hz instead of {rate_hz:g}, or the unit another?"


def _parabola(mass_F3: Float) -> float | None:
    """Vertical acceleration per frame squared; None where the path is not free fall: bent too little, bent sideways, or no parabola."""
    frames = len(mass_F3)
    time_F = np.arange(frames) - (frames - 1) / 2
    quadratic_3 = np.polyfit(time_F, mass_F3, 2)
    left_F = mass_F3[:, 2] - np.polyval(quadratic_3[:, 2], time_F)
    height = -quadratic_3[0, 2] * time_F[-1] ** 2
    straight = np.hypot(quadratic_3[0, 0], quadratic_3[0, 1]) <= MOST_SIDEWAYS * abs(quadratic_3[0, 2])
    like_a_parabola = np.sqrt((left_F**2).mean()) <= MOST_RESIDUAL * height
    return 2 * float(quadratic_3[0, 2]) if height >= LEAST_HEIGHT_M and straight and like_a_parabola else None
