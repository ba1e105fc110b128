"""Gaps in takes of rigs: python -m tests.bench_rigs FOLDER [FILES] repairs BVH files; what becomes of bones and of what was measured.

In each file a part of the body is marked for 0.25 to 4 s, filled by a Hermite curve and by "auto", exported, and the export is read again.
F frames, P points, B bones.
"""

from __future__ import annotations

import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.body.parts import resolve
from mpm_core.check.verify import verify
from mpm_core.edit.mark import mark, region
from mpm_core.recording import Recording

PARTS, LENGTHS_S, METHODS = ("left_arm", "right_leg", "legs", "upper"), (0.25, 0.5, 1.0, 2.0, 4.0), ("hermite", "auto")
SIDE_S = 1.0


@dataclass(frozen=True, slots=True)
class Repaired:
    """By method: how far any bone is from its length, the mean error of the marked points (mm); measured samples and those that changed."""

    bone_mm: dict[str, float]
    error_mm: dict[str, float]
    measured: int
    changed: int


def repaired(rec: Recording, part: str, length_s: float, seed: int) -> Repaired:
    """One gap of a BVH, which must be longer than it by 2 SIDE_S."""
    side, length = round(SIDE_S * rec.rate_hz), round(length_s * rec.rate_hz)
    start = int(np.random.default_rng(seed).integers(side, rec.frames - length - side + 1))
    marked, _ = mark(rec, region(rec, list(resolve(rec, part)), start, start + length)).apply(rec)
    hidden_FP = ~marked.visible_FP
    bones, errors, proofs = {}, {}, []
    for method in METHODS:
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out.bvh"
            mpm.write(mpm.complete(marked, method=method), out)
            again = mpm.read(out)
            proofs.append(verify(marked, out))
        bones[method] = 1000 * float(np.abs(lengths(again) - lengths(rec)).max())
        errors[method] = 1000 * float(np.linalg.norm((again.xyz_FPD - rec.xyz_FPD)[hidden_FP].astype(np.float64), axis=1).mean())
    return Repaired(bones, errors, proofs[-1].samples.measured, sum(proof.samples.changed + proof.absent for proof in proofs))


def lengths(rec: Recording) -> np.ndarray:
    """(F, B) metres from each joint to its parent."""
    assert rec.rig is not None
    children = [joint for joint, parent in enumerate(rec.rig.parents) if parent >= 0]
    parents = [rec.rig.parents[joint] for joint in children]
    xyz_FPD = rec.xyz_FPD.astype(np.float64)
    return np.asarray(np.linalg.norm(xyz_FPD[:, children] - xyz_FPD[:, parents], axis=2))


def main(arguments: list[str]) -> int:
    files = sorted(Path(arguments[0]).rglob("*.bvh"))[: int(arguments[1]) if len(arguments) > 1 else None]
    found: dict[float, list[Repaired]] = {}
    for number, path in enumerate(files):
        rec = mpm.read(path)
        part = PARTS[number % len(PARTS)]
        for length_s in LENGTHS_S:
            if rec.frames > (length_s + 2 * SIDE_S) * rec.rate_hz:
                found.setdefault(length_s, []).append(repaired(rec, part, length_s, number))
    sys.stdout.write("| gap s | gaps | bones hermite, mm | bones auto, mm | error hermite, mm | error auto, mm | measured | changed |\n")
    sys.stdout.write("|---|---|---|---|---|---|---|---|\n")
    for length_s, some in found.items():
        bones = [max(each.bone_mm[method] for each in some) for method in METHODS]
        errors = [sum(each.error_mm[method] for each in some) / len(some) for method in METHODS]
        totals = sum(each.measured for each in some), sum(each.changed for each in some)
        figures = (*(f"{mm:.3f}" for mm in bones), *(f"{mm:.1f}" for mm in errors), *(f"{total:,}" for total in totals))
        sys.stdout.write(f"| {length_s:g} | {len(some)} | {' | '.join(figures)} |\n")
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
