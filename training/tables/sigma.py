"""Sigma: by how much a network's own is to be multiplied, by length of the gap, and whether what comes of it is right."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rich.progress import track
from scipy.special import ndtri

from mpm_core.complete import SHORT_GAP_S
from mpm_core.errors import DataError
from training.tables.cells import Measured, Paths, fill_gap, opened
from training.tables.measure import INTERVALS
from training.tables.plan import LENGTHS_S, PARTS, Cell, Gap, gaps_of
from training.tables.spread import spread
from training.tables.write import Table

Float = NDArray[np.float64]
CALIBRATED = 0.90
GOOD_90 = (0.87, 0.93)


def measure_calibration(paths: Paths, jobs: int = 1) -> dict[str, Any]:
    """What a model's file holds for `mpm_core.model.sigma.calibrated`: gap lengths in seconds, and the factor for each.

    Multiplied by it, the judge's sigma covers 90 % of the errors (per axis, as a normal's would) of what `auto` fills in gaps that are not
    short. Empty for a network that says nothing of its errors. Raises DataError when no clip is long enough, ModelError.
    """
    source = opened(paths)
    plan = [
        (length_s, gap)
        for length_s in LENGTHS_S
        if length_s > SHORT_GAP_S
        for part in PARTS
        for gap in gaps_of(source.clips, source.split, Cell(part, length_s), source.per_cell, source.seed)
    ]
    if not plan:
        raise DataError(f"no {source.split} clip is long enough to be measured on", hint="prepare longer clips")
    found = spread(partial(_in_sigmas, paths), [gap for _, gap in plan], jobs)
    sizes: dict[float, list[Float]] = {}
    for (length_s, _), some in zip(plan, track(found, description="measuring sigma", total=len(plan)), strict=True):
        sizes.setdefault(length_s, []).append(some)
    whole = {length_s: np.concatenate(some) for length_s, some in sizes.items()}
    factors = {length_s: factor(some) for length_s, some in whole.items() if len(some)}
    return {"seconds": list(factors), "factor": [round(each, 4) for each in factors.values()]} if factors else {}


def factor(in_sigmas_N: Float) -> float:
    """What sigma is to be multiplied by, so that it covers as much of the errors (given in sigmas, without sign) as of a normal's."""
    return float(np.quantile(in_sigmas_N, CALIBRATED) / ndtri(0.5 + CALIBRATED / 2))


def _in_sigmas(paths: Paths, gap: Gap) -> Float:
    """The axis errors of `auto` in a gap, in sigmas as they are before calibration."""
    source = opened(paths)
    raw = replace(source, model=replace(source.model, facts={**source.model.facts, "calibration": None}))
    [fill] = fill_gap(gap, ("auto",), raw)
    told_FJ = fill.hidden_FJ & (fill.filled.sigma_FP > 0)
    off_N3 = (fill.filled.xyz_FPD.astype(np.float64) - fill.truth.xyz_FPD)[told_FJ]
    return np.abs(off_N3 / fill.filled.sigma_FP[told_FJ][:, None]).ravel()


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
