"""The `mpm-train` command: prepare, pretrain, finetune, evaluate, info."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Annotated, Any

import tyro

from mpm_core.errors import DataError, MpmError
from training.config import TrainConfig
from training.recipes import RECIPES

DATA = Path("runs/corpus")
STAGE_I = ("pretrain",)
STAGE_II = ("complete", "lift")


def prepare(folders: tyro.conf.Positional[list[Path]], /, out: Path = DATA) -> None:
    """Read folders of AMC (with the .asf beside) and BVH files into one corpus of 17-joint clips.

    Args:
        folders: searched with everything below them; a clip's folder is its subject.
        out: the corpus folder to write.
    """
    from training.data.prepare import prepare as work

    say(*work(folders, out))


def info() -> None:
    """List the recipes."""
    for name, make in RECIPES.items():
        say(f"{name:16} {make().model.task:9} {(make.__doc__ or '').strip()}")


def evaluate(
    model: tyro.conf.Positional[Path], /, data: Path = DATA, split: str = "validation", per_cell: int = 16, out: Path | None = None
) -> None:
    """Errors of a model on people it never saw: gap tables for completion, MPJPE for lifting.

    Args:
        model: a .safetensors file.
        data: the prepared corpus.
        split: validation or test.
        per_cell: gaps per part and length, spread over the clips.
        out: a Markdown file to write the table to as well.
    """
    from training.evaluate import evaluate as work

    text = work(model, data, split, per_cell)
    say(text)
    if out is not None:
        from mpm_core.io.atomic import write_bytes

        write_bytes(out, text.encode())


def export(run: tyro.conf.Positional[Path], to: tyro.conf.Positional[Path], /, data: Path = DATA) -> None:
    """Write a finished run's model for the application, with its held-out errors and its card beside it.

    Args:
        run: the run's folder.
        to: the .safetensors file to write; the card goes beside it as .md.
        data: the prepared corpus it is measured on.
    """
    from training.export import export as work

    say(*work(run, to, data))


def train(recipe: str, tasks: tuple[str, ...], arguments: list[str]) -> None:
    """Train a recipe (see `mpm-train info`), single settings overruled on the command line; a stopped run goes on where it was."""
    if recipe not in RECIPES:
        raise DataError(f"there is no recipe called {recipe!r}", hint=f"known: {', '.join(RECIPES)}")
    default = RECIPES[recipe]()
    if default.model.task not in tasks:
        raise DataError(f"the recipe {recipe!r} is for {default.model.task!r}", hint=f"use it with {_command_for(default.model.task)}")

    def work(
        config: Annotated[TrainConfig, tyro.conf.arg(name="")] = default, data: Path = DATA, out: Path | None = None, audit: bool = False
    ) -> None:
        """Train, or go on where the same run was stopped. Alone, or in several processes under torchrun (docs/training.md).

        Args:
            data: the prepared corpus.
            out: the run's folder; runs/<name> where none is given.
            audit: every process writes audit-<rank>.csv: each step's loss to the bit, and hashes of its weights and of the windows it drew.
        """
        if config.model.task not in tasks:
            raise DataError(f"the task {config.model.task!r} is not for this command", hint=f"use {_command_for(config.model.task)}")
        from training.run import train as run

        model = run(config, data, out or Path("runs") / config.name, audit=audit)
        if os.environ.get("RANK", "0") == "0":
            say(f"model written to {model}")

    tyro.cli(work, prog=f"mpm-train {_command_for(default.model.task)} {recipe}", args=arguments)


def _command_for(task: str) -> str:
    return "pretrain" if task in STAGE_I else "finetune"


def say(*lines: str) -> None:
    for line in lines:
        sys.stdout.write(line + "\n")


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 a problem told in one line, 2 usage, 130 stopped (a run can be resumed)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    commands: dict[str, Any] = {"prepare": prepare, "evaluate": evaluate, "export": export, "info": info}
    try:
        if len(arguments) > 1 and arguments[0] in ("pretrain", "finetune") and not arguments[1].startswith("-"):
            train(arguments[1], STAGE_I if arguments[0] == "pretrain" else STAGE_II, arguments[2:])
        elif arguments and arguments[0] in ("pretrain", "finetune"):
            say(f"usage: mpm-train {arguments[0]} RECIPE [options]; recipes:")
            info()
            return 0 if "--help" in arguments or "-h" in arguments else 2
        else:
            tyro.extras.subcommand_cli_from_dict(commands, prog="mpm-train", description=_DESCRIPTION, args=arguments)
    except MpmError as error:
        if debug:
            raise
        sys.stderr.write(f"mpm-train: {error}\n")
        return 1
    except KeyboardInterrupt as stopped:
        sys.stderr.write(f"mpm-train: {stopped if str(stopped) else 'stopped; the same command goes on from the last checkpoint'}\n")
        return 130
    return 0


_DESCRIPTION = (
    "Makes the models of mpm-studio. Two more commands train: `pretrain RECIPE` and `finetune RECIPE` (--help lists their settings)."
)


if __name__ == "__main__":
    sys.exit(main())
