"""The verdict on `auto`: whether it may replace the best classical fill, cell by cell. G gaps, M methods."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from mpm_core.fill import methods as fill
from mpm_core.typing import Float
from mpm_train.tables.cells import Measured
from mpm_train.tables.plan import LIMBS, Cell
from mpm_train.tables.write import Table

TOLERANCE, TOLERANCE_MM = 0.02, 0.2
LONG_S = 0.5
TARGET_GAIN = 0.30


def classical(methods: tuple[str, ...]) -> tuple[str, ...]:
    """Those of `methods` that use no network."""
    return tuple(method for method in methods if method in fill.METHODS)


@dataclass(frozen=True, slots=True)
class Comparison:
    """auto against the best of the classical fills that filled a whole cell; good: no more than 2 % or 0.2 mm worse.

    error_mm: standard error of the difference of their means, gap by gap. apart: the gain when the best is picked by half of the gaps
    and measured on the other half, both ways; the same gaps for both favour the best of many. Both NaN where gaps are too few.

    smooth: auto's change of velocity at the gaps' edges is no larger than natural: than the true motion's anywhere in these takes, or at
    these very edges. strict, true_strict: auto's, and the true motion's own at the edges, are no larger than the true motion's anywhere;
    few edges can lie in livelier motion.
    """

    cell: Cell
    best: str
    best_mm: float
    auto_mm: float
    error_mm: float
    apart: float
    good: bool
    smooth: bool
    strict: bool
    true_strict: bool

    @property
    def gain(self) -> float:
        return 1 - self.auto_mm / self.best_mm


def compared(measured: Measured, methods: tuple[str, ...]) -> Comparison | None:
    """None where no classical fill filled the whole cell."""
    complete = [method for method in classical(methods) if measured.figures[method].filled == 1]
    if not complete:
        return None
    best = min(complete, key=lambda method: measured.figures[method].mean_mm)
    best_mm, auto = measured.figures[best].mean_mm, measured.figures["auto"]
    good = auto.filled == 1 and no_worse(auto.mean_mm, best_mm)
    auto_G = np.array(auto.each_mm)
    best_MG = np.array([measured.figures[method].each_mm for method in complete])
    off_G = auto_G - best_MG[complete.index(best)]
    error_mm = float(off_G.std(ddof=1) / np.sqrt(len(off_G))) if len(off_G) > 1 else float("nan")
    jump, there, anywhere = auto.jump_p95_mm_s, auto.true_jump_p95_mm_s, auto.natural_p95_mm_s
    smooth = jump <= max(there, anywhere)
    apart = _gain_apart(auto_G, best_MG)
    return Comparison(measured.cell, best, best_mm, auto.mean_mm, error_mm, apart, good, smooth, jump <= anywhere, there <= anywhere)


def _gain_apart(auto_G: Float, classical_MG: Float) -> float:
    """Halves of the gaps: every other two, since lefts and rights take turns."""
    first_G = np.arange(len(auto_G)) // 2 % 2 == 0
    if first_G.all():
        return float("nan")
    picked = [(classical_MG[:, half_G].mean(axis=1).argmin(), ~half_G) for half_G in (first_G, ~first_G)]
    return float(np.mean([1 - auto_G[rest_G].mean() / classical_MG[best, rest_G].mean() for best, rest_G in picked]))


def no_worse(auto_mm: float, best_mm: float) -> bool:
    return auto_mm <= best_mm * (1 + TOLERANCE) or auto_mm <= best_mm + TOLERANCE_MM


def verdict(cells: list[Measured], methods: tuple[str, ...], where: str) -> Table:
    """auto against the best classical fill, cell by cell; what fails is listed, and the mean gain over long gaps is in the notes."""
    found = [one for one in (compared(measured, methods) for measured in cells) if one is not None]
    failed = [
        f"{one.cell.part} {one.cell.length_s:g} s ({one.auto_mm / one.best_mm:.2f} of {one.best}, {one.auto_mm - one.best_mm:+.1f} mm)"
        for one in found
        if not one.good
    ]
    notes = [f"auto no worse than the best classical fill (within 2 % or 0.2 mm): {len(found) - len(failed)} of {len(found)} cells."]
    notes += [f"Failing: {'; '.join(failed)}."] if failed else []
    long = [one for one in found if one.cell.length_s >= LONG_S]
    for name, some in (("limbs and sides", [one for one in long if one.cell.part in LIMBS]), ("all parts", long)):
        if some:
            gain, apart = (float(np.mean([getattr(one, which) for one in some])) for which in ("gain", "apart"))
            error = float(np.sqrt(np.sum([(one.error_mm / one.best_mm) ** 2 for one in some])) / len(some))
            reached = "met" if gain >= TARGET_GAIN else "MISSED"
            notes.append(
                f"Mean gain over cells of {LONG_S:g} s and longer, {name}: {gain:.1%} +- {error:.1%} "
                f"(target {TARGET_GAIN:.0%}: {reached}); where half of the gaps picks the best for the other half: {apart:.1%}."
            )
    smooth, strict, true_strict = (sum(getattr(one, name) for one in found) for name in ("smooth", "strict", "true_strict"))
    notes.append("+-: standard error over the gaps. The best of many fills is picked by the same gaps, which favours it.")
    notes.append(
        f"Change of velocity at edges (95th percentile) no larger than true motion's, there or anywhere: {smooth} of {len(found)} cells."
    )
    notes.append(f"No larger than true motion's anywhere: {strict} of {len(found)} cells; the true motion itself: {true_strict}.")
    rows = tuple(
        (
            one.cell.part,
            one.cell.length_s,
            one.best,
            one.best_mm,
            one.auto_mm,
            one.auto_mm / one.best_mm,
            one.auto_mm - one.best_mm,
            one.error_mm,
            one.good,
        )
        for one in found
    )
    columns = {
        "part": None,
        "gap s": None,
        "best classical": None,
        "its mm": 1,
        "auto mm": 1,
        "ratio": 2,
        "difference mm": 1,
        "+- mm": 1,
        "good": None,
    }
    return Table("gaps_verdict", f"auto against the best classical fill, {where}", columns, rows, tuple(notes))
