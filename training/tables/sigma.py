"""Sigma: how wide it is to be (for the model's file), and whether it came out right. T gaps, J joints."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from mpm_core.errors import DataError
from mpm_core.model.sigma import seconds_to_edge, table
from training.tables.cells import Measured, Source, fill_gap
from training.tables.measure import INTERVALS
from training.tables.plan import LENGTHS_S, PARTS, Cell, gaps_of
from training.tables.write import Table

MEASURED = {"model": "model", "classical": "hermite"}
GOOD_90 = (0.87, 0.93)
Float = NDArray[np.float64]


def measure_sigma(source: Source) -> dict[str, Any]:
    """The root mean square error by joint and distance to the gap's edge, of the model and of the classical fill: for a model's file.

    Raises DataError when no clip is long enough.
    """
    J = source.joints_NJ3.shape[1]
    squares: dict[str, list[list[Float]]] = {name: [[np.zeros(0)] for _ in range(J)] for name in MEASURED}
    away: list[list[Float]] = [[np.zeros(0)] for _ in range(J)]
    cells = [Cell(part, length_s) for part in PARTS for length_s in LENGTHS_S]
    gaps = [gap for cell in cells for gap in gaps_of(source.clips, source.split, cell, source.per_cell, source.seed)]
    if not gaps:
        raise DataError(f"no {source.split} clip is long enough to be measured on", hint="prepare longer clips")
    for gap in track(gaps, description="measuring sigma"):
        for name, method in MEASURED.items():
            filled, truth, hidden_FJ, _ = fill_gap(gap, method, source)
            off_FJ = np.sum((filled.xyz_FPD.astype(np.float64) - truth.xyz_FPD) ** 2, axis=2)
            for joint in np.flatnonzero(hidden_FJ.any(axis=0)):
                squares[name][joint].append(off_FJ[hidden_FJ[:, joint], joint])
        away_FJ = seconds_to_edge(~hidden_FJ, truth.rate_hz)
        for joint in np.flatnonzero(hidden_FJ.any(axis=0)):
            away[joint].append(away_FJ[hidden_FJ[:, joint], joint])
    seconds_J = [np.concatenate(some) for some in away]
    return {name: table([np.concatenate(some) for some in squares_J], seconds_J) for name, squares_J in squares.items()}


def calibration(cells: list[Measured], method: str, split: str) -> Table:
    """How many of the true positions lie inside the intervals that sigma promises, by length of the gap.

    A filled sample's sigma (a Recording's sigma_FP, a Patch's sigma_N) is the standard deviation of each axis of its error in metres,
    the error being taken as normal: 90 % of the axis errors should lie within 1.645 sigma. Shares are weighted by samples.
    """
    rows = []
    for length_s in sorted({measured.cell.length_s for measured in cells}):
        some = [measured.figures[method] for measured in cells if measured.cell.length_s == length_s]
        weight_C = np.array([f.samples * f.filled * np.nan_to_num(f.with_sigma) for f in some])
        total = float(sum(f.samples * f.filled for f in some))
        shares = {
            share: float(np.average([np.nan_to_num(f.within[f"{share:.0%}"]) for f in some], weights=weight_C)) if weight_C.any() else None
            for share in INTERVALS
        }
        sigma = float(np.average([np.nan_to_num(f.sigma_mm) for f in some], weights=weight_C)) if weight_C.any() else None
        ninety = shares[0.90]
        good = None if ninety is None else GOOD_90[0] <= ninety <= GOOD_90[1]
        rows.append(
            (
                length_s,
                float(weight_C.sum()) / max(total, 1.0),
                sigma,
                *(None if share is None else 100 * share for share in shares.values()),
                good,
            )
        )
    columns: dict[str, int | None] = {"gap s": None, "with sigma": 2, "mean sigma mm": 1}
    columns |= {f"{share:.0%} interval holds %": 1 for share in INTERVALS} | {"good": None}
    notes = (
        "Per axis: a sample's sigma is the standard deviation of each coordinate's error, taken as normal.",
        f"Good: the 90 % interval holds {GOOD_90[0]:.0%} to {GOOD_90[1]:.0%} of the truth.",
    )
    return Table("sigma", f"Calibration of sigma, {method}, {split} subjects", columns, tuple(rows), notes)
