"""The processes of a run: one alone, or the group that torchrun describes. Communication within the group is here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator, DistributedDataParallelKwargs
from torch import nn

from mpm_core.errors import DataError, ModelError
from mpm_train.config import TrainConfig
from mpm_train.objectives.terms import Terms
from mpm_train.precision import Bf16, has_bf16_units
from mpm_train.saved_config import read_config

LISTEN_EVERY = 5  # steps between checks whether any process is to stop
PROBED_STEPS = 4


def join() -> Accelerator:
    """This process's place in the group: nccl where there are GPUs, gloo where there are none. Half precision is the objective's own."""
    return Accelerator(cpu=not torch.cuda.is_available(), mixed_precision="no")


def share(group: Accelerator, learner: nn.Module, batches: Iterable[Any]) -> nn.Module:
    """The learner, whose gradients are averaged over the processes. batches: what its first steps are given.

    Weights that these steps leave without a gradient (a gate; the layers of one kind of pose) have to be looked for in every step, which
    costs time, and draws a warning where there are none.
    """
    if group.num_processes > 1:
        some = any(leaves_out(learner, batch) for batch in batches)
        group.ddp_handler = DistributedDataParallelKwargs(find_unused_parameters=anyone(group, some))
    return group.prepare_model(learner)  # type: ignore[no-any-return]


def leaves_out(learner: nn.Module, batch: Any) -> bool:
    """Whether a weight gets no gradient. Nothing is changed."""
    learner.eval()
    learner(batch, 0.0)["loss"].backward()
    some = any(weight.grad is None for weight in learner.parameters())
    learner.zero_grad(set_to_none=True)
    return some


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
    began: Bf16 = read_config(path).bf16 if path.is_file() else "auto"
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
