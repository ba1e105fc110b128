"""The gap tables: error by part, length and method; edges, bones and shake; and the verdict."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from mpm_core.complete import METHODS
from mpm_core.fill import methods as fill
from mpm_train.tables.cells import Measured
from mpm_train.tables.gap_errors import Figures
from mpm_train.tables.verdict import classical, verdict
from mpm_train.tables.write import Rows, Table

ENDS_ONLY = ("coast",)


def default_methods() -> tuple[str, ...]:
    """The classical fills that fill a gap with motion on both sides, then the model, then auto."""
    return (
        *(method for method in fill.METHODS if method not in ENDS_ONLY),
        *(method for method in reversed(METHODS) if method not in fill.METHODS),
    )


def gap_tables(cells: list[Measured], methods: tuple[str, ...], split: str) -> list[Table]:
    """All tables of the cells."""
    where = f"{split} subjects"
    tables = [
        summary(cells, methods, where),
        by_method(cells, methods, "gaps_mean", f"Mean error in mm on masked joints, {where}", lambda some: some.mean_mm, 1),
        by_method(cells, methods, "gaps_median", f"Median error in mm, {where}", lambda some: some.median_mm, 1),
        by_method(cells, methods, "gaps_p95", f"95th percentile of the error in mm, {where}", lambda some: some.p95_mm, 1),
        by_method(cells, methods, "gaps_worst", f"Worst error in mm, {where}", lambda some: some.worst_mm, 0),
        by_method(
            cells, methods, "gaps_bones", f"Mean bone length error in mm beside masked joints, {where}", lambda some: some.bone_mm, 2
        ),
        with_true_motion(cells, methods, "gaps_edges", f"Change of velocity at gap edges, 95th percentile, mm/s, {where}", _jump),
        with_true_motion(cells, methods, "gaps_jerk", f"Mean jerk in m/s^3 inside gaps, {where}", _jerk),
    ]
    tables.append(filled(cells, methods, where))
    if "auto" in methods and classical(methods):
        tables.append(verdict(cells, methods, where))
    return [*tables, every_figure(cells, methods, where)]


def summary(cells: list[Measured], methods: tuple[str, ...], where: str) -> Table:
    """The mean over the parts, a row per length."""
    lengths = sorted({measured.cell.length_s for measured in cells})
    rows = []
    for length_s in lengths:
        some = [measured for measured in cells if measured.cell.length_s == length_s]
        rows.append((length_s, len(some), *(float(np.mean([whole_mm(m, method) for m in some])) for method in methods)))
    notes = [f"{method} left some gaps: {why}" for method, why in sorted(_refusals(cells).items()) if method in methods]
    return Table(
        "gaps_summary",
        f"Mean error in mm, mean over the parts, {where}",
        {"gap s": None, "parts": 0, **dict.fromkeys(methods, 1)},
        tuple(rows),
        tuple(notes),
    )


def whole_mm(measured: Measured, method: str) -> float:
    """The mean error; NaN where the method left samples of the cell."""
    return _whole(measured.figures[method], lambda some: some.mean_mm)


def by_method(
    cells: list[Measured], methods: tuple[str, ...], name: str, title: str, figure: Callable[[Figures], float], decimals: int
) -> Table:
    """A row per part and length, a column per method; NaN where it left samples of the cell: the others are the easy ones."""
    rows: Rows = tuple(
        (m.cell.part, m.cell.length_s, m.figures[methods[0]].gaps, *(_whole(m.figures[method], figure) for method in methods))
        for m in cells
    )
    return Table(name, title, {"part": None, "gap s": None, "gaps": 0, **dict.fromkeys(methods, decimals)}, rows, printed=False)


def filled(cells: list[Measured], methods: tuple[str, ...], where: str, name: str = "gaps_filled") -> Table:
    """Share of the masked samples that each method filled."""
    rows: Rows = tuple((m.cell.part, m.cell.length_s, *(100 * m.figures[method].filled for method in methods)) for m in cells)
    return Table(name, f"Filled, % of samples, {where}", {"part": None, "gap s": None, **dict.fromkeys(methods, 0)}, rows, printed=False)


def with_true_motion(
    cells: list[Measured], methods: tuple[str, ...], name: str, title: str, figures: Callable[[Figures], tuple[float, float]]
) -> Table:
    """As `by_method`, with the true motion's own figure in front."""
    rows: Rows = tuple(
        (
            m.cell.part,
            m.cell.length_s,
            figures(m.figures[methods[0]])[1],
            *(_whole(m.figures[method], lambda some: figures(some)[0]) for method in methods),
        )
        for m in cells
    )
    return Table(name, title, {"part": None, "gap s": None, "true motion": 0, **dict.fromkeys(methods, 0)}, rows, printed=False)


def every_figure(cells: list[Measured], methods: tuple[str, ...], where: str, name: str = "gaps_all") -> Table:
    """Every figure of every method and cell, a row each: for other programs."""
    rows = []
    names: list[str] = []
    for m in cells:
        for method in methods:
            values = m.figures[method].as_json()
            del values["each_mm"], values["joints_mm"]
            values |= {f"within {share}": part for share, part in values.pop("within").items()}
            names = list(values)
            rows.append((m.cell.part, m.cell.length_s, method, *values.values()))
    columns = {"part": None, "gap s": None, "method": None, **dict.fromkeys(names, 3)}
    return Table(name, f"Every figure, {where}", columns, tuple(rows), printed=False)


def _whole(some: Figures, figure: Callable[[Figures], float]) -> float:
    return figure(some) if some.filled == 1 else float("nan")


def _jump(some: Figures) -> tuple[float, float]:
    return some.jump_p95_mm_s, some.natural_p95_mm_s


def _jerk(some: Figures) -> tuple[float, float]:
    return some.jerk, some.jerk_true


def _refusals(cells: list[Measured]) -> dict[str, str]:
    return {method: why for measured in cells for method, why in measured.refusals.items()}
