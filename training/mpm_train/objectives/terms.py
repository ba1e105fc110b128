"""What all objectives share. B windows, F frames, J joints.

An objective computes terms, a dictionary of scalars in metres (2D: half image widths); "loss" is the one that is minimised. `prepare`
draws masks and cameras and computes inputs and targets, on the CPU, so that worker processes can do it ahead of the loop; `loss` runs the
network. The objectives themselves: paper.py, repair.py, lifting.py; which one a configuration means: choose.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mpm_core.model.build import AnyNetwork
from mpm_core.model.config import ModelConfig
from mpm_train.config import TrainConfig
from mpm_train.data.windows import Windows
from mpm_train.precision import Bf16, uses_bf16

Terms = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """prepare: (windows, network configuration, objective settings, generator) -> batch: tensors on the CPU that can be pickled.

    loss: (network, batch, objective settings, progress, precision) -> terms, all on the network's device. progress: share of the run that
    is done, 0..1. precision: the context that the network is called in (see `precision`). headline: (network configuration) -> the term
    that is reported and by which the best checkpoint is chosen. at_step: (network configuration, objective settings, number of a
    training step) -> the settings that `prepare` gets in that step.
    """

    prepare: Callable[[Windows, ModelConfig, Any, np.random.Generator], Any]
    loss: Callable[[Any, Any, Any, float, torch.autocast], Terms]
    headline: Callable[[ModelConfig], str]
    at_step: Callable[[ModelConfig, Any, int], Any] = lambda _model, settings, _step: settings

    def __call__(
        self, network: AnyNetwork, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0
    ) -> Terms:
        """Terms of windows: prepare and loss in one."""
        return self.terms(network, self.prepare(windows, config.model, config.objective, rng), config, progress)

    def terms(self, network: AnyNetwork, batch: Any, config: TrainConfig, progress: float) -> Terms:
        """Terms of a prepared batch, moved to the network's device first."""
        return self.loss(network, sent(batch, device_of(network)), config.objective, progress, precision(network, config.bf16))


def distance(a_BFJ3: Tensor, b_BFJ3: Tensor) -> Tensor:
    """(B, F, J) Euclidean distance of each joint."""
    return torch.as_tensor((a_BFJ3.float() - b_BFJ3).norm(dim=-1))


def precision(network: AnyNetwork, bf16: Bf16) -> torch.autocast:
    """Context in which the network computes in bfloat16 while it is trained; losses are computed outside of it, in full precision."""
    device = device_of(network)
    return torch.autocast(device.type, torch.bfloat16, enabled=uses_bf16(bf16, device) and network.training)


def sent(value: Any, device: torch.device) -> Any:
    """A tensor, a dataclass or a dictionary of such, with all tensors moved to the device; anything else as it is."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {name: sent(part, device) for name, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: sent(getattr(value, field.name), device) for field in fields(value)})
    return value


def device_of(network: AnyNetwork) -> torch.device:
    """The device of the network's parameters."""
    return next(network.parameters()).device


def mean_over(values_BFJ: Tensor, weight_BFJ: Tensor) -> Tensor:
    """Weighted mean (a scalar); weights of a sum below 1 are not scaled up, so that no sample gives 0."""
    return torch.as_tensor((values_BFJ * weight_BFJ).sum() / weight_BFJ.sum().clamp(min=1))
