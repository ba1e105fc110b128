"""Fills that interpolate each point in time, from its own visible samples. F frames, D dimensions; NaN = missing.

All have the signature `Curve`: values_FD, visible_F, rate_hz, and wanted_F, the missing frames to fill (None = all); the other missing
frames may stay missing. Values are in metres, or in pixels.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mpm_core.fill.hermite import interpolate
from mpm_core.fill.quintic import quintic
from mpm_core.gaps import inner
from mpm_core.typing import Float, Mask

Curve = Callable[[Float, Mask, float, Mask | None], Float]
SIDE = 40  # visible samples used on each side of a gap; the weights of further ones in a cubic spline or PCHIP are below 1e-22


def linear(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Linear interpolation. Gaps at the start and end of the take stay missing.

    >>> import numpy as np
    >>> values_FD = np.array([[0.0], [np.nan], [2.0], [np.nan]])
    >>> linear(values_FD, np.isfinite(values_FD[:, 0]), 10.0).ravel()
    array([ 0.,  1.,  2., nan])
    """
    out_FD, visible, missing = values_FD.copy(), np.flatnonzero(visible_F), np.flatnonzero(inner(visible_F))
    if len(missing):
        for d in range(values_FD.shape[1]):
            out_FD[missing, d] = np.interp(missing, visible, values_FD[visible, d])
    return out_FD


def pchip(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Monotone cubic interpolation (PCHIP), which never overshoots. Gaps at the start and end of the take stay missing.

    Fritsch and Carlson, SIAM Journal on Numerical Analysis 17 (1980).

    >>> import numpy as np
    >>> values_FD = np.array([[0.0], [0.0], [np.nan], [1.0], [1.0]])
    >>> pchip(values_FD, np.isfinite(values_FD[:, 0]), 10.0).ravel()
    array([0. , 0. , 0.5, 1. , 1. ])
    """
    from scipy.interpolate import PchipInterpolator  # here, because its import alone would double the program's start

    return _through(values_FD, visible_F, wanted_F, PchipInterpolator)


def spline(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """A cubic spline through the visible frames. Gaps at the start and end of the take stay missing.

    >>> import numpy as np
    >>> values_FD = np.array([[0.0], [1.0], [np.nan], [27.0], [64.0]])
    >>> spline(values_FD, np.isfinite(values_FD[:, 0]), 10.0).round(6).ravel()
    array([ 0.,  1.,  8., 27., 64.])
    """
    from scipy.interpolate import CubicSpline

    return _through(values_FD, visible_F, wanted_F, CubicSpline)


def coast(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Extrapolation at the start and end of the take: the velocity there fades to zero over MOTION.reach_s. Other gaps stay missing.

    >>> import numpy as np
    >>> values_FD = np.array([[1.0], [1.0], [np.nan]])
    >>> coast(values_FD, np.isfinite(values_FD[:, 0]), 10.0).ravel()
    array([1., 1., 1.])
    """
    end_F = ~visible_F & ~inner(visible_F)
    return np.where(end_F[:, None], hermite(values_FD, visible_F, rate_hz), values_FD)


def hermite(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Hermite interpolation: continuous in position and velocity. Long gaps do not overshoot, as the velocity fades over MOTION.reach_s.

    Gaps at the start and end of the take are extrapolated as by `coast`.

    >>> import numpy as np
    >>> values_FD = np.array([[0.0], [np.nan], [2.0]])
    >>> hermite(values_FD, np.isfinite(values_FD[:, 0]), 10.0).ravel()
    array([0., 1., 2.])
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
    """A scipy interpolator through the visible frames, at the wanted frames of inner gaps; SIDE samples beside each gap are used."""
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
