"""Fills along time, one point at a time: each sees only the point's own motion. F frames, S series, D dimensions, NaN = not visible."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from mpm_core.edit.quintic import quintic
from mpm_core.gaps import inner, known

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
Curve = Callable[[Float, Mask, float], Float]


@dataclass(frozen=True, slots=True)
class Tangent:
    """How the velocity at a gap's edge counts: measured over slope_s, keeping its say for reach_s (both in seconds)."""

    reach_s: float
    slope_s: float


MOTION = Tangent(28 / 30, 1 / 60)  # for the motion itself: measured best on held-out people
ERROR = Tangent(16 / 30, 1 / 60)  # for a prediction's error


def linear(values_FD: Float, visible_F: Mask, rate_hz: float) -> Float:
    """Straight lines across inner gaps; gaps at the clip's edges stay open."""
    out_FD, seen, holes = values_FD.copy(), np.flatnonzero(visible_F), np.flatnonzero(inner(visible_F))
    if len(holes):
        for d in range(values_FD.shape[1]):
            out_FD[holes, d] = np.interp(holes, seen, values_FD[seen, d])
    return out_FD


def pchip(values_FD: Float, visible_F: Mask, rate_hz: float) -> Float:
    """The cubic that never leaves the range of the samples beside a gap; gaps at the clip's edges stay open.

    Fritsch and Carlson, SIAM Journal on Numerical Analysis 17 (1980).
    """
    from scipy.interpolate import PchipInterpolator  # here, because its import alone would double the program's start

    return _through(values_FD, visible_F, PchipInterpolator)


def spline(values_FD: Float, visible_F: Mask, rate_hz: float) -> Float:
    """A cubic spline through the visible frames; gaps at the clip's edges stay open."""
    from scipy.interpolate import CubicSpline

    return _through(values_FD, visible_F, CubicSpline)


def coast(values_FD: Float, visible_F: Mask, rate_hz: float) -> Float:
    """At the clip's edges the motion runs on at the velocity it has there, which fades over MOTION.reach_s; inner gaps stay open."""
    end_F = ~visible_F & ~inner(visible_F)
    return np.where(end_F[:, None], hermite(values_FD, visible_F, rate_hz), values_FD)


def hermite(values_FD: Float, visible_F: Mask, rate_hz: float) -> Float:
    """Position and velocity meet at both edges; the velocity's say ends after MOTION.reach_s, so long gaps do not overshoot.

    At the clip's edges the motion runs on from the one side there is, slowing to a stop.
    """
    if not visible_F.any():
        return values_FD.copy()
    return carried(values_FD[:, None], visible_F[:, None], rate_hz)[:, 0]


def hermite_weights(visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> tuple[NDArray[np.int64], Float]:
    """`hermite` as four frames and their weights for every frame of S series: (4, F, S) both.

    A fill is linear in the values around it, so that a network's error can be carried across a gap by the same numbers.
    A visible frame is its own only source. A series that is nowhere visible has zero weights.
    """
    F = len(visible_FS)
    span = max(1, round(tangent.slope_s * rate_hz))
    reach = max(tangent.reach_s * rate_hz, 1.0)
    frame_FS = np.broadcast_to(np.arange(F)[:, None], visible_FS.shape)
    before_FS = np.maximum.accumulate(np.where(visible_FS, frame_FS, -1), axis=0)
    after_FS = np.minimum.accumulate(np.where(visible_FS, frame_FS, F)[::-1], axis=0)[::-1]
    run_start_FS = np.maximum.accumulate(np.where(visible_FS, -1, frame_FS), axis=0) + 1
    run_stop_FS = np.minimum.accumulate(np.where(visible_FS, F, frame_FS)[::-1], axis=0)[::-1] - 1
    has_before_FS, has_after_FS = before_FS >= 0, after_FS < F
    before_FS, after_FS = np.maximum(before_FS, 0), np.minimum(after_FS, F - 1)
    far_before_FS = np.clip(np.take_along_axis(run_start_FS, before_FS, 0), before_FS - span, before_FS)
    far_after_FS = np.clip(np.take_along_axis(run_stop_FS, after_FS, 0), after_FS, after_FS + span)

    gone_FS, left_FS = (frame_FS - before_FS).astype(np.float64), (after_FS - frame_FS).astype(np.float64)
    length_FS = np.maximum(gone_FS + left_FS, 1.0)
    inner_FS = has_before_FS & has_after_FS
    reach_FS = np.minimum(length_FS, reach)
    share_before_FS = np.where(inner_FS, _smooth(left_FS / length_FS), has_before_FS)
    share_after_FS = np.where(inner_FS, _smooth(gone_FS / length_FS), has_after_FS)
    push_before_FS = np.where(inner_FS, _tangent(gone_FS, reach_FS), np.where(has_before_FS, _coast(gone_FS, reach), 0.0))
    push_after_FS = np.where(inner_FS, _tangent(left_FS, reach_FS), np.where(has_after_FS, _coast(left_FS, reach), 0.0))
    push_before_FS = push_before_FS / np.maximum(before_FS - far_before_FS, 1)
    push_after_FS = push_after_FS / np.maximum(far_after_FS - after_FS, 1)

    weight_4FS = np.stack([share_before_FS + push_before_FS, -push_before_FS, share_after_FS + push_after_FS, -push_after_FS])
    weight_4FS[:, visible_FS] = 0.0
    weight_4FS[0, visible_FS] = 1.0
    return np.stack([before_FS, far_before_FS, after_FS, far_after_FS]), weight_4FS


def carried(values_FSD: Float, visible_FS: Mask, rate_hz: float, tangent: Tangent = MOTION) -> Float:
    """Values where visible, the classical fill of each series elsewhere (zero where a series is nowhere visible)."""
    index_4FS, weight_4FS = hermite_weights(visible_FS, rate_hz, tangent)
    known_FSD = np.where(visible_FS[..., None], values_FSD, 0.0)
    return np.asarray(
        sum(w[..., None] * np.take_along_axis(known_FSD, i[..., None], 0) for i, w in zip(index_4FS, weight_4FS, strict=True))
    )


def donor(prediction_FSD: Float, known_FSD: Float, rate_hz: float) -> Float:
    """The prediction, moved so that position and velocity meet what is known (NaN = unknown) at each gap's edges; known values stay."""
    visible_FS = known(known_FSD)
    moved_FSD = prediction_FSD + carried(known_FSD - prediction_FSD, visible_FS, rate_hz, ERROR)
    return np.where(visible_FS[..., None], known_FSD, moved_FSD)


CURVES: dict[str, Curve] = {
    "linear": linear,
    "pchip": pchip,
    "spline": spline,
    "quintic": quintic,
    "hermite": hermite,
    "coast": coast,
}


def _through(values_FD: Float, visible_F: Mask, make: Callable[..., Callable[..., Float]]) -> Float:
    """An interpolator of scipy through all visible frames, asked for the inner gaps."""
    out_FD, seen, holes = values_FD.copy(), np.flatnonzero(visible_F), np.flatnonzero(inner(visible_F))
    if len(holes):
        out_FD[holes] = make(seen, values_FD[seen])(holes)
    return out_FD


def _smooth(u: Float) -> Float:
    return u * u * (3 - 2 * u)


def _tangent(steps: Float, reach: Float) -> Float:
    """Cubic Hermite's tangent basis on [0, reach], zero with zero slope after it."""
    u = np.minimum(steps / reach, 1.0)
    return np.asarray(reach * u * (1 - u) ** 2)


def _coast(steps: Float, reach: float) -> Float:
    """How far one unit of velocity carries while it decays exponentially over `reach`."""
    return reach * (1 - np.exp(-steps / reach))
