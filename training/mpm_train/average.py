"""The averaged network (exponential moving average of the weights): the one that is validated and kept."""

from __future__ import annotations

import numpy as np
import torch

from mpm_core.model.build import AnyNetwork
from mpm_train.config import TrainConfig
from mpm_train.loader import Draws
from mpm_train.objectives.choose import objective_of

SETTLE_BATCHES = 12


@torch.no_grad()
def blend(average: AnyNetwork, network: AnyNetwork, keep: float) -> None:
    """Move the average towards the network in place: keep * average + (1 - keep) * network."""
    for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)


@torch.no_grad()
def settle(average: AnyNetwork, sampler: Draws, config: TrainConfig) -> None:
    """Measure the averaged network's own BatchNorm statistics over training windows: averages of statistics fit no network."""
    average.eval()
    norms = [module for module in average.modules() if isinstance(module, torch.nn.BatchNorm1d)]
    if not norms:
        return
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None
        norm.train()
    objective = objective_of(config)
    for batch in range(SETTLE_BATCHES):
        rng = np.random.default_rng([9, batch])
        objective(average, sampler.draw(config.batch, rng), config, rng)
