"""The best of the classical fills for each gap, by what trials on the take itself say of each, and other takes of such trials.

F frames, P points, D dimensions, G gaps, M methods.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.experience import believed, fits
from mpm_core.edit.fill import reach
from mpm_core.edit.seen import Float, Int, Mask, Run, Seen
from mpm_core.edit.sigma import expected, law_of
from mpm_core.gaps import known

CANDIDATES = ("hermite", "spline", "quintic", "pattern", "rigid", "relational", "cyclic", "kalman")
STEEPNESS = 3.0  # a method that promises half the error counts 2 ** STEEPNESS times as much
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """xyz_FPD and sigma_FP (metres, both NaN where nothing was reached), and for each gap that was filled the method that counts most."""

    xyz_FPD: Float
    sigma_FP: Float
    methods: dict[Run, str]


def choose_fills(seen: Seen, methods: Sequence[str] = CANDIDATES, seed: int = 0, tell: Tell | None = None) -> Chosen:
    """Each wanted gap by the methods of which most is to be expected there by their trials (the smallest RMS error), mixed by its power
    -STEEPNESS. In 3D what trials promise is taken as experience has it (experience.py).

    Only methods that reach a whole gap are mixed, and only if the one that promises most is among them: a mixture that changed in the
    middle of a gap would jump. Else the most promising fills what it reaches, and the next best the rest. A method without a trial that it
    reached comes last, in the order given. tell: called with each method's name before its trials, and may raise to stop.
    """
    gaps = seen.gaps()
    seconds_G = np.array([stop - start for _, start, stop in gaps]) / seen.rate_hz
    promise_GM = np.full((len(gaps), len(methods)), np.inf)
    sigma_of: list[Float] = []
    for column, method in enumerate(methods):
        if tell is not None:
            tell(method)
        fits_G = fits(method, seconds_G)
        sigma_FP, promise_G = promises(seen, method, [gap for gap, fit in zip(gaps, fits_G, strict=True) if fit], seed)
        sigma_of.append(sigma_FP)
        promise_GM[fits_G, column] = believed(method, promise_G, seconds_G[fits_G]) if seen.xyz_FPD.shape[2] == 3 else promise_G
    order_GM = np.argsort(promise_GM, axis=1, kind="stable")
    mixed_FPD, variance_FP, weight_GM = _mixed(seen, methods, gaps, promise_GM, order_GM, sigma_of)
    whole_G: Mask = np.asarray(weight_GM.any(axis=1))
    whole_FP = _inside([gap for gap, whole in zip(gaps, whole_G, strict=True) if whole], seen.wanted_FP.shape) & seen.wanted_FP
    xyz_FPD = np.where(whole_FP[..., None], mixed_FPD, np.nan)
    sigma_FP = np.where(whole_FP, np.sqrt(variance_FP), np.nan)
    chosen = {gap: methods[int(np.argmax(weight_M))] for gap, weight_M in zip(gaps, weight_GM, strict=True) if weight_M.any()}
    rest = [(gap, order_M) for gap, order_M, whole in zip(gaps, order_GM, whole_G, strict=True) if not whole]
    for turn in range(len(methods) if rest else 0):
        for column, method in enumerate(methods):
            mine = [gap for gap, order_M in rest if order_M[turn] == column]
            want_FP = seen.wanted_FP & _inside(mine, seen.wanted_FP.shape) & ~known(xyz_FPD)
            if not want_FP.any():
                continue
            filled_FPD = reach(_with_pieces(seen, mine, xyz_FPD, want_FP), method).xyz_FPD
            got_FP = want_FP & known(filled_FPD)
            xyz_FPD[got_FP], sigma_FP[got_FP] = filled_FPD[got_FP], sigma_of[column][got_FP]
            for gap in mine:
                if got_FP[gap[1] : gap[2], gap[0]].any():
                    chosen.setdefault(gap, method)
    return Chosen(xyz_FPD, sigma_FP, chosen)


def promises(seen: Seen, method: str, gaps: Sequence[Run], seed: int = 0) -> tuple[Float, Float]:
    """sigma_FP, metres per axis, where it is wanted, and for each gap its RMS (G,): infinite without a trial that the method reached."""
    law = law_of(seen, method, gaps, seed) if gaps else None
    sigma_FP = expected(seen, law, seen.wanted_FP)
    if law is None:
        return sigma_FP, np.full(len(gaps), np.inf)
    return sigma_FP, np.array([np.sqrt(np.nanmean(sigma_FP[start:stop, point] ** 2)) for point, start, stop in gaps])


def _mixed(
    seen: Seen, methods: Sequence[str], gaps: Sequence[Run], promise_GM: Float, order_GM: Int, sigma_of: Sequence[Float]
) -> tuple[Float, Float, Float]:
    """The weighted mean of the fills and of their variances, and the weights (G, M): all zero where the most promising leaves some open."""
    weight_GM = np.zeros(promise_GM.shape)
    sum_FPD, variance_FP, total_FP = np.zeros(seen.xyz_FPD.shape), np.zeros(seen.wanted_FP.shape), np.zeros(seen.wanted_FP.shape)
    best_G = promise_GM.min(axis=1, initial=np.inf)
    for column, method in enumerate(methods):
        mine = [number for number in range(len(gaps)) if np.isfinite(promise_GM[number, column])]
        want_FP = seen.wanted_FP & _inside([gaps[number] for number in mine], seen.wanted_FP.shape)
        if not want_FP.any():
            continue
        filled_FPD = reach(replace(seen, wanted_FP=want_FP), method).xyz_FPD
        open_FP = want_FP & ~known(filled_FPD)
        for number in mine:
            point, start, stop = gaps[number]
            if open_FP[start:stop, point].any():
                continue
            weight = (best_G[number] / promise_GM[number, column]) ** STEEPNESS
            weight_GM[number, column] = weight
            sum_FPD[start:stop, point] += weight * np.nan_to_num(filled_FPD[start:stop, point])
            variance_FP[start:stop, point] += weight * np.nan_to_num(sigma_of[column][start:stop, point]) ** 2
            total_FP[start:stop, point] += weight
    led_G = weight_GM[np.arange(len(gaps)), order_GM[:, 0]] > 0 if len(gaps) else np.zeros(0, bool)
    weight_GM[~led_G] = 0
    some_FP = np.where(total_FP > 0, total_FP, np.nan)
    return sum_FPD / some_FP[..., None], variance_FP / some_FP, weight_GM


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
