"""The network with its losses, and one step of training it."""

from __future__ import annotations

from typing import Any

import torch
from accelerate import Accelerator
from torch import nn

from mpm_core.model.build import AnyNetwork
from mpm_train.config import TrainConfig
from mpm_train.loader import Batch
from mpm_train.objectives.choose import objective_of
from mpm_train.objectives.terms import Terms
from mpm_train.schedule import learning_rate


class Learner(nn.Module):
    """The network and its losses behind one forward(), which is what several processes share. Only "loss" keeps its graph."""

    def __init__(self, network: AnyNetwork, config: TrainConfig) -> None:
        super().__init__()
        self.network, self.config = network, config
        self.objective = objective_of(config)

    def forward(self, prepared: Any, progress: float) -> Terms:
        terms = self.objective.terms(self.network, prepared, self.config, progress)
        return {name: value if name == "loss" else value.detach() for name, value in terms.items()}


def learn(group: Accelerator, learner: nn.Module, optimizer: torch.optim.Optimizer, batch: Batch, config: TrainConfig, step: int) -> Terms:
    """One step. What is drawn in it (dropout too) is decided by the seed, the step and the process."""
    torch.manual_seed(config.seed * 1_000_003 + step + (group.process_index << 40))
    for parameters in optimizer.param_groups:
        parameters["lr"] = learning_rate(config, step)
    learner.train()
    terms: Terms = learner(batch.prepared, step / config.steps)
    optimizer.zero_grad(set_to_none=True)
    group.backward(terms["loss"])
    group.clip_grad_norm_(learner.parameters(), config.clip)
    optimizer.step()
    return terms
