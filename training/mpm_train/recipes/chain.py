"""The commands that a recipe's model takes, from the recipes alone: for model files from before runs recorded their history."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from mpm_train.config import TrainConfig
from mpm_train.data.contents import Contents
from mpm_train.history import EXPORTED, TRAINED, UNRECORDED, History, Step
from mpm_train.objectives.config import learns_poses
from mpm_train.recipes import RECIPES, command_of
from mpm_train.recipes.files import FOLDERS, MORE_FOLDERS, corpus_of, is_exported


def history_by_recipe(config: TrainConfig, to: str, contents: Contents) -> History:
    """What the recipes say of a run and those that it started from, up to its export; only the last run's corpus is known.

    to: the exported file. contents: of a corpus that was prepared again. Steps have no hours, commits and versions.
    """
    steps = [*_before(config.start_from), _trained(config), _exported(config, to, fits_gate=_fits_gate(config))]
    return History((*steps[:-2], *(_on(step, contents.hash) for step in steps[-2:])), {contents.hash: contents})


def with_recipes(history: History, contents: Contents) -> History:
    """The history with each step that is not recorded, but whose model is named after a recipe, replaced by what the recipe says.

    contents: of what the last of those learned from, a corpus that was prepared again. Steps of recipes have no hours, commits and
    versions.
    """
    steps: list[Step] = []
    for step in history.steps:
        config = RECIPES[step.name]() if step.kind == UNRECORDED and step.name in RECIPES else None
        steps += [step] if config is None else [*_before(config.start_from), _on(_trained(config), contents.hash)]
    used = {step.corpus for step in steps}
    return History(tuple(steps), ({contents.hash: contents} if contents.hash in used else {}) | history.corpora)


def prepare_commands(config: TrainConfig) -> list[str]:
    """That make the corpora of a run and of those that it started from, oldest first."""
    before = recipe_of(config.start_from)
    return list(dict.fromkeys([*(prepare_commands(before) if before else []), _prepare(config.name)]))


def recipe_of(model: str) -> TrainConfig | None:
    """The recipe that made this model file; None for a file that is not named after one."""
    name = Path(model).parent.name
    return RECIPES[name]() if name in RECIPES else None


def _before(start_from: str) -> list[Step]:
    """The steps that make the model file that a run started from, oldest first."""
    config = recipe_of(start_from)
    if config is None:
        return []
    exported = [_exported(config, start_from, fits_gate=_fits_gate(config))] if is_exported(start_from) else []
    return [*_before(config.start_from), _trained(config), *exported]


def _trained(config: TrainConfig) -> Step:
    command = f"mpm-train {command_of(config)} {config.name}{_data(config.name)}"
    step = Step(TRAINED, config.name, command, gate_subjects=config.gate_subjects, data_share=config.data_share, steps=config.steps)
    return replace(step, learns_poses=learns_poses(config.objective))


def _exported(config: TrainConfig, to: str, *, fits_gate: bool) -> Step:
    command = f"mpm-train export runs/{config.name} {to}{_data(config.name)}"
    return Step(EXPORTED, config.name, command, gate_subjects=config.gate_subjects if fits_gate else ())


def _fits_gate(config: TrainConfig) -> bool:
    return config.model.task == "repair" and not config.model.gated


def _on(step: Step, corpus: str) -> Step:
    return replace(step, corpus=corpus)


def _prepare(recipe: str) -> str:
    more = f"{MORE_FOLDERS[recipe]} --out {corpus_of(recipe)}" if recipe in MORE_FOLDERS else FOLDERS
    return f"mpm-train prepare {more}"


def _data(recipe: str) -> str:
    return f" --data {corpus_of(recipe)}" if recipe in MORE_FOLDERS else ""
