"""Where a run can be followed: TensorBoard, Weights & Biases, MLflow, by accelerate's trackers."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from secrets import token_hex
from typing import Any, Literal, get_args

from accelerate.tracking import LOGGER_TYPE_TO_CLASS, GeneralTracker

from mpm_core.errors import DataError, reason
from mpm_core.files.atomic import write_bytes

TrackerName = Literal["tensorboard", "wandb", "mlflow", "none"]
PROJECT = "mpm-studio"
EXTRAS = {"tensorboard": "train", "wandb": "wandb", "mlflow": "mlflow"}
SPEED = ("seconds", "windows_per_s", "data_wait", "peak_memory_mb")


def check_tracker(name: TrackerName) -> None:
    """Raises DataError when there is no such tracker, or its package is not installed."""
    if name not in get_args(TrackerName):
        raise DataError(f"there is no tracker called {name!r}", hint=f"known: {', '.join(get_args(TrackerName))}")
    if name == "none":
        return
    try:
        import_module(name)
    except ImportError as error:
        hint = f"pip install 'mpm-studio[{EXTRAS[name]}]', or take another --tracker"
        raise DataError(f"--tracker {name} needs the package {name}, which is not installed", hint=hint) from error


def start_tracker(name: TrackerName, out: Path, step: int, settings: Mapping[str, Any]) -> GeneralTracker | None:
    """The tracker of the run in the folder `out`, which is continued after `step`; None for "none".

    A resumed run is the same run of Weights & Biases or MLflow, by tracker.json in its folder. settings: shown beside the run, nested ones
    as a/b. Called after `processes.join`, of which accelerate's trackers want to know. Raises DataError as `check_tracker`.
    """
    check_tracker(name)
    if name == "none":
        return None
    known = _run_of(out, name)
    if name == "tensorboard":
        tracker = LOGGER_TYPE_TO_CLASS[name]("tensorboard", str(out), purge_step=step + 1)
    elif name == "wandb":
        known = known or token_hex(8)
        tracker = LOGGER_TYPE_TO_CLASS[name](PROJECT, name=out.name, dir=str(out), id=known, resume="allow")
    else:
        tracker = LOGGER_TYPE_TO_CLASS[name](PROJECT, run_name=out.name, run_id=known or None)
    tracker.start()
    if name != "tensorboard":  # there they would be a run of their own each time
        known = known or str(tracker.tracker.info.run_id)
        write_bytes(out / "tracker.json", json.dumps({"tracker": name, "run": known}).encode())
        tracker.store_init_configuration(flat(settings))
    return tracker


def tag(column: str) -> str:
    """A column of log.csv as it is called where tags with the same first word are one group.

    >>> tag("validation_loss"), tag("windows_per_s"), tag("lr")
    ('validation/loss', 'speed/windows_per_s', 'train/lr')
    """
    if column in SPEED:
        return f"speed/{column}"
    split, _, term = column.partition("_")
    return f"{split}/{term}" if split in ("train", "validation") else f"train/{column}"


def flat(settings: Mapping[str, Any], prefix: str = "") -> dict[str, Any]:
    """Nested settings in one mapping.

    >>> flat({"batch": 8, "model": {"layers": 2}, "warp": (0.7, 1.4)})
    {'batch': 8, 'model/layers': 2, 'warp': '[0.7, 1.4]'}
    """
    found: dict[str, Any] = {}
    for name, value in settings.items():
        if isinstance(value, Mapping):
            found |= flat(value, f"{prefix}{name}/")
        else:
            found[prefix + name] = json.dumps(value) if isinstance(value, list | tuple) else value
    return found


def _run_of(out: Path, name: str) -> str:
    """The tracker's own name of the run in this folder; "" when it is new there. Raises DataError when the file is damaged."""
    path = out / "tracker.json"
    if not path.is_file():
        return ""
    try:
        there = json.loads(path.read_text(encoding="utf-8"))
        return str(there["run"]) if there["tracker"] == name else ""
    except (ValueError, KeyError, TypeError) as error:
        raise DataError(f"the name of the tracked run cannot be read ({reason(error)})", where=str(path), hint="delete it") from error
