"""The marker tables: errors of every fill on hidden markers of real takes, and whether `auto` may replace the best of them."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mpm_train.tables.cells import Measured
from mpm_train.tables.gap_errors import Figures
from mpm_train.tables.gaps import by_method, every_figure, filled
from mpm_train.tables.verdict import no_worse
from mpm_train.tables.write import Table, Value

WHERE = "hidden markers"
REACHES = 0.999  # a method that fills a smaller share of a cell is not compared in it
LONG_S, LIMBS = 0.5, ("segment", "limb", "one side", "limb at the take's edge")
FIGURES = (
    ("markers_mean", "Mean error in mm", "mean_mm", 1),
    ("markers_median", "Median error in mm", "median_mm", 1),
    ("markers_p95", "95th percentile of the error in mm", "p95_mm", 1),
    ("markers_worst", "Worst error in mm", "worst_mm", 0),
    ("markers_axis", "Mean absolute error per coordinate in mm", "axis_mm", 2),
    ("markers_rigid", "Mean error of the distance to markers of the same rigid body in mm", "bone_mm", 2),
)


def marker_tables(cells: list[Measured], methods: tuple[str, ...]) -> list[Table]:
    """All tables of the cells."""
    tables = [by_method(cells, methods, name, f"{title}, {WHERE}", _figure(key), decimals) for name, title, key, decimals in FIGURES]
    tables.append(filled(cells, methods, WHERE, "markers_filled"))
    if "auto" in methods and len(methods) > 1:
        tables.append(marker_verdict(cells, methods))
    return [*tables, every_figure(cells, methods, WHERE, "markers_all")]


def marker_verdict(cells: list[Measured], methods: tuple[str, ...]) -> Table:
    """A row per cell: auto beside the best method that fills all of it, and how far its sigma holds."""
    rows: list[tuple[Value, ...]] = []
    gains: dict[bool, list[float]] = {True: [], False: []}
    failed, compared = [], 0
    for measured in cells:
        able = {m: measured.figures[m].mean_mm for m in methods if m != "auto" and measured.figures[m].filled >= REACHES}
        best = min(able, key=lambda method: able[method], default="")
        auto, best_mm = measured.figures["auto"], able.get(best, float("nan"))
        good = auto.filled >= REACHES and no_worse(auto.mean_mm, best_mm) if best else None
        compared += good is not None
        if good is False:
            failed.append(f"{measured.cell.part} {measured.cell.length_s:g} s ({auto.mean_mm / best_mm:.2f} of {best})")
        if best and measured.cell.length_s >= LONG_S:
            gains[measured.cell.part in LIMBS].append(1 - auto.mean_mm / best_mm)
        inside = 100 * auto.within["90%"]
        rows.append((measured.cell.part, measured.cell.length_s, best or None, best_mm, auto.mean_mm, auto.mean_mm / best_mm, inside, good))
    notes = [
        f"auto no worse than the best method that fills all of the cell (2 % or 0.2 mm): {compared - len(failed)} of {compared} cells."
    ]
    notes += [f"Failing: {'; '.join(failed)}."] if failed else []
    notes += [
        f"Mean gain over cells of {LONG_S:g} s and longer, {name}: {np.mean(gains[limbs]):.1%}."
        for limbs, name in ((True, "segments, limbs and sides"), (False, "other parts"))
        if gains[limbs]
    ]
    columns = {"hidden": None, "gap s": None, "best": None, "its mm": 1, "auto mm": 1, "ratio": 2, "90 % interval holds %": 0, "good": None}
    return Table("markers_verdict", f"auto against the best method, {WHERE}", columns, tuple(rows), tuple(notes))


def _figure(key: str) -> Callable[[Figures], float]:
    def figure(some: Figures) -> float:
        return float(getattr(some, key))

    return figure
