"""A USD file to a recording, opened in a process of its own (extract.py). F frames, P points."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.errors import DataError, FormatError, reason
from mpm_core.io.conventions import FARTHEST, METRES_PER, find_unit, world_positions
from mpm_core.io.point_names import unique_names
from mpm_core.io.usd.names import ARRAYS, EXPORT_AGAIN, FACTS
from mpm_core.recording import Recording, Source, make_recording
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Float

BASE_S, BYTES_PER_S = 30.0, 5e5  # processor time that a file may take
ENDED = -getattr(signal, "SIGXCPU", sys.maxsize)  # exit code of a process that took more; Windows has none
BUSY = 4  # the limit by the clock is this many times that of processor time, for a busy machine
OWN_FAULT = {-getattr(signal, name) for name in ("SIGSEGV", "SIGBUS", "SIGABRT", "SIGFPE", "SIGILL") if hasattr(signal, name)}
WINDOWS_FAULT = 0xC0000000  # exit codes from here on are of a process that failed, as with an access violation


def read_stage(path: Path, unit: str | None, up: str | None) -> Recording:
    """Raises FormatError."""
    where = str(path)
    facts, xyz_FP3, codes_F = _extracted(path, where)
    own, names, parents, metres = facts["own"], facts["names"], facts["parents"], facts["metres"]
    file_unit = next((name for name, size in METRES_PER.items() if abs(size - metres) <= 1e-6 * size), None)
    if file_unit is None and unit is not None:
        file_unit = unit
    if file_unit is None:
        if not (np.isfinite(metres) and 0 < metres < 1e6):
            raise FormatError(f"a unit of {metres:g} metres makes no sense", where=where, hint="say it with --unit")
        file_unit, xyz_FP3 = "m", xyz_FP3 * metres
    step = float(np.median(np.diff(codes_F))) if len(codes_F) > 1 else 1.0
    rate_hz, first = (own["rate_hz"], own["first_frame"]) if own else (facts["codes_per_second"] / step, 1)
    notes = [] if own or len(codes_F) > 1 else [f"frame rate taken as {rate_hz:g} Hz: the file holds one sample"]
    if own:
        order = [own["order"].index(point) for point in range(len(own["points"]))]
        if len(order) != xyz_FP3.shape[1]:
            raise FormatError(f"the file has {xyz_FP3.shape[1]} joints for {len(order)} points", where=where, hint=EXPORT_AGAIN)
        names, parents, xyz_FP3 = own["points"], own["parents"], xyz_FP3[:, order]
    unique, numbered = unique_names(dict(enumerate(names)))
    xyz_FP3 = np.where(np.isinf(xyz_FP3), 2 * FARTHEST, xyz_FP3)
    world = world_positions(xyz_FP3, file_unit=file_unit, file_up=facts["up"], trusted=True, unit=unit, up=up, where=where)
    if unit is None and not own:
        notes += find_unit(file_unit, world.xyz_FP3 / METRES_PER[file_unit])[1]
    source = Source(where, "usd", world.unit, world.up, world.file_to_world_33, first, notes=(*notes, *numbered, *world.notes))
    try:
        skeleton = None if parents is None else Skeleton(path.stem, unique, tuple(parents))
        return make_recording(unique, rate_hz, world.xyz_FP3, skeleton=skeleton, source=source)
    except DataError as error:
        raise FormatError(error.what, where=where, hint=error.hint) from error


def _extracted(path: Path, where: str) -> tuple[dict[str, Any], Float, Float]:
    """Facts, positions and time codes of a file. Raises FormatError when it is refused, or cannot be read in reasonable time."""
    with tempfile.TemporaryDirectory(prefix="mpm-usd-") as folder:
        if getattr(sys, "frozen", False):  # a bundle has no Python to start
            from mpm_core.io.usd.extract import main

            main(where, folder)
        else:
            seconds = max(1, round(BASE_S + path.stat().st_size / BYTES_PER_S))
            command = [sys.executable, "-m", "mpm_core.io.usd.extract", str(path.absolute()), folder, str(seconds)]
            environment = {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, sys.path)), "OMP_NUM_THREADS": "1"}
            try:
                done = subprocess.run(command, env=environment, capture_output=True, timeout=BUSY * seconds, check=False)
            except subprocess.TimeoutExpired as error:
                what = f"the USD file was not read in {BUSY * seconds:g} s: the machine is busy, or USD's own library does not end on it"
                raise FormatError(what, where=where, hint="try again when it is less busy; if it takes as long, export it again") from error
            except OSError as error:
                what = f"the process that opens USD files cannot be started ({reason(error)})"
                raise FormatError(what, where=where, hint="close other programs, then try again") from error
            if not (Path(folder) / FACTS).is_file():
                raise _ended(done.returncode, done.stderr.decode(errors="replace"), where)
        facts_file, arrays_file = Path(folder) / FACTS, Path(folder) / ARRAYS
        facts: dict[str, Any] = json.loads(facts_file.read_text(encoding="utf-8"))
        if "what" in facts:
            raise FormatError(facts["what"], where=where, hint=facts["hint"])
        with np.load(arrays_file, allow_pickle=False) as arrays:
            return facts, arrays["xyz"], arrays["codes"]


def _ended(code: int, said: str, where: str) -> FormatError:
    """Of a process that ended without a word on the file. said: what it wrote on stderr."""
    if code == ENDED:
        return FormatError("the USD file cannot be read in reasonable time", where=where, hint=EXPORT_AGAIN)
    if code in OWN_FAULT or code >= WINDOWS_FAULT:
        return FormatError("the USD file is damaged: USD's own library fails on it", where=where, hint=EXPORT_AGAIN)
    last = said.strip().rpartition("\n")[2] or "nothing"
    what = f"the process that opens USD files ended with code {code}, and said: {last}"
    return FormatError(what, where=where, hint="the file may be whole: try again with more memory and processor time allowed")
