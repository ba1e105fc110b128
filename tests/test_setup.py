"""scripts/setup.sh installs when something changed, and only then. A stand-in for Python notes what it is asked."""

from __future__ import annotations

import os
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
    python.write_text(f"""#!/bin/sh
case "$*" in
"-c "*) [ -e "{root}/torch is installed" ]; exit ;;
*--dry-run*) cat "{root}/offered" 2>/dev/null; exit ;;
"-m pip config list") cat "{root}/settings" 2>/dev/null; exit ;;
"-m uv "*) env > "{root}/environment"; if [ -e "{root}/uv is broken" ]; then echo no such setting >&2; exit 1; fi ;;
esac
echo "$@" >> "{root}/asked"
case "$*" in *install*) if [ -e "{root}/broken" ]; then echo no network >&2; exit 1; fi ;; esac
""")
    python.chmod(0o755)
    (root / ".venv" / "bin" / "pip").write_text(f"#!{python}\n")
    return root


def set_up(root: Path, **programs: str) -> subprocess.CompletedProcess[str]:
    """Run it with stand-ins for the programs that are named: what each prints."""
    folder = root / "programs"
    folder.mkdir(exist_ok=True)
    for name, prints in programs.items():
        (folder / name).write_text(f"#!/bin/sh\n{prints}\n")
        (folder / name).chmod(0o755)
    command = ["bash", "-c", 'source "$0/scripts/setup.sh"', str(root)]
    path = f"{folder}:{os.environ['PATH']}"
    return subprocess.run(command, cwd="/", env={**os.environ, "PATH": path}, capture_output=True, text=True, timeout=60, check=False)


def installs(root: Path) -> int:
    asked = root / "asked"
    return asked.read_text().count(" -e .[") if asked.exists() else 0


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
    before = installs(checkout)
    (checkout / "broken").unlink()
    assert set_up(checkout).returncode == 0
    assert installs(checkout) == before + 1


def test_uv_installs_with_the_settings_of_pip(checkout: Path) -> None:
    settings = {
        "global.cert": "/a/b.pem",
        "global.find" + "-links": "/one /two",
        "global.extra-index" + "-url": "\\nhttps://x/\\nhttps://y/",
    }
    settings |= {":env:.cert": "/c d/e.pem", "global.timeout": "9", ":env:.no-index": "1"}
    (checkout / "settings").write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
    assert set_up(checkout).returncode == 0
    given = dict(line.split("=", 1) for line in (checkout / "environment").read_text().splitlines() if line.startswith(("UV_", "SSL_")))
    assert given["SSL_CERT_FILE"] == "/c d/e.pem" and given["UV_FIND_LINKS"] == "/one,/two" and given["UV_NO_INDEX"] == "1"
    assert given["UV_EXTRA_INDEX_URL"].split() == ["https://x/", "https://y/"] and "UV_TIMEOUT" not in given
    *_, last = (checkout / "asked").read_text().splitlines()
    assert last.startswith("-m uv pip install") and not (checkout / ".venv" / "uv").exists()


def test_pip_installs_where_uv_does_not(checkout: Path) -> None:
    (checkout / "uv is broken").touch()
    done = set_up(checkout)
    assert done.returncode == 0 and "uv did not install them" in done.stderr
    assert "no such setting" in (checkout / ".venv" / "uv.log").read_text()
    *_, last = (checkout / "asked").read_text().splitlines()
    assert last.startswith("-m pip install") and installs(checkout) == 1


NVIDIA = '{"requires_dist": ["filelock", "nvidia-cudnn-cu13==9.20.0.48"]}'


def test_without_a_gpu_a_build_for_gpus_is_announced_with_its_size_and_the_way_to_the_other(checkout: Path) -> None:
    (checkout / "offered").write_text(NVIDIA)
    told = set_up(checkout, **{"nvidia-smi": "exit 1"}).stderr
    assert "build for NVIDIA GPUs" in told and "GB" in told and "no NVIDIA GPU was found" in told
    assert "PIP_EXTRA_INDEX_URL=" in told and "pytorch.org/get-started" in told
    assert told.index("GPUs") < told.index("installing the Python packages") and installs(checkout) == 1


def test_with_a_gpu_the_build_for_gpus_is_taken_without_more_words(checkout: Path) -> None:
    (checkout / "offered").write_text(NVIDIA)
    told = set_up(checkout, **{"nvidia-smi": "echo GPU 0"}).stderr
    assert "build for NVIDIA GPUs" in told and "PIP_EXTRA_INDEX_URL" not in told


def test_a_build_for_the_cpu_that_is_offered_is_announced_and_one_that_is_installed_is_not(checkout: Path) -> None:
    (checkout / "offered").write_text(r'{"requires_dist": ["filelock"], "description": "see \"nvidia-smi\" and cuda-toolkit, for NVIDIA"}')
    told = set_up(checkout).stderr
    assert "build for the CPU" in told and "MB" in told and "GPU was found" not in told
    (checkout / "torch is installed").touch()
    (checkout / "constraints.txt").write_text("numpy==2.0\n")
    told = set_up(checkout).stderr
    assert "installing" in told and "torch is offered" not in told


@pytest.mark.parametrize(("glibc", "older"), [("2.28", True), ("2.31", True), ("2.34", False), ("2.41", False)])
def test_an_older_c_library_gets_the_last_pyside_that_runs_on_it(checkout: Path, glibc: str, older: bool) -> None:
    told = set_up(checkout, getconf=f"echo glibc {glibc}").stderr
    asked = (checkout / "asked").read_text()
    assert (f"the C library is {glibc}" in told) is older
    assert ("-c constraints.txt" in asked) is not older
    if older:
        (pins,) = checkout.rglob(".venv/constraints.txt")
        before, after = ((checkout / "constraints.txt").read_text().splitlines(), pins.read_text().splitlines())
        changed = [(a, b) for a, b in zip(before, after, strict=True) if a != b]
        assert [b.split("==")[0] for _, b in changed] == ["PySide6_Essentials", "shiboken6"] and all("==6.9." in b for _, b in changed)
