"""A quintic smoothing spline across gaps: it follows the motion, not the noise of the samples beside the gap.

A spline of degree five that minimizes squared distances from the samples plus a weighted integral of its squared third derivative
(Woltring, Advances in Engineering Software 8, 1986). The weight is chosen by cross-validation: gaps are cut into the visible motion of the
same point.

F frames, D dimensions, N knots, L frames of a gap, X coordinates of all stretches used.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from mpm_core.fill.hermite import smooth
from mpm_core.gaps import inner, runs
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Mask

SIDE_S, LEAST_SIDE, MOST_SIDE = 0.12, 8, 24  # samples used on each side of a gap, and their least and greatest number
CUTOFFS_HZ = (
    0.0,
    40.0,
    28.0,
    20.0,
    14.0,
    10.0,
    7.0,
    5.0,
    3.5,
)  # half-amplitude frequencies of the smoothing to choose from; 0: no smoothing
STRETCHES, LONGEST_S = 24, 0.25  # stretches for cross-validation, at most; their gaps are no longer than this
DEGREE = 5


def quintic(values_FD: Float, visible_F: Mask, rate_hz: float, wanted_F: Mask | None = None) -> Float:
    """Quintic smoothing spline across inner gaps, exact on quintic motion without noise. Gaps at the start and end of the take stay
    missing.

    Visible samples are not changed. wanted_F: only gaps with a wanted frame are filled (None = all).

    >>> import numpy as np
    >>> values_FD = np.arange(30.0)[:, None]
    >>> values_FD[14:16] = np.nan
    >>> quintic(values_FD, np.isfinite(values_FD[:, 0]), 100.0)[14:16].round(6).ravel()
    array([14., 15.])
    """
    out_FD = values_FD.copy()
    gaps = runs(inner(visible_F))
    if not gaps:
        return out_FD
    side = int(np.clip(round(SIDE_S * rate_hz), LEAST_SIDE, MOST_SIDE))
    typical = int(max(2, min(np.median([stop - start for start, stop in gaps]), LONGEST_S * rate_hz)))
    cutoff = _cutoff(values_FD, visible_F, side, typical, rate_hz)
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
    """Half-amplitude frequency, in cycles per frame, that best predicts gaps of `length` frames cut into the visible motion."""
    window = length + 2 * side
    starts = [s for low, high in runs(visible_F) for s in range(low, high - window + 1, max(1, window // 2))]
    if not starts:
        return 0.0
    chosen = np.array(starts)[subsample(len(starts), STRETCHES)]
    stretch_NX = values_FD[chosen[:, None] + np.arange(window)].transpose(1, 0, 2).reshape(window, -1)
    truth_LX, knots = stretch_NX[side:-side], (*range(-side, 0), *range(length, length + side))
    visible_NX = np.concatenate([stretch_NX[:side], stretch_NX[-side:]])
    cutoffs = [hz / rate_hz for hz in CUTOFFS_HZ if hz <= rate_hz / 2]
    scores = [float(((_weights(knots, length, cutoff) @ visible_NX - truth_LX) ** 2).mean()) for cutoff in cutoffs]
    return cutoffs[int(np.argmin(scores))]


@lru_cache(maxsize=1024)
def _weights(knots: tuple[int, ...], length: int, cutoff: float) -> Float:
    """(L, N) weights of the samples at the knots in those of the gap. Knots count from the first frame of the gap."""
    knots_N, frames_L = np.array(knots, dtype=np.float64), np.arange(length, dtype=np.float64)
    edges = int((knots_N < 0).sum()) - 1, int((knots_N < 0).sum())
    basis_XN = _basis(knots_N, np.concatenate([knots_N, frames_L]))
    basis_NN, basis_LN = basis_XN[: len(knots)], basis_XN[len(knots) :]
    fit_NN = _solve(knots_N, basis_NN, cutoff)
    smooth_LN = basis_LN @ fit_NN
    error_2N = np.eye(len(knots))[list(edges)] - basis_NN[list(edges)] @ fit_NN
    share_L = smooth((frames_L + 1) / (length + 1))[:, None]
    return np.asarray(smooth_LN + (1 - share_L) * error_2N[0] + share_L * error_2N[1])


def _solve(knots_N: Float, basis_NN: Float, cutoff: float) -> Float:
    """(N, N) matrix from samples at the knots to B-spline coefficients.

    cutoff: half-amplitude frequency in cycles per frame; 0: interpolation.
    """
    if cutoff == 0 or _degree(len(knots_N)) < DEGREE:
        return np.asarray(np.linalg.inv(basis_NN))
    bend_NN = _bend(knots_N)
    return np.asarray(np.linalg.solve(basis_NN.T @ basis_NN + (2 * np.pi * cutoff) ** -6 * bend_NN, basis_NN.T))


def _bend(knots_N: Float) -> Float:
    """(N, N) the integral of the squared third derivative as a quadratic form of the coefficients; exact, by Gauss quadrature."""
    from scipy.interpolate import BSpline

    nodes_3, weights_3 = np.polynomial.legendre.leggauss(3)
    spans = np.diff(np.unique(_knot_line(knots_N)))
    middles = np.unique(_knot_line(knots_N))[:-1] + spans / 2
    at_X = (middles[:, None] + spans[:, None] / 2 * nodes_3).ravel()
    weight_X = (spans[:, None] / 2 * weights_3).ravel()
    third_XN = BSpline(_knot_line(knots_N), np.eye(len(knots_N)), DEGREE).derivative(3)(at_X)
    return np.asarray(third_XN.T @ (weight_X[:, None] * third_XN))


def _basis(knots_N: Float, at_X: Float) -> Float:
    from scipy.interpolate import BSpline

    return np.asarray(BSpline.design_matrix(at_X, _knot_line(knots_N), _degree(len(knots_N))).toarray())


def _knot_line(knots_N: Float) -> Float:
    """Knots of the spline for samples at knots_N: as many basis functions as samples, no inner knot at the three samples at each end."""
    degree = _degree(len(knots_N))
    half = (degree + 1) // 2
    inside = knots_N[half : len(knots_N) - half]
    return np.concatenate([np.repeat(knots_N[0], degree + 1), inside, np.repeat(knots_N[-1], degree + 1)])


def _degree(samples: int) -> int:
    """The highest odd degree, up to DEGREE, of a spline through `samples` samples."""
    return min(DEGREE, (samples - 2) // 2 * 2 + 1)
