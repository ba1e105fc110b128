"""The house's rules, and that breaking one is noticed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from mpm_studio.start import FILLS_NEED
from tests.import_graph import circles, imports_within

ROOT = Path(__file__).parents[1]
PACKAGES = ("app", "mpm_core", "training")  # folders of code
FOLDERS = (*PACKAGES, "tests", "scripts", "docs", "resources", ".ci")
QT = ("PySide6", "shiboken6", "pyqtgraph", "OpenGL")


def texts() -> Iterator[tuple[Path, str]]:
    """Every text file of the project."""
    files = [path for path in ROOT.iterdir() if path.is_file()]
    files += [path for folder in FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()]
    for path in files:
        if path.name != ".git" and "__pycache__" not in path.parts and path.stat().st_size < 300_000:
            data = path.read_bytes()
            if b"\0" not in data:
                yield path.relative_to(ROOT), data.decode("utf-8")


def lint_imports(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command; lint_imports_command()", "--no-cache"]
    paths = os.pathsep.join(str(folder / name) for name in ("app", "training", "."))
    environment = {**os.environ, "PYTHONPATH": paths}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120, check=False)


def modules_after(*codes: str) -> list[set[str]]:
    """Modules, and their packages, that are loaded after each piece of code, one after the other in an interpreter of its own."""
    tell = "\nimport sys; sys.stderr.write('\\nLOADED ' + ' '.join(sys.modules) + '\\n')\n"
    done = subprocess.run(
        [sys.executable, "-c", tell.join([*codes, ""])], cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stderr
    found = [line.split()[1:] for line in done.stderr.splitlines() if line.startswith("LOADED ")]
    return [{name.partition(".")[0] for name in names} | {*names} for names in found]


VIOLATIONS = [  # a folder, what a module planted there says, and the contract that it breaks
    ("mpm_core", "import mpm_studio.settings", "The core knows neither program"),
    ("mpm_core", "from PySide6 import QtCore", "The core knows neither program"),
    ("mpm_core/edit", "def f():\n    import torch", "only mpm_core.model knows torch"),
    ("training/mpm_train", "import mpm_studio.session", "mpm_studio and mpm_train never meet"),
    ("app/mpm_studio", "import mpm_train.config", "mpm_studio and mpm_train never meet"),
    ("app/mpm_studio/commands", "import mpm_studio.views.timeline", "know no Qt"),
    ("app/mpm_studio/operations", "import mpm_studio.session", "know no Qt"),
    ("app/mpm_studio/batch", "def f():\n    from PySide6 import QtCore", "know no Qt"),
    ("app/mpm_studio/pages", "import mpm_studio.theme", "know no Qt"),
    ("app/mpm_studio/views", "import mpm_studio.commands.selftest", "Views know no commands"),
    ("app/mpm_studio/views", "import mpm_studio.__main__", "Views know no commands"),
    ("app/mpm_studio/batch", "import mpm_studio.commands.clean", "Views know no commands"),
    ("app/mpm_studio/operations", "import torch", "reaches torch through the core"),
    ("mpm_core/body", "import mpm_core.suspect.find", "Layers of the core"),
    ("mpm_core/files", "import mpm_core.recording", "Layers of the core"),
    ("mpm_core/io", "def f():\n    import mpm_core.complete", "Layers of the core"),
    ("mpm_core/fill", "import mpm_core.model.config", "Layers of the core"),
    ("mpm_core/fill/keep", "import mpm_core.fill.auto.choose", "Layers of the fills"),
]


@pytest.fixture(scope="module")
def report(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the code with a module planted for each violation."""
    folder = tmp_path_factory.mktemp("house")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "pyproject.toml", folder)
    for number, (place, line, _) in enumerate(VIOLATIONS):
        (folder / place / f"planted_{number}.py").write_text(f"{line}\n")
    done = lint_imports(folder)
    assert done.returncode != 0
    return done.stdout


@pytest.mark.parametrize("number", range(len(VIOLATIONS)), ids=[f"{place}: {line.strip()}" for place, line, _ in VIOLATIONS])
def test_a_planted_violation_is_found(report: str, number: int) -> None:
    """Under the heading of its contract, with the line that breaks it."""
    place, line, contract = VIOLATIONS[number]
    sections = re.split(r"^(.+)\n-{4,}\n", report, flags=re.M)
    (said,) = (text for heading, text in zip(sections[1::2], sections[2::2], strict=True) if contract in heading)
    importer = f"{place.removeprefix('app/').removeprefix('training/').replace('/', '.')}.planted_{number}"
    imported = re.sub(r"from (\S+) import .*", r"\1", line.split("\n")[-1].strip()).removeprefix("import ")
    assert f"{importer} -> {imported} (l." in said


@pytest.mark.parametrize("package", ["mpm_core", "mpm_studio", "mpm_train"])
def test_no_modules_import_each_other_in_a_circle(package: str) -> None:
    assert circles(imports_within(package)) == []


def test_a_circle_of_lazy_and_type_checking_imports_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "planted"
    package.mkdir()
    (package / "__init__.py").touch()
    (package / "first.py").write_text("def f():\n    import planted.second\n")
    (package / "second.py").write_text("from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from planted.first import f\n")
    (package / "third.py").write_text("import planted.first\n")
    monkeypatch.syspath_prepend(tmp_path)
    assert circles(imports_within("planted")) == [["planted.first", "planted.second"]]


@pytest.mark.parametrize("module", ["mpm_core", "mpm_studio.__main__"])
def test_start_up_loads_neither_torch_nor_qt(module: str) -> None:
    (loaded,) = modules_after(f"import {module}")
    assert not loaded & {"torch", "scipy", *QT}


EVERY_FILL = """
import numpy as np
import mpm_core as mpm
from mpm_core.complete import CompleteOptions, METHODS, complete_patch
xyz_FPD = np.sin(np.arange(90)[:, None, None] / 9 + np.arange(15).reshape(5, 3))
xyz_FPD[40:50, 0] = np.nan
for method in METHODS[2:]:
    complete_patch(mpm.make_recording("abcde", 30.0, xyz_FPD), CompleteOptions(method=method))
"""


def test_the_window_is_shown_before_what_fills_need_is_loaded_and_no_fill_needs_more() -> None:
    heavy = {"torch", "scipy.signal", "scipy.interpolate", "scipy.spatial", "scipy.sparse", "scipy.linalg", "scipy.optimize", "scipy.stats"}
    ready = "from mpm_studio.start import FILLS_NEED, import_modules\nimport_modules(FILLS_NEED, bool, print)"
    shown, before, after = modules_after("import mpm_studio.start, mpm_studio.window", ready, EVERY_FILL)
    assert not shown & heavy
    assert {*FILLS_NEED} <= before and not {name for name in after - before if name.startswith("scipy")}


def test_no_file_names_a_package_host() -> None:
    hosts = ["pypi" + ".org", "python" + "hosted", "index" + "-url", "download." + "pytorch", "ana" + "conda", "find" + "-links"]
    found = [(str(path), host) for path, text in texts() for host in hosts if host in text]
    assert not found


def test_no_file_points_outside_the_project() -> None:
    outside = re.compile(r"\b" + "shared" + "/|/work" + "/|/root" + "/")
    assert not [str(path) for path, text in texts() if outside.search(text)]


def test_nothing_is_unpickled() -> None:
    loose = re.compile(r"allow_pickle\s*=\s*True|\bpickle\.load|weights_only\s*=\s*False")
    assert not [str(path) for path, text in texts() if path.parts[0] in PACKAGES and loose.search(text)]


def test_no_module_is_a_drawer_for_everything() -> None:
    drawers = {"utils", "util", "helpers", "helper", "manager", "common", "misc"}
    assert not [str(path) for package in PACKAGES for path in (ROOT / package).rglob("*.py") if path.stem in drawers]


def test_every_dependency_is_pinned() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["dev"]]
    names = {re.split(r"[<>=!~\[; ]", entry)[0].lower().replace("_", "-") for entry in wanted}
    pins = [line for line in (ROOT / "constraints.txt").read_text().splitlines() if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", pin) for pin in pins)
    assert names <= {pin.partition("==")[0].lower().replace("_", "-") for pin in pins}


def test_hooks_come_from_here_only() -> None:
    config = (ROOT / ".pre-commit-config.yaml").read_text()
    assert re.findall(r"repo:\s*(\S+)", config) == ["local"]


@pytest.mark.parametrize("script", ["scripts/setup.sh", "scripts/demo", "scripts/test", "scripts/bundle", ".ci/run"])
def test_scripts_are_whole(script: str) -> None:
    path = ROOT / script
    assert subprocess.run(["bash", "-n", str(path)], check=False).returncode == 0
    assert script.endswith(".sh") or path.stat().st_mode & 0o111
