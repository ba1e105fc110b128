"""From a finished run to the file that ships: held-out errors in its header, the model card beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError
from mpm_core.files.atomic import write_bytes
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.repair_network import RepairNetwork
from mpm_train.config import TrainConfig
from mpm_train.data.corpus import load_corpus
from mpm_train.data.windows import Sampler
from mpm_train.evaluate import TAKES, WINDOWS_2D
from mpm_train.forecast import announce_filling
from mpm_train.progress import progress
from mpm_train.recipes import RECIPES
from mpm_train.recipes.files import FOLDERS, MORE_FOLDERS, corpus_of, is_exported
from mpm_train.settings import trained_by
from mpm_train.tables.cells import Paths, measure_cells
from mpm_train.tables.gaps import by_method, summary
from mpm_train.tables.lifting import application, lift_tables
from mpm_train.tables.plan import Extent, every_gap, gaps_of
from mpm_train.tables.sigma import auto_fill, measure_calibration
from mpm_train.tables.write import markdown
from mpm_train.teach.gate import EXTENT as GATE_EXTENT
from mpm_train.teach.gate import with_gate

EXTENT = Extent(8)
GATE_PER_CELL = 3
SIGMA_SEED, GAP_SEED = 0, 1  # the errors on the card are of other gaps than those that sigma is calibrated on
CARD_METHODS = ("linear", "spline", "hermite", "model", "auto")
TITLES = {"complete": "completion of partial 3D joints", "lift": "lifting of 2D keypoints to 3D joints"}
ACKNOWLEDGEMENT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217."
)


def export(run: Path, to: Path, data: Path, jobs: int = 1, extent: Extent = EXTENT) -> list[str]:
    """Fit the gate unless the run began with one, measure on validation subjects, write the model file and its card.

    jobs: processes that share the filling. extent: the gaps that sigma and the errors are measured on; the gate is fitted to its own
    (teach/gate.py), or if others are asked for, to GATE_PER_CELL times as many in the same cells.
    Raises ModelError, DataError when the run is not finished.
    """
    source = run / "model.safetensors"
    if not source.is_file():
        raise DataError("this run has no finished model", where=str(run), hint="let mpm-train finish it")
    if not to.parent.is_dir():  # before minutes of work, not after
        raise DataError("there is no such folder to write to", where=str(to.parent), hint="make it first")
    model = load_model(source)
    joints_NJ3, clips = load_corpus(data)
    config, facts, trained = model.network.config, dict(model.facts), trained_by(model)
    train = [clip for clip in clips if clip.split == "train"]
    minutes = sum((clip.stop - clip.start) / clip.rate_hz for clip in train) / 60
    facts["data"] = f"CMU Graphics Lab motion capture, {len({clip.subject for clip in train})} subjects, {minutes:.0f} minutes"
    facts["data"] += _of_gate_subjects(trained)
    facts["licence"] = "MIT; trained on CMU data, free for all uses"
    facts["acknowledgement"] = ACKNOWLEDGEMENT
    if config.completes:
        if isinstance(model.network, RepairNetwork) and not config.gated:
            gate_extent = GATE_EXTENT if extent == EXTENT else replace(extent, per_cell=GATE_PER_CELL * extent.per_cell)
            model = with_gate(model, data, trained.gate_subjects, gate_extent, jobs)
        save_model(model.network, facts, to)
        sigma_paths = Paths(to, data, "validation", extent.per_cell, SIGMA_SEED)
        twice = 2 * every_gap(clips, "validation", extent, SIGMA_SEED)
        announce_filling(f"{to.name}, sigma and errors", partial(auto_fill, sigma_paths), twice, jobs)
        facts["calibration"] = measure_calibration(sigma_paths, extent, jobs)
        save_model(model.network, facts, to)
        errors = held_out_errors(Paths(to, data, "validation", extent.per_cell, GAP_SEED), extent, jobs)
    else:
        sampler = Sampler(joints_NJ3, clips, "validation", config.frames, config.rate_hz)
        tables = lift_tables(model, sampler, WINDOWS_2D * extent.per_cell, GAP_SEED, "validation")
        tables.append(application(model, sampler, TAKES * extent.per_cell, GAP_SEED, "validation"))
        errors = "\n".join(markdown(table) for table in tables)
        save_model(model.network, facts, to)
    kind = "complete" if config.completes else "lift"
    write_bytes(to.with_suffix(".md"), card(kind, facts, trained, errors, sum(p.numel() for p in model.network.parameters())).encode())
    return [f"written: {to} and {to.with_suffix('.md')}", errors]


def held_out_errors(paths: Paths, extent: Extent, jobs: int) -> str:
    """The card's tables: mean errors over the parts, and part by part."""
    where, clips = f"{paths.split} subjects", load_corpus(paths.data)[1]
    cells = [cell for cell in extent.cells if gaps_of(clips, paths.split, cell, 1, paths.seed)]
    with progress("masking and filling", len(cells), "cells") as task:
        measured = measure_cells(paths, cells, CARD_METHODS, None, jobs, lambda name: task.advance(lambda: name))
    by_part = by_method(measured, CARD_METHODS, "by_part", f"Mean error in mm on masked joints, {where}", lambda some: some.mean_mm, 1)
    return "\n".join(markdown(table) for table in (summary(measured, CARD_METHODS, where), by_part))


def card(kind: str, facts: dict[str, Any], trained: TrainConfig, errors: str, parameters: int) -> str:
    recipe = str(facts["recipe"])
    training = json.dumps(facts["training"], indent=1, sort_keys=True)
    lines = [*_before(trained.start_from), *_made(recipe), _exported(recipe, f"resources/models/{kind}.safetensors")]
    made = "\n".join(f"mpm-train {line}" for line in [f"prepare {FOLDERS}", *lines])
    return f"""# Model card: {kind}

- **Task**: {TITLES[kind]}, 17 body joints (Human3.6M order)
- **Network**: after MPM (arXiv 2306.17201), {parameters:,} parameters, weights in half precision
- **Data**: {facts["data"]}; validation subjects 005, 010, 016, 035, 091 and all of HDM05 were never trained on
- **Licence**: {facts["licence"]}
- **Acknowledgement**: {facts["acknowledgement"]}
- **Made by**:

```
{made}
```

## Held-out error

{errors}

## Settings

```json
{training}
```
"""


def _of_gate_subjects(trained: TrainConfig) -> str:
    """What the training subjects were used for, where they were not all used alike."""
    if trained.gate_subjects:
        return f" (of which {', '.join(trained.gate_subjects)} to fit the errors to, not the poses)"
    before = _recipe_of(trained.start_from)
    if is_exported(trained.start_from) and before is not None and before.gate_subjects:
        return f" (of which {', '.join(before.gate_subjects)} at first to fit the gate to, then for the poses too)"
    return ""


def _before(start_from: str) -> list[str]:
    """The arguments of mpm-train that make the model file that a run started from, in order."""
    if not start_from:
        return []
    name, before = Path(start_from).parent.name, _recipe_of(start_from)
    exported = [_exported(name, start_from)] if is_exported(start_from) else []
    return [*_before(before.start_from if before else ""), *_made(name), *exported]


def _made(recipe: str) -> list[str]:
    command = "pretrain" if "pretrain" in recipe else "finetune"
    prepare = [f"prepare {MORE_FOLDERS[recipe]} --out {corpus_of(recipe)}"] if recipe in MORE_FOLDERS else []
    return [*prepare, f"{command} {recipe}{_data(recipe)}"]


def _exported(recipe: str, to: str) -> str:
    return f"export runs/{recipe} {to}{_data(recipe)}"


def _data(recipe: str) -> str:
    return f" --data {corpus_of(recipe)}" if recipe in MORE_FOLDERS else ""


def _recipe_of(model: str) -> TrainConfig | None:
    """The recipe that made this model file; None for a file that is not named after one."""
    name = Path(model).parent.name
    return RECIPES[name]() if name in RECIPES else None
