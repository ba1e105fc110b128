"""The network of a configuration."""

from __future__ import annotations

from mpm_core.model.config import ModelConfig
from mpm_core.model.lift_network import DirectNetwork
from mpm_core.model.paper_network import Network
from mpm_core.model.repair_network import RepairNetwork

AnyNetwork = Network | RepairNetwork | DirectNetwork


def build(config: ModelConfig) -> AnyNetwork:
    if config.task == "repair":
        return RepairNetwork(config)
    return DirectNetwork(config) if config.direct else Network(config)
