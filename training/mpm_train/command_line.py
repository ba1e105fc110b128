"""Commands as they are typed: those that make what is recorded, with every setting that is not the default; and --config in them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError
from mpm_train.config import TrainConfig
from mpm_train.data.config import PrepareConfig
from mpm_train.recipes import RECIPES, command_of
from mpm_train.recipes.files import CORPUS
from mpm_train.tables.plan import Extent

THREE_VALUED = ("bf16",)  # True, False or a word: an option with a value, not a flag


def prepare_command(folders: Sequence[Path], out: Path, config: PrepareConfig) -> str:
    """`mpm-train prepare` of these folders."""
    given = [str(folder) for folder in folders] + options(asdict(config), asdict(PrepareConfig()))
    return shlex.join(["mpm-train", "prepare", *given, *_unless("out", out, CORPUS)])


def train_command(config: TrainConfig, recipe: str, data: Path, out: Path) -> str:
    """`mpm-train pretrain` or `finetune` of a recipe; of a run's own settings where no recipe is named."""
    command = ["mpm-train", command_of(config)]
    if recipe in RECIPES:
        command += [recipe, *options(asdict(config), asdict(RECIPES[recipe]()))]
    else:
        command += ["--config", str(out / "config.json")]
    return shlex.join([*command, *_unless("data", data, CORPUS), *_unless("out", out, Path("runs") / config.name)])


def export_command(run: Path, to: Path, data: Path, extent: Extent, *, start_data: Path | None = None, allow_non_free: bool) -> str:
    """`mpm-train export` of a run."""
    usual = Extent(8)
    started = [] if start_data is None else ["--start-data", str(start_data)]
    given = {"per_cell": extent.per_cell, "parts": extent.parts, "lengths": extent.lengths_s, "allow_non_free": allow_non_free}
    default = {"per_cell": usual.per_cell, "parts": usual.parts, "lengths": usual.lengths_s, "allow_non_free": False}
    return shlex.join(["mpm-train", "export", str(run), str(to), *_unless("data", data, CORPUS), *started, *options(given, default)])


def config_file(arguments: list[str]) -> tuple[Path | None, list[str]]:
    """The file that --config names, and the other arguments. Raises DataError when none follows.

    >>> config_file(["--lr", "0.1", "--config", "run/config.json"])[1]
    ['--lr', '0.1']
    """
    given = [part for argument in arguments for part in (argument.split("=", 1) if argument.startswith("--config=") else [argument])]
    if "--config" not in given:
        return None, given
    at = given.index("--config")
    if at + 1 == len(given):
        raise DataError("--config names no file", hint="--config runs/NAME/config.json")
    return Path(given[at + 1]), given[:at] + given[at + 2 :]


def options(values: dict[str, Any], default: dict[str, Any], prefix: str = "") -> list[str]:
    """The arguments that change a configuration of these defaults into these values.

    >>> options({"partial": False, "model": {"layers": 3, "heads": 8}}, {"partial": True, "model": {"layers": 4, "heads": 8}})
    ['--no-partial', '--model.layers', '3']
    """
    found: list[str] = []
    for name, value in values.items():
        flag = f"{prefix}{name}".replace("_", "-")
        if value == default.get(name):
            continue
        if isinstance(value, bool) and name not in THREE_VALUED:
            parent, _, own = flag.rpartition(".")
            found.append(f"--{flag}" if value else f"--{parent}{'.' if parent else ''}no-{own}")
        elif isinstance(value, dict) and isinstance(default.get(name), dict) and default[name]:
            found += options(value, default[name], f"{prefix}{name}.")
        elif isinstance(value, dict):
            found += [f"--{flag}", *(str(part) for pair in value.items() for part in pair)]
        elif isinstance(value, tuple | list):
            found += [f"--{flag}", *(str(part) for each in value for part in (each if isinstance(each, tuple | list) else (each,)))]
        else:
            found += [f"--{flag}", str(value)]
    return found


def _unless(name: str, value: Path, default: Path) -> list[str]:
    return [] if value == default else [f"--{name}", str(value)]
