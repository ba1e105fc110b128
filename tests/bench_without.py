"""What a part of the completion is worth on takes with gaps of their own: python -m tests.bench_without PART FILE [FILE ...].

In each file the self-test hides measured samples in gaps like the file's own and fills them by "auto", with the part and without it
(PARTS of mpm_train.tables.without). A row for each file, and one for all: the gaps, those whose error differs, their mean errors in mm, and
the geometric mean, with its standard error, of the error with the part as a multiple of that without it.
"""

from __future__ import annotations

import sys

import numpy as np

import mpm_core as mpm
from mpm_core.check.selftest import self_test
from mpm_core.recording import Recording
from mpm_core.typing import Float
from mpm_train.tables.without import left_out

LEAST_MM = 0.05  # smaller errors count as this


def errors_mm(rec: Recording, *without: str) -> Float:
    """(G,) mean error of each gap of the self-test; NaN where nothing of it was filled. Raises DataError as `self_test` does."""
    with left_out(without):
        outcomes = self_test(rec, ("auto",)).outcomes
    found = [outcome.off_N["auto"][np.isfinite(outcome.off_N["auto"])] for outcome in outcomes]
    return np.array([1000 * off_N.mean() if len(off_N) else np.nan for off_N in found])


def row(name: str, with_G: Float, without_G: Float) -> str:
    ratio_G = np.log(np.maximum(with_G, LEAST_MM) / np.maximum(without_G, LEAST_MM))
    other_G = np.abs(ratio_G) > 1e-6
    if not other_G.any():
        return f"| {name} | {len(with_G)} | 0 | - | - | - |"
    some = ratio_G[other_G]
    ratio = f"{np.exp(some.mean()):.3f} +- {some.std() / len(some) ** 0.5:.3f}"
    return f"| {name} | {len(with_G)} | {other_G.sum()} | {without_G[other_G].mean():.1f} | {with_G[other_G].mean():.1f} | {ratio} |"


def main(part: str, files: list[str]) -> None:
    sys.stdout.write("| file | gaps | that differ | without mm | with mm | with / without |\n|---|---|---|---|---|---|\n")
    every = []
    for file in files:
        rec = mpm.read(file)
        with_G, without_G = errors_mm(rec), errors_mm(rec, part)
        both_G = np.isfinite(with_G) & np.isfinite(without_G)
        every.append((with_G[both_G], without_G[both_G]))
        sys.stdout.write(row(file, *every[-1]) + "\n")
    sys.stdout.write(row("all", *(np.concatenate(each) for each in zip(*every, strict=True))) + "\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
