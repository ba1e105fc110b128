"""The best of the classical fills for each gap, by what trials on the take itself say of each.

F frames, P points, D dimensions, G gaps, M methods.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.fill import reach
from mpm_core.edit.seen import Float, Int, Mask, Run, Seen
from mpm_core.edit.sigma import Asked, asked, expected, law_of, trial_takes
from mpm_core.gaps import known

CANDIDATES = ("spline", "quintic", "hermite", "pattern", "rigid", "relational", "cyclic", "kalman")
STEEPNESS = 3.0  # a method that promises half the error counts 2 ** STEEPNESS times as much
LEAST_SHARE = 0.02  # what counts less than this times the most promising is not even tried
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """xyz_FPD and sigma_FP (metres, both NaN where nothing was reached), and for each gap that was filled the method that counts most."""

    xyz_FPD: Float
    sigma_FP: Float
    methods: dict[Run, str]


def choose_fills(seen: Seen, methods: Sequence[str] = CANDIDATES, seed: int = 0, tell: Tell | None = None) -> Chosen:
    """Each wanted gap by the methods whose trials promise most there (the smallest RMS error), mixed by its power -STEEPNESS.

    Only methods that reach a whole gap are mixed, and only if the one that promises most is among them: a mixture that changed in the
    middle of a gap would jump. Else the most promising fills what it reaches, and the next best the rest. A method without a trial that it
    reached comes last, in the order given. tell: called with each method's name before its trials, and may raise to stop.
    """
    gaps = seen.gaps()
    samples = asked(seen, gaps, seen.wanted_FP)
    takes = trial_takes(seen, gaps, seed) if gaps else []
    promise_GM = np.full((len(gaps), len(methods)), np.inf)
    sigma_MN: list[Float] = []
    without_N: Float | None = None
    for column, method in enumerate(methods):
        if tell is not None:
            tell(method)
        law = law_of(seen, takes, method)
        if law is None:
            without_N = expected(seen, None, samples) if without_N is None else without_N
            sigma_MN.append(without_N)
        else:
            sigma_MN.append(expected(seen, law, samples))
            promise_GM[:, column] = np.sqrt(_per_gap(samples, sigma_MN[-1] ** 2, len(gaps)) / _per_gap(samples, None, len(gaps)))
    order_GM = np.argsort(promise_GM, axis=1, kind="stable")
    at = samples.frame_N, samples.point_N
    xyz_FPD, sigma_FP = np.full(seen.xyz_FPD.shape, np.nan), np.full(seen.wanted_FP.shape, np.nan)
    fills = _tried(seen, methods, samples, promise_GM)
    xyz_FPD[at], variance_N, weight_GM = _mixed(samples, fills, order_GM, sigma_MN)
    sigma_FP[at] = np.sqrt(variance_N)
    whole_G: Mask = np.asarray(weight_GM.any(axis=1))
    chosen = {gap: methods[int(np.argmax(weight_M))] for gap, weight_M in zip(gaps, weight_GM, strict=True) if weight_M.any()}
    rest = [(gap, order_M) for gap, order_M, whole in zip(gaps, order_GM, whole_G, strict=True) if not whole]
    for turn in range(len(methods) if rest else 0):
        for column, method in enumerate(methods):
            mine = [gap for gap, order_M in rest if order_M[turn] == column]
            want_FP = seen.wanted_FP & _inside(mine, seen.wanted_FP.shape) & ~known(xyz_FPD)
            if not want_FP.any():
                continue
            want_N, got_N = want_FP[at], np.zeros(len(samples.gap_N), bool)
            for filled_ND, able_N in _of_the_rest(seen, samples, mine, xyz_FPD, want_FP, method, fills[column]):
                new_N = want_N & able_N & known(filled_ND)
                xyz_FPD[samples.frame_N[new_N], samples.point_N[new_N]] = filled_ND[new_N]
                sigma_FP[samples.frame_N[new_N], samples.point_N[new_N]] = sigma_MN[column][new_N]
                got_N |= new_N
            for number in np.unique(samples.gap_N[got_N]):
                chosen.setdefault(gaps[number], method)
    return Chosen(xyz_FPD, sigma_FP, chosen)


@dataclass(frozen=True, slots=True)
class _Fill:
    """What a method found where it was tried. share_G: what it would count in a gap (0 = not tried); filled_ND: NaN = not reached."""

    share_G: Float
    filled_ND: Float


def _tried(seen: Seen, methods: Sequence[str], samples: Asked, promise_GM: Float) -> list[_Fill]:
    """Each method in the gaps in which it counts."""
    best_G = promise_GM.min(axis=1, initial=np.inf)
    with np.errstate(invalid="ignore"):
        share_GM = np.where(np.isfinite(promise_GM), (best_G[:, None] / promise_GM) ** STEEPNESS, 0.0)
    share_GM[share_GM < LEAST_SHARE] = 0.0
    fills = []
    for method, share_G in zip(methods, share_GM.T, strict=True):
        filled_ND = np.full((len(samples.gap_N), seen.xyz_FPD.shape[2]), np.nan)
        mine_N = share_G[samples.gap_N] > 0
        if mine_N.any():
            at = samples.frame_N[mine_N], samples.point_N[mine_N]
            want_FP = np.zeros_like(seen.wanted_FP)
            want_FP[at] = True
            filled_ND[mine_N] = reach(replace(seen, wanted_FP=want_FP), method).xyz_FPD[at]
        fills.append(_Fill(share_G, filled_ND))
    return fills


def _mixed(samples: Asked, fills: Sequence[_Fill], order_GM: Int, sigma_MN: Sequence[Float]) -> tuple[Float, Float, Float]:
    """For each sample the weighted mean of the fills (N, D) and of their variances (N,), NaN in gaps that the most promising leaves partly
    open; and the weights (G, M), all zero there."""
    G, N = len(order_GM), len(samples.gap_N)
    weight_GM = np.zeros(order_GM.shape)
    for column, fill in enumerate(fills):
        open_G = _per_gap(samples, ~known(fill.filled_ND), G) > 0
        weight_GM[:, column] = np.where(open_G, 0.0, fill.share_G)
    weight_GM[weight_GM[np.arange(G), order_GM[:, 0]] == 0] = 0.0
    total_N = np.where(weight_GM.any(axis=1), weight_GM.sum(axis=1), np.nan)[samples.gap_N]
    sum_ND, variance_N = np.zeros(fills[0].filled_ND.shape), np.zeros(N)
    for column, fill in enumerate(fills):
        weight_N = weight_GM[samples.gap_N, column]
        sum_ND += weight_N[:, None] * np.nan_to_num(fill.filled_ND)
        variance_N += weight_N * sigma_MN[column] ** 2
    return sum_ND / total_N[:, None], variance_N / total_N, weight_GM


def _of_the_rest(
    seen: Seen, samples: Asked, gaps: Sequence[Run], xyz_FPD: Float, want_FP: Mask, method: str, fill: _Fill
) -> Iterator[tuple[Float, Mask]]:
    """What a method finds (N, D) of gaps that others left open, and for which samples: in gaps that are still open throughout as it found
    before, if it was tried there; else anew, between the pieces that better methods filled."""
    shape = want_FP.shape
    begun = [gap for gap in gaps if not want_FP[gap[1] : gap[2], gap[0]][seen.wanted_FP[gap[1] : gap[2], gap[0]]].all()]
    at = samples.frame_N, samples.point_N
    before_N = (fill.share_G[samples.gap_N] > 0) & ~_inside(begun, shape)[at]
    yield fill.filled_ND, before_N
    anew_FP = want_FP.copy()
    anew_FP[samples.frame_N[before_N], samples.point_N[before_N]] = False
    if anew_FP.any():
        yield reach(_with_pieces(seen, gaps, xyz_FPD, anew_FP), method).xyz_FPD[at], ~before_N


def _per_gap(samples: Asked, value_N: Float | Mask | None, gaps: int) -> Float:
    """(G,) sums over the samples of each gap; None = how many there are."""
    return np.bincount(samples.gap_N, value_N, gaps).astype(np.float64)


def _with_pieces(seen: Seen, gaps: Sequence[Run], xyz_FPD: Float, want_FP: Mask) -> Seen:
    """What is visible, and in these gaps what a better method filled of them already, so that the rest meets it."""
    piece_FP = _inside(gaps, want_FP.shape) & known(xyz_FPD)
    joined_FPD = np.where(piece_FP[..., None], xyz_FPD, seen.xyz_FPD)
    return replace(seen, xyz_FPD=joined_FPD, visible_FP=seen.visible_FP | piece_FP, wanted_FP=want_FP)


def _inside(gaps: Sequence[Run], shape: tuple[int, ...]) -> Mask:
    inside_FP = np.zeros(shape, bool)
    for point, start, stop in gaps:
        inside_FP[start:stop, point] = True
    return inside_FP
