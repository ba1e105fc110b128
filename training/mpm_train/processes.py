"""The processes of a run: one alone, or the group that torchrun describes. Communication within the group is here."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs

from mpm_core.errors import DataError, ModelError
from mpm_train.config import TrainConfig
from mpm_train.objectives.terms import Terms
from mpm_train.precision import Bf16, has_bf16_units
from mpm_train.run_state import written

LISTEN_EVERY = 5  # steps between checks whether any process is to stop


def join() -> Accelerator:
    """This process's place in the group: nccl where there are GPUs, gloo where there are none. Half precision is the objective's own."""
    unused = DistributedDataParallelKwargs(find_unused_parameters=True)  # a step may leave one modality's layers out
    return Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no", kwargs_handlers=[unused])


def begin_together(group: Accelerator, step: int, out: Path) -> None:
    """Raises DataError when the processes found different states, because they do not see the same folder."""
    steps = group.gather(torch.tensor([step], device=group.device))
    if not bool((steps == step).all()):
        raise DataError("the processes do not see the same folder", where=str(out), hint="put --out on a disk that all nodes share")


def decide_bf16(group: Accelerator, config: TrainConfig, out: Path) -> TrainConfig:
    """The configuration with bf16 "auto" decided for all processes: as the run in this folder began, else True where every process's device
    has units for it. Raises DataError when the run's settings cannot be read.
    """
    if config.bf16 != "auto":
        return config
    path = out / "config.json"
    began: Bf16 = written(path)["bf16"] if path.is_file() else "auto"
    lacking = anyone(group, not has_bf16_units(group.device))
    return replace(config, bf16=began if began != "auto" else not lacking)


def means(group: Accelerator, terms: Terms, step: int) -> dict[str, float]:
    """The terms of a step, averaged over the processes and named train_*. Raises ModelError when the loss is not a number."""
    found = {f"train_{name}": float(group.reduce(value.detach(), "mean")) for name, value in terms.items()}
    if not math.isfinite(found["train_loss"]):
        raise ModelError("the loss is no longer a number", where=f"step {step}", hint="start again with a lower --lr")
    return found


def asked_to_stop(group: Accelerator, here: bool, step: int) -> bool:
    """Whether any process is to stop; all get the same answer after the same step."""
    return (group.num_processes == 1 or step % LISTEN_EVERY == 0) and anyone(group, here)


def anyone(group: Accelerator, here: bool) -> bool:
    """Whether `here` is true in any process; every process must call this."""
    if group.num_processes == 1:
        return here
    return bool(group.reduce(torch.tensor(float(here), device=group.device), "sum") > 0)
