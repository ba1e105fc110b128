"""Which objective a run is trained by: the one whose settings it has."""

from __future__ import annotations

from mpm_train.config import TrainConfig
from mpm_train.objectives.config import (
    LiftingConfig,
    ObjectiveConfig,
    PaperCompleteConfig,
    PaperLiftConfig,
    PaperPretrainConfig,
    RayLiftingConfig,
    RepairConfig,
)
from mpm_train.objectives.lifting import lifting
from mpm_train.objectives.paper import complete, lift, pretrain
from mpm_train.objectives.ray_lifting import ray_lifting
from mpm_train.objectives.repair import repair
from mpm_train.objectives.terms import Objective

OBJECTIVES: dict[type[ObjectiveConfig], Objective] = {
    PaperPretrainConfig: pretrain,
    PaperCompleteConfig: complete,
    PaperLiftConfig: lift,
    LiftingConfig: lifting,
    RayLiftingConfig: ray_lifting,
    RepairConfig: repair,
}


def objective_of(config: TrainConfig) -> Objective:
    return OBJECTIVES[type(config.objective)]


def headline_of(config: TrainConfig) -> str:
    """The term that is reported and by which the best checkpoint is chosen."""
    return objective_of(config).headline(config.model)
