"""Measuring cell by cell: resumed, shared out, and never mixed with another evaluation."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import DataError
from mpm_train.tables import cells as running
from mpm_train.tables.cells import claim, measure_cell, measure_cells, opened
from mpm_train.tables.plan import Cell, cut, gaps_of
from tests.mpm_train.tables.makers import paths_in

CELLS = [Cell("wrist", 0.1), Cell("both legs", 0.5)]


def test_a_cell_is_what_the_application_does(tmp_path: Path) -> None:
    source = opened(paths_in(tmp_path))
    measured = measure_cell(source, CELLS[1], ("linear", "auto"))
    for method in ("linear", "auto"):
        errors = []
        for gap in gaps_of(source.clips, "validation", CELLS[1], 2, 1):
            truth, gapped, masked_FJ = cut(gap, source.joints_NJ3)
            filled, _ = complete_patch(gapped, CompleteOptions(method=method, model=source.model, limits=None)).patch.apply(gapped)
            errors.append(np.linalg.norm(filled.xyz_FPD[masked_FJ].astype(float) - truth.xyz_FPD[masked_FJ], axis=1))
        assert measured.figures[method].mean_mm == pytest.approx(1000 * np.concatenate(errors).mean(), rel=1e-6)
        assert measured.figures[method].filled == 1


def test_a_stopped_evaluation_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    paths, folder = paths_in(tmp_path), tmp_path / "out"
    whole = measure_cells(paths, CELLS, ("linear", "hermite"), None, 1, lambda name: None)
    claim(folder, paths)

    def stop(name: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        measure_cells(paths, CELLS, ("linear",), folder, 1, stop)
    asked: list[tuple[str, tuple[str, ...]]] = []
    measure = running.measure_cell
    monkeypatch.setattr(
        running, "measure_cell", lambda source, cell, methods: asked.append((cell.part, methods)) or measure(source, cell, methods)
    )
    claim(folder, paths)
    done: list[str] = []
    resumed = measure_cells(paths, CELLS, ("linear", "hermite"), folder, 1, done.append)
    assert asked == [("wrist", ("hermite",)), ("both legs", ("linear", "hermite"))], "what was done is not done again"
    assert done == [cell.name for cell in CELLS]
    asked.clear()
    again = measure_cells(paths, CELLS, ("linear", "hermite"), folder, 1, done.append)
    assert not asked
    for one, two, three in zip(whole, resumed, again, strict=True):
        for method in ("linear", "hermite"):
            assert one.figures[method].as_json() == two.figures[method].as_json() == three.figures[method].as_json()


@pytest.mark.slow
def test_two_processes_measure_the_same(tmp_path: Path) -> None:
    paths = paths_in(tmp_path, per_cell=1)
    alone = measure_cells(paths, CELLS, ("auto",), None, 1, lambda name: None)
    shared = measure_cells(paths, CELLS, ("auto",), None, 2, lambda name: None)
    assert [one.cell for one in shared] == CELLS
    for one, two in zip(alone, shared, strict=True):
        assert one.figures["auto"].mean_mm == pytest.approx(two.figures["auto"].mean_mm, rel=1e-5)


def test_a_folder_of_another_evaluation_is_refused(tmp_path: Path) -> None:
    paths, folder = paths_in(tmp_path), tmp_path / "out"
    claim(folder, paths)
    claim(folder, paths)
    with pytest.raises(DataError, match="another seed"):
        claim(folder, replace(paths, seed=2))
    paths.model.write_bytes(paths.model.read_bytes() + b" ")
    with pytest.raises(DataError, match="another model"):
        claim(folder, paths)


def test_a_cut_file_is_told(tmp_path: Path) -> None:
    paths, folder = paths_in(tmp_path), tmp_path / "out"
    claim(folder, paths)
    measure_cells(paths, CELLS[:1], ("linear",), folder, 1, lambda name: None)
    (file,) = (folder / "cells").iterdir()
    file.write_text(file.read_text()[:50])
    with pytest.raises(DataError, match="not a whole file"):
        measure_cells(paths, CELLS[:1], ("linear",), folder, 1, lambda name: None)


def test_a_method_that_refuses_counts_as_open_and_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise DataError("not this one")

    monkeypatch.setattr(running, "complete_patch", refuse)
    measured = measure_cell(opened(paths_in(tmp_path)), CELLS[0], ("linear",))
    assert measured.refusals == {"linear": "not this one"}
    assert measured.figures["linear"].filled == 0


def test_a_length_that_no_clip_holds_is_told(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no validation clip is long enough"):
        measure_cell(opened(paths_in(tmp_path)), Cell("wrist", 4.0), ("linear",))
