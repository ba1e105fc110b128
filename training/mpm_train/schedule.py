"""The learning rate, step by step."""

from __future__ import annotations

import math

from mpm_train.config import TrainConfig


def learning_rate(config: TrainConfig, step: int) -> float:
    """Rises over warm_up steps; falls along a half cosine to lr_end or, where the run has lr_parts, by lr_decay with each, as published."""
    rise = min(1.0, (step + 1) / max(config.warm_up, 1))
    if config.lr_parts:
        return rise * config.lr * config.lr_decay ** (step * config.lr_parts // config.steps)
    share = min(1.0, max(0.0, (step - config.warm_up) / max(config.steps - config.warm_up, 1)))
    return rise * (config.lr_end + (config.lr - config.lr_end) * 0.5 * (1 + math.cos(math.pi * share)))
