"""Savers and exporters killed at random moments: python -m tests.kill_loop --kills 200 [--seed 0]

A child writes takes A and B in turn over one file of each format, with staged exports and atomic saves. It is killed without warning;
then each file must be A or B, whole, every source must have every byte, and the next writer must clear away what was left. Exit code 1
when one of these does not hold. POSIX only: the children are forks.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.files.leftovers import PREFIX
from mpm_core.files.staged import staged
from mpm_core.io import project
from tests.makers import person_bvh, smooth_take, with_gap

LONGEST_S = 0.25  # from the fork to the kill
NAMES = ("take.c3d", "take.bvh", "take.npz", "take.csv", "take.trc", "take.json", "take.glb", "take.mpm")


def sources(folder: Path) -> dict[str, Path]:
    """A C3D with a gap, and a BVH."""
    made = {"c3d": folder / "source.c3d", "bvh": folder / "source.bvh"}
    mpm.write(with_gap(smooth_take(frames=400, points=12), 1, 100, 140), made["c3d"])
    made["bvh"].write_bytes(person_bvh(frames=120))
    return made


def versions(of: dict[str, Path]) -> dict[str, tuple[mpm.Recording, mpm.Recording]]:
    """What is written for each kind of source: as it is, and completed (a BVH: with another log, as its text stays the source's)."""
    marker, rig = mpm.read(of["c3d"]), mpm.read(of["bvh"])
    return {"c3d": (marker, mpm.complete(marker, method="linear")), "bvh": (rig, rig)}


def write(rec: mpm.Recording, out: Path) -> None:
    """A save, or an export as the commands do it."""
    if out.suffix == ".mpm":
        project.save(out, rec, rec, {})
        return
    with staged(out) as path:
        mpm.write(rec, path)


def write_for_ever(takes: dict[str, tuple[mpm.Recording, mpm.Recording]], folder: Path, rng: np.random.Generator) -> None:
    while True:
        for name in rng.permutation(NAMES):
            write(takes["bvh" if name.endswith("bvh") else "c3d"][int(rng.integers(2))], folder / name)


def digest(path: Path) -> str:
    return sha256(path.read_bytes()).hexdigest()


def left(folder: Path) -> int:
    return sum(path.name.startswith(PREFIX) for path in folder.iterdir())


@contextmanager
def forked(takes: dict[str, tuple[mpm.Recording, mpm.Recording]], folder: Path, seed: int) -> Iterator[int]:
    pid = os.fork()
    if pid == 0:
        try:
            write_for_ever(takes, folder, np.random.default_rng(seed))
        finally:
            os._exit(1)  # it never ends by itself
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        _, status = os.waitpid(pid, 0)
    if os.waitstatus_to_exitcode(status) != -signal.SIGKILL:
        raise RuntimeError("the writer ended before it was killed")


def run(kills: int, seed: int, folder: Path) -> tuple[Counter[str], list[str]]:
    """(what was counted, what was wrong)."""
    rng = np.random.default_rng(seed)
    of, out, whole = sources(folder), folder / "out", folder / "whole"
    out.mkdir()
    whole.mkdir()
    takes = versions(of)
    before = {path: digest(path) for path in of.values()}
    right: dict[str, set[str]] = {name: set() for name in NAMES}
    for name in NAMES:
        for rec in takes["bvh" if name.endswith("bvh") else "c3d"]:
            write(rec, whole / name)
            right[name].add(digest(whole / name))
            write(rec, out / name)
    counted, wrong = Counter[str](), []
    for kill in range(kills):
        with forked(takes, out, int(rng.integers(1 << 31))):
            time.sleep(float(rng.uniform(0.0, LONGEST_S)))
        counted["kills"] += 1
        counted["in the middle of a write"] += left(out) > 0
        for name in NAMES:
            if digest(out / name) not in right[name]:
                wrong.append(f"kill {kill + 1}: {name} is neither the old file nor the new one")
        wrong += [f"kill {kill + 1}: {path.name} changed" for path, was in before.items() if digest(path) != was]
        write(takes["c3d"][kill % 2], out / "take.npz")
        if left(out):
            wrong.append(f"kill {kill + 1}: {left(out)} leftovers were not cleared away")
        counted["files checked"] += len(NAMES) + len(before)
    for name in () if wrong else NAMES:
        mpm.read(out / name)
    return counted, wrong


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.kill_loop")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    began = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder:
        counted, wrong = run(asked.kills, asked.seed, Path(folder))
    facts = ", ".join(f"{what}: {count}" for what, count in counted.items())
    print("\n".join([*wrong, f"{facts}, wrong: {len(wrong)}, {time.perf_counter() - began:.0f} s"]))  # noqa: T201 -- a command
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
