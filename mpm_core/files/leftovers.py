"""Half-written files of killed processes: hidden, with the process's number in the name, so that the next writer can delete them.

The name is `.mpm-studio-<machine>-<process>-<random>`: in a folder that several machines share, each deletes only its own.
"""

from __future__ import annotations

import os
import platform
import re
import shutil
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

PREFIX = ".mpm-studio-"
MACHINE = sha256(platform.node().encode()).hexdigest()[:8]


def owned(name: str) -> str:
    """`name` followed by this machine's and this process's number."""
    return f"{name}{MACHINE}-{os.getpid()}-"


def abandoned(name: str, prefix: str) -> bool:
    """Whether a name made by `owned(prefix)` belongs to a process of this machine that has ended. False where that is not certain."""
    made = re.match(rf"{re.escape(prefix)}{MACHINE}-(\d+)-", name)
    if made is None or os.name != "posix":
        return False
    try:
        os.kill(int(made[1]), 0)
    except ProcessLookupError:
        return True
    except (PermissionError, OverflowError):  # someone else's, or no process number at all
        return False
    return False


def delete_leftovers(folder: Path) -> None:
    """Delete the half-written files of killed processes in a folder. What cannot be deleted stays: nothing depends on it."""
    with suppress(OSError), os.scandir(folder) as entries:
        for entry in [each for each in entries if abandoned(each.name, PREFIX)]:
            if entry.is_dir(follow_symlinks=False):
                shutil.rmtree(entry.path, ignore_errors=True)
            else:
                with suppress(OSError):
                    Path(entry.path).unlink()
