"""Sigma: the factors by gap length that calibrate a network's own, and a table of how well the calibrated one holds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from scipy.special import ndtri

from mpm_core.errors import DataError
from mpm_core.fill.auto.calibration import Factors
from mpm_core.typing import Float, Floating
from mpm_train.parallel import parallel_map
from mpm_train.progress import tracked
from mpm_train.tables.cells import Fill, Measured, Paths, fill_gap, opened
from mpm_train.tables.gap_errors import INTERVALS
from mpm_train.tables.plan import Extent, Gap, every_gap
from mpm_train.tables.write import Table

CALIBRATED = 0.90
GOOD_90 = (0.87, 0.93)


def measure_calibration(paths: Paths, extent: Extent, jobs: int = 1) -> dict[str, Any]:
    """What a model's file holds for `mpm_core.fill.auto.calibration.Factors`: gap lengths in seconds, and the factor for each.

    Multiplied by it, the gate's sigma covers 90 % of the errors (per axis, as a normal's would) of what `auto` fills. Empty for a network
    without a sigma. Raises DataError when no clip is long enough, ModelError.
    """
    source = opened(paths)
    gaps = every_gap(source.clips, source.split, extent, source.seed)
    if not gaps:
        raise DataError(f"no {source.split} clip is long enough to be measured on", hint="prepare longer clips")
    found = tracked(parallel_map(partial(_gap_in_sigmas, paths), gaps, jobs), "measuring sigma", "gaps", len(gaps))
    known = factors(gaps, found, extent.lengths_s)
    return {"seconds": list(known.seconds), "factor": [round(each, 4) for each in known.factor]} if known.seconds else {}


def factors(gaps: Sequence[Gap], in_sigmas: Iterable[Float], lengths_s: Sequence[float]) -> Factors:
    """What sigma is to be multiplied by, so that it covers as much of the errors in these gaps (each gap's `in_sigmas`) as of a normal's.

    For each of the lengths, by the gaps that are nearest to it; lengths without errors are left out.
    """
    sizes: dict[float, list[Float]] = {length_s: [] for length_s in lengths_s}
    for gap, sizes_N in zip(gaps, in_sigmas, strict=True):
        sizes[min(lengths_s, key=lambda length_s: abs(np.log(length_s / gap.seconds)))].append(sizes_N)
    whole = {length_s: np.concatenate(some) for length_s, some in sizes.items() if sum(map(len, some))}
    normal = ndtri(0.5 + CALIBRATED / 2)
    return Factors(tuple(whole), tuple(float(np.quantile(some_N, CALIBRATED) / normal) for some_N in whole.values()))


def in_sigmas(off_N3: Float, sigma_N: Floating) -> Float:
    """The axis errors, without sign, in sigmas; those of samples that have no fill or no sigma are left out."""
    some_N = np.isfinite(off_N3).all(axis=1) & (sigma_N > 0)
    return np.abs(off_N3[some_N] / sigma_N[some_N, None]).ravel()


def _gap_in_sigmas(paths: Paths, gap: Gap) -> Float:
    """The axis errors of `auto` in a gap, in sigmas as they are before calibration."""
    fill = auto_fill(paths, gap)
    off_FJ3 = fill.filled.xyz_FPD.astype(np.float64) - fill.truth.xyz_FPD
    return in_sigmas(off_FJ3[fill.masked_FJ], fill.filled.sigma_FP[fill.masked_FJ])


def auto_fill(paths: Paths, gap: Gap) -> Fill:
    """A gap filled by `auto`, with its sigma as it is before calibration."""
    source = opened(paths)
    raw = replace(source, model=replace(source.model, facts={**source.model.facts, "calibration": None}))
    [fill] = fill_gap(gap, ("auto",), raw)
    return fill


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
