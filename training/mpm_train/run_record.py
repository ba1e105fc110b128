"""What a run's folder records of its making, in record.json: the command, each sitting, and what was taken over from another model.

A sitting is one start of the run; its row is brought up to date with every checkpoint, so that a kill loses nothing that counts.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import torch

from mpm_core.errors import DataError, reason
from mpm_core.files.atomic import write_bytes
from mpm_train.config import TrainConfig
from mpm_train.data.contents import Contents
from mpm_train.history import TRAINED, History, StartedFrom, Step
from mpm_train.objectives.config import learns_poses
from mpm_train.provenance import MadeBy

RECORD = "record.json"


@dataclass(frozen=True, slots=True)
class Sitting:
    """Steps first..last-1 of a run, from one start to its last checkpoint. seconds: of the clock."""

    first: int
    last: int
    seconds: float
    made: MadeBy
    device: str
    processes: int


class RunRecord:
    """The sittings of a run up to `first`, going on from there: what a killed run did after its last checkpoint comes again."""

    def __init__(self, out: Path, first: int, made: MadeBy, device: str, processes: int, started: StartedFrom | None) -> None:
        self.path, self.started = out / RECORD, started
        self.before = [replace(one, last=min(one.last, first)) for one in _sittings(self.path) if one.first < first]
        self.now = Sitting(first, first, 0.0, made, device, processes)
        self.began = time.monotonic()

    def write(self, step: int) -> None:
        """The run has a checkpoint at this step. The file is written whole."""
        self.now = replace(self.now, last=step, seconds=round(time.monotonic() - self.began, 1))
        started = None if self.started is None else asdict(self.started)
        sittings = [asdict(one) for one in (*self.before, self.now)]
        write_bytes(self.path, json.dumps({"started_from": started, "sittings": sittings}, indent=1).encode())

    def history(self, before: History, config: TrainConfig, contents: Contents, best: int) -> History:
        """That of a model of this run as it stands; before: of the model that it started from. best: the step whose weights it has."""
        sittings = [one for one in (*self.before, self.now) if one.last > one.first]
        step = Step(
            TRAINED,
            config.name,
            self.now.made.command,
            contents.hash,
            config.gate_subjects,
            config.data_share,
            steps=self.now.last,
            best=best,
            hours=round(sum(one.seconds for one in sittings) / 3600, 3),
            sittings=len(sittings),
            processes=self.now.processes,
            device=self.now.device,
            commits=tuple(dict.fromkeys(one.made.commit for one in sittings if one.made.commit)),
            versions=self.now.made.versions,
            started_from=self.started,
            learns_poses=learns_poses(config.objective),
        )
        return before.then(step, contents)


def device_name(device: torch.device, threads: int) -> str:
    """
    >>> device_name(torch.device("cpu"), 2)
    'cpu, 2 threads'
    """
    return torch.cuda.get_device_name(device) if device.type == "cuda" else f"{device.type}, {threads} threads"


def _sittings(path: Path) -> list[Sitting]:
    """Raises DataError when the file is damaged."""
    if not path.is_file():
        return []
    try:
        rows: list[dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))["sittings"]
        return [Sitting(**row | {"made": MadeBy(**row["made"])}) for row in rows]
    except (ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"the run's record cannot be read ({reason(error)})", where=str(path), hint="name another --out, or delete it"
        ) from error
