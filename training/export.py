"""From a finished run to the file that ships: held-out errors inside, the model card beside it."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError
from mpm_core.io.atomic import write_bytes
from mpm_core.model.checkpoint import load_model, save_model
from training.data.corpus import load_corpus
from training.evaluate import PER_CELL, SIGMA_METHODS, gap_table, gap_trials, lift_errors, lift_table

TITLES = {"complete": "completion of partial 3D joints", "lift": "lifting of 2D keypoints to 3D joints"}
ACKNOWLEDGEMENT = (
    "The data used in this project was obtained from mocap.cs.cmu.edu. The database was created with funding from NSF EIA-0196217."
)


def export(run: Path, to: Path, data: Path) -> list[str]:
    """Measure on validation subjects, write the model file and its card. Raises ModelError, DataError when the run is not finished."""
    source = run / "model.safetensors"
    if not source.is_file():
        raise DataError("this run has no finished model", where=str(run), hint="let mpm-train finish it")
    model = load_model(source)
    joints_NJ3, clips = load_corpus(data)
    facts = dict(model.facts)
    if model.network.config.task == "complete":
        _, facts["sigma"] = gap_trials(model, joints_NJ3, clips, "validation", PER_CELL, methods=SIGMA_METHODS.values())
        trials, _ = gap_trials(replace(model, facts=facts), joints_NJ3, clips, "validation", PER_CELL, seed=1)
        errors = gap_table(trials, "validation")
    else:
        errors = lift_table(lift_errors(model, joints_NJ3, clips, "validation"), "validation")
    train = [clip for clip in clips if clip.split == "train"]
    minutes = sum((clip.stop - clip.start) / clip.rate_hz for clip in train) / 60
    facts["data"] = f"CMU Graphics Lab motion capture, {len({clip.subject for clip in train})} subjects, {minutes:.0f} minutes"
    facts["licence"] = "MIT; trained on CMU data, free for all uses"
    facts["acknowledgement"] = ACKNOWLEDGEMENT
    save_model(model.network, facts, to)
    write_bytes(
        to.with_suffix(".md"), card(model.network.config.task, facts, errors, sum(p.numel() for p in model.network.parameters())).encode()
    )
    return [f"written: {to} and {to.with_suffix('.md')}", errors]


def card(task: str, facts: dict[str, Any], errors: str, parameters: int) -> str:
    recipe = str(facts["recipe"])
    settings = facts["training"]
    training = json.dumps(settings, indent=1, sort_keys=True)
    stage_i = "mpm-train pretrain first-pretrain\n" if settings["start_from"] else ""
    return f"""# Model card: {task}

- **Task**: {TITLES[task]}, 17 body joints (Human3.6M order)
- **Network**: MPM (arXiv 2306.17201), {parameters:,} parameters, weights in half precision
- **Data**: {facts["data"]}; validation subjects 005, 010, 016, 035, 091 and all of HDM05 were never trained on
- **Licence**: {facts["licence"]}
- **Acknowledgement**: {facts["acknowledgement"]}
- **Made by**:

```
mpm-train prepare DATA/cmu DATA/cmu_daz DATA/hdm05
{stage_i}mpm-train finetune {recipe}
mpm-train export runs/{recipe} resources/models/{task}.safetensors
```

## Held-out error

{errors}

## Settings

```json
{training}
```
"""
