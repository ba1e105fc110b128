"""The bundle that scripts/bundle makes. Its parts are tested anywhere; the bundle itself where one was built (dist, or MPM_BUNDLE)."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest

import mpm_core as mpm

ROOT = Path(__file__).parents[1]
PARTS = ROOT / "scripts" / "bundle_files"
SAMPLE = ROOT / "resources" / "sample" / "walk_reach_sit.c3d"
BUNDLE = Path(os.environ.get("MPM_BUNDLE", ROOT / "dist" / "mpm-studio"))
built = pytest.mark.skipif(not (BUNDLE / "mpm-studio").is_file(), reason="no bundle was built here (scripts/bundle)")


def run(*command: str | Path, cwd: Path, environment: dict[str, str] | None = None) -> str:
    done = subprocess.run(
        [*map(str, command)], cwd=cwd, env=environment or dict(os.environ), capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def bundled(*words: str | Path, home: Path) -> str:
    """What the bundle prints, started in an empty home and without this checkout or Python's settings."""
    return run(BUNDLE / "mpm-studio", *words, cwd=home, environment={"HOME": str(home), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"})


@pytest.fixture(scope="module")
def third_party() -> ModuleType:
    spec = importlib.util.spec_from_file_location("third_party", PARTS / "third_party.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_start_of_the_bundle_runs_commands_and_modules(tmp_path: Path) -> None:
    start = PARTS / "mpm-studio.py"
    assert run(sys.executable, start, "--version", cwd=tmp_path).startswith("mpm-studio ")
    (tmp_path / "child.py").write_text("import sys\nprint(__name__, sys.argv[1:])")
    path = {**os.environ, "PYTHONPATH": f"{tmp_path}:{os.environ.get('PYTHONPATH', '')}"}
    assert run(sys.executable, start, "-m", "child", "a", "-b", cwd=tmp_path, environment=path) == "__main__ ['a', '-b']\n"


def test_programs_of_the_system_do_not_get_the_bundles_library_path(tmp_path: Path) -> None:
    (tmp_path / "child.py").write_text("import os\nprint([os.environ.get(n) for n in ('LD_LIBRARY_PATH', 'LD_LIBRARY_PATH_ORIG')])")
    command = (sys.executable, PARTS / "mpm-studio.py", "-m", "child")
    here = {**os.environ, "PYTHONPATH": str(tmp_path), "LD_LIBRARY_PATH": str(tmp_path)}
    assert run(*command, cwd=tmp_path, environment=here) == "[None, None]\n"
    assert run(*command, cwd=tmp_path, environment={**here, "LD_LIBRARY_PATH_ORIG": "/opt"}) == "['/opt', None]\n"


def test_the_notices_name_each_package_once_with_its_licence_and_its_text(third_party: ModuleType) -> None:
    text = third_party.notices([np.__file__, np.linalg.__file__, os.__file__, pytest.__file__], "mpm-studio")
    head, _, rest = text.partition("=" * 100)
    assert [line.split()[0] for line in head.splitlines() if line.startswith("  ")] == ["Python", "numpy", "pytest"]
    assert "PYTHON SOFTWARE FOUNDATION LICENSE" in rest
    assert "Copyright (c) 2005-" in rest and "NumPy Developers" in rest and "Holger Krekel" in rest


def test_a_file_of_no_package_stops_the_notices(third_party: ModuleType, tmp_path: Path) -> None:
    stray = tmp_path / "libstray.so"
    stray.touch()
    with pytest.raises(ValueError, match=r"libstray\.so belongs to no package"):
        third_party.notices([str(stray)], "mpm-studio")


@built
def test_the_bundle_repairs_the_sample_as_this_checkout_does(tmp_path: Path) -> None:
    assert bundled("--version", home=tmp_path).startswith("mpm-studio ")
    assert "walk_reach_sit" in bundled("info", SAMPLE, home=tmp_path)
    bundled("demo", "--out", "demo", home=tmp_path)
    assert {"report.md", "before_after.png", "walk_reach_sit_lifted.npz"} <= {path.name for path in (tmp_path / "demo").iterdir()}
    before, after = mpm.read(SAMPLE), mpm.read(tmp_path / "demo" / "walk_reach_sit_clean.c3d")
    assert not mpm.find_gaps(after)
    assert after.xyz_FPD[before.visible_FP].tobytes() == before.xyz_FPD[before.visible_FP].tobytes()


@built
def test_the_bundle_has_processes_of_its_own_for_a_batch(tmp_path: Path) -> None:
    source = tmp_path / "takes"
    source.mkdir()
    for name in ("a", "b"):
        (source / f"{name}.c3d").write_bytes(SAMPLE.read_bytes())
    bundled("clean", source, "-o", "clean", "--method", "hermite", "--jobs", "2", home=tmp_path)
    assert {path.name for path in (tmp_path / "clean").rglob("*.c3d")} == {"a.c3d", "b.c3d"}


@built
def test_the_bundle_carries_the_licences_of_what_is_in_it(tmp_path: Path) -> None:
    text = (BUNDLE / "THIRD_PARTY_NOTICES.txt").read_text(encoding="utf-8")
    head = text.partition("=" * 100)[0]
    assert all(f"\n  {name} " in head for name in ("Python", "numpy", "scipy", "torch", "PySide6_Essentials", "shiboken6", "pyqtgraph"))
    assert "GNU LESSER GENERAL PUBLIC LICENSE" in text and (BUNDLE / "LICENSE").is_file() and (BUNDLE / "NOTICE").is_file()
