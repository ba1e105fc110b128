"""What a run learns by. An objective is (network, windows, configuration, rng, progress) -> terms by name, metres; "loss" is their sum.

It has two parts, so that processes of their own can do the first, ahead of the network: `prepare` draws masks and cameras and makes what
goes in and what shall come out; `judge` asks the network. B windows, F frames, J joints. progress: how much of the run is done, 0..1.
The losses themselves: paper.py, repair.py, lifting.py.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, is_dataclass, replace
from typing import Any

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.build import AnyNetwork
from mpm_train.config import TrainConfig
from mpm_train.data.windows import Windows

Terms = dict[str, Tensor]


@dataclass(frozen=True, slots=True)
class Objective:
    """prepare: (windows, configuration, rng) -> whatever judge needs, on the CPU and fit to travel between processes.

    judge: (network, what was prepared, configuration, progress) -> terms; all on the network's device.
    """

    prepare: Callable[[Windows, TrainConfig, np.random.Generator], Any]
    judge: Callable[[Any, Any, TrainConfig, float], Terms]

    def __call__(
        self, network: AnyNetwork, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0
    ) -> Terms:
        return self.ask(network, self.prepare(windows, config, rng), config, progress)

    def ask(self, network: AnyNetwork, prepared: Any, config: TrainConfig, progress: float) -> Terms:
        """The terms of what was prepared, wherever the network is."""
        return self.judge(network, sent(prepared, device_of(network)), config, progress)


def distance(a_BFJ3: Tensor, b_BFJ3: Tensor) -> Tensor:
    """Euclidean distance per joint (B, F, J)."""
    return torch.as_tensor((a_BFJ3.float() - b_BFJ3).norm(dim=-1))


def rounded(network: AnyNetwork, config: TrainConfig) -> torch.autocast:
    """bf16 inside the network while it learns; what it is given and judged by stays in full precision."""
    return torch.autocast(device_of(network).type, torch.bfloat16, enabled=config.bf16 and network.training)


def sent(value: Any, device: torch.device) -> Any:
    """The same with all its tensors on the device: a tensor, a dataclass or a dictionary of such."""
    if isinstance(value, Tensor):
        return value.to(device)
    if isinstance(value, dict):
        return {name: sent(part, device) for name, part in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{field.name: sent(getattr(value, field.name), device) for field in fields(value)})
    return value


def device_of(network: AnyNetwork) -> torch.device:
    """Where the network is; windows, masks and cameras are drawn on the CPU and sent there."""
    return next(network.parameters()).device


def mean_over(values_BFJ: Tensor, where_BFJ: Tensor) -> Tensor:
    return torch.as_tensor((values_BFJ * where_BFJ).sum() / where_BFJ.sum().clamp(min=1))


def objective_of(config: TrainConfig) -> tuple[Objective, str]:
    """The objective of a run, and the term by which it is judged. Raises DataError when there is none of that name."""
    from mpm_train.objectives import lifting, paper, repair

    table: dict[str, tuple[Objective, str]] = {
        "pretrain": (paper.pretrain, "m3m" if 3 in config.model.inputs else "m2m"),
        "complete": (paper.complete, "hidden"),
        "lift": (paper.lift, "middle"),
        "repair": (repair.repair, "weighed"),
    }
    table["direct"] = (lifting.lift, "sequence")
    name = config.objective or ("direct" if config.model.kind == "direct" else config.model.task)
    if name not in table:
        raise DataError(f"there is no objective called {name!r}", hint=f"known: {', '.join(table)}")
    return table[name]
