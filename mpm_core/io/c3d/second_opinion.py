"""A second opinion on a C3D file: ezc3d reads it in a child process while we decode it, and every disagreement becomes a note.

ezc3d is optional (the extra `ezc3d`): without it the positions are the same, and a note says that no second opinion was taken.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from mpm_core.io.c3d.layout import Layout
from mpm_core.typing import Float32

CHILD = Path(__file__).with_name("ezc3d_process.py")
BASE_S, CPU_S, BYTES_PER_S = 10.0, 6, 2e6  # by the clock, which a loaded machine needs; of processor time
BASE_MB, TIMES_FILE = 180, 14  # address space: ezc3d and NumPy take 103, ezc3d's reading 13.5 times the file
NOT_INSTALLED = "no second opinion was taken on this file: ezc3d is not installed"
LARGEST = 6 << 20  # bytes; a larger file would keep its user waiting, and the child could take more memory than reading may
TOLERANCE = 1e-4  # share of the largest coordinate, above float32 rounding, far below any misreading


@dataclass(frozen=True, slots=True)
class Opinion:
    """What ezc3d read. xyz_FC3: file units, as it gives them (NaN or 0 where it finds no measurement)."""

    xyz_FC3: Float32
    rate_hz: float


def installed() -> bool:
    """Whether ezc3d can be imported; it is not imported here."""
    return find_spec("ezc3d") is not None


@contextmanager
def second_opinion(path: Path, size: int) -> Iterator[Child]:
    """Start the child process, whose `answer()` is the opinion. It is ended and its files removed when the block ends."""
    with tempfile.TemporaryDirectory(prefix="mpm-c3d-") as folder:
        seconds = BASE_S + size / BYTES_PER_S
        megabytes = BASE_MB + TIMES_FILE * size // (1 << 20)
        child = Child(None, Path(folder), seconds)
        if installed() and size <= LARGEST and not getattr(sys, "frozen", False):
            command = [sys.executable, "-P", str(CHILD), str(path.absolute()), folder, str(megabytes), str(CPU_S + int(size / BYTES_PER_S))]
            environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
            quiet = subprocess.DEVNULL
            child = Child(subprocess.Popen(command, stdin=quiet, stdout=quiet, stderr=quiet, env=environment), Path(folder), seconds)
        try:
            yield child
        finally:
            child.end()


@dataclass(frozen=True, slots=True)
class Child:
    """A child process at work; process is None where there is none: no ezc3d, a large file, a program bundle without an interpreter."""

    process: subprocess.Popen[bytes] | None
    folder: Path
    seconds: float

    def answer(self) -> Opinion | None:
        """What the child read; None when there is none, or it failed, crashed or took too long."""
        if self.process is None:
            return None
        try:
            if self.process.wait(self.seconds) != 0:
                return None
        except subprocess.TimeoutExpired:
            return None
        points = np.load(self.folder / "points.npy", allow_pickle=False)
        return Opinion(points.transpose(2, 1, 0), float((self.folder / "rate.txt").read_text(encoding="ascii")))

    def end(self) -> None:
        """Kill the child process if it still runs."""
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def compare(layout: Layout, xyz_FC3: Float32, opinion: Opinion | None) -> list[str]:
    """Notes on what ezc3d reads differently; none when it agrees or could not read the file. NaN = missing in xyz_FC3."""
    if opinion is None:
        return []
    if opinion.xyz_FC3.shape != xyz_FC3.shape:
        frames, columns = opinion.xyz_FC3.shape[:2]
        return [f"another reader (ezc3d) finds {frames} frames of {columns} points here, not {layout.frames} of {layout.columns}"]
    notes = []
    both_FC = np.isfinite(xyz_FC3).all(axis=2) & np.isfinite(opinion.xyz_FC3).all(axis=2)
    difference = np.abs(xyz_FC3[both_FC] - opinion.xyz_FC3[both_FC])
    if len(difference) and float(difference.max()) > TOLERANCE * float(np.abs(xyz_FC3[both_FC]).max()):
        notes.append(f"another reader (ezc3d) finds positions up to {float(difference.max()):.4g} file units from these: check the take")
    if abs(opinion.rate_hz - layout.rate_hz) > 0.01:
        notes.append(f"another reader (ezc3d) finds {opinion.rate_hz:g} frames a second, not {layout.rate_hz:g}")
    return notes
