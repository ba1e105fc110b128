"""The verdict, on cells whose figures are given."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from mpm_core.complete import METHODS
from mpm_core.fill import methods
from mpm_train.tables.cells import Measured
from mpm_train.tables.gap_errors import Figures
from mpm_train.tables.gaps import default_methods, gap_tables, summary
from mpm_train.tables.plan import Cell
from mpm_train.tables.verdict import classical, compared, no_worse, verdict
from mpm_train.tables.write import Table

NAN = float("nan")
PLAIN = Figures(
    gaps=4, samples=100, filled=1.0, mean_mm=10, median_mm=9, p95_mm=20, worst_mm=30, axis_mm=5, bone_mm=1, bone_p95_mm=2, jump_mm_s=50,
    jump_p95_mm_s=90, true_jump_p95_mm_s=110, natural_p95_mm_s=100,
    acceleration=5, acceleration_true=6, jerk=70, jerk_true=80, with_sigma=1, sigma_mm=8,
    within={"50%": 0.5, "80%": 0.8, "90%": 0.9, "95%": 0.95}, each_mm=(8, 9, 11, 12),
)  # fmt: skip
THREE = ("linear", "spline", "auto")


def cell(part: str, length_s: float, *means_mm: float, filled: float = 1.0) -> Measured:
    figures = {method: replace(PLAIN, mean_mm=mean) for method, mean in zip(THREE, means_mm, strict=True)}
    figures["spline"] = replace(figures["spline"], filled=filled)
    return Measured(Cell(part, length_s), figures, {})


def test_the_methods_are_those_of_the_application() -> None:
    assert set(default_methods()) == set(METHODS) - {"coast"}, "which only runs on where a clip ends"
    assert set(classical(default_methods())) == set(methods.METHODS) - {"coast"}
    assert default_methods()[-2:] == ("model", "auto")


@pytest.mark.parametrize(
    ("auto_mm", "best_mm", "good"),
    [(10.2, 10, True), (10.21, 10, False), (1.19, 1, True), (1.21, 1, False), (102, 100, True), (90, 100, True)],
)
def test_two_percent_or_a_fifth_of_a_millimetre(auto_mm: float, best_mm: float, good: bool) -> None:
    assert no_worse(auto_mm, best_mm) is good


def test_the_best_is_one_that_filled_everything() -> None:
    one = compared(cell("wrist", 1, 20, 10, 15), THREE)
    assert one is not None
    assert (one.best, one.best_mm, one.good) == ("spline", 10, False)
    one = compared(cell("wrist", 1, 20, 10, 15, filled=0.9), THREE)
    assert one is not None
    assert (one.best, one.good, one.gain) == ("linear", True, 0.25)
    none = cell("wrist", 1, 20, 10, 15, filled=0.9)
    none.figures["linear"] = replace(PLAIN, filled=0)
    assert compared(none, THREE) is None


def test_the_difference_has_its_standard_error() -> None:
    one = cell("wrist", 1, 20, 12, 10)
    one.figures["spline"] = replace(one.figures["spline"], each_mm=(10, 12, 11, 15))  # auto is better by 2, 3, 0 and 3
    found = compared(one, THREE)
    assert found is not None
    assert found.error_mm == pytest.approx(np.std([2, 3, 0, 3], ddof=1) / 2)


def test_the_best_is_also_picked_by_other_gaps_than_those_it_is_measured_on() -> None:
    one = cell("wrist", 1, 10, 10, 6)
    one.figures.update(
        {
            "linear": replace(one.figures["linear"], each_mm=(4, 4, 16, 16)),  # the best of the first two
            "spline": replace(one.figures["spline"], each_mm=(16, 16, 4, 4)),
            "auto": replace(one.figures["auto"], each_mm=(8, 8, 4, 4)),
        }
    )
    found = compared(one, THREE)
    assert found is not None
    assert found.gain == pytest.approx(0.4)
    assert found.apart == pytest.approx(1 - (4 / 16 + 8 / 16) / 2)
    alone = compared(replace(one, figures={method: replace(some, each_mm=(9,)) for method, some in one.figures.items()}), THREE)
    assert alone is not None
    assert np.isnan(alone.apart)


def test_auto_that_leaves_samples_open_is_not_good() -> None:
    one = cell("wrist", 1, 20, 10, 5)
    one.figures["auto"] = replace(one.figures["auto"], filled=0.99)
    found = compared(one, THREE)
    assert found is not None
    assert not found.good


def test_failing_cells_are_listed_and_long_gains_are_means_over_cells() -> None:
    cells = [
        cell("wrist", 0.1, 5, 2, 3),  # worse, and too short to count for the gain
        cell("wrist", 0.5, 100, 200, 50),  # gains 50 %
        cell("both legs", 2, 100, 200, 80),  # gains 20 %
        cell("head", 2, 100, 200, 30),  # gains 70 %, but is not a limb
    ]
    table = verdict(cells, THREE, "validation subjects")
    assert [row[-1] for row in table.rows] == [False, True, True, True]
    assert "3 of 4 cells" in table.notes[0]
    assert table.notes[1] == "Failing: wrist 0.1 s (1.50 of spline, +1.0 mm)."
    assert "limbs and sides: 35.0% +- 0.0% (target 30%: met); where" in table.notes[2]
    assert table.notes[2].endswith("for the other half: 0.0%."), "gap by gap, all methods of PLAIN are alike"
    assert "all parts: 46.7%" in table.notes[3]
    assert "4 of 4 cells" in table.notes[-2]
    assert table.notes[-1].endswith("4 of 4 cells; the true motion itself: 0."), "PLAIN's own change at the edges is above that anywhere"


@pytest.mark.parametrize(
    ("jump", "there", "anywhere", "smooth", "strict"),
    [(90, 110, 100, True, True), (105, 110, 100, True, False), (111, 110, 100, False, False), (95, 80, 100, True, True)],
)
def test_edges_are_held_against_the_true_motion(jump: float, there: float, anywhere: float, smooth: bool, strict: bool) -> None:
    one = cell("wrist", 1, 20, 12, 10)
    one.figures["auto"] = replace(one.figures["auto"], jump_p95_mm_s=jump, true_jump_p95_mm_s=there, natural_p95_mm_s=anywhere)
    found = compared(one, THREE)
    assert found is not None
    assert (found.smooth, found.strict, found.true_strict) == (smooth, strict, there <= anywhere)


def test_a_method_that_skips_hard_gaps_has_no_mean() -> None:
    table = summary([cell("wrist", 1, 20, 10, 15), cell("head", 1, 40, 10, 25, filled=0.5)], THREE, "here")
    length, parts, linear, spline, auto = table.rows[0]
    assert (length, parts, linear, auto) == (1, 2, 30, 20)
    assert spline != spline


def tables_of(cells: list[Measured]) -> dict[str, Table]:
    return {table.name: table for table in gap_tables(cells, THREE, "test")}


def test_every_table_has_every_cell_and_the_test_split_is_named() -> None:
    cells = [cell("wrist", 0.1, 5, 2, 3), cell("head", 2, 100, 200, 30)]
    tables = tables_of(cells)
    assert all("test subjects" in table.title for table in tables.values())
    assert len(tables["gaps_mean"].rows) == 2
    assert tables["gaps_mean"].rows[1] == ("head", 2, 4, 100, 200, 30)
    assert tables["gaps_filled"].rows[0] == ("wrist", 0.1, 100, 100, 100)
    open_cell = tables_of([cell("wrist", 0.1, 5, 2, 3, filled=0.5)])["gaps_mean"].rows[0]
    assert open_cell[3] == 5
    assert open_cell[4] != open_cell[4], "half a cell is not a cell"
    assert tables["gaps_edges"].rows[0] == ("wrist", 0.1, 100, 90, 90, 90)
    assert len(tables["gaps_all"].rows) == 6
    assert "gaps_verdict" in tables
    assert all(len(row) == len(table.columns) for table in tables.values() for row in table.rows)
    assert isinstance(tables["gaps_all"], Table)
