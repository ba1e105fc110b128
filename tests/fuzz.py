"""Coverage-guided fuzzing of every reader: python -m tests.fuzz SAMPLES --minutes 60 [--seed 0] [--only bvh,c3d] [--out runs/fuzz]

The minutes are of processor time, so that a busy machine only takes longer. Each reader gets its share of them under atheris, from small
whole files and the samples of its kind. What is found (an exception that is not a refusal, a refusal without place or hint, 10 s, too much
memory, a dead process) is read once more by the guard of tests/guarded.py and kept in OUT/findings with its seed and traceback; regressions
belong into tests/damaged.py, made by code. Exit code 1 when something was found. The corpus in OUT is gone on with at the next
run.
"""

from __future__ import annotations

import argparse
import json
import re
import resource
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tests.guarded import HANG, SECONDS, WAIT, Guard, Outcome
from tests.mpm_core.io.amc.test_asf_amc import AMC, ASF
from tests.wholes import wholes

ENDINGS = {name: f".{name}" for name in ("c3d", "bvh", "glb", "gltf", "npz", "npy", "mpm", "json", "trc", "csv", "amc", "asf")}
MOST_BYTES = 64 << 10
OVER, TIMEOUT = 72, 70  # the library's exit codes: ended when its time was over, a hang
READER = "mpm_core.io.registry:read"


@dataclass(frozen=True, slots=True)
class Finding:
    key: str
    data: bytes
    told: str


@dataclass(slots=True)
class Result:
    """One reader's: seconds of processor time, inputs run, branches reached, files in its corpus, what was found."""

    seconds: float = 0.0
    runs: int = 0
    reached: int = 0
    corpus: int = 0
    findings: list[Finding] = field(default_factory=list)


def seeds(samples: Path, family: str, folder: Path) -> None:
    """The corpus to begin with: what the tests make, and samples that are small enough."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as made:
        ours = [path for path in wholes(Path(made)).values() if path.is_file()]
        ours += [path.with_suffix(".asf") for path in ours if path.suffix == ".amc"]
        ours += list(Path(made).glob("clip/*.json"))[:1]
        for path in [*ours, *sorted(samples.rglob("*"))]:
            if path.suffix.lower() == ENDINGS[family] and path.is_file() and path.stat().st_size <= MOST_BYTES:
                data = path.read_bytes()
                (folder / sha256(data).hexdigest()[:16]).write_bytes(data)


def room(family: str, folder: Path) -> tuple[Path, Path]:
    """(the file that is written, the one that is read): an .asf is read through its .amc."""
    file = folder / f"take{ENDINGS[family]}"
    if family in ("amc", "asf"):
        (folder / "take.asf").write_text(ASF)
        (folder / "take.amc").write_text(AMC)
    return file, folder / "take.amc" if family == "asf" else file


def fuzz(family: str, corpus: Path, seconds: float, seed: int, reader: str = READER) -> Result:
    """Run one reader for so much processor time, half of it by our changes and half by the library's own, which follow its comparisons.

    After each finding a new process goes on, which passes over those known.
    """
    result, known = Result(), list[str]()
    while (left := seconds - result.seconds) > 1:
        ours = left > seconds / 2
        left -= seconds / 2 if ours else 0.0
        with tempfile.TemporaryDirectory(dir="/dev/shm" if Path("/dev/shm").is_dir() else None) as name:
            folder = Path(name)
            (file, reads), told = room(family, folder), folder / "told"
            flags = {"seed": seed + 1 + len(known), "timeout": int(SECONDS * WAIT), "max_len": MOST_BYTES}
            flags |= {"rss_limit_mb": 0, "artifact_prefix": f"{folder}/found-", "print_final_stats": 1, "reload": 0}
            job = {
                "reader": reader,
                "file": str(file),
                "reads": str(reads),
                "corpus": str(corpus),
                "known": known,
                "told": str(told),
                "flags": flags,
                "ours": ours,
                "seconds": left,
            }
            (folder / "job.json").write_text(json.dumps(job))
            words = [sys.executable, "-m", "tests.fuzz_child", str(folder / "job.json")]
            before = _spent()
            done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", check=False)
            result.seconds += _spent() - before
            result.runs += int(_last(r"number_of_executed_units:\s*(\d+)", done.stdout))
            result.reached = max(result.reached, int(_last(r"cov: (\d+)", done.stdout)))
            found = sorted(folder.glob("found-*"))
            if not found and done.returncode == OVER:
                continue
            key = told.read_text() if told.exists() else HANG if done.returncode == TIMEOUT else f"exit code {done.returncode}"
            if key in known or (not found and not done.stdout.strip()):
                raise RuntimeError(f"the fuzzer of {family} cannot go on: {key}\n{done.stdout[-2000:]}")
            known.append(key)
            result.findings.append(Finding(key, found[0].read_bytes() if found else b"", done.stdout[-6000:]))
    result.corpus = sum(1 for _ in corpus.iterdir())
    return result


def _spent() -> float:
    """Seconds of processor time of all children that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _last(pattern: str, text: str) -> str:
    return (re.findall(pattern, text) or ["0"])[-1]


def confirmed(family: str, finding: Finding, guard: Guard, folder: Path) -> Outcome:
    file, reads = room(family, folder)
    file.write_bytes(finding.data)
    return guard.read(reads)


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.fuzz")
    parser.add_argument("samples", type=Path)
    parser.add_argument("--minutes", type=float, default=60)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--only", default=",".join(ENDINGS))
    parser.add_argument("--out", type=Path, default=Path("runs/fuzz"))
    asked = parser.parse_args()
    families = [name for name in asked.only.split(",") if name in ENDINGS]
    if shutil.which(sys.executable) is None or not families:
        parser.error(f"--only takes {', '.join(ENDINGS)}")
    kept = asked.out / "findings"
    kept.mkdir(parents=True, exist_ok=True)
    total = 0
    print("| reader | seconds | inputs | branches | corpus | found |\n|---|---|---|---|---|---|", flush=True)  # noqa: T201 -- a command
    with Guard() as guard, tempfile.TemporaryDirectory() as folder:
        for family in families:
            corpus = asked.out / "corpus" / family
            seeds(asked.samples, family, corpus)
            result = fuzz(family, corpus, 60 * asked.minutes / len(families), asked.seed)
            figures = (f"{result.seconds:.0f}", result.runs, result.reached, result.corpus, len(result.findings))
            print(f"| {family} | {' | '.join(map(str, figures))} |", flush=True)  # noqa: T201
            for finding in result.findings:
                outcome = confirmed(family, finding, guard, Path(folder))
                name = f"{family}-{sha256(finding.data).hexdigest()[:8]}"
                (kept / f"{name}{ENDINGS[family]}").write_bytes(finding.data)
                (kept / f"{name}.txt").write_text(f"seed {asked.seed}\n{finding.key}\nthe guard: {outcome}\n\n{finding.told}")
                print(f"found: {finding.key}; the guard: {outcome.kind} {outcome.what[:100]} ({kept / name}.txt)", flush=True)  # noqa: T201
            total += len(result.findings)
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
