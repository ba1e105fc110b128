"""The results of a grid of runs: mean and spread over the seeds, and whether a claim holds in sign. Errors in mm, lower is better."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from mpm_train.ablation.grids import Grid

Scores = Mapping[str, Mapping[int, float]]
"""Error in mm by option and seed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair of a claim. gain_mm: by how much `better` is better, mean over the seeds.

    error_mm: standard error of such a difference, from the scatter of all the grid's runs that neither their option nor their seed
    explains ((options - 1) (seeds - 1) degrees of freedom: two seeds of one pair alone would mean next to nothing); None with one seed.
    """

    better: str
    worse: str
    gain_mm: float
    error_mm: float | None
    seeds: int

    @property
    def holds(self) -> bool:
        return self.gain_mm > 0

    def __str__(self) -> str:
        sign = "holds in sign" if self.holds else "does not hold in sign"
        weight = f"{self.gain_mm / self.error_mm:+.1f} standard errors, {self.seeds} seeds" if self.error_mm else "no standard error"
        return f"{self.better} before {self.worse}: {sign}, {self.gain_mm:+.2f} mm ({weight})"


def verdicts(grid: Grid, scores: Scores) -> list[Verdict]:
    """Every pair that is claimed. Runs of one seed share their windows, so options are compared seed by seed."""
    seeds = list(next(iter(scores.values())))
    errors_OS = np.array([[by_seed[seed] for seed in seeds] for by_seed in scores.values()])
    mean_O, error_mm = errors_OS.mean(axis=1), None
    if len(seeds) > 1:
        rest_OS = errors_OS - mean_O[:, None] - errors_OS.mean(axis=0) + errors_OS.mean()
        variance = float((rest_OS**2).sum()) / ((len(scores) - 1) * (len(seeds) - 1))
        error_mm = float(np.sqrt(2 * variance / len(seeds)))
    mean = dict(zip(scores, mean_O.tolist(), strict=True))
    return [Verdict(better, worse, mean[worse] - mean[better], error_mm, len(seeds)) for better, worse in grid.pairs]


def rows(grid: Grid, scores: Scores, masked: Mapping[str, float | None]) -> list[dict[str, str]]:
    """A row of cells per option. masked: share of stage I's samples that an option masks, None without a stage I."""
    table = []
    for label in (option.label for option in grid.options):
        share, errors_S = masked[label], np.array(list(scores[label].values()))
        row = {"option": label, "masked in stage I": "" if share is None else f"{share:.1%}".replace("%", " %")}
        row |= {f"seed {seed}": f"{error:.2f}" for seed, error in sorted(scores[label].items())}
        row |= {"mean": f"{errors_S.mean():.2f}", "spread": f"{errors_S.std(ddof=1):.2f}" if len(errors_S) > 1 else ""}
        table.append(row | {"published": str(grid.published_mm.get(label, ""))})
    return table


def markdown(grid: Grid, scores: Scores, masked: Mapping[str, float | None]) -> str:
    """The table, and each comparison of the claim below it."""
    table, found = rows(grid, scores, masked), verdicts(grid, scores)
    lines = ["| " + " | ".join(table[0]) + " |", "|" + "---|" * len(table[0])]
    lines += ["| " + " | ".join(row.values()) + " |" for row in table]
    lines += ["", f"Claim: {grid.claim} Holds in sign in {sum(verdict.holds for verdict in found)} of {len(found)} comparisons:", ""]
    return "\n".join([*lines, *(f"- {verdict}" for verdict in found)])


def comma_separated(grid: Grid, scores: Scores, masked: Mapping[str, float | None]) -> str:
    table, text = rows(grid, scores, masked), io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()
