"""What made a file: the command, the code's commit, and the versions of what it ran on."""

from __future__ import annotations

import platform
import shutil
import subprocess
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("mpm-studio", "torch", "numpy", "scipy")
CHANGED = "with changes"


@dataclass(frozen=True, slots=True)
class MadeBy:
    """command: as it would be typed. commit: of the code, empty where it is not in a git tree. versions: of Python and packages."""

    command: str
    commit: str
    versions: dict[str, str]


def made_by(command: str) -> MadeBy:
    """This process, running that command."""
    return MadeBy(command, commit(), versions())


@cache
def versions() -> dict[str, str]:
    """Of Python and PACKAGES, those that are installed."""
    found = {"python": platform.python_version()}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


@cache
def commit() -> str:
    """The commit of the code that runs, with a note where its files were changed since; empty where git does not track it."""
    here = Path(__file__)
    git = shutil.which("git")
    if git is None or _git(git, here.parent, "ls-files", "--error-unmatch", here.name) is None:
        return ""
    found = _git(git, here.parent, "rev-parse", "HEAD")
    changes = _git(
        git,
        here.parent,
        "status",
        "--porcelain",
        "--untracked-files=no",
        ":/training",
        ":/mpm_core",
        ":/resources",
        ":(exclude,top)resources/models",
    )
    return f"{found} {CHANGED}" if found and changes else found or ""


def _git(git: str, folder: Path, *arguments: str) -> str | None:
    """What git answers, None where it refuses."""
    done = subprocess.run([git, *arguments], cwd=folder, capture_output=True, text=True, check=False)
    return done.stdout.strip() if done.returncode == 0 else None
