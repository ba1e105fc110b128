"""Fills along time, one point at a time: each sees only the point's own motion. F frames, D dimensions, NaN = not visible.

wanted_F: which hidden frames are asked for (None = all); others may stay open.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mpm_core.fill.hermite import interpolate
from mpm_core.fill.quintic import quintic
from mpm_core.gaps import inner
from mpm_core.typing import Float, Mask

Curve = Callable[[Float, Mask, float, Mask | None], Float]
SIDE = 40  # visible samples on each side of a gap that a cubic spline or a PCHIP across it can feel: further ones count below 1e-22


def linear(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Straight lines across inner gaps; gaps at the clip's edges stay open."""
    out_FD, visible, missing = values_FD.copy(), np.flatnonzero(visible_F), np.flatnonzero(inner(visible_F))
    if len(missing):
        for d in range(values_FD.shape[1]):
            out_FD[missing, d] = np.interp(missing, visible, values_FD[visible, d])
    return out_FD


def pchip(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """The cubic that never leaves the range of the samples beside a gap; gaps at the clip's edges stay open.

    Fritsch and Carlson, SIAM Journal on Numerical Analysis 17 (1980).
    """
    from scipy.interpolate import PchipInterpolator  # here, because its import alone would double the program's start

    return _through(values_FD, visible_F, wanted_F, PchipInterpolator)


def spline(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """A cubic spline through the visible frames; gaps at the clip's edges stay open."""
    from scipy.interpolate import CubicSpline

    return _through(values_FD, visible_F, wanted_F, CubicSpline)


def coast(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """At the clip's edges the motion runs on at the velocity it has there, which fades over MOTION.reach_s; inner gaps stay open."""
    end_F = ~visible_F & ~inner(visible_F)
    return np.where(end_F[:, None], hermite(values_FD, visible_F, rate_hz), values_FD)


def hermite(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Position and velocity meet at both edges; the velocity's say ends after MOTION.reach_s, so long gaps do not overshoot.

    At the clip's edges the motion runs on from the one side there is, slowing to a stop.
    """
    if not visible_F.any():
        return values_FD.copy()
    return interpolate(values_FD[:, None], visible_F[:, None], rate_hz)[:, 0]


CURVES: dict[str, Curve] = {
    "linear": linear,
    "pchip": pchip,
    "spline": spline,
    "quintic": quintic,
    "hermite": hermite,
    "coast": coast,
}


def _through(values_FD: Float, visible_F: Mask, wanted_F: Mask | None, make: Callable[..., Callable[..., Float]]) -> Float:
    """An interpolator of scipy through the visible frames, as far as the wanted ones of the inner gaps can feel them."""
    out_FD, visible = values_FD.copy(), np.flatnonzero(visible_F)
    missing = np.flatnonzero(inner(visible_F) if wanted_F is None else inner(visible_F) & wanted_F)
    if len(missing):
        place = np.unique(np.searchsorted(visible, missing))
        near = np.zeros(len(visible) + 1, np.int64)
        np.add.at(near, np.maximum(place - SIDE, 0), 1)
        np.add.at(near, np.minimum(place + SIDE, len(visible)), -1)
        used = visible[np.cumsum(near)[:-1] > 0]
        out_FD[missing] = make(used, values_FD[used])(missing)
    return out_FD
