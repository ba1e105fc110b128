"""Which command an argument list means; and the two that need this: `train`, whose options are a recipe's, and `make`, which executes the
others through here, one after the other."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import tyro

from mpm_core.errors import DataError
from mpm_train.command_line import config_file
from mpm_train.commands import ablate, at_least_one, card, evaluate, export, info, prepare, refine, say
from mpm_train.config import TrainConfig
from mpm_train.recipes import RECIPES, command_of
from mpm_train.recipes.files import CORPUS
from mpm_train.saved_config import read_config

TRAINING = ("pretrain", "finetune")
DESCRIPTION = (
    "Makes the models of mpm-studio. Two more commands train: `pretrain RECIPE` and `finetune RECIPE` (--help lists their settings)."
)


def run(arguments: Sequence[str]) -> int:
    """Execute the arguments of mpm-train: 0 done, 2 usage. Raises what the command raises."""
    if arguments and arguments[0] in TRAINING:
        command, *rest = arguments
        if rest and not rest[0].startswith("-"):
            train(rest[0], command, rest[1:])
            return 0
        if any(argument.partition("=")[0] == "--config" for argument in rest):
            train("", command, rest)
            return 0
        from mpm_train.info import recipe_lines

        usage, settings = f"mpm-train {command}", f"mpm-train {command} RECIPE --help"
        say(f"usage: {usage} RECIPE [options], or {usage} --config FILE [options]   (each recipe's settings: {settings})", "")
        say(*recipe_lines(command))
        return 0 if {"--help", "-h"} & set(rest) else 2
    commands: dict[str, Any] = {
        "make": make,
        "prepare": prepare,
        "evaluate": evaluate,
        "ablate": ablate,
        "refine": refine,
        "export": export,
        "card": card,
        "info": info,
    }
    tyro.extras.subcommand_cli_from_dict(
        commands, prog="mpm-train", description=DESCRIPTION, args=arguments, config=(tyro.conf.DisallowNone,)
    )
    return 0


def train(recipe: str, command: str, arguments: list[str]) -> None:
    """Train a recipe (see `mpm-train info`) or, with --config FILE, what a run's config.json says; single settings are overruled on the
    command line, and a stopped run is resumed.

    recipe: empty with --config. command: pretrain or finetune. Raises DataError for a recipe of the other.
    """
    file, arguments = config_file(arguments)
    if file is not None and recipe:
        raise DataError("a recipe and --config are two beginnings", hint="leave one of them out")
    default = recipe_named(recipe)() if file is None else read_config(file)
    if command != command_of(default):
        raise DataError(f"{recipe or file} is not for {command}", hint=f"use it with {command_of(default)}")

    def work(
        config: Annotated[TrainConfig, tyro.conf.arg(name="")] = default,
        data: Path = CORPUS,
        out: Path | None = None,
        audit: bool = False,
        tracker: Literal["tensorboard", "wandb", "mlflow", "none"] = "tensorboard",
    ) -> None:
        """Train, or resume the same run, in one process or in several under torchrun (docs/training.md).

        Args:
            data: the prepared corpus.
            out: the run's folder; runs/<name> where none is given.
            audit: every process writes audit-<rank>.csv: each step's loss to the bit, and hashes of its weights and of the windows it drew.
            tracker: where the run can be followed: tensorboard (in the run's folder), wandb, mlflow, or none; log.csv is always written.
        """
        from mpm_train.run import train as run

        model = run(config, data, out or Path("runs") / config.name, audit=audit, recipe=recipe, tracker=tracker)
        if os.environ.get("RANK", "0") == "0":
            say(f"model written to {model}")

    tyro.cli(work, prog=f"mpm-train {command} {recipe or f'--config {file}'}", args=arguments, config=(tyro.conf.AvoidSubcommands,))


def recipe_named(name: str) -> Callable[[], TrainConfig]:
    """Raises DataError when there is none."""
    if name not in RECIPES:
        raise DataError(f"there is no recipe called {name!r}", hint=f"known: {', '.join(RECIPES)}")
    return RECIPES[name]


def make(
    target: tyro.conf.Positional[Literal["complete", "lift"]],
    /,
    data_folders: tuple[Path, ...] = (),
    more_folders: tuple[Path, ...] = (),
    work: Path | None = None,
    to: Path | None = None,
    small: bool = False,
    splits: tuple[Literal["validation", "test"], ...] = ("validation",),
    jobs: int = 1,
    tracker: Literal["tensorboard", "wandb", "mlflow", "none"] = "tensorboard",
    rules: Path | None = None,
    allow_non_free: bool = False,
    dry_run: bool = False,
) -> None:
    """Make a model from motion files: corpus, every training run, gate, calibration, card and tables. A stopped one is resumed.

    Steps whose result is there and unchanged are skipped; the plan says which.

    Args:
        target: complete (of partial 3D) or lift (of 2D).
        data_folders: where the motion lies, as for prepare.
        more_folders: more of them, for the last run of complete, and the last three of lift, alone.
        work: the folder of corpora, runs and tables; runs, or runs/small with --small.
        to: the model file; <target>.safetensors in the folder of work if left out.
        small: the whole chain in minutes: a tiny network on synthetic people that it makes itself.
        splits: of which people the tables are.
        jobs: processes that share the measuring.
        tracker: where the runs can be followed.
        rules: as for prepare: frame rates, skeletons, units and hold-outs by file.
        allow_non_free: as for export.
        dry_run: only list the steps.
    """
    from mpm_train.data.small_motion import write_people
    from mpm_train.make import make as work_on
    from mpm_train.make_plan import Order, Size
    from mpm_train.trackers import check_tracker

    if int(os.environ.get("WORLD_SIZE", "1")) > 1:
        raise DataError("make runs in one process", hint="start it without torchrun; --dry-run lists its steps")
    if small and (data_folders or more_folders):
        raise DataError("--small makes its own motion", hint="leave --data-folders and --more-folders out")
    at_least_one(jobs=jobs)
    check_tracker(tracker)
    place = work or Path("runs/small" if small else "runs")
    folders = (place / "motion",) if small else data_folders
    if small and not dry_run:
        write_people(place / "motion")
    order = Order(
        target,
        folders,
        more_folders,
        place,
        to or place / f"{target}.safetensors",
        splits,
        jobs,
        tracker,
        Size() if small else None,
        rules,
        allow_non_free,
    )
    say(*work_on(order, run, dry_run=dry_run))
