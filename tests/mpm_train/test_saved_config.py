"""A run's configuration survives the way through JSON, as config.json and model files hold it."""

from __future__ import annotations

import json
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from mpm_core.errors import DataError
from mpm_core.model.checkpoint import shipped_model
from mpm_core.model.config import ModelConfig
from mpm_train.objectives.config import PaperPretrainConfig, RepairConfig
from mpm_train.recipes import RECIPES
from mpm_train.saved_config import config_from, read_config, trained_by


@pytest.mark.parametrize("recipe", RECIPES)
def test_every_recipe_comes_back(recipe: str) -> None:
    config = RECIPES[recipe]()
    changed = replace(config, lr=0.123, augment=replace(config.augment, warp=(0.5, 2.0)), gate_subjects=("001", "002"), bf16=True)
    if isinstance(config.objective, PaperPretrainConfig):
        nested = replace(config.objective, detectors=("gt",), shares=(("h36m-*", 0.5), ("0*", 0.25)))
        changed = replace(changed, objective=nested)
    for one in (config, changed):
        assert config_from(json.loads(json.dumps(asdict(one))), one.model) == one


@pytest.mark.parametrize("task", ["complete", "lift"])
def test_the_models_that_ship_were_trained_as_their_recipe_says(task: str) -> None:
    config = trained_by(shipped_model(task))
    recipe = RECIPES[config.name]()
    assert recipe.bf16 in ("auto", config.bf16)
    assert config.bf16 in (True, False), "what it was, not that the device decided"
    assert config == replace(recipe, bf16=config.bf16)


def test_what_is_left_out_has_its_default() -> None:
    config = config_from({"name": "old", "objective": {"beside": 60}, "of another version": 1}, ModelConfig("repair"))
    assert (config.name, config.objective) == ("old", RepairConfig(beside=60))
    assert config.steps == 10_000


def test_what_was_called_epochs_before_is_the_parts_of_the_schedule() -> None:
    old = config_from({"name": "old", "epochs": 15}, ModelConfig("pretrain"))
    assert (old.lr_parts, old.epochs) == (15, 0.0)
    assert config_from(json.loads(json.dumps(asdict(replace(old, epochs=2.5)))), old.model) == replace(old, epochs=2.5)


@pytest.mark.parametrize("text", ["{", "[]", '{"model": {"frames": 3, "colour": 1}}', '{"model": 3}'])
def test_settings_that_are_none_are_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "config.json").write_text(text)
    with pytest.raises(DataError, match="not settings of a run"):
        read_config(tmp_path / "config.json")
    with pytest.raises(DataError, match="no such configuration"):
        read_config(tmp_path / "none.json")


def test_runs_of_before_windows_were_padded_keep_their_meaning() -> None:
    old = {"name": "paper-pretrain-27", "objective": {"detector": "gt", "joints_masked": 3}}
    objective = config_from(old, RECIPES["paper-pretrain-27"]().model).objective
    assert isinstance(objective, PaperPretrainConfig)
    assert (objective.ends, objective.tasks, objective.detectors, objective.joints_masked) == ("inside", "halves", ("gt",), 3)
