"""The best classical fill for each gap, by what trials on the take itself say of each. F frames, P points, D dimensions, G gaps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from mpm_core.edit.fill import reach
from mpm_core.edit.seen import Float, Mask, Run, Seen
from mpm_core.edit.sigma import expected, law_of
from mpm_core.gaps import known

CANDIDATES = ("spline", "quintic", "hermite", "pattern", "rigid", "relational", "cyclic", "kalman")
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Chosen:
    """xyz_FPD and sigma_FP: metres, both NaN where nothing was reached. methods: of each gap that was filled, the first that reached it."""

    xyz_FPD: Float
    sigma_FP: Float
    methods: dict[Run, str]


def choose_fills(seen: Seen, methods: Sequence[str] = CANDIDATES, seed: int = 0, tell: Tell | None = None) -> Chosen:
    """Each wanted gap by the method whose trials promise the smallest error there (RMS); what that leaves open by the next best.

    A method none of whose trials it reached itself is tried last, in the order given. tell: called with each method's name before its
    trials, and may raise to stop.
    """
    gaps = seen.gaps()
    promise_GM = np.full((len(gaps), len(methods)), np.inf)
    sigma_of: list[Float] = []
    for column, method in enumerate(methods):
        if tell is not None:
            tell(method)
        law = law_of(seen, method, gaps, seed) if gaps else None
        sigma_of.append(expected(seen, law, seen.wanted_FP))
        if law is not None:
            squares = [sigma_of[-1][start:stop, point] ** 2 for point, start, stop in gaps]
            promise_GM[:, column] = [np.sqrt(np.nanmean(square)) for square in squares]
    order_GM = np.argsort(promise_GM, axis=1, kind="stable")
    xyz_FPD, sigma_FP = np.full(seen.xyz_FPD.shape, np.nan), np.full(seen.wanted_FP.shape, np.nan)
    chosen: dict[Run, str] = {}
    for turn in range(len(methods)):
        for column, method in enumerate(methods):
            mine = [gap for gap, order_M in zip(gaps, order_GM, strict=True) if order_M[turn] == column]
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
