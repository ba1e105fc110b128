"""The `mpm-train` command: prepare, pretrain, finetune, evaluate, ablate, export, card, info."""

from __future__ import annotations

import sys
from typing import Any

import tyro

from mpm_core.errors import MpmError
from mpm_train.commands import ablate, card, evaluate, export, info, prepare, refine, say, train


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 an error, in one line, 2 usage, 130 stopped (a run can be resumed)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    commands: dict[str, Any] = {
        "prepare": prepare,
        "evaluate": evaluate,
        "ablate": ablate,
        "refine": refine,
        "export": export,
        "card": card,
        "info": info,
    }
    try:
        if len(arguments) > 1 and arguments[0] in ("pretrain", "finetune") and not arguments[1].startswith("-"):
            train(arguments[1], arguments[0], arguments[2:])
        elif (
            len(arguments) > 1
            and arguments[0] in ("pretrain", "finetune")
            and any(one.partition("=")[0] == "--config" for one in arguments)
        ):
            train("", arguments[0], arguments[1:])
        elif arguments and arguments[0] in ("pretrain", "finetune"):
            from mpm_train.info import recipe_lines

            command, settings = f"mpm-train {arguments[0]}", f"mpm-train {arguments[0]} RECIPE --help"
            say(f"usage: {command} RECIPE [options], or {command} --config FILE [options]   (each recipe's settings: {settings})", "")
            say(*recipe_lines(arguments[0]))
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
