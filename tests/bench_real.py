"""Real gaps in real files: python -m tests.bench_real FOLDER [MOST] repairs C3D files that have gaps, and tests itself on each.

Every file is completed by "auto", written as a C3D and held against its source; of each filled marker the distances to its steadiest
neighbours are compared with what they are where all are seen. Then the self-test tells how far off each method is on these very files.
F frames, P points, N samples.
"""

from __future__ import annotations

import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import numpy as np

import mpm_core as mpm
from mpm_core.check.selftest import REACHES, SelfTest, self_test
from mpm_core.check.verify import verify
from mpm_core.complete import complete_patch
from mpm_core.errors import MpmError
from mpm_core.gaps import inner
from mpm_core.recording import Recording

FEWEST_POINTS, LEAST_S, MOST_SAMPLES = 8, 2.0, 1_500_000
NEIGHBOURS, SLACK_M = 3, 0.005
METHODS = ("linear", "spline", "hermite", "pattern", "rigid", "relational", "kalman", "model", "auto")


def with_gaps(folder: Path, most: int) -> Iterator[tuple[Path, Recording]]:
    """C3D files with markers that are lost and come back; of files with the same samples only the first."""
    seen: set[bytes] = set()
    for path in sorted(folder.rglob("*.c3d")):
        try:
            rec = mpm.read(path)
        except MpmError:
            continue
        usual = len(rec.points) >= FEWEST_POINTS and rec.frames >= LEAST_S * rec.rate_hz and rec.visible_FP.size <= MOST_SAMPLES
        digest = rec.xyz_FPD.tobytes()[:100_000]
        if len(seen) < most and usual and digest not in seen and any(inner(visible_F).any() for visible_F in rec.visible_FP.T):
            seen.add(digest)
            yield path, rec


def beside_neighbours(before: Recording, after: Recording) -> tuple[int, int]:
    """(inside, all) distances from filled markers to their steadiest neighbours that lie within what these are elsewhere, by SLACK_M."""
    xyz_FPD = np.where(before.visible_FP[..., None], before.xyz_FPD, np.nan).astype(np.float64)
    filled_FP = ~before.visible_FP & after.visible_FP
    inside = total = 0
    for point in np.flatnonzero(filled_FP.any(axis=0)):
        away_FP = np.linalg.norm(xyz_FPD - xyz_FPD[:, [point]], axis=2)
        often_P = np.isfinite(away_FP).sum(axis=0) >= before.rate_hz
        often_P[point] = False
        spread_P = np.array([np.nanstd(away_F) if often else np.inf for away_F, often in zip(away_FP.T, often_P, strict=True)])
        for other in np.argsort(spread_P)[: min(NEIGHBOURS, int(often_P.sum()))]:
            rows_F = filled_FP[:, point] & before.visible_FP[:, other]
            now_N = np.linalg.norm(after.xyz_FPD[rows_F, point].astype(np.float64) - xyz_FPD[rows_F, other], axis=1)
            low, high = np.nanmin(away_FP[:, other]) - SLACK_M, np.nanmax(away_FP[:, other]) + SLACK_M
            inside, total = inside + int(((now_N >= low) & (now_N <= high)).sum()), total + len(now_N)
    return inside, total


def by_length(tests: list[SelfTest]) -> list[str]:
    """A row for each class of length: the mean over files, mm, of the methods that reach (nearly) all samples of it in every file."""
    errors: dict[tuple[float, float], dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    for test in tests:
        for low, high, outcomes in test.by_length():
            for method in test.methods:
                score = test.score(method, outcomes)
                errors[low, high][method].append(1000 * score.mean if score.reached >= REACHES * max(score.asked, 1) else np.nan)
    lines = [f"| gap s | files | {' | '.join(METHODS)} |", "|---" * (len(METHODS) + 2) + "|"]
    for (low, high), rows in sorted(errors.items()):
        means = [f"{np.mean(rows[m]):.1f}" if rows[m] and np.isfinite(rows[m]).all() else "-" for m in METHODS]
        lines.append(f"| {low:g} to {high:g} | {len(rows['auto'])} | {' | '.join(means)} |")
    return lines


def main(arguments: list[str]) -> int:
    tests: list[SelfTest] = []
    by_file: list[tuple[int, int]] = []
    files = filled = left = measured = changed = 0
    for path, rec in with_gaps(Path(arguments[0]), int(arguments[1]) if len(arguments) > 1 else 10**9):
        patch = complete_patch(rec).patch
        after, _ = patch.apply(rec)
        with tempfile.TemporaryDirectory() as folder:
            mpm.write(after, Path(folder) / "out.c3d")
            proof = verify(rec, Path(folder) / "out.c3d")
        files, filled, left = files + 1, filled + len(patch), left + int((~after.visible_FP).sum())
        measured, changed = measured + proof.samples.measured, changed + proof.samples.changed + proof.absent
        by_file.append(beside_neighbours(rec, after))
        try:
            tests.append(self_test(rec, METHODS))
        except MpmError as error:
            sys.stderr.write(f"{path}: {error}\n")
    sys.stdout.write(f"{files} files: {filled:,} samples filled, {left:,} left open; {measured:,} measured samples, {changed} changed\n")
    inside, total = np.sum(by_file, axis=0) if by_file else (0, 0)
    share, each = 100 * inside / max(total, 1), ", ".join(f"{100 * some / of:.1f} of {of:,}" for some, of in by_file if of)
    sys.stdout.write(f"distances to steady neighbours within their own range by {1000 * SLACK_M:g} mm: {share:.1f} % of {total:,}\n")
    sys.stdout.write(f"file by file, %: {each}\n")
    sys.stdout.write("\n".join(["", f"Self-test on {len(tests)} of them, mean error in mm:", "", *by_length(tests), ""]))
    return 0 if files else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
