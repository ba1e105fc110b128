"""Devices that networks run on, and whether a file is a network for a task. Loads torch: call these in a job (jobs.py).

As of every job, the arguments are what it works on, `cancel()`, which says whether to stop, and `progress(share, text)`, whose share is -1
where it is unknown.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mpm_core.errors import ModelError
from mpm_core.progress import Cancel, Progress

DEVICES = {"auto": "The fastest there is", "cpu": "Processor", "cuda": "NVIDIA GPU (CUDA)", "mps": "Apple GPU (MPS)"}
TASKS = {"complete": "completion", "lift": "lifting"}


@dataclass(frozen=True, slots=True)
class Networks:
    """How networks are run. device: a key of DEVICES; complete, lift: model files, None for those that ship."""

    device: str = "auto"
    complete: Path | None = None
    lift: Path | None = None


def devices(_: None, cancel: Cancel, progress: Progress) -> list[str]:
    """The keys of DEVICES that can be used on this machine."""
    progress(-1.0, "looking for devices")
    from mpm_core.model.checkpoint import pick_device

    here = []
    for name in DEVICES:
        try:
            pick_device(name)
        except ModelError:
            continue
        here.append(name)
    return here


def check(networks: Networks, cancel: Cancel, progress: Progress) -> Networks:
    """Check that each model file named holds a network for its task, and return `networks`. Raises ModelError."""
    from mpm_core.model.checkpoint import load_model
    from mpm_core.model.header import read_header

    for task, path in (("complete", networks.complete), ("lift", networks.lift)):
        if path is None:
            continue
        progress(-1.0, f"reading {path.name}")
        load_model(path)  # whole, and its weights fit
        found = read_header(path).task
        if found != task:
            raise ModelError(f"this model is for {found!r}, not for {TASKS[task]}", where=str(path), hint="choose another file")
    return networks


def load_completing(networks: Networks, cancel: Cancel, progress: Progress) -> None:
    """Load the completion model, which is kept if it is the one that ships. Raises ModelError."""
    progress(-1.0, "loading the model")
    from mpm_core.model.checkpoint import choose_model

    choose_model("complete", networks.complete, networks.device)
