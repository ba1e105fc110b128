"""What a network can do, by the objective that trains one of its kind."""

from __future__ import annotations

from mpm_core.model.config import ModelConfig
from mpm_train.objectives.config import (
    LiftingConfig,
    PaperCompleteConfig,
    PaperLiftConfig,
    PaperPretrainConfig,
    RepairConfig,
    objective_config,
)


def lifts(model: ModelConfig) -> bool:
    """2D to 3D."""
    return objective_config(model) in (PaperLiftConfig, LiftingConfig)


def fills_gaps(model: ModelConfig) -> bool:
    """Partial 3D to 3D, in the application."""
    return objective_config(model) in (PaperCompleteConfig, RepairConfig)


def takes_camera_axes(model: ModelConfig) -> bool:
    """Its 3D poses are in camera axes, as published; the others' are in the body's own."""
    return model.space == "camera" or objective_config(model) is PaperPretrainConfig
