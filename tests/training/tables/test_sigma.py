"""Sigma: measured as the root mean square of the errors, and judged by what its intervals hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.complete import complete_patch
from mpm_core.model.sigma import DISTANCES_S, seconds_to_edge
from mpm_core.skeleton import load_skeleton
from tests.training.tables.makers import paths_in
from tests.training.tables.test_gaps import PLAIN
from training.tables import sigma
from training.tables.cells import Measured, opened
from training.tables.plan import Cell, cut, gaps_of


def measured(length_s: float, ninety: float, samples: int = 100, **changes: float) -> Measured:
    within = PLAIN.within | {"90%": ninety}
    return Measured(Cell("wrist", length_s), {"auto": replace(PLAIN, samples=samples, within=within, **changes)}, {})


def test_shares_are_weighted_by_samples_and_judged_by_the_90_percent() -> None:
    cells = [measured(0.1, 0.80, 300), measured(0.1, 1.0, 100), measured(1, 0.9), measured(2, 0.86), measured(4, 0.94)]
    table = sigma.calibration(cells, "auto", "validation")
    column = list(table.columns).index("90% interval holds %")
    assert [row[column] for row in table.rows] == pytest.approx([85, 90, 86, 94])
    assert [row[-1] for row in table.rows] == [False, True, False, False]


def test_samples_without_sigma_are_told_and_not_counted() -> None:
    none = measured(1, float("nan"), 300, with_sigma=0, sigma_mm=float("nan"))
    table = sigma.calibration([none, measured(1, 0.9, 100)], "auto", "validation")
    (row,) = table.rows
    assert row[1] == 0.25
    assert row[2] == 8
    assert row[-1] is True
    (row,) = sigma.calibration([none], "auto", "validation").rows
    assert row[1] == 0
    assert row[-1] is None


def test_the_models_table_is_the_root_mean_square_per_axis(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sigma, "PARTS", {"wrist": ("left_wrist",)})
    monkeypatch.setattr(sigma, "LENGTHS_S", (0.5,))
    source = opened(paths_in(tmp_path, per_cell=3))
    wrist = load_skeleton("body17").names.index("left_wrist")
    squares, away = [], []
    for gap in gaps_of(source.clips, "validation", Cell("wrist", 0.5), 3, 1):
        if gap.group != "left_wrist":
            gap = replace(gap, group="left_wrist")
        truth, holed, hidden_FJ = cut(gap, source.joints_NJ3)
        filled, _ = complete_patch(holed, method="hermite").apply(holed)
        squares.append(((filled.xyz_FPD.astype(float) - truth.xyz_FPD)[hidden_FJ] ** 2).mean(axis=1))
        away.append(seconds_to_edge(~hidden_FJ, truth.rate_hz)[hidden_FJ])
    monkeypatch.setattr(sigma, "gaps_of", lambda *given: [replace(gap, group="left_wrist") for gap in gaps_of(*given)])
    found = sigma.measure_sigma(source)
    assert found["classical"]["seconds"] == list(DISTANCES_S)
    first = np.concatenate(away) <= DISTANCES_S[0]
    expected = np.sqrt(np.concatenate(squares)[first].mean())
    assert found["classical"]["sigma_m"][wrist][0] == pytest.approx(expected, abs=1e-5)
    assert found["model"]["sigma_m"][wrist][0] > 0
    assert found["model"]["sigma_m"][0] == [None] * (len(DISTANCES_S) + 1), "the hip was never hidden"
