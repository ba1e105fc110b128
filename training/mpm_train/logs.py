"""What a run writes down: log.csv and its tracker, a row per checkpoint. Errors in metres, as the objectives give them."""

from __future__ import annotations

import csv
import io
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import torch
from accelerate.tracking import GeneralTracker

from mpm_core.errors import DataError, reason
from mpm_core.files.atomic import write_bytes
from mpm_train.trackers import tag

Item = TypeVar("Item")
Row = dict[str, float]


class Log:
    """The rows of a run up to `step`, going on from there: what a killed run wrote after its last checkpoint comes again."""

    def __init__(self, out: Path, step: int, tracker: GeneralTracker | None = None) -> None:
        self.path = out / "log.csv"
        self.rows = [row for row in read(out) if row["step"] <= step] if self.path.is_file() else []
        self.began = time.monotonic() - (self.rows[-1]["seconds"] if self.rows else 0.0)
        self.tracker = tracker

    def write(self, row: Row) -> None:
        """Add a row, with the seconds since the run began. The file is written whole, so that a kill leaves the old or the new one."""
        self.rows.append({"step": row["step"], "seconds": round(time.monotonic() - self.began, 1), **row})
        text = io.StringIO()
        names = list(dict.fromkeys(name for row in self.rows for name in row))
        writer = csv.DictWriter(text, names, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: f"{value:.9g}" for name, value in row.items()} for row in self.rows)
        write_bytes(self.path, text.getvalue().encode())
        if self.tracker is not None:
            self.tracker.log({tag(name): value for name, value in self.rows[-1].items() if name != "step"}, step=int(row["step"]))

    def is_best(self, name: str) -> bool:
        """Whether the last row has the lowest value of all."""
        return self.rows[-1][name] == min(row[name] for row in self.rows)

    def is_stale(self, name: str, patience: int) -> bool:
        """Whether that many rows came after the one with the lowest value; never with a patience of 0."""
        values = [row[name] for row in self.rows]
        return bool(patience and values) and len(values) - 1 - values.index(min(values)) >= patience

    def close(self) -> None:
        if self.tracker is not None:
            self.tracker.finish()


def read(out: Path) -> list[Row]:
    """The rows of a run's log.csv. Raises DataError when there is none or it is damaged."""
    path = out / "log.csv"
    try:
        with path.open(encoding="utf-8") as file:
            return [{name: float(value) for name, value in row.items() if value != ""} for row in csv.DictReader(file)]
    except (OSError, ValueError, TypeError) as error:
        raise DataError(
            f"the run's log cannot be read ({reason(error)})", where=str(path), hint="delete the folder to start again"
        ) from error


class Pace:
    """How fast the loop goes and how long it waits for batches, from one reading to the next."""

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.began, self.waited, self.steps = time.monotonic(), 0.0, 0

    def timed(self, batches: Iterable[Item]) -> Iterator[Item]:
        iterator = iter(batches)
        while True:
            began = time.monotonic()
            try:
                batch = next(iterator)
            except StopIteration:
                return
            self.waited += time.monotonic() - began
            self.steps += 1
            yield batch

    def read(self, batch: int) -> Row:
        """Since the last restart: windows_per_s at `batch` windows a step; data_wait, a share of the time; and peak_memory_mb."""
        seconds = time.monotonic() - self.began
        return {
            "windows_per_s": round(self.steps * batch / seconds, 2),
            "data_wait": round(self.waited / seconds, 4),
            "peak_memory_mb": round(peak_memory() / 1e6, 1),
        }


def peak_memory() -> int:
    """Bytes: the most this process has had allocated on its GPU, or without one, resident in memory (workers not counted)."""
    if torch.cuda.is_available():
        return int(torch.cuda.max_memory_allocated())
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak if sys.platform == "darwin" else peak * 1024
