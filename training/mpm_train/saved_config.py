"""A run's configuration as plain values, as its config.json and the facts in a model file hold them, read back."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError, reason
from mpm_core.model.checkpoint import Model
from mpm_core.model.config import ModelConfig
from mpm_train.config import Augment, TrainConfig
from mpm_train.objectives.config import PaperConfig, PaperPretrainConfig, objective_config


def config_from(values: Mapping[str, Any], model: ModelConfig) -> TrainConfig:
    """The configuration of a run that trained a network of this kind; what `values` leave out has its default.

    >>> config_from({"name": "studio-repair", "objective": {"beside": 60}}, ModelConfig("repair")).objective.beside
    60
    """
    if "lr_parts" not in values:  # before it had this name, it was called epochs, which now decides the steps
        values = {**values, "lr_parts": values.get("epochs", 0), "epochs": 0.0}
    kind = objective_config(model)
    objective = _known(values.get("objective", {}), kind)
    if issubclass(kind, PaperConfig) and "objective" in values and "ends" not in values["objective"]:
        objective |= _before_ends(values["objective"], kind)
    nested = {"augment": Augment(**_known(values.get("augment", {}), Augment)), "objective": kind(**objective)}
    return TrainConfig(**{"name": "unnamed"} | _known(values, TrainConfig) | nested | {"model": model})


def read_config(path: Path) -> TrainConfig:
    """The configuration in a run's config.json; what did not exist yet when it was written has its default. Raises DataError."""
    try:
        there: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        return config_from(there, ModelConfig(**there["model"]))
    except FileNotFoundError as error:
        raise DataError("there is no such configuration", where=str(path), hint="name the config.json of a run") from error
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(
            f"these are not settings of a run ({reason(error)})", where=str(path), hint="name the config.json of a run"
        ) from error


def trained_by(model: Model) -> TrainConfig:
    """The configuration that a model's file records; of the network, its own."""
    return config_from({"name": str(model.facts.get("recipe", "unnamed"))} | model.facts.get("training", {}), model.network.config)


def _before_ends(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """What the settings of the paper's objectives meant before windows were padded at the ends of clips and tasks alternated."""
    detector = values.get("detector", "")
    found: dict[str, Any] = {"ends": "inside", "detectors": (detector,) if detector else ()}
    return found | ({"tasks": "halves"} if kind is PaperPretrainConfig else {})


def _known(values: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields of a dataclass among the values; JSON's lists are tuples again."""
    return {one.name: _tuple(values[one.name]) for one in fields(kind) if one.name in values}


def _tuple(value: Any) -> Any:
    return tuple(map(_tuple, value)) if isinstance(value, list) else value
