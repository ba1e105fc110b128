"""How long filling many gaps will take here, from a few of them."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence

from mpm_core.linalg.subsample import subsample
from mpm_train.progress import announce, duration
from mpm_train.tables.plan import Gap

SAMPLES = 6
FEW = 20 * SAMPLES


def forecast_filling(fill: Callable[[Gap], object], gaps: Sequence[Gap], jobs: int) -> float:
    """Forecast of the seconds that `fill` takes for all gaps in `jobs` processes, from SAMPLES of them here; the first opens the model."""
    some = [gaps[index] for index in subsample(len(gaps), SAMPLES)]
    fill(some[0])
    began = time.monotonic()
    for gap in some:
        fill(gap)
    return (time.monotonic() - began) / len(some) * len(gaps) / min(jobs, os.cpu_count() or 1)


def announce_filling(name: str, fill: Callable[[Gap], object], gaps: Sequence[Gap], jobs: int) -> None:
    """Say it, unless there are only a few."""
    if len(gaps) >= FEW:
        announce(name, f"filling {len(gaps):,} gaps, first {SAMPLES} of them to see how long that takes")
        announce(name, f"about {duration(forecast_filling(fill, gaps, jobs))} from now")
