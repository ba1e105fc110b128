"""The network of a configuration."""

from __future__ import annotations

from mpm_core.model.config import ModelConfig
from mpm_core.model.lift_network import LiftNetwork
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.model.ray_lift_network import RayLiftNetwork
from mpm_core.model.repair_network import RepairNetwork

AnyNetwork = PaperNetwork | RepairNetwork | LiftNetwork | RayLiftNetwork


def build(config: ModelConfig) -> AnyNetwork:
    """An untrained network of the class that the configuration names."""
    kinds: dict[str, type[AnyNetwork]] = {"paper": PaperNetwork, "repair": RepairNetwork, "direct": LiftNetwork, "rays": RayLiftNetwork}
    return kinds[config.kind](config)
