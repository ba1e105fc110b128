"""Filling the gaps of each cell by each method, stored cell by cell, so that a stopped evaluation is resumed."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import closing
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import mpm_core
from mpm_core.best_fill import predict_once
from mpm_core.complete import CompleteOptions, complete_patch
from mpm_core.errors import DataError, MappingError, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.fill.methods import METHODS as CLASSICAL
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.model.checkpoint import Model, load_model
from mpm_core.recording import Recording
from mpm_core.typing import Mask
from mpm_train.data.corpus import Clip, Rows, corpus_hash, load_corpus
from mpm_train.parallel import quiet
from mpm_train.tables.gap_errors import Figures, Filled, figures_from, gap_errors, pooled
from mpm_train.tables.marker_plan import MarkerGap, Take, hide, marker_gaps, read_takes, takes_of_corpus
from mpm_train.tables.plan import Cell, Gap, cut, gaps_of
from mpm_train.tables.without import left_out


@dataclass(frozen=True, slots=True)
class Source:
    """What is measured on what. per_cell: gaps in each cell; seed decides where they are cut. takes: of markers, instead of clips.

    without: parts of the completion that are left out (without.py).
    """

    joints_NJ3: Rows
    clips: list[Clip]
    model: Model
    split: str
    per_cell: int
    seed: int
    takes: tuple[Take, ...] = ()
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Paths:
    """A `Source` by name, for a process that opens it itself. files: of markers; with them, data and split are not used. markers: the
    corpus's takes of markers, instead of its clips. without: as of `Source`.
    """

    model: Path
    data: Path
    split: str
    per_cell: int
    seed: int
    files: tuple[Path, ...] = ()
    markers: bool = False
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Measured:
    """A cell's figures by method; refusals: method -> its error message for a gap that it did not fill."""

    cell: Cell
    figures: dict[str, Figures]
    refusals: dict[str, str]


@lru_cache(maxsize=1)
def opened(paths: Paths) -> Source:
    """Raises ModelError, DataError, FormatError."""
    if paths.files or paths.markers:
        takes = tuple(read_takes(paths.files) if paths.files else takes_of_corpus(paths.data, paths.split))
        return Source(Rows([], (17, 3)), [], load_model(paths.model), paths.split, paths.per_cell, paths.seed, takes, paths.without)
    return Source(*load_corpus(paths.data), load_model(paths.model), paths.split, paths.per_cell, paths.seed, without=paths.without)


@dataclass(frozen=True, slots=True)
class Fill:
    """The filled stretch, the true one, the mask, and why samples of it are left ("" = none are)."""

    method: str
    filled: Recording
    truth: Recording
    masked_FJ: Mask
    why: str = ""


def fill_gap(gap: Gap | MarkerGap, methods: Iterable[str], source: Source) -> Iterator[Fill]:
    """By each method, through the application's own code; what the application would leave as too uncertain is measured, too."""
    truth, gapped, masked_FJ = cut(gap, source.joints_NJ3) if isinstance(gap, Gap) else hide(gap, source.takes)
    predict = predict_once(gapped, masked_FJ)
    for method in methods:
        try:
            if isinstance(gap, MarkerGap) and method in CLASSICAL:  # sigma of each method alone would double the time
                patch = fill_gaps(gapped, masked_FJ, method, sigma=False).patch
            else:
                options = CompleteOptions(method, masked_FJ, source.model, limits=None)
                with left_out(source.without):
                    patch = complete_patch(gapped, options, predict=predict).patch
            yield Fill(method, patch.apply(gapped)[0], truth, masked_FJ)
        except (DataError, MappingError) as error:
            yield Fill(method, gapped, truth, masked_FJ, str(error))


def measure_cell(source: Source, cell: Cell, methods: Sequence[str]) -> Measured:
    """Raises DataError when no clip of the split, or none of the takes, is long enough."""
    gaps: Sequence[Gap | MarkerGap] = gaps_in(source, cell, source.per_cell)
    if not gaps:
        raise DataError(f"no {source.split} clip is long enough for a gap of {cell.length_s:g} s", hint="leave this length out")
    found: dict[str, list[Filled]] = {method: [] for method in methods}
    refusals: dict[str, str] = {}
    for gap in gaps:
        pairs = source.takes[gap.take].pairs if isinstance(gap, MarkerGap) else None
        for fill in fill_gap(gap, methods, source):
            found[fill.method].append(gap_errors(fill.filled, fill.truth, fill.masked_FJ, pairs))
            if fill.why:
                refusals[fill.method] = fill.why
    return Measured(cell, {method: pooled(some) for method, some in found.items()}, refusals)


def gaps_in(source: Source, cell: Cell, count: int) -> Sequence[Gap] | Sequence[MarkerGap]:
    """The gaps of a cell: of markers where the source has takes, else of joints."""
    if source.takes:
        return marker_gaps(source.takes, cell, count, source.seed)
    return gaps_of(source.clips, source.split, cell, count, source.seed)


def measure_cells(
    paths: Paths, cells: list[Cell], methods: tuple[str, ...], folder: Path | None, jobs: int, done: Callable[[str], None]
) -> list[Measured]:
    """Every cell by every method, in the order given; with a folder, what lies there already is not measured again.

    jobs: processes that share the work. done: called with a cell's name when it is measured. Raises DataError when the folder holds an
    evaluation of something else, ModelError.
    """
    kept = {cell: _read(folder, cell) for cell in cells} if folder is not None else {}
    missing = {cell: tuple(m for m in methods if cell not in kept or m not in kept[cell].figures) for cell in cells}
    todo = [(cell, some) for cell, some in missing.items() if some]
    for cell in cells:
        if not missing[cell]:
            done(cell.name)
    with closing(_results(paths, todo, jobs)) as results:
        for new in results:
            old = kept.get(new.cell, Measured(new.cell, {}, {}))
            kept[new.cell] = Measured(new.cell, old.figures | new.figures, old.refusals | new.refusals)
            if folder is not None:
                _write(folder, kept[new.cell])
            done(new.cell.name)
    return [kept[cell] for cell in cells]


def claim(folder: Path, paths: Paths) -> None:
    """Make the folder this evaluation's own. Raises DataError when it holds one of another model, corpus, plan or program."""
    facts = {
        "model": sha256(paths.model.read_bytes()).hexdigest() if paths.model.is_file() else "",
        "corpus": "" if paths.files else corpus_hash(paths.data),
        "files": [str(file) for file in paths.files],
        "markers": paths.markers,
        "without": list(paths.without),
        "program": program(),
        "split": paths.split,
        "per_cell": paths.per_cell,
        "seed": paths.seed,
    }
    (folder / "cells").mkdir(parents=True, exist_ok=True)
    path = folder / "plan.json"
    if path.is_file():
        before = _load(path)
        other = ", ".join(name for name in facts if before.get(name) != facts[name])
        if other:
            raise DataError(
                f"this folder holds an evaluation with another {other}", where=str(folder), hint="name another --out, or delete it"
            )
    write_bytes(path, json.dumps(facts, indent=1).encode())


@cache
def program() -> str:
    """A hash of the code that fills and measures."""
    digest, here = sha256(), Path(__file__).parent
    for file in (
        *sorted(Path(mpm_core.__file__).parent.rglob("*.py")),
        here / "plan.py",
        here / "marker_plan.py",
        here / "gap_errors.py",
        here / "cells.py",
        here / "without.py",
    ):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _results(paths: Paths, todo: list[tuple[Cell, tuple[str, ...]]], jobs: int) -> Generator[Measured, None, None]:
    if jobs == 1 or len(todo) < 2:
        source = opened(paths)
        for cell, methods in todo:
            yield measure_cell(source, cell, methods)
        return
    pool = ProcessPoolExecutor(jobs, get_context("spawn"), initializer=quiet)  # forked, torch's threads would hang
    try:
        for future in as_completed([pool.submit(partial(_in_worker, paths), cell, methods) for cell, methods in todo]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _in_worker(paths: Paths, cell: Cell, methods: tuple[str, ...]) -> Measured:
    return measure_cell(opened(paths), cell, methods)


def _path(folder: Path, cell: Cell) -> Path:
    return folder / "cells" / f"{cell.name}.json"


def _write(folder: Path, measured: Measured) -> None:
    figures = {method: some.as_json() for method, some in measured.figures.items()}
    write_bytes(_path(folder, measured.cell), json.dumps({"figures": figures, "refusals": measured.refusals}, indent=1).encode())


def _read(folder: Path, cell: Cell) -> Measured:
    path = _path(folder, cell)
    if not path.is_file():
        return Measured(cell, {}, {})
    values = _load(path)
    return Measured(cell, {method: figures_from(some) for method, some in values["figures"].items()}, dict(values["refusals"]))


def _load(path: Path) -> dict[str, Any]:
    try:
        values: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise DataError(
            f"this is not a whole file ({reason(error)})", where=str(path), hint="delete it; it will be measured again"
        ) from error
    return values
