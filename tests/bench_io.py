"""How fast and with how much memory files are read, beside other readers on the same file in the same run: python -m tests.bench_io

C3D: 60 markers, 20,000 frames, beside ezc3d. BVH: a person's 20,000 frames, in motion lines a second, beside a pure-Python parser. Each
reading runs in a process of its own, several times; the best time counts, and peak memory is the process's own, beyond what importing took.
Linux only. Memory of every format, whole and broken: python -m tests.memory_io.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.guarded import vm

MARKERS, FRAMES = 60, 20_000
READERS = ("c3d mpm_core", "c3d ezc3d", "bvh mpm_core", "bvh pure Python")


def make(folder: Path, frames: int) -> dict[str, Path]:
    """The two files."""
    from mpm_core.io.c3d.new_file import new_file
    from tests.makers import person_bvh, smooth_take

    files = {"c3d": folder / "take.c3d", "bvh": folder / "take.bvh"}
    files["c3d"].write_bytes(new_file(smooth_take(frames, MARKERS, 120.0)))
    files["bvh"].write_bytes(person_bvh(frames))
    return files


def once(reader: str, path: Path) -> dict[str, float]:
    """Read a file in this process: seconds and MB."""
    if reader == "c3d ezc3d":
        import ezc3d

        work = lambda: ezc3d.c3d(str(path))["data"]["points"].shape[2]  # noqa: E731
    elif reader == "bvh pure Python":
        work = lambda: numbers_of(path)  # noqa: E731
    else:
        import mpm_core

        mpm_core.io.registry.detect(path)  # the formats' modules are imported by this
        work = lambda: mpm_core.read(path).frames  # noqa: E731
    before = vm("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak counts from here
    began = time.perf_counter()
    frames = work()
    seconds = time.perf_counter() - began
    return {"seconds": seconds, "mb": (vm("VmHWM") - before) / 1e6, "frames": frames}


def numbers_of(path: Path) -> int:
    """What any BVH parser has to do to the motion, line by line: split it and make numbers of it. Positions are not even computed."""
    with path.open(encoding="utf-8") as file:
        for line in file:
            if line.startswith("Frame Time:"):
                break
        return len([[float(word) for word in line.split()] for line in file])


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench_io", description=__doc__)
    parser.add_argument("--frames", type=int, default=FRAMES)
    parser.add_argument("--times", type=int, default=5)
    parser.add_argument("--once", nargs=2, metavar=("READER", "FILE"), help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.once:
        print(json.dumps(once(args.once[0], Path(args.once[1]))))  # noqa: T201 -- for the parent
        return 0
    with tempfile.TemporaryDirectory(prefix="mpm-bench-") as folder:
        files = make(Path(folder), args.frames)
        lines = ["| file | MB | reader | seconds | frames a second | peak MB beyond imports |", "|---|---|---|---|---|---|"]
        for reader in READERS:
            path = files[reader.split()[0]]
            runs = []
            for _ in range(args.times):
                command = [sys.executable, "-m", "tests.bench_io", "--once", reader, str(path)]
                runs.append(json.loads(subprocess.run(command, capture_output=True, check=True, text=True).stdout))
            best, mb = min(run["seconds"] for run in runs), max(run["mb"] for run in runs)
            size = path.stat().st_size / 1e6
            lines.append(f"| {path.name} | {size:.0f} | {reader} | {best:.3f} | {runs[0]['frames'] / best:,.0f} | {mb:.0f} |")
    print("\n".join(lines))  # noqa: T201 -- a command
    return 0


if __name__ == "__main__":
    sys.exit(main())
