"""The commands that make a model, from motion files to its file, card and tables, as steps with what each reads and writes."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

from mpm_core.errors import DataError
from mpm_train.data import small_motion
from mpm_train.recipes import RECIPES, SHIPPED, command_of
from mpm_train.recipes.files import EXPORTED, MORE_FOLDERS, corpus_of, is_exported

Target = Literal["complete", "lift"]
TABLES = {"complete": ("gaps", "sigma"), "lift": ("lifting",)}


@dataclass(frozen=True, slots=True)
class Size:
    """What `--small` changes: options of mpm-train's commands, for synthetic people and a network that learns in seconds."""

    steps: int = 40
    batch: int = 8
    channels: int = 32
    per_cell: int = 2
    parts: tuple[str, ...] = ("wrist", "leg")
    lengths_s: tuple[float, ...] = (0.25, 1.0)

    @property
    def prepare(self) -> tuple[str, ...]:
        return ("--no-default-splits", "--hold-out", *small_motion.VALIDATION, "--test", *small_motion.TEST)

    def train(self, recipe: str) -> tuple[str, ...]:
        network = ("--model.channels", str(self.channels), "--model.hidden", str(2 * self.channels), "--model.layers", "2")
        run = ("--steps", str(self.steps), "--save-every", str(self.steps), "--batch", str(self.batch), "--warm-up", "5")
        gate = ("--gate-subjects", *small_motion.TRAIN[:2]) if RECIPES[recipe]().gate_subjects else ()
        return (*network, *run, "--bf16", "False", "--workers", "0", "--ema", "0.9", *gate)

    @property
    def cells(self) -> tuple[str, ...]:
        lengths = (f"{length_s:g}" for length_s in self.lengths_s)
        return ("--per-cell", str(self.per_cell), "--parts", *self.parts, "--lengths", *lengths)


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be made. folders: where the motion lies; more_folders: further ones, for the recipes of MORE_FOLDERS alone.

    work: the folder of corpora, runs and tables. to: the model file. splits: on which tables are measured. jobs: processes that share the
    measuring. tracker: of the runs. size: None = the recipes as they are. rules: of prepare. allow_non_free: of export.
    """

    target: Target
    folders: tuple[Path, ...]
    more_folders: tuple[Path, ...]
    work: Path
    to: Path
    splits: tuple[str, ...] = ("validation",)
    jobs: int = 1
    tracker: str = "tensorboard"
    size: Size | None = None
    rules: Path | None = None
    allow_non_free: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One command. reads, writes: files and corpora; folder: what it alone fills, of a run or of tables; None for a file or a corpus.

    arguments: of mpm-train; free: more of them, which change no result. settings: of the recipe that it trains.
    """

    name: str
    arguments: tuple[str, ...]
    free: tuple[str, ...]
    reads: tuple[Path, ...]
    writes: tuple[Path, ...]
    folder: Path | None = None
    settings: str = ""

    @property
    def command(self) -> str:
        return shlex.join(["mpm-train", *self.arguments])


def steps_of(order: Order) -> list[Step]:
    """Every step in order. Raises DataError when there is nothing to prepare from."""
    if not order.folders:
        raise DataError("there is no motion to make a model from", hint="name its folders with --data-folders, or try it with --small")
    last = SHIPPED[order.target]
    steps = [_prepare(order, order.work / "corpus", order.folders)]
    for recipe, exported in chain_of(last):
        data = order.work / "corpus"
        if order.more_folders and recipe in MORE_FOLDERS:
            data = order.work / Path(corpus_of(recipe)).name
            prepare = _prepare(order, data, (*order.folders, *order.more_folders))
            steps += [prepare] if prepare not in steps else []
        steps.append(_train(order, recipe, data))
        if exported:
            steps.append(_export(order, recipe, data, order.work / recipe / EXPORTED))
    steps.append(_export(order, last, data, order.to))
    return [*steps, *_tables(order, data)]


def chain_of(recipe: str) -> list[tuple[str, bool]]:
    """The recipes of which each continues from the one before, up to this one; and whether the next continues from its export."""
    start_from = RECIPES[recipe]().start_from
    if not start_from:
        return [(recipe, False)]
    *before, (name, _) = chain_of(Path(start_from).parent.name)
    return [*before, (name, is_exported(start_from)), (recipe, False)]


def _prepare(order: Order, corpus: Path, folders: tuple[Path, ...]) -> Step:
    options = order.size.prepare if order.size else ()
    options += ("--rules", str(order.rules)) if order.rules is not None else ()
    arguments = ("prepare", *map(str, folders), *options, "--out", str(corpus))
    reads = (*folders, *([order.rules] if order.rules is not None else []))
    return Step(corpus.name, arguments, ("--jobs", str(order.jobs)), reads, (corpus,))


def _train(order: Order, recipe: str, data: Path) -> Step:
    config, out = RECIPES[recipe](), order.work / recipe
    before: tuple[Path, ...] = ()
    if config.start_from:
        start = Path(config.start_from)
        before = (order.work / start.parent.name / start.name,)
    options = (*(order.size.train(recipe) if order.size else ()), "--data", str(data), "--out", str(out))
    start_options = ("--start-from", str(before[0])) if before else ()
    arguments = (command_of(config), recipe, *options, *start_options)
    return Step(recipe, arguments, ("--tracker", order.tracker), (data, *before), (out / "model.safetensors",), out, repr(asdict(config)))


def _export(order: Order, recipe: str, data: Path, to: Path) -> Step:
    run = order.work / recipe
    cells = order.size.cells if order.size else ()
    allowed = ("--allow-non-free",) if order.allow_non_free else ()
    arguments = ("export", str(run), str(to), "--data", str(data), *cells, *allowed)
    name = f"export-{recipe}" if to.name == EXPORTED else f"export-{order.target}"
    return Step(name, arguments, ("--jobs", str(order.jobs)), (data, run / "model.safetensors"), (to, to.with_suffix(".md")))


def _tables(order: Order, data: Path) -> Iterator[Step]:
    for split in order.splits:
        out = order.work / f"tables-{order.target}-{split}"
        for number, table in enumerate(TABLES[order.target]):  # the later ones use what the first has measured
            sizes = order.size.cells if order.size else ()
            options = ("--data", str(data), "--table", table, "--split", split, *sizes, "--out", str(out))
            writes, folder = (out / f"{table}.md",), None if number else out
            arguments = ("evaluate", str(order.to), *options)
            yield Step(f"{out.name}-{table}", arguments, ("--jobs", str(order.jobs)), (data, order.to), writes, folder)
