"""What a recipe or a model is, in lines for the terminal."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

from mpm_core.errors import DataError
from mpm_core.model.config import ModelConfig
from mpm_train.config import TrainConfig
from mpm_train.recipes import RECIPES, command_of


def recipe_lines(command: str = "") -> list[str]:
    """A line for each recipe, or for those of one command (pretrain or finetune)."""
    return [f"{name:28} {_summary(name)}" for name, make in RECIPES.items() if command in ("", command_of(make()))]


def info(what: str) -> tuple[TrainConfig, list[str]]:
    """The configuration of a recipe, a model file or a run's folder, and lines that describe it. Raises DataError, ModelError."""
    if what in RECIPES:
        config = RECIPES[what]()
        return config, [f"recipe {what}", _summary(what), *settings(config), "", *costs(config.model)]
    path = Path(what) / "model.safetensors" if Path(what).is_dir() else Path(what)
    if not path.is_file():
        raise DataError(f"there is no recipe and no model called {what!r}", hint=f"recipes: {', '.join(RECIPES)}")
    from mpm_core.model.checkpoint import load_model
    from mpm_train.saved_config import trained_by

    model = load_model(path)
    config = trained_by(model)
    facts = [f"{name}: {value}" for name, value in model.facts.items() if isinstance(value, str | int)]
    scores = [f"{name} on held-out people: {value} mm" for name, value in model.facts.get("validation_mm", {}).items() if name != "loss"]
    return config, [f"model {path}", *facts, *scores, *settings(config), "", *costs(model.network.config)]


def settings(config: TrainConfig) -> list[str]:
    """What the run does, and every setting that is not at its default."""
    model, usual = config.model, TrainConfig(config.name)
    unusual = _differing(asdict(config), asdict(usual))
    unusual += [f"model.{line}" for line in _differing(asdict(model), asdict(usual.model))]
    unusual += [f"objective.{line}" for line in _differing(asdict(config.objective), asdict(type(config.objective)()))]
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


def _differing(own: dict[str, Any], default: dict[str, Any]) -> list[str]:
    return [f"{name} {value}" for name, value in own.items() if name not in ("model", "objective") and value != default[name]]
