"""The averaged network (EMA): the one that is measured and kept."""

from __future__ import annotations

import numpy as np
import torch

from mpm_core.model.build import AnyNetwork
from mpm_train.config import TrainConfig
from mpm_train.loader import Draws
from mpm_train.objectives.choose import objective_of

SETTLE_BATCHES = 12
VALIDATION_BATCHES = 12


@torch.no_grad()
def blend(average: AnyNetwork, network: AnyNetwork, keep: float) -> None:
    for mean, now in zip(average.state_dict().values(), network.state_dict().values(), strict=True):
        if mean.is_floating_point():
            mean.lerp_(now, 1 - keep)
        else:
            mean.copy_(now)


@torch.no_grad()
def settle(average: AnyNetwork, sampler: Draws, config: TrainConfig) -> None:
    """Measure the averaged network's own batch statistics: those averaged with the weights belong to no network."""
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


@torch.no_grad()
def validate(network: AnyNetwork, sampler: Draws, config: TrainConfig) -> dict[str, float]:
    """Mean terms over the same windows and masks every time, nothing augmented; named validation_*."""
    network.eval()
    objective = objective_of(config)
    sums: dict[str, float] = {}
    for batch in range(VALIDATION_BATCHES):
        rng = np.random.default_rng([7, batch])
        for name, value in objective(network, sampler.draw(config.batch, rng, augment=False), config, rng).items():
            sums[f"validation_{name}"] = sums.get(f"validation_{name}", 0.0) + float(value) / VALIDATION_BATCHES
    return sums
