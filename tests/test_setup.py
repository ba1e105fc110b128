"""scripts/setup.sh installs when something changed, and only then. A stand-in for Python notes what it is asked."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder with the set-up's inputs and an environment that looks whole; its name has a space."""
    root = tmp_path / "a checkout"
    (root / "scripts").mkdir(parents=True)
    (root / ".venv" / "bin").mkdir(parents=True)
    for name in ("scripts/setup.sh", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, root / name)
    python = root / ".venv" / "bin" / "python"
    python.write_text(
        f'#!/bin/sh\necho "$@" >> "{root}/asked"\nif [ -e "{root}/broken" ] && [ "$3" = install ]; then echo no network >&2; exit 1; fi\n'
    )
    python.chmod(0o755)
    (root / ".venv" / "bin" / "pip").write_text(f"#!{python}\n")
    return root


def set_up(root: Path) -> subprocess.CompletedProcess[str]:
    command = ["bash", "-c", 'source "$0/scripts/setup.sh"', str(root)]
    return subprocess.run(command, cwd="/", capture_output=True, text=True, timeout=60, check=False)


def installs(root: Path) -> int:
    asked = root / "asked"
    return asked.read_text().count("pip install") if asked.exists() else 0


def test_it_installs_once_and_again_when_the_pins_change(checkout: Path) -> None:
    assert set_up(checkout).returncode == 0
    assert installs(checkout) == 1
    assert "-c constraints.txt -e .[dev,train,dask,docs]" in (checkout / "asked").read_text()
    assert set_up(checkout).stderr == ""
    assert installs(checkout) == 1
    (checkout / "constraints.txt").write_text("numpy==2.0\n")
    assert set_up(checkout).returncode == 0
    assert installs(checkout) == 2


def test_a_failed_install_is_told_and_tried_again(checkout: Path) -> None:
    (checkout / "broken").touch()
    done = set_up(checkout)
    assert done.returncode == 1
    assert "no network" in done.stderr and "this failed" in done.stderr
    (checkout / "broken").unlink()
    assert set_up(checkout).returncode == 0
    assert installs(checkout) == 2
