"""Reading a file where nothing it does can hurt: in a fork of a process of its own, with its time and memory measured and limited.

    with Guard() as guard:
        outcome = guard.read(path)

The process has imported every reader, so that a fork starts at once and what it uses is the file's doing. POSIX with /proc only.
"""

from __future__ import annotations

import gc
import json
import os
import resource
import signal
import subprocess
import sys
import time
import traceback
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any

SECONDS = 10.0  # of processor time; a loaded machine may take WAIT times as long by the clock
WAIT = 6
HANG = f"longer than {SECONDS:g} s"
SPARE = 200 << 20  # bytes that reading may need beside twice the file
LIMIT = 1 << 30  # beyond these no fork gets more, and fails
ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Outcome:
    """kind: read, refused (an MpmError), crash (another exception), killed, hang or memory. agrees: with the truth that was given: same,
    prefix (fewer frames, as in the truth, without points that come later, and the last in part), other, or '' where there was none. Bytes
    beyond those at the start: more, of address space; held, of memory."""

    kind: str
    what: str = ""
    where: str = ""
    hint: str = ""
    agrees: str = ""
    notes: tuple[str, ...] = ()
    frames: int = 0
    seconds: float = 0.0
    more: int = 0
    held: int = 0
    details: str = ""

    @property
    def fine(self) -> bool:
        """Read, or refused in words a user can act on."""
        return self.kind == "read" or (self.kind == "refused" and bool(self.where) and bool(self.hint) and len(self.what) > 8)

    def __str__(self) -> str:
        return f"{self.kind}: {self.what} [{self.where}] ({self.hint}) {self.agrees} {self.details}".strip()


@dataclass(slots=True)
class Guard:
    """A server process; `read` asks it for one fork. Close it with the block."""

    process: subprocess.Popen[str] = field(init=False)

    def __enter__(self) -> Guard:
        quiet = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        words = [sys.executable, "-m", "tests.guarded"]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT, env=quiet)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait(60)
        self.process.stdout.close()

    def read(self, path: Path, truth: Path | None = None) -> Outcome:
        """What comes of reading a file. truth: an NPZ of `keep_truth`."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write(json.dumps([os.fsencode(path).hex(), None if truth is None else str(truth)]) + "\n")
        self.process.stdin.flush()
        answer: dict[str, Any] = json.loads(self.process.stdout.readline())
        return Outcome(**{**answer, "notes": tuple(answer.get("notes", ()))})


def keep_truth(rec: Any, path: Path) -> Path:
    """The recording's samples, for `Guard.read` to compare with."""
    import numpy as np

    np.savez(path, xyz=rec.xyz_FPD, points=np.array(rec.points), rate=rec.rate_hz)
    return path


def _compare(rec: Any, truth: str) -> str:
    import numpy as np

    with np.load(truth, allow_pickle=False) as kept:
        xyz_FPD, points = kept["xyz"], kept["points"].tolist()
        if rec.xyz_FPD.shape[2] != xyz_FPD.shape[2] or rec.frames > len(xyz_FPD) or not set(rec.points) <= set(points):
            return "other"
        there = [points.index(name) for name in rec.points]
        if np.isfinite(np.delete(xyz_FPD[: rec.frames - 1], there, axis=1)).any():
            return "other"
        xyz_FPD = xyz_FPD[:, there]
        whole = rec.frames - (rec.frames < len(xyz_FPD))  # of a table with a row for each point the last frame may be there in part
        last_PD, true_PD = rec.xyz_FPD[-1], xyz_FPD[rec.frames - 1]
        if not np.array_equal(rec.xyz_FPD[:whole], xyz_FPD[:whole], equal_nan=True) or (last_PD != true_PD)[np.isfinite(last_PD)].any():
            return "other"
        if rec.frames < len(xyz_FPD):
            return "prefix"
        return "same" if abs(rec.rate_hz - float(kept["rate"])) < 1e-6 else "other"


def vm(name: str) -> int:
    """A line of /proc/self/status in bytes."""
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) << 10
    raise RuntimeError(f"there is no {name}")


def _size(path: Path) -> int:
    try:
        return sum(file.stat().st_size for file in path.iterdir()) if path.is_dir() else path.stat().st_size
    except OSError:
        return 0


def _read(path: Path, truth: str | None) -> dict[str, Any]:
    """In the fork: read, and tell."""
    import mpm_core as mpm

    began, held = vm("VmSize"), vm("VmRSS")
    resource.setrlimit(resource.RLIMIT_AS, (began + 2 * _size(path) + LIMIT, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_CPU, (int(SECONDS), int(SECONDS) + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    told: dict[str, Any]
    try:
        rec = mpm.read(path)
        told = {"kind": "read", "frames": rec.frames, "notes": list(rec.source.notes)}
        if truth is not None:
            told["agrees"] = _compare(rec, truth)
    except mpm.MpmError as error:
        told = {"kind": "refused", "what": error.what, "where": error.where, "hint": error.hint}
    except MemoryError:
        told = {"kind": "memory", "what": "more than the limit", "details": traceback.format_exc()}
    except BaseException as error:  # noqa: BLE001 -- what this looks for
        told = {"kind": "crash", "what": f"{type(error).__name__}: {error}", "details": traceback.format_exc()}
    more = vm("VmPeak") - began
    if more > 2 * _size(path) + SPARE and told["kind"] != "crash":
        told = {"kind": "memory", "what": f"{more >> 20} MB for a file of {_size(path) >> 10} KB", "details": told.get("details", "")}
    return {**told, "more": more, "held": vm("VmHWM") - held}


def _forked(path: Path, truth: str | None) -> dict[str, Any]:
    """In the server: one fork, waited for."""
    out, into = os.pipe()
    began = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(out)
        with os.fdopen(into, "w") as pipe:
            pipe.write(json.dumps(_read(path, truth)))
        os._exit(0)
    os.close(into)
    signal.signal(signal.SIGALRM, lambda number, frame: os.kill(pid, signal.SIGKILL))
    signal.alarm(int(SECONDS * WAIT))
    with os.fdopen(out) as pipe:
        text = pipe.read()
    _, status = os.waitpid(pid, 0)
    signal.alarm(0)
    seconds = round(time.monotonic() - began, 3)
    if text:
        return {**json.loads(text), "seconds": seconds}
    code = os.waitstatus_to_exitcode(status)
    hang = -code in (signal.SIGXCPU, signal.SIGKILL) and seconds >= SECONDS
    return {"kind": "hang" if hang else "killed", "what": f"after {seconds} s, by signal {-code}", "seconds": seconds}


def main() -> None:
    from mpm_core.io.registry import FORMATS, open_options

    for fmt in FORMATS:
        open_options(fmt)  # which imports its module
    gc.freeze()  # else each fork would copy every page in which its collector counts references
    for line in sys.stdin:
        path, truth = json.loads(line)
        sys.stdout.write(json.dumps(_forked(Path(os.fsdecode(bytes.fromhex(path))), truth)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
