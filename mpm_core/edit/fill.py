"""Classical fills along time, one point at a time. F frames, D dimensions, NaN = missing. Pure functions, then one Patch maker."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from mpm_core.edit.patch import Patch, patch_where
from mpm_core.errors import DataError
from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording

Float = NDArray[np.float64]
TANGENT_S = 8 / 30  # how long the velocity at a gap's edge keeps its say, in seconds
SLOPE_S = 1 / 30  # over how long that velocity is measured
MARGIN_FRAMES = 60  # what a cubic spline sees of the motion around a gap


def linear(values_FD: Float, visible_F: NDArray[np.bool_], rate_hz: float) -> Float:
    """Straight lines across inner gaps; gaps at the clip's edges stay as they are."""
    out_FD = values_FD.copy()
    seen = np.flatnonzero(visible_F)
    for start, stop in _inner_gaps(visible_F):
        times = np.arange(start, stop)
        for d in range(values_FD.shape[1]):
            out_FD[start:stop, d] = np.interp(times, seen, values_FD[seen, d])
    return out_FD


def spline(values_FD: Float, visible_F: NDArray[np.bool_], rate_hz: float) -> Float:
    """A cubic spline through the visible frames around each inner gap; gaps at the clip's edges stay as they are."""
    out_FD = values_FD.copy()
    for start, stop in _inner_gaps(visible_F):
        low, high = max(0, start - MARGIN_FRAMES), min(len(visible_F), stop + MARGIN_FRAMES)
        knots = low + np.flatnonzero(visible_F[low:high])
        if len(knots) >= 2:
            out_FD[start:stop] = CubicSpline(knots, values_FD[knots])(np.arange(start, stop))
    return out_FD


def hermite(values_FD: Float, visible_F: NDArray[np.bool_], rate_hz: float) -> Float:
    """Position and velocity meet at both edges; the velocity's say ends after TANGENT_S, so long gaps do not overshoot.

    At the clip's edges the motion runs on from the one side there is, slowing to a stop over TANGENT_S.
    """
    out_FD = values_FD.copy()
    if not visible_F.any():
        return out_FD
    for start, stop in runs(~visible_F):
        out_FD[start:stop] = _hermite_gap(values_FD, visible_F, start, stop, rate_hz)
    return out_FD


METHODS: dict[str, Callable[[Float, NDArray[np.bool_], float], Float]] = {"linear": linear, "spline": spline, "hermite": hermite}


def fill(rec: Recording, where_FP: NDArray[np.bool_], method: str) -> Patch:
    """Fill the untrusted samples of where_FP by one classical method. Samples that it cannot reach stay as they are.

    Raises DataError for an unknown method.
    """
    if method not in METHODS:
        raise DataError(f"there is no fill called {method!r}", hint=f"known: {', '.join(METHODS)}")
    visible_FP = rec.visible_FP
    xyz_FPD = rec.xyz_FPD.astype(np.float64)
    hole_FP = where_FP & ~visible_FP
    for point in np.flatnonzero(hole_FP.any(axis=0)):
        seen_FD = np.where(visible_FP[:, point, None], xyz_FPD[:, point], np.nan)
        xyz_FPD[:, point] = METHODS[method](seen_FD, visible_FP[:, point], rec.rate_hz)
    filled_FP = hole_FP & np.isfinite(xyz_FPD).all(axis=2)
    return patch_where(rec, f"Fill ({method})", filled_FP, xyz_FPD=xyz_FPD, origin=Origin.FILLED)


def _inner_gaps(visible_F: NDArray[np.bool_]) -> list[tuple[int, int]]:
    return [(start, stop) for start, stop in runs(~visible_F) if start > 0 and stop < len(visible_F)]


def _slope(values_FD: Float, visible_F: NDArray[np.bool_], edge: int, step: int, span: int) -> Float:
    """Change per frame at a visible frame, measured over up to `span` visible frames away from the gap; zero when it stands alone."""
    far = edge
    while abs(far + step - edge) <= span and 0 <= far + step < len(visible_F) and visible_F[far + step]:
        far += step
    if far == edge:
        return np.zeros(values_FD.shape[1])
    return np.asarray((values_FD[far] - values_FD[edge]) / (far - edge))


def _hermite_gap(values_FD: Float, visible_F: NDArray[np.bool_], start: int, stop: int, rate_hz: float) -> Float:
    span = max(1, round(SLOPE_S * rate_hz))
    before, after = start - 1, stop
    length = after - before
    reach = min(float(length), max(TANGENT_S * rate_hz, 1.0))
    steps = np.arange(1, length)[:, None].astype(np.float64)
    out = np.zeros((len(steps), values_FD.shape[1]))
    if before >= 0:
        share = 1 - _smooth(steps / length) if after < len(visible_F) else np.ones_like(steps)
        fade = _tangent(steps, reach) if after < len(visible_F) else _coast(steps, reach)
        out += share * values_FD[before] + fade * _slope(values_FD, visible_F, before, -1, span)
    if after < len(visible_F):
        left = length - steps
        share = 1 - _smooth(left / length) if before >= 0 else np.ones_like(steps)
        fade = _tangent(left, reach) if before >= 0 else _coast(left, reach)
        out += share * values_FD[after] - fade * _slope(values_FD, visible_F, after, 1, span)
    return out


def _smooth(u: Float) -> Float:
    return u * u * (3 - 2 * u)


def _tangent(steps: Float, reach: float) -> Float:
    """Cubic Hermite's tangent basis on [0, reach], zero with zero slope after it."""
    u = np.minimum(steps / reach, 1.0)
    return reach * u * (1 - u) ** 2


def _coast(steps: Float, reach: float) -> Float:
    """How far one unit of velocity carries while it decays exponentially over `reach`."""
    return reach * (1 - np.exp(-steps / reach))
