"""What a grid of runs says: mean and spread over the seeds, and whether a claim holds in sign. Errors in mm, lower is better."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from training.grids import Grid

Scores = Mapping[str, Mapping[int, float]]
"""Error in mm by option and seed."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """One pair of a claim. gain_mm: by how much `better` is better, mean over the seeds that both have; error_mm: its standard error,
    None with a single seed."""

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
        if self.error_mm is None:
            weight = "one seed, so no standard error"
        elif self.error_mm == 0:
            weight = f"{self.seeds} seeds, the same difference with each"
        else:
            weight = f"{abs(self.gain_mm) / self.error_mm:.1f} standard errors, {self.seeds} seeds"
        return f"{self.better} before {self.worse}: {sign}, {self.gain_mm:+.2f} mm ({weight})"


def verdicts(grid: Grid, scores: Scores) -> list[Verdict]:
    """Every pair that is claimed; seeds are compared with themselves, because they share windows and starting weights."""
    found = []
    for better, worse in grid.pairs:
        seeds = sorted(scores[better].keys() & scores[worse].keys())
        gain_S = np.array([scores[worse][seed] - scores[better][seed] for seed in seeds])
        error = float(gain_S.std(ddof=1) / np.sqrt(len(seeds))) if len(seeds) > 1 else None
        found.append(Verdict(better, worse, float(gain_S.mean()), error, len(seeds)))
    return found


def rows(grid: Grid, scores: Scores, hidden: Mapping[str, float | None]) -> list[dict[str, str]]:
    """A row of cells per option. hidden: share of stage I's samples that an option hides, None without a stage I."""
    table = []
    for label in (option.label for option in grid.options):
        share, errors_S = hidden[label], np.array(list(scores[label].values()))
        row = {"option": label, "hidden in stage I": "" if share is None else f"{share:.1%}".replace("%", " %")}
        row |= {f"seed {seed}": f"{error:.2f}" for seed, error in sorted(scores[label].items())}
        row |= {"mean": f"{errors_S.mean():.2f}", "spread": f"{errors_S.std(ddof=1):.2f}" if len(errors_S) > 1 else ""}
        table.append(row | {"published": str(grid.published_mm.get(label, ""))})
    return table


def markdown(grid: Grid, scores: Scores, hidden: Mapping[str, float | None]) -> str:
    """The table and what it says of the claim."""
    table, said = rows(grid, scores, hidden), verdicts(grid, scores)
    lines = ["| " + " | ".join(table[0]) + " |", "|" + "---|" * len(table[0])]
    lines += ["| " + " | ".join(row.values()) + " |" for row in table]
    lines += ["", f"Claim: {grid.claim} Holds in sign in {sum(verdict.holds for verdict in said)} of {len(said)} comparisons:", ""]
    return "\n".join([*lines, *(f"- {verdict}" for verdict in said)])


def comma_separated(grid: Grid, scores: Scores, hidden: Mapping[str, float | None]) -> str:
    table, text = rows(grid, scores, hidden), io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    return text.getvalue()
