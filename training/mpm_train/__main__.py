"""The `mpm-train` command: make, prepare, pretrain, finetune, evaluate, ablate, refine, export, card, info."""

from __future__ import annotations

import os
import sys
import time

from mpm_core.errors import MpmError
from mpm_train.dispatch import run

RANK = int(os.environ.get("RANK", "0"))  # torchrun's
OTHERS_WAIT_S = 3.0


def main(arguments: list[str] | None = None) -> int:
    """Exit codes: 0 done, 1 an error, in one line, 2 usage, 130 stopped (a run can be resumed)."""
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in arguments
    try:
        return run([argument for argument in arguments if argument != "--debug"])
    except MpmError as error:
        if debug:
            raise
        if RANK:  # what all processes meet is said by process 0, after which torchrun ends this one
            time.sleep(OTHERS_WAIT_S)
        sys.stderr.write(f"mpm-train: {error}\n")
        return 1
    except KeyboardInterrupt as stopped:
        if not RANK:
            sys.stderr.write(f"mpm-train: {stopped if str(stopped) else 'stopped; the same command goes on from the last checkpoint'}\n")
        return 130


if __name__ == "__main__":
    sys.exit(main())
