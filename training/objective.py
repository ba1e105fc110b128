"""What a run learns by. An objective is (network, windows, configuration, rng, progress) -> terms by name, metres; "loss" is their sum.

B windows, F frames, J joints. progress: how much of the run is done, 0..1. The losses themselves: paper.py, studio.py.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.network import Network
from training.config import TrainConfig

Terms = dict[str, Tensor]
Objective = Callable[..., Terms]


def distance(a_BFJ3: Tensor, b_BFJ3: Tensor) -> Tensor:
    """Euclidean distance per joint (B, F, J)."""
    return torch.as_tensor((a_BFJ3.float() - b_BFJ3).norm(dim=-1))


def rounded(network: Network, config: TrainConfig) -> torch.autocast:
    """bf16 inside the network while it learns; what it is given and judged by stays in full precision."""
    return torch.autocast(device_of(network).type, torch.bfloat16, enabled=config.bf16 and network.training)


def device_of(network: Network) -> torch.device:
    """Where the network is; windows, masks and cameras are drawn on the CPU and sent there."""
    return next(network.parameters()).device


def mean_over(values_BFJ: Tensor, where_BFJ: Tensor) -> Tensor:
    return torch.as_tensor((values_BFJ * where_BFJ).sum() / where_BFJ.sum().clamp(min=1))


def objective_of(config: TrainConfig) -> tuple[Objective, str]:
    """The objective of a run, and the term by which it is judged. Raises DataError when there is none of that name."""
    from training import paper, studio

    table: dict[str, tuple[Objective, str]] = {
        "pretrain": (paper.pretrain, "m3m" if 3 in config.model.inputs else "m2m"),
        "complete": (studio.complete, "donor"),
        "lift": (paper.lift, "middle"),
        "paper-complete": (paper.complete, "hidden"),
    }
    name = config.objective or config.model.task
    if name not in table:
        raise DataError(f"there is no objective called {name!r}", hint=f"known: {', '.join(table)}")
    return table[name]
