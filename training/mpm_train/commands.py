"""The commands of `mpm-train`: their arguments, and the call of the module that does the work."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Literal

import tyro

from mpm_core.errors import DataError, printable
from mpm_train.ablation.grids import Sizes
from mpm_train.data.config import PrepareConfig
from mpm_train.paper_refine.config import RefineConfig
from mpm_train.recipes.files import CORPUS as DATA

FILE_WIDTH = 160  # of tables that go to a file or a pipe
DEFAULTS = PrepareConfig()
REFINE = RefineConfig()


def prepare(
    folders: tyro.conf.Positional[list[Path]],
    /,
    config: Annotated[PrepareConfig, tyro.conf.arg(name="")] = DEFAULTS,
    out: Path = DATA,
) -> None:
    """Read folders of motion (BVH, AMC with its .asf, C3D, NPZ, UI-PRMD, Human3.6M, 3DHP, AMASS) into one corpus of 17-joint clips.

    Args:
        folders: searched with everything below them; a motion file's folder is its subject.
        config: what goes where.
        out: the corpus folder to write; a stopped run is resumed.
    """
    from mpm_train.data.prepare import prepare as work

    say(*work(folders, out, config))


def info(
    what: tyro.conf.Positional[str] = "",
    /,
    measure: bool = False,
    data: Path | None = None,
    seconds: float = 10.0,
    workers: int | None = None,
) -> None:
    """List the recipes; with a recipe's name, a model file or a run's folder: what it is and what its network costs, module by module.

    Args:
        what: the recipe or the model; all recipes in a line each if left out.
        measure: train for a moment and print windows a second, share of waiting and peak memory in fp32 and bf16; with a corpus, epochs.
        data: the prepared corpus to measure on; synthetic windows if left out.
        seconds: how long to measure in each precision.
        workers: processes that prepare batches meanwhile; as the recipe has it if left out.
    """
    from mpm_train.info import info as work
    from mpm_train.info import recipe_lines, speed

    if not what:
        if measure:
            raise DataError("there is nothing to measure", hint="name a recipe or a model")
        say(*recipe_lines())
        return
    config, lines = work(what)
    say(*lines)
    if measure:
        say("", *speed(config if workers is None else replace(config, workers=workers), data, seconds))


def ablate(
    grid: tyro.conf.Positional[Literal["pretext", "tasks", "masks", "ratios", "layers", "data", "augment", "all"]],
    /,
    sizes: Annotated[Sizes, tyro.conf.arg(name="")],
    data: Path = DATA,
    out: Path = Path("runs/ablate"),
    dry_run: bool = False,
) -> None:
    """The paper's comparisons by many short runs; a stopped one is resumed, finished runs are kept.

    Args:
        grid: what is compared.
        data: the prepared corpus.
        out: where the runs and the tables go (<grid>.md, <grid>.csv).
        dry_run: only list the runs and how many minutes they will take here.
    """
    from mpm_train.ablation.ablate import ablate as work

    say(*work(grid, sizes, data, out, say, dry_run=dry_run))


def evaluate(
    model: tyro.conf.Positional[Path],
    /,
    data: Path = DATA,
    files: tuple[Path, ...] = (),
    table: Literal["gaps", "markers", "sigma", "lifting", "world", "occlusion", "protocol"] | None = None,
    split: str = "validation",
    per_cell: int = 16,
    seed: int = 1,
    methods: tuple[str, ...] = (),
    parts: tuple[str, ...] = (),
    lengths: tuple[float, ...] = (),
    flip: bool = False,
    every: int = 1,
    jobs: int = 1,
    out: Path | None = None,
    cameras: tuple[Path, ...] = (),
    seated: bool = False,
    without: tuple[str, ...] = (),
) -> None:
    """Errors of a model on people it was not trained on, by the code that the application runs.

    Args:
        model: a .safetensors file.
        data: the prepared corpus.
        files: markers: takes of labelled markers, or folders of them; the corpus's own if left out.
        table: gaps: parts by lengths by methods. markers: the same on markers of --files. sigma: how many positions are in the intervals.
            lifting: 2D of virtual cameras to 3D. world: lifted takes where they stand, from virtual cameras or those of --cameras.
            occlusion: the paper's partial 2D or 3D. protocol: those of Human3.6M and MPI-INF-3DHP. By default the one that suits the model.
        split: validation or test. Choose nothing by the errors on test, or they no longer show what is to be expected.
        per_cell: gaps in each cell, spread over the clips; lifting is measured on 48 times as many windows (4 times as
            many takes in the application), occlusion in 3D on 8 times.
        seed: decides where gaps are cut and cameras stand.
        methods: of the fills, which to measure; all if left out.
        parts: which parts of the body; all if left out.
        lengths: gap lengths in seconds; 0.1 to 4 if left out.
        flip: lifting: average with the prediction from the mirrored 2D.
        every: protocol, and occlusion on real cameras: only every N-th frame or window, for a quick look.
        jobs: processes that share the gap cells.
        out: a folder for CSV, JSON, Markdown and pictures. A stopped gap table is resumed from it.
        cameras: world: folders of calibrated recordings (data/calibrated.py) instead of virtual cameras.
        seated: world, with --cameras: the person of these recordings sits, as a user says of legs that are not seen.
        without: gaps, markers: without these parts: gate, network, residuals, mirror, priors, edges, feet, marker-distances, smoothness,
            median.
    """
    from rich.console import Console

    from mpm_train.evaluate import Request, default_table
    from mpm_train.evaluate import evaluate as work
    from mpm_train.tables.cells import Paths
    from mpm_train.tables.write import terminal

    paths = Paths(model, data, split, per_cell, seed, files, without=without)
    tables = work(table or default_table(paths), Request(paths, methods, parts, lengths, flip, every, jobs, out, cameras, seated))
    console = Console(width=None if sys.stdout.isatty() else FILE_WIDTH)
    for one in tables:
        if one.printed:
            console.print(terminal(one))
    if out is not None:
        say(f"written to {out}")


def refine(model: tyro.conf.Positional[Path], /, how: Annotated[RefineConfig, tyro.conf.arg(name="")] = REFINE, data: Path = DATA) -> None:
    """What the paper's refine module adds to a lifting model; it needs the true depth of the root and the true camera.

    Args:
        model: a lifting model.
        how: how the module learns, and on whom it is measured.
        data: the prepared corpus.
    """
    from mpm_train.paper_refine.report import refine_report

    say(*refine_report(model, data, how))


def export(
    run: tyro.conf.Positional[Path],
    to: tyro.conf.Positional[Path],
    /,
    data: Path = DATA,
    jobs: int = 1,
    per_cell: int = 8,
    parts: tuple[str, ...] = (),
    lengths: tuple[float, ...] = (),
    start_data: Path | None = None,
    allow_non_free: bool = False,
) -> None:
    """Write a finished run's model for the application, with its gate, its held-out errors and its card beside it.

    Args:
        run: the run's folder.
        to: the .safetensors file to write; the card goes beside it as .md.
        data: the prepared corpus it is measured on.
        jobs: processes that share the measuring.
        per_cell: gaps in each cell that sigma and the errors are measured on; the gate learns from three times as many.
        parts: which parts of the body; all if left out.
        lengths: gap lengths in seconds; 0.1 to 4 if left out.
        start_data: a corpus prepared again, of the model that the run started from, where that file records nothing of its making.
        allow_non_free: write into resources/ although the terms of the data forbid shipping the weights, or are not known.
    """
    from mpm_train.export import export as work
    from mpm_train.tables.plan import LENGTHS_S, PARTS, Extent

    at_least_one(per_cell=per_cell, jobs=jobs)
    if any(length <= 0 for length in lengths):
        raise DataError("--lengths are above 0", hint="seconds, such as 0.5")
    if unknown := [part for part in parts if part not in PARTS]:
        raise DataError(f"there is no part called {unknown[0]!r}", hint=f"known: {', '.join(PARTS)}")
    extent = Extent(per_cell, parts or tuple(PARTS), lengths or LENGTHS_S)
    say(*work(run, to, data, jobs, extent, start_data=start_data, allow_non_free=allow_non_free))


def card(
    model: tyro.conf.Positional[Path], /, data: Path | None = None, per_cell: int = 8, jobs: int = 1, cells: Path | None = None
) -> None:
    """Write the card of a model file again, without training, from what the file records.

    Args:
        model: the .safetensors file; the card goes beside it as .md.
        data: for files from before runs recorded their history: a corpus prepared again from the same folders, which is measured on, too.
        per_cell: gaps in each cell of what is measured.
        jobs: processes that share the measuring.
        cells: a folder that keeps what is measured, so that a stopped one is resumed.
    """
    from mpm_train.export import card_again
    from mpm_train.tables.plan import Extent

    at_least_one(per_cell=per_cell, jobs=jobs)
    say(*card_again(model, data, Extent(per_cell), jobs, cells))


def at_least_one(**given: int) -> None:
    """Raises DataError for the first of these options that is below 1."""
    for name, value in given.items():
        if value < 1:
            raise DataError(f"--{name.replace('_', '-')} is at least 1, not {value}", hint="leave it out for the default")


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(printable(line) + "\n")
    sys.stdout.flush()
