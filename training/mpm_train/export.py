"""From a finished run to the file that ships: its gate, its calibration, and its card, all derived from the run's own records."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, ModelError, reason
from mpm_core.files.atomic import write_bytes
from mpm_core.model.checkpoint import Model, load_model, save_model
from mpm_core.model.repair_network import RepairNetwork
from mpm_train.card import CardOf, card
from mpm_train.command_line import export_command
from mpm_train.data.contents import contents_of
from mpm_train.data.corpus import HELD_OUT, load_corpus
from mpm_train.data.intact import check_intact
from mpm_train.forecast import announce_filling
from mpm_train.held_out import EXTENT, Errors, held_out_errors
from mpm_train.history import EXPORTED, HISTORY, TRAINED, History, Step, as_facts, history_of, weights_free
from mpm_train.people import acknowledgements
from mpm_train.provenance import made_by
from mpm_train.recipes.chain import history_by_recipe, prepare_commands, with_recipes
from mpm_train.saved_config import trained_by
from mpm_train.tables.cells import Paths
from mpm_train.tables.plan import Extent, every_gap
from mpm_train.tables.sigma import auto_fill, measure_calibration
from mpm_train.tables.write import Table, markdown
from mpm_train.teach.gate import EXTENT as GATE_EXTENT
from mpm_train.teach.gate import with_gate

GATE_PER_CELL = 3
SIGMA_SEED = 0  # the errors on the card are of other gaps than those that sigma is calibrated on
SHIPPED = "resources"  # a folder of this name is the application's own
TABLES = "tables"  # among a model's facts


def export(
    run: Path, to: Path, data: Path, jobs: int = 1, extent: Extent = EXTENT, *, start_data: Path | None = None, allow_non_free: bool = False
) -> list[str]:
    """Fit the gate unless the run began with one, measure on held-out people, write the model file and its card.

    jobs: processes that share the filling. extent: the gaps that sigma and the errors are measured on; the gate is fitted to its own
    (teach/gate.py), or if others are asked for, to GATE_PER_CELL times as many in the same cells. start_data: a corpus prepared again, of
    a model that the run started from and that records nothing of its making (recipes/chain.py). allow_non_free: write into resources/
    although the data forbid it or say nothing.
    Raises ModelError; DataError when the run is not finished, the corpus is damaged, or the terms of its data forbid the folder.
    """
    source = run / "model.safetensors"
    if not source.is_file():
        raise DataError("this run has no finished model", where=str(run), hint="let mpm-train finish it")
    if not to.parent.is_dir():  # before minutes of work, not after
        raise DataError("there is no such folder to write to", where=str(to.parent), hint="make it first")
    model = load_model(source)
    check_intact(data)
    contents, config, trained = contents_of(data), model.network.config, trained_by(model)
    fits = isinstance(model.network, RepairNetwork) and not config.gated
    gate_subjects = trained.gate_subjects if fits else ()
    made = made_by(export_command(run, to, data, extent, start_data=start_data, allow_non_free=allow_non_free))
    commits = (made.commit,) if made.commit else ()
    step = Step(EXPORTED, trained.name, made.command, contents.hash, gate_subjects, commits=commits, versions=made.versions)
    history = history_of(model.facts)
    if start_data is not None:
        check_intact(start_data)
        history = with_recipes(history, contents_of(start_data))
    history = history.then(step, contents)
    if not allow_non_free:
        refuse_non_free(history, to)
    facts = {**model.facts, **as_facts(history), **terms(history)}
    if fits:
        gate_extent = GATE_EXTENT if extent == EXTENT else replace(extent, per_cell=GATE_PER_CELL * extent.per_cell)
        model = with_gate(model, data, gate_subjects, gate_extent, jobs)
    unfinished = to.with_name(f"{to.stem}.unfinished{to.suffix}")
    try:
        errors = _measured(model, facts, unfinished, data, jobs, extent)
        unfinished.replace(to)
    finally:
        unfinished.unlink(missing_ok=True)
    return write_card(to, history, (), errors)


def _measured(model: Model, facts: dict[str, Any], to: Path, data: Path, jobs: int, extent: Extent) -> Errors:
    """The model's errors, which are added to its facts, with the calibration of sigma; to: the file that is measured, and left there."""
    save_model(model.network, facts, to)
    if model.network.config.completes:
        paths, clips = Paths(to, data, "validation", extent.per_cell, SIGMA_SEED), load_corpus(data)[1]
        splits = [split for split in HELD_OUT if any(clip.split == split for clip in clips)]
        filled = [gap for split in ("validation", *splits) for gap in every_gap(clips, split, extent, SIGMA_SEED)]
        announce_filling("sigma, then errors", partial(auto_fill, paths), filled, jobs)
        facts["calibration"] = measure_calibration(paths, extent, jobs)
        save_model(model.network, facts, to)
    errors = held_out_errors(load_model(to), data, extent, jobs)
    facts[TABLES] = {split: [as_plain(table) for table in tables] for split, tables in errors.items()}
    save_model(model.network, facts, to)
    return errors


def card_again(path: Path, data: Path | None, extent: Extent = EXTENT, jobs: int = 1, folder: Path | None = None) -> list[str]:
    """Write the card of a model file again, without training: from its facts, as far as they go, and for files from before runs recorded
    their history, from the recipe that its settings name and a corpus that was prepared again.

    data: that corpus; also measured on where the file holds no tables. extent, jobs, folder: of the measuring (held_out.py).
    Raises ModelError, DataError when there is no corpus although the file needs one.
    """
    model = load_model(path)
    history, prepared = history_of(model.facts), tuple[str, ...]()
    if TABLES in model.facts and HISTORY in model.facts:
        return write_card(path, history, (), tables_of(model.facts))
    if data is None:
        raise DataError("this file does not record what its card says", where=str(path), hint="name a corpus: --data runs/corpus")
    check_intact(data)
    if HISTORY not in model.facts:
        trained = trained_by(model)
        history, prepared = history_by_recipe(trained, f"resources/models/{path.name}", contents_of(data)), tuple(prepare_commands(trained))
    return write_card(path, history, prepared, held_out_errors(model, data, extent, jobs, folder))


def write_card(path: Path, history: History, prepared: tuple[str, ...], errors: Errors) -> list[str]:
    """Beside the model file, as .md. Returns lines for the terminal."""
    model = load_model(path)
    kind = "complete" if model.network.config.completes else "lift"
    parameters = sum(p.numel() for p in model.network.parameters())
    write_bytes(
        path.with_suffix(".md"), card(CardOf(kind, parameters, model.facts, history, HISTORY not in model.facts, prepared, errors)).encode()
    )
    return [f"written: {path} and {path.with_suffix('.md')}", *(markdown(table) for tables in errors.values() for table in tables)]


def refuse_non_free(history: History, to: Path) -> None:
    """Raises DataError when the file goes into the application's folder and the terms of its data forbid that or are not known."""
    if SHIPPED not in to.resolve().parent.parts or weights_free(history):
        return
    parts = [f"{part.source}: {part.licence}" for part in history.learned_from() if not part.weights_free]
    why = "; ".join(dict.fromkeys(parts)) or "the model that it started from does not record its data"
    what, hint = f"these weights may not be shipped, as far as their data say ({why})", "write them elsewhere, or give --allow-non-free"
    raise DataError(what, where=str(to), hint=hint)


def terms(history: History) -> dict[str, Any]:
    """The facts data, licence and acknowledgement, in words."""
    free = weights_free(history)
    runs = [step for step in history.steps if step.kind == TRAINED and step.corpus in history.corpora]
    parts = dict.fromkeys(part for step in runs for part in history.corpora[step.corpus].of_split("train"))
    data = [f"{part.source} ({part.licence}), {len(part.people)} people, {part.minutes:.0f} minutes" for part in parts]
    licence = {
        True: "MIT; its data allow shipping the weights",
        False: "not to be shipped: its data forbid it",
        None: "not known: not all of its data say",
    }
    return {"data": "; ".join(data), "licence": licence[free], "acknowledgement": " ".join(acknowledgements(history))}


def as_plain(table: Table) -> dict[str, Any]:
    """A table as JSON holds it, whose objects have no order: columns as pairs; NaN as None."""
    rows = [[None if value != value else value for value in row] for row in table.rows]
    return asdict(table) | {"columns": list(table.columns.items()), "rows": rows}


def tables_of(facts: dict[str, Any]) -> Errors:
    """The tables in a model's facts. Raises ModelError when they cannot be read."""
    try:
        return {split: [_table(one) for one in facts[TABLES][split]] for split in HELD_OUT if split in facts[TABLES]}
    except (KeyError, TypeError, ValueError) as error:
        raise ModelError(f"the tables in its facts cannot be read ({reason(error)})", hint="export the model again") from error


def _table(one: dict[str, Any]) -> Table:
    return Table(**one | {"columns": dict(one["columns"]), "rows": tuple(map(tuple, one["rows"])), "notes": tuple(one["notes"])})
