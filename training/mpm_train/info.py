"""What a recipe or a model is, in lines for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError
from mpm_core.model.config import ModelConfig
from mpm_train.config import Augment, TrainConfig
from mpm_train.recipes import RECIPES


def recipes(tasks: tuple[str, ...] | None = None) -> list[str]:
    """A line for each recipe (of some tasks)."""
    made = {name: make() for name, make in RECIPES.items()}
    return [f"{name:28} {_summary(name)}" for name, config in made.items() if tasks is None or config.model.task in tasks]


def info(what: str) -> tuple[TrainConfig, list[str]]:
    """The configuration of a recipe, a model file or a run's folder, and what there is to say of it. Raises DataError, ModelError."""
    if what in RECIPES:
        config = RECIPES[what]()
        return config, [f"recipe {what}", _summary(what), *settings(config), "", *costs(config.model)]
    path = Path(what) / "model.safetensors" if Path(what).is_dir() else Path(what)
    if not path.is_file():
        raise DataError(f"there is no recipe and no model called {what!r}", hint=f"recipes: {', '.join(RECIPES)}")
    from mpm_core.model.checkpoint import load_model

    model = load_model(path)
    config = _trained(model.network.config, model.facts)
    told = [f"{name}: {value}" for name, value in model.facts.items() if isinstance(value, str | int)]
    scores = [f"{name} on held-out people: {value} mm" for name, value in model.facts.get("validation_mm", {}).items() if name != "loss"]
    return config, [f"model {path}", *told, *scores, *settings(config), "", *costs(model.network.config)]


def settings(config: TrainConfig) -> list[str]:
    """What the run does, and every setting that is not as usual."""
    model, usual = config.model, asdict(TrainConfig(config.name))
    unusual = [f"{name} {value}" for name, value in asdict(config).items() if name != "model" and value != usual[name]]
    unusual += [f"model.{name} {value}" for name, value in asdict(model).items() if value != usual["model"][name]]
    return [
        f"{model.task}: windows of {model.frames} frames at {model.rate_hz:g} a second; {config.steps:,} steps of {config.batch} windows",
        f"not as by default: {', '.join(unusual) or 'nothing'}",
    ]


def costs(model: ModelConfig) -> list[str]:
    """A table of parameters and multiply-adds."""
    from mpm_train.cost import cost_table

    return cost_table(model).splitlines()


def speed(config: TrainConfig, data: Path | None, seconds: float) -> list[str]:
    """A table of what `mpm-train info --measure` measures. Raises DataError."""
    from mpm_train.throughput import measure, passes

    source = f"the corpus {data}" if data else "synthetic windows"
    lines = [f"measured on {source}, batch {config.batch}, {config.threads} threads, {config.workers} workers:", ""]
    lines += ["| precision | windows a second | share of waiting for data | peak memory MB | steps |", "|---|---|---|---|---|"]
    speeds = measure(config, data, seconds)
    for name, row in speeds.items():
        cells = (f"{row['windows_per_s']:.1f}", f"{row['data_wait']:.1%}", f"{row['peak_memory_mb']:.0f}", f"{row['steps']:.0f}")
        lines.append(f"| {name} | {' | '.join(cells)} |")
    if data:
        for windows, meaning in zip(passes(config, data), ("its seconds / a window's", "a window for every frame"), strict=True):
            minutes = ", ".join(f"{name} {windows / row['windows_per_s'] / 60:.1f} min" for name, row in speeds.items())
            lines += ["", f"one epoch of {windows:,.0f} windows ({meaning}): {minutes}"]
    return lines


def _summary(recipe: str) -> str:
    return " ".join((RECIPES[recipe].__doc__ or "").split())


def _trained(model: ModelConfig, facts: dict[str, Any]) -> TrainConfig:
    """The configuration that a model's facts tell; what they do not tell is as by default."""
    training = {name: tuple(value) if isinstance(value, list) else value for name, value in facts.get("training", {}).items()}
    told: dict[str, Any] = {name: value for name, value in training.items() if name in TrainConfig.__slots__ and name != "model"}
    if "augment" in told:
        told["augment"] = Augment(**{**told["augment"], "warp": tuple(told["augment"]["warp"])})
    return TrainConfig(**{"name": str(facts.get("recipe", "unnamed")), **told, "model": model})
