"""Every reader given what no reader wants: refused with file, place and hint, in 10 s and 2 x the file + 200 MB; nothing is misread."""

from __future__ import annotations

import ast
import os
import re
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from tests.damaged import CASES, DEEP
from tests.guarded import Guard, Outcome, keep_truth
from tests.mpm_core.io.amc.test_asf_amc import ASF
from tests.wholes import wholes

pytestmark = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the guard measures memory by /proc")
FILES = ("c3d", "npz", "json", "csv", "trc", "glb", "gltf", "mpm", "rig.glb", "bvh", "npy", "amc", "coco", "foreign.trc", "foreign.csv")
TOLD = ("announces", "the header says", "no line end", "cut off")  # notes on frames that a file tells of and has not, or on its end
UNCOUNTED = ("csv", "foreign.csv", "amc")  # formats that tell of no number of frames: cut after a whole one, nothing shows it
CUTS = 25
SLOW = ("wide.csv",)  # cases that take seconds


@pytest.fixture(scope="module")
def guard() -> Iterator[Guard]:
    with Guard() as made:
        yield made


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return wholes(tmp_path_factory.mktemp("whole"))


def beside(made: dict[str, Path], name: str, folder: Path) -> Path:
    """Where a damaged copy goes, with what belongs beside it."""
    if name == "amc":
        shutil.copy(made["amc"].with_suffix(".asf"), folder / "take.asf")
    return folder / made[name].name


@pytest.mark.parametrize("name", FILES)
def test_a_file_cut_anywhere_is_refused_or_what_is_left_is_told(name: str, made: dict[str, Path], guard: Guard, tmp_path: Path) -> None:
    """C3D at each block of 512 bytes, others at many places. A text cut inside a row's last number says that it may be."""
    data, path = made[name].read_bytes(), beside(made, name, tmp_path)
    truth = keep_truth(mpm.read(made[name]), tmp_path / "truth.npz")
    assert guard.read(made[name], truth).agrees == "same"
    places = range(0, len(data), 512) if name == "c3d" else np.unique(np.linspace(0, len(data) - 1, CUTS).astype(int))
    refused = 0
    for at in map(int, places):
        path.write_bytes(data[:at])
        outcome = guard.read(path, truth)
        told = any(sign in note for note in outcome.notes for sign in TOLD)
        right = outcome.kind == "refused" or outcome.agrees == "same" or told or (outcome.agrees == "prefix" and name in UNCOUNTED)
        assert outcome.fine and right, f"cut at {at} of {len(data)}: {outcome} {outcome.notes}"
        refused += outcome.kind == "refused"
    assert refused > len(places) / 2


@pytest.mark.parametrize("name", FILES)
def test_flipped_bits_are_refused_or_read_and_nothing_worse(name: str, made: dict[str, Path], guard: Guard, tmp_path: Path) -> None:
    data, path, rng = made[name].read_bytes(), beside(made, name, tmp_path), np.random.default_rng(3)
    for _ in range(25):
        broken = bytearray(data)
        for at in rng.integers(0, min(len(data), 2048), int(rng.integers(1, 4))):
            broken[at] ^= 1 << int(rng.integers(8))
        path.write_bytes(broken)
        outcome = guard.read(path)
        assert outcome.fine, f"{outcome} {bytes(broken[:80])!r}"


# one case each: name of the file, its bytes, and a word of the refusal ('' where being read is right too)


@pytest.mark.parametrize(
    ("name", "make", "word"), [pytest.param(*case, id=case[0], marks=[pytest.mark.slow] if case[0] in SLOW else []) for case in CASES]
)
def test_what_claims_too_much_is_refused_in_time_and_memory(
    name: str, make: Callable[[dict[str, Path]], bytes] | bytes, word: str, made: dict[str, Path], guard: Guard, tmp_path: Path
) -> None:
    path = tmp_path / name
    if path.suffix == ".amc":
        (tmp_path / "take.asf").write_text(ASF)
    path.write_bytes(make if isinstance(make, bytes) else make(made))
    outcome = guard.read(path)
    assert outcome.fine, outcome
    if word:
        assert outcome.kind == "refused" and word in outcome.what, outcome
    if outcome.kind == "refused":
        assert str(path) in outcome.where


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("    upper lower\n", "    upper lower\n    lower root\n"),
        ("    upper lower\n", "    upper lower\n    lower upper\n"),
        ("length 3", "length 1e400"),
        ("length 0.45", "length 0"),
        ("direction 1 0 0", "direction nan 0 0"),
        ("direction 1 0 0", "direction 1 0"),
        ("axis 0 0 90 XYZ", "axis 0 0 90 QQQ"),
        ("axis 0 0 90 XYZ", "axis 0 nan 90 XYZ"),
        ("axis 0 0 90 XYZ", "axis inf 0 90 XYZ"),
        ("dof rx", "dof " + "rx " * 50_000),
    ],
)
def test_a_skeleton_that_makes_no_sense_is_refused(old: str, new: str, made: dict[str, Path], guard: Guard, tmp_path: Path) -> None:
    shutil.copy(made["amc"], tmp_path / "take.amc")
    (tmp_path / "take.asf").write_text(ASF.replace(old, new))
    outcome = guard.read(tmp_path / "take.amc")
    assert outcome.fine and outcome.kind == "refused", outcome


def places(folder: Path) -> dict[str, Path]:
    """What is not a file at all, under names that promise one."""
    found = {name: folder / name for name in ("loop.c3d", "nowhere.bvh", "folder.npz", "pipe.csv", "gone.trc", "device.json")}
    found["loop.c3d"].symlink_to(found["loop.c3d"])
    found["nowhere.bvh"].symlink_to(folder / "not there")
    found["folder.npz"].mkdir()
    found["device.json"].symlink_to("/dev/zero")
    if hasattr(os, "mkfifo"):
        os.mkfifo(found["pipe.csv"])
    return found | {f"empty.{suffix}": folder / f"empty.{suffix}" for suffix in ("c3d", "bvh", "npz", "csv", "trc", "json", "glb", "mpm")}


def test_what_is_no_file_is_refused(guard: Guard, tmp_path: Path) -> None:
    found = places(tmp_path)
    for name, path in found.items():
        if name.startswith("empty"):
            path.touch()
    outcomes: dict[str, Outcome] = {name: guard.read(path) for name, path in found.items()}
    for name, outcome in outcomes.items():
        assert outcome.kind == "refused" and outcome.fine and str(found[name]) in outcome.where, f"{name}: {outcome}"
    assert all("empty" in outcome.what for name, outcome in outcomes.items() if name.startswith("empty"))


def test_a_folder_of_keypoints_with_broken_files(made: dict[str, Path], guard: Guard, tmp_path: Path) -> None:
    whole = sorted(made["openpose"].iterdir())
    for number, data in enumerate(
        (b"", b"{", b"[" * DEEP, b'{"people": 3}', b'{"people": [{"pose_keypoints_2d": [1e999, 1, 1]}]}', b"\xff\xfe")
    ):
        folder = tmp_path / f"clip{number}"
        shutil.copytree(made["openpose"], folder)
        (folder / whole[2].name).write_bytes(data)
        outcome = guard.read(folder)
        assert outcome.fine, outcome
    far = tmp_path / "far"
    shutil.copytree(made["openpose"], far)
    shutil.copy(whole[0], far / "clip_999999999999_keypoints.json")
    outcome = guard.read(far)
    assert outcome.fine and outcome.frames < 1_000_000, outcome


def test_every_refusal_of_readers_and_writers_says_what_to_do() -> None:
    calls = [
        (path.name, call.lineno, ast.unparse(call))
        for path in (Path(mpm.__file__).parent / "io").rglob("*.py")
        for call in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id == "FormatError"
    ]
    assert len(calls) > 100
    assert [
        call for call in calls if "hint=" not in call[2] or re.search(r"hint='(it|the file) [^';]*(damaged|cut off)( there)?'", call[2])
    ] == []


@pytest.mark.slow
def test_the_guard_sees_a_crash_a_hang_and_a_hunger(guard: Guard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A reader made to misbehave, so that the tests above can fail."""
    code = (
        "import os, sys, tests.guarded as g, mpm_core as mpm\n"
        "from pathlib import Path\n"
        "g.SECONDS, g.WAIT = 6, 120\n"  # a loaded machine may need long, even to be given memory
        "whole = mpm.make_recording(('a',), 30.0, [[[0.0, 0.0, 0.0]]])\n"
        "def bad(path):\n"
        "    name = Path(path).stem\n"
        "    if name == 'crash': raise ZeroDivisionError\n"
        "    if name == 'killed': os.abort()\n"
        "    if name == 'hang':\n"
        "        while True: pass\n"
        "    if name == 'memory': eaten = bytearray(600 << 20); return whole\n"
        "    raise mpm.FormatError('a reason', where=str(path))\n"
        "mpm.read = bad\n"
        "for name in ('crash', 'killed', 'hang', 'memory', 'bare'):\n"
        "    print(name, g._forked(Path('/tmp') / name, None)['kind'], flush=True)\n"
    )
    import subprocess

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=600, cwd=Path(__file__).parents[3])
    assert done.stdout.split() == ["crash", "crash", "killed", "killed", "hang", "hang", "memory", "memory", "bare", "refused"], done
    assert not Outcome("refused", "a reason", "a file", "").fine
