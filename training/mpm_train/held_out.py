"""The errors of a model that its card shows, of people it was not trained on, by the code that the application runs."""

from __future__ import annotations

from pathlib import Path

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import Model
from mpm_train.data.corpus import HELD_OUT, Clip, load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.evaluate import TAKES, WINDOWS_2D
from mpm_train.progress import Task, progress, tracked
from mpm_train.tables.application import application
from mpm_train.tables.by_joint import by_joint
from mpm_train.tables.cells import Paths, claim, measure_cells
from mpm_train.tables.gaps import by_method, summary
from mpm_train.tables.lifting import lift_tables
from mpm_train.tables.plan import Cell, Extent, gaps_of
from mpm_train.tables.write import Table

EXTENT, SEED = Extent(8), 1
METHODS = ("linear", "spline", "hermite", "model", "auto")
Errors = dict[str, list[Table]]


def held_out_errors(model: Model, data: Path, extent: Extent = EXTENT, jobs: int = 1, folder: Path | None = None) -> Errors:
    """Tables by split, of the splits that the corpus has.

    extent: the gaps; lifting is measured on 48 windows for each gap in a cell. jobs: processes that share the work. folder: keeps what is
    measured, split by split, so that a stopped one is resumed.
    Raises DataError for a network that the application does not run, ModelError.
    """
    config, (joints_NJ3, clips) = model.network.config, load_corpus(data)
    splits = [split for split in HELD_OUT if any(clip.split == split for clip in clips)]
    if config.completes:
        paths = {split: Paths(Path(model.path), data, split, extent.per_cell, SEED) for split in splits}
        cells = {split: cells_of(clips, paths[split], extent) for split in splits}
        with progress("masking and filling", sum(map(len, cells.values())), "cells") as task:
            return {split: _gaps(paths[split], cells[split], jobs, None if folder is None else folder / split, task) for split in splits}
    found: Errors = {}
    for split in tracked(splits, "lifting", "splits"):
        sampler = Sampler(joints_NJ3, clips, split, config.frames, config.rate_hz)
        windows, takes = WINDOWS_2D * extent.per_cell, TAKES * extent.per_cell
        found[split] = lift_tables(model, sampler, windows, SEED, split)
        if config.sequence_head or not config.strided:
            found[split].append(application(model, sampler, windows, takes, SEED, split))
    return found


def cells_of(clips: list[Clip], paths: Paths, extent: Extent) -> list[Cell]:
    """Those for which the split has clips that are long enough. Raises DataError when there is none."""
    cells = [cell for cell in extent.cells if gaps_of(clips, paths.split, cell, 1, paths.seed)]
    if not cells:
        raise DataError(f"no {paths.split} clip is long enough to be measured on", hint="prepare longer clips")
    return cells


def _gaps(paths: Paths, cells: list[Cell], jobs: int, folder: Path | None, task: Task) -> list[Table]:
    """Mean errors over the parts, part by part, and joint by joint."""
    if folder is not None:
        claim(folder, paths)
    where = f"{paths.split} subjects"
    measured = measure_cells(paths, cells, METHODS, folder, jobs, lambda name: task.advance(lambda: f"{paths.split} {name}"))
    title = f"Mean error in mm on masked joints, {where}"
    return [
        summary(measured, METHODS, where),
        by_method(measured, METHODS, "gaps_mean", title, lambda some: some.mean_mm, 1),
        by_joint(measured, METHODS[-1], where),
    ]
