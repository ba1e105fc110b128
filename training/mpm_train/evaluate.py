"""Errors of a finished model on people it was not trained on: the tables of `mpm-train evaluate`, by the code that the application runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from mpm_core.complete import METHODS
from mpm_core.errors import DataError
from mpm_core.model.checkpoint import load_model
from mpm_train.data.corpus import SPLITS, load_pixels
from mpm_train.data.intact import check_intact
from mpm_train.data.windows import Sampler
from mpm_train.network_kinds import takes_camera_axes
from mpm_train.progress import progress
from mpm_train.tables import marker_plan
from mpm_train.tables.application import application
from mpm_train.tables.cells import Measured, Paths, claim, gaps_in, measure_cells, opened
from mpm_train.tables.gaps import ENDS_ONLY, default_methods, gap_tables
from mpm_train.tables.lifting import lift_tables, partial_2d
from mpm_train.tables.markers import marker_tables
from mpm_train.tables.occlusion import partial_3d
from mpm_train.tables.partial import published_2d, published_3d
from mpm_train.tables.plan import LENGTHS_S, PARTS, Cell
from mpm_train.tables.protocol import protocol_tables, views_in
from mpm_train.tables.sigma import calibration
from mpm_train.tables.without import check_parts
from mpm_train.tables.world import real_table, world_tables
from mpm_train.tables.write import Table, write_tables

WINDOWS_2D, WINDOWS_3D, TAKES = 48, 8, 4  # for each of per_cell: a window that is lifted costs less than a take that is completed

LONGEST_S = 60.0
JOINT_CELLS = dict.fromkeys(PARTS, LENGTHS_S)


@dataclass(frozen=True, slots=True)
class Request:
    """One evaluation. per_cell: gaps in each cell, and the number of windows that lifting and occlusion are measured on.

    methods, parts, lengths_s: empty = all. cameras: folders of calibrated recordings; seated: their person sits. out: the folder for tables
    and pictures, from which a stopped gap table is resumed.
    """

    paths: Paths
    methods: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    lengths_s: tuple[float, ...] = ()
    flip: bool = False
    every: int = 1
    jobs: int = 1
    out: Path | None = None
    cameras: tuple[Path, ...] = ()
    seated: bool = False


def evaluate(table: str, request: Request) -> list[Table]:
    """The tables of that name (TABLES), written to request.out where there is one. Raises DataError, ModelError, FormatError."""
    if table not in TABLES:
        raise DataError(f"there is no table called {table!r}", hint=f"known: {', '.join(TABLES)}")
    if request.paths.split not in SPLITS or min(request.paths.per_cell, request.jobs, request.every) < 1:
        raise DataError(f"the split is one of {', '.join(SPLITS)}, and --per-cell, --jobs and --every are at least 1")
    if request.paths.files and table != "markers":
        raise DataError("only the markers table measures files", hint="give --table markers with --files")
    check_parts(request.paths.without)
    if request.paths.without and table not in ("gaps", "markers", "sigma"):
        raise DataError("only completion is measured without its parts", hint="give --table gaps or markers with --without")
    if request.cameras and table != "world":
        raise DataError("the cameras are those of lifted takes in the world", hint="give --table world with --cameras")
    if request.seated and not request.cameras:
        raise DataError("that the person sits is said of recordings by real cameras", hint="give --seated with --cameras")
    if not request.paths.files and not request.cameras:
        check_intact(request.paths.data)
    if table == "markers" and not request.paths.files:
        request = replace(request, paths=replace(request.paths, markers=True))
    tables = TABLES[table](request)
    if request.out is not None:
        write_tables(tables, request.out, table, f"{table}: {request.paths.model.name}, {request.paths.split} subjects")
    return tables


def gaps(request: Request) -> list[Table]:
    methods = request.methods or default_methods()
    cells = measure_gaps(request, methods)
    if request.out is not None:
        from mpm_train.tables.plots import plot_gaps

        plot_gaps(cells, methods, request.out, request.paths.split)
    return gap_tables(cells, methods, request.paths.split)


def markers(request: Request) -> list[Table]:
    methods = request.methods or (*default_methods(), *ENDS_ONLY)
    known = dict.fromkeys(marker_plan.PARTS, marker_plan.LENGTHS_S) | dict.fromkeys(marker_plan.RANDOM, (marker_plan.RANDOM_S,))
    return marker_tables(measure_gaps(request, methods, known), methods)


def sigma(request: Request) -> list[Table]:
    methods = request.methods or ("auto",)
    cells = measure_gaps(request, methods)
    return [calibration(cells, method, request.paths.split) for method in methods]


def lifting(request: Request) -> list[Table]:
    model, sampler, split, seed = opened(request.paths).model, _sampler(request), request.paths.split, request.paths.seed
    windows, takes = WINDOWS_2D * request.paths.per_cell, TAKES * request.paths.per_cell
    tables = lift_tables(model, sampler, windows, seed, split, request.flip)
    whole = model.network.config.sequence_head or not model.network.config.strided
    return [*tables, application(model, sampler, windows, takes, seed, split)] if whole else tables


def occlusion(request: Request) -> list[Table]:
    """On real cameras where the split has them, else on virtual ones."""
    source, split, seed = opened(request.paths), request.paths.split, request.paths.seed
    model = source.model
    if views_in(source.clips, split):
        if model.network.config.lifts:
            pixels_NJ2 = load_pixels(request.paths.data)
            return published_2d(model, source.joints_NJ3, pixels_NJ2, source.clips, split, request.every, seed, request.flip)
        return published_3d(model, source.joints_NJ3, source.clips, split, request.every, seed)
    sampler = _sampler(request)
    if model.network.config.lifts:
        return [partial_2d(model, sampler, WINDOWS_2D * request.paths.per_cell, seed, split, request.flip)]
    return [partial_3d(model, sampler, WINDOWS_3D * request.paths.per_cell, seed, split)]


def protocol(request: Request) -> list[Table]:
    source, split = opened(request.paths), request.paths.split
    return protocol_tables(
        source.model, source.joints_NJ3, load_pixels(request.paths.data), source.clips, split, request.every, request.flip
    )


def world(request: Request) -> list[Table]:
    """Takes through virtual cameras; with `cameras`, those of real calibrated ones instead."""
    if request.cameras:
        return [real_table(load_model(request.paths.model), request.cameras, request.seated)]
    source, split = opened(request.paths), request.paths.split
    names = sorted({clip.source for clip in source.clips if clip.split == split})
    data_sets = {name: _sampler(request, name) for name in names} if len(names) > 1 else {}
    return world_tables(source.model, _sampler(request), request.paths.per_cell, request.paths.seed, split, data_sets)


TABLES: dict[str, Callable[[Request], list[Table]]] = {
    "gaps": gaps,
    "markers": markers,
    "sigma": sigma,
    "lifting": lifting,
    "world": world,
    "occlusion": occlusion,
    "protocol": protocol,
}


def default_table(paths: Paths) -> str:
    """The table that suits a model. Raises ModelError, DataError."""
    config = opened(paths).model.network.config
    if config.lifts:
        return "lifting"
    return "occlusion" if takes_camera_axes(config) else "gaps"


def measure_gaps(request: Request, methods: tuple[str, ...], cells_of: Mapping[str, tuple[float, ...]] = JOINT_CELLS) -> list[Measured]:
    """The cells of a gap table without those for which no clip is long enough. cells_of: lengths by part. Raises DataError, ModelError."""
    paths, parts = request.paths, request.parts or tuple(cells_of)
    for name, given, known in (("part", parts, tuple(cells_of)), ("method", methods, METHODS)):
        wrong = [one for one in given if one not in known]
        if wrong:
            raise DataError(f"there is no {name} called {wrong[0]!r}", hint=f"known: {', '.join(known)}")
    if not all(0 < length_s <= LONGEST_S for length_s in request.lengths_s):
        raise DataError(f"gaps are between 0 s and {LONGEST_S:g} s long", hint="give --lengths in seconds")
    source = opened(paths)
    config = source.model.network.config
    if not config.completes:
        raise DataError("this model fills no gaps in the application", where=str(paths.model), hint="use --table lifting or occlusion")
    cells = [Cell(part, length_s) for part in parts for length_s in request.lengths_s or cells_of[part]]
    cells = [cell for cell in cells if gaps_in(source, cell, 1)]
    if not cells:
        raise DataError(f"no {paths.split} clip is long enough for any of these gaps", hint="ask for shorter ones, or prepare longer clips")
    if request.out is not None:
        claim(request.out, paths)
    with progress("masking and filling", len(cells), "cells") as task:
        return measure_cells(paths, cells, methods, request.out, request.jobs, lambda name: task.advance(lambda: name))


def _sampler(request: Request, data_set: str | None = None) -> Sampler:
    """Of the clips of the split; data_set: those of one data set only."""
    source = opened(request.paths)
    config = source.model.network.config
    clips = [clip for clip in source.clips if data_set in (None, clip.source)]
    return Sampler(source.joints_NJ3, clips, request.paths.split, config.frames, config.rate_hz)
