"""The same takes cleaned by one process and by a Dask cluster here, byte against byte: python -m tests.batch_same FOLDER --files 100

Takes the smallest takes below FOLDER, whatever their format, runs `mpm-studio clean` on them twice (`--jobs 1`, and `--scheduler` with
a local cluster of `--workers` processes), and compares every result and every refusal. Exit code 1 when anything differs.
"""

from __future__ import annotations

import argparse
import json
import logging
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from mpm_studio.batch.takes import takes
from mpm_studio.batch.work import FAILED
from tests.guarded import ROOT

CODES = (0, 1, 3)  # all cleaned, some refused, gaps remain
OWN = ("seconds", "output")  # what each run has of its own


@dataclass(frozen=True, slots=True)
class Pass:
    """One run of the command. rows: by source, what the summary says of it; made: file below the output folder -> SHA-256."""

    rows: dict[str, dict[str, Any]]
    made: dict[str, str]
    seconds: float


def smallest(folder: Path, count: int) -> list[Path]:
    """The `count` smallest takes below a folder (a folder of keypoint files is one), smallest first."""

    def size(path: Path) -> int:
        return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size

    found = [path for path, _ in takes([folder], folder / "no such folder")]
    return sorted(found, key=lambda path: (size(path), path))[:count]


def cleaned(files: Sequence[Path], out: Path, *how: str) -> Pass:
    """Run the command. Raises RuntimeError when it ends otherwise than it may."""
    began = time.perf_counter()
    words = [sys.executable, "-m", "mpm_studio", "clean", *map(str, files), "-o", str(out), *how]
    done = subprocess.run(words, capture_output=True, text=True, cwd=ROOT, check=False)
    seconds = time.perf_counter() - began
    if done.returncode not in CODES:
        raise RuntimeError(f"exit code {done.returncode}: {done.stderr[-2000:]}")
    rows = json.loads((out / "summary.json").read_bytes())["takes"]
    made = (path for path in out.rglob("*") if path.is_file() and path.stem != "summary" and not path.name.endswith(".proof.json"))
    digests = {str(path.relative_to(out)): sha256(path.read_bytes()).hexdigest() for path in made}
    return Pass({row["source"]: row for row in rows}, digests, seconds)


def differences(one: Pass, other: Pass) -> list[str]:
    """What the two did not do alike: files, refusals, figures of the summary."""
    told = [
        f"{name}: other bytes" if name in one.made and name in other.made else f"{name}: made by one of the two only"
        for name in sorted({*one.made, *other.made})
        if one.made.get(name) != other.made.get(name)
    ]
    for source in sorted({*one.rows, *other.rows}):
        row, again = ({key: value for key, value in each.rows.get(source, {}).items() if key not in OWN} for each in (one, other))
        what = sorted(key for key in {*row, *again} if row.get(key) != again.get(key))
        if what:
            told.append(f"{source}: the summaries differ in {', '.join(what)}")
    return told


def compare(files: Sequence[Path], workers: int, folder: Path, *how: str) -> tuple[Pass, Pass]:
    """Both passes; results in two folders below `folder`."""
    from distributed import LocalCluster

    one = cleaned(files, folder / "one", "--jobs", "1", *how)
    quiet = {"dashboard_address": None, "silence_logs": logging.ERROR}
    with LocalCluster(n_workers=workers, threads_per_worker=1, **quiet) as cluster:
        address = cluster.scheduler_address.replace("tcp://", "dask://")
        return one, cleaned(files, folder / "cluster", "--scheduler", address, *how)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.batch_same", description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--files", type=int, default=100)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--method", default="auto")
    asked = parser.parse_args()
    files = smallest(asked.folder, asked.files)
    kinds = Counter("folder" if path.is_dir() else path.suffix.lower()[1:] for path in files)
    with tempfile.TemporaryDirectory(prefix="mpm-batch-") as folder:
        one, other = compare(files, asked.workers, Path(folder), "--method", asked.method)
    told, refused = differences(one, other), sum(row["status"] == FAILED for row in one.rows.values())
    filled = sum(row["filled"]["samples"] for row in one.rows.values() if row["status"] != FAILED)
    facts = (
        f"{len(files)} takes ({', '.join(f'{count} {kind}' for kind, count in sorted(kinds.items()))}): {len(one.made)} results, "
        f"{refused} refused; {filled:,} samples filled; {len(told)} differences; "
        f"one process {one.seconds:.0f} s, {asked.workers} workers {other.seconds:.0f} s"
    )
    print("\n".join([*told, facts]))  # noqa: T201 -- a command
    return 1 if told or len(one.rows) != len(files) else 0


if __name__ == "__main__":
    sys.exit(main())
