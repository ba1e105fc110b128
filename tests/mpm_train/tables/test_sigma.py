"""Sigma: multiplied by what brings 90 % of the errors inside, and checked by the share of errors that its intervals hold."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.fill.auto.calibration import Factors
from mpm_core.recording import Origin
from mpm_train.data.corpus import Clip
from mpm_train.tables import sigma
from mpm_train.tables.cells import Fill, Measured, Source, opened
from mpm_train.tables.plan import Cell, Extent, Gap, cut
from tests.mpm_train.tables.makers import paths_in
from tests.mpm_train.tables.test_gaps import PLAIN


def measured(length_s: float, ninety: float, samples: int = 100, **changes: float) -> Measured:
    within = PLAIN.within | {"90%": ninety}
    return Measured(Cell("wrist", length_s), {"auto": replace(PLAIN, samples=samples, within=within, **changes)}, {})


def test_shares_are_weighted_by_samples_and_checked_at_90_percent() -> None:
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


def test_factors_bring_the_90_percent_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A network that believes in errors half as large as they are in short gaps, and three times as large in long ones."""
    rng = np.random.default_rng(0)
    facts = []

    def filled(gap: Gap, methods: tuple[str, ...], source: Source) -> list[Fill]:
        truth, _, masked_FJ = cut(gap, source.joints_NJ3)
        facts.append((methods, source.model.facts["calibration"]))
        believed = 0.02 / 2 if gap.stop - gap.start < 60 else 0.02 * 3
        off_FJ3 = rng.normal(0, 0.02, truth.xyz_FPD.shape) * masked_FJ[..., None]
        sigma_FJ = np.where(masked_FJ, believed, np.nan).astype(np.float32)
        origin_FJ = np.where(masked_FJ, np.uint8(Origin.PREDICTED), np.uint8(Origin.MEASURED))
        xyz_FJ3 = (truth.xyz_FPD + off_FJ3).astype(np.float32)
        return [Fill("auto", replace(truth, xyz_FPD=xyz_FJ3, origin_FP=origin_FJ, sigma_FP=sigma_FJ), truth, masked_FJ)]

    monkeypatch.setattr(sigma, "fill_gap", filled)
    source = opened(paths_in(tmp_path, per_cell=40))
    source = replace(source, model=replace(source.model, facts={"calibration": {"seconds": [1.0], "factor": [9.0]}}))
    monkeypatch.setattr(sigma, "opened", lambda paths: source)
    found = sigma.measure_calibration(paths_in(tmp_path, per_cell=40), Extent(40, ("wrist",), (0.1, 0.25, 0.5, 1.0, 4.0)))
    assert found["seconds"] == [0.1, 0.25, 0.5, 1.0], "no clip holds a gap of 4 s"
    assert found["factor"] == pytest.approx([2, 2, 1 / 3, 1 / 3], rel=0.06)
    assert set(facts) == {(("auto",), None)}, "measured without the old factors"
    np.testing.assert_allclose(Factors(**found).at(np.array([0.25])), found["factor"][1:2])


def test_gaps_of_about_a_length_count_for_it_and_lengths_without_errors_have_no_factor() -> None:
    rng = np.random.default_rng(1)
    clip = Clip("c", "s", "train", 100.0, 0, 1000, "made here")
    gaps = [Gap(clip, "left_wrist", 0, 1000, 100, 100 + frames) for frames in (9, 11, 95, 104, 400)]
    sizes = [scale * np.abs(rng.normal(0, 1, 20_000)) for scale in (0.5, 0.5, 2.0, 2.0)]
    found = sigma.factors(gaps, [*sizes, np.zeros(0)], (0.1, 0.25, 1.0, 4.0))
    assert found.seconds == (0.1, 1.0)
    assert found.factor == pytest.approx((0.5, 2.0), rel=0.02)


def test_samples_without_a_fill_or_sigma_have_no_error_in_sigmas() -> None:
    off_N3 = np.array([[1.0, -2.0, 3.0], [np.nan, 1.0, 1.0], [1.0, 1.0, 1.0], [1.0, 1.0, 1.0]])
    np.testing.assert_array_equal(sigma.in_sigmas(off_N3, np.array([0.5, 1.0, np.nan, 0.0])), [2, 4, 6])


def test_a_network_that_says_nothing_of_its_errors_has_no_factors(tmp_path: Path) -> None:
    assert sigma.measure_calibration(paths_in(tmp_path, per_cell=1), Extent(1, ("wrist",), (0.5,))) == {}
