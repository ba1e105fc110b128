"""The network of a configuration."""

from __future__ import annotations

from mpm_core.model.config import ModelConfig
from mpm_core.model.network import Network
from mpm_core.model.repair import RepairNetwork

AnyNetwork = Network | RepairNetwork


def build(config: ModelConfig) -> AnyNetwork:
    return RepairNetwork(config) if config.task == "repair" else Network(config)
