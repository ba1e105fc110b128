"""A quintic smoothing spline across gaps: it follows the motion, not the noise of the samples beside the gap, and meets both edges.

The spline of degree five that weighs distance from the samples against its third derivative: Woltring, Advances in Engineering Software 8
(1986). Its smoothness is the one that best fills gaps cut into the same motion where it is visible.

F frames, D dimensions, N knots, L frames of a gap, X values of all stretches looked at.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mpm_core.fill.hermite import smooth
from mpm_core.gaps import inner, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Mask

SIDE_S, LEAST_SIDE, MOST_SIDE = 0.12, 8, 24  # how much of the motion on each side of a gap counts
CUTOFFS_HZ = (0.0, 40.0, 28.0, 20.0, 14.0, 10.0, 7.0, 5.0, 3.5)  # where a spline of each smoothness halves a swing; 0: it smooths nothing
STRETCHES, LONGEST_S = 24, 0.25  # of visible motion, to choose the smoothness from, with gaps no longer than this cut into them
DEGREE = 5


def quintic(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Quintic across inner gaps, exact on quintic motion without noise; gaps at the clip's edges stay open. Samples keep every bit.

    wanted_F: only gaps that it touches are filled (None = all).
    """
    out_FD = values_FD.copy()
    gaps = runs(inner(visible_F))
    if not gaps:
        return out_FD
    side = int(np.clip(round(SIDE_S * rate_hz), LEAST_SIDE, MOST_SIDE))
    usual = int(np.clip(np.median([stop - start for start, stop in gaps]), 2, LONGEST_S * rate_hz))
    cutoff = _cutoff(values_FD, visible_F, side, usual, rate_hz)
    for start, stop in gaps:
        if wanted_F is not None and not wanted_F[start:stop].any():
            continue
        low, high = max(0, start - 2 * side), min(len(visible_F), stop + 2 * side)
        before = low + np.flatnonzero(visible_F[low:start])[-side:]
        after = stop + np.flatnonzero(visible_F[stop:high])[:side]
        knots = np.concatenate([before, after])
        weights_LN = _weights(tuple((knots - start).tolist()), stop - start, cutoff)
        out_FD[start:stop] = weights_LN @ values_FD[knots]
    return out_FD


def _cutoff(values_FD: Float, visible_F: Mask, side: int, length: int, rate_hz: float) -> float:
    """Cycles per frame of the smoothness that best predicts gaps of `length` frames cut into this motion where it is visible."""
    whole = length + 2 * side
    starts = [s for low, high in runs(visible_F) for s in range(low, high - whole + 1, max(1, whole // 2))]
    if not starts:
        return 0.0
    chosen = np.array(starts)[subsample(len(starts), STRETCHES)]
    stretch_NX = values_FD[chosen[:, None] + np.arange(whole)].transpose(1, 0, 2).reshape(whole, -1)
    truth_LX, knots = stretch_NX[side:-side], (*range(-side, 0), *range(length, length + side))
    seen_NX = np.concatenate([stretch_NX[:side], stretch_NX[-side:]])
    cutoffs = [hz / rate_hz for hz in CUTOFFS_HZ if hz <= rate_hz / 2]
    scores = [float(((_weights(knots, length, cutoff) @ seen_NX - truth_LX) ** 2).mean()) for cutoff in cutoffs]
    return cutoffs[int(np.argmin(scores))]


@lru_cache(maxsize=1024)
def _weights(knots: tuple[int, ...], length: int, cutoff: float) -> Float:
    """(L, N) by which the knots' samples make the gap's; knots count from the gap's first frame."""
    knots_N, frames_L = np.array(knots, dtype=np.float64), np.arange(length, dtype=np.float64)
    edges = int((knots_N < 0).sum()) - 1, int((knots_N < 0).sum())
    basis_XN = _basis(knots_N, np.concatenate([knots_N, frames_L]))
    basis_NN, basis_LN = basis_XN[: len(knots)], basis_XN[len(knots) :]
    fit_NN = _solve(knots_N, basis_NN, cutoff)
    smooth_LN = basis_LN @ fit_NN
    off_2N = np.eye(len(knots))[list(edges)] - basis_NN[list(edges)] @ fit_NN
    share_L = smooth((frames_L + 1) / (length + 1))[:, None]
    return np.asarray(smooth_LN + (1 - share_L) * off_2N[0] + share_L * off_2N[1])


def _solve(knots_N: Float, basis_NN: Float, cutoff: float) -> Float:
    """(N, N) that makes B-spline coefficients of samples at the knots; a swing of `cutoff` cycles a frame loses half; 0: none does."""
    if cutoff == 0 or _degree(len(knots_N)) < DEGREE:
        return np.asarray(np.linalg.inv(basis_NN))
    bend_NN = _bend(knots_N)
    return np.asarray(np.linalg.solve(basis_NN.T @ basis_NN + (2 * np.pi * cutoff) ** -6 * bend_NN, basis_NN.T))


def _bend(knots_N: Float) -> Float:
    """(N, N) the integral of the squared third derivative, exact: three Gauss nodes for a piece of degree four."""
    from scipy.interpolate import BSpline

    nodes_3, weights_3 = np.polynomial.legendre.leggauss(3)
    spans = np.diff(np.unique(_knot_line(knots_N)))
    middles = np.unique(_knot_line(knots_N))[:-1] + spans / 2
    at_X = (middles[:, None] + spans[:, None] / 2 * nodes_3).ravel()
    share_X = (spans[:, None] / 2 * weights_3).ravel()
    third_XN = BSpline(_knot_line(knots_N), np.eye(len(knots_N)), DEGREE).derivative(3)(at_X)
    return np.asarray(third_XN.T @ (share_X[:, None] * third_XN))


def _basis(knots_N: Float, at_X: Float) -> Float:
    from scipy.interpolate import BSpline

    return np.asarray(BSpline.design_matrix(at_X, _knot_line(knots_N), _degree(len(knots_N))).toarray())


def _knot_line(knots_N: Float) -> Float:
    """The spline's own knots for samples there: as many basis functions as samples, and none bent between the outermost three."""
    degree = _degree(len(knots_N))
    half = (degree + 1) // 2
    inside = knots_N[half : len(knots_N) - half]
    return np.concatenate([np.repeat(knots_N[0], degree + 1), inside, np.repeat(knots_N[-1], degree + 1)])


def _degree(samples: int) -> int:
    """The highest odd degree that so few samples allow."""
    return min(DEGREE, (samples - 2) // 2 * 2 + 1)
