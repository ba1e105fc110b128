"""What a network can be measured on, by the objective that trains one of its kind."""

from __future__ import annotations

from mpm_core.model.config import ModelConfig
from mpm_train.objectives.config import PaperPretrainConfig, objective_config


def takes_camera_axes(model: ModelConfig) -> bool:
    """Its 3D poses are in camera axes, as published; the others' are in the body's own."""
    return model.space == "camera" or objective_config(model) is PaperPretrainConfig
