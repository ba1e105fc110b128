"""Many takes cleaned by one recipe, beside the open take: in processes of their own, with a row of results for each take as it is done."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal

from mpm_core.progress import Cancel, Progress
from mpm_studio.batch.plan import Plan, clean_all, make_plan, recipe_settings
from mpm_studio.batch.pool import through_processes
from mpm_studio.clean_recipe import Recipe
from mpm_studio.jobs import Failure, Jobs


@dataclass(frozen=True, slots=True)
class QueueRequest:
    """inputs: files and folders; folder: where the results go; to: the ending of all results, None for each take's own."""

    inputs: tuple[Path, ...]
    folder: Path
    recipe: Recipe
    processes: int = 1
    to: str | None = None


class TakeQueue(QObject):
    """planned: the Plan, once its takes are found. row_done: the number of a job, and its row. ended: the summary.

    The results of takes that were done before it was cancelled stay, and a second run goes on from there.
    """

    planned = Signal(object)
    row_done = Signal(int, object)
    ended = Signal(object)
    failed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.jobs = Jobs(self)
        self._stop = threading.Event()

    @property
    def busy(self) -> bool:
        return self.jobs.busy

    def start(self, request: QueueRequest) -> None:
        self._stop.clear()
        self.jobs.run("Cleaning takes", self._work, request, self.ended.emit, self._on_failed)

    def cancel(self) -> None:
        """Stop soon: `ended` comes once the processes have ended."""
        self._stop.set()

    def close(self) -> bool:
        """Stop and wait. False when a process did not end in time."""
        self.cancel()
        return self.jobs.close()

    def _work(self, request: QueueRequest, cancel: Cancel, progress: Progress) -> dict[str, Any]:
        """In the job's thread. Signals reach the window's thread queued."""
        plan: Plan = make_plan(request.inputs, request.folder, recipe_settings(request.recipe), request.to)
        self.planned.emit(plan)

        def stopped() -> bool:
            return cancel() or self._stop.is_set()

        return clean_all(plan, through_processes(plan.jobs, request.processes, stopped), self.row_done.emit, stopped)

    def _on_failed(self, failure: Failure) -> None:
        self.failed.emit(failure)
