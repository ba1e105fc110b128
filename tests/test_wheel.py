"""The wheel as a user gets it: built, installed into an empty environment, and run from another folder."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import zipfile
from pathlib import Path

import pytest

import mpm_core as mpm

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "resources" / "sample"
PACKAGES = ("mpm_core", "mpm_studio", "mpm_train")


def run(*command: str | Path, cwd: Path) -> str:
    """What a command prints, run without this checkout on its path; fails with what it says on stderr."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run([*map(str, command)], cwd=cwd, env=environment, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built by the build backend alone: no network, no environment of its own."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=ROOT)
    (path,) = folder.iterdir()
    return path


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the programs are in an empty environment that holds the wheel; the dependencies are found where this Python has them."""
    venv = tmp_path_factory.mktemp("empty") / "venv"
    run(sys.executable, "-m", "venv", "--without-pip", venv, cwd=venv.parent)
    bin_folder = venv / "bin"
    install = ["install", "--quiet", "--no-deps", "--no-index", "--no-compile"]
    run(sys.executable, "-m", "pip", "--python", bin_folder / "python", *install, wheel, cwd=venv.parent)
    (site,) = (venv / "lib").glob("python*/site-packages")
    # A folder on the path, not a site folder: the .pth file of an editable install in it is not followed.
    (site / "dependencies.pth").write_text(sysconfig.get_paths()["purelib"])
    return bin_folder


def test_the_top_level_is_the_three_packages_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        top = {name.partition("/")[0] for name in archive.namelist()}
    (metadata,) = top - set(PACKAGES)
    assert top >= set(PACKAGES) and metadata.endswith(".dist-info")


def test_every_file_of_the_packages_every_resource_and_every_page_is_inside(wheel: Path) -> None:
    wanted = {f"mpm_core/{path.relative_to(ROOT)}" for path in (ROOT / "resources").rglob("*") if path.is_file()}
    wanted |= {f"mpm_core/resources/{path.relative_to(ROOT)}" for path in (ROOT / "docs").rglob("*") if path.is_file()}
    for package, folder in zip(PACKAGES, (".", "app", "training"), strict=True):
        files = [path for path in (ROOT / folder / package).rglob("*") if path.is_file() and "__pycache__" not in path.parts]
        wanted |= {str(path.relative_to(ROOT / folder)) for path in files}
    with zipfile.ZipFile(wheel) as archive:
        assert {name for name in archive.namelist() if ".dist-info/" not in name} == wanted


def test_what_runs_is_the_wheels_own_copy_and_finds_its_own_resources(programs: Path, tmp_path: Path) -> None:
    code = f"import {', '.join(PACKAGES)}; from mpm_core.resources import resource\n"
    code += f"for each in ({', '.join(PACKAGES)}): print(each.__file__)\n"
    code += "for name in ('models/complete.safetensors', 'skeletons', 'shaders', 'icons', 'sample', 'fills.toml'): print(resource(name))"
    paths = [Path(line) for line in run(programs / "python", "-c", code, cwd=tmp_path).splitlines()]
    assert len(paths) == 9
    assert all(path.is_relative_to(programs.parent) and path.exists() for path in paths)


def test_info_and_clean_run_from_another_folder(programs: Path, tmp_path: Path) -> None:
    source, out = SAMPLE / "walk_reach_sit.c3d", tmp_path / "clean.c3d"
    assert "walk_reach_sit" in run(programs / "mpm-studio", "info", source, cwd=tmp_path)
    run(programs / "mpm-studio", "clean", source, "-o", out.name, "--method", "hermite", cwd=tmp_path)
    before, after = mpm.read(source), mpm.read(out)
    assert mpm.find_gaps(before) and not mpm.find_gaps(after)
    assert after.xyz_FPD[before.visible_FP].tobytes() == before.xyz_FPD[before.visible_FP].tobytes()


@pytest.mark.slow
def test_the_demo_runs_with_the_models_that_ship(programs: Path, tmp_path: Path) -> None:
    run(programs / "mpm-studio", "demo", "--out", "demo", "--device", "cpu", cwd=tmp_path)
    wanted = {"report.json", "report.md", "before_after.png", "walk_reach_sit_lifted.npz"}
    assert wanted <= {path.name for path in (tmp_path / "demo").iterdir()}
    assert not mpm.find_gaps(mpm.read(tmp_path / "demo" / "walk_reach_sit_clean.c3d"))


def test_the_trainer_lists_its_recipes(programs: Path, tmp_path: Path) -> None:
    assert "studio-repair" in run(programs / "mpm-train", "info", cwd=tmp_path)
