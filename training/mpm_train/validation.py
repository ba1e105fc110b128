"""Errors on held-out people during a run."""

from __future__ import annotations

import numpy as np
import torch

from mpm_core.model.build import AnyNetwork
from mpm_train.config import TrainConfig
from mpm_train.loader import Draws
from mpm_train.objectives.choose import objective_of

BATCHES = 12


@torch.no_grad()
def validate(network: AnyNetwork, sampler: Draws, config: TrainConfig) -> dict[str, float]:
    """Mean terms over the same windows and masks every time, nothing augmented; named validation_*."""
    network.eval()
    objective = objective_of(config)
    sums: dict[str, float] = {}
    for batch in range(BATCHES):
        rng = np.random.default_rng([7, batch])
        for name, value in objective(network, sampler.draw(config.batch, rng, augment=False), config, rng).items():
            sums[f"validation_{name}"] = sums.get(f"validation_{name}", 0.0) + float(value) / BATCHES
    return sums
