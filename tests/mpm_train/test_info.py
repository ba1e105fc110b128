"""`mpm-train info` and the help of the training commands."""

from __future__ import annotations

import ast
import inspect
from dataclasses import fields, is_dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest

from mpm_core.model.config import ModelConfig
from mpm_core.resources import resource
from mpm_train import commands, info, throughput
from mpm_train.__main__ import main
from mpm_train.ablation.grids import GRIDS
from mpm_train.config import Augment, TrainConfig
from mpm_train.evaluate import TABLES
from mpm_train.objectives.config import ObjectiveConfig, PaperConfig, PaperPretrainConfig
from mpm_train.recipes import RECIPES
from tests.mpm_train.commands import TINY, tiny_arguments, tiny_config
from tests.mpm_train.corpus import make_corpus


@pytest.mark.parametrize("kind", [TrainConfig, ModelConfig, Augment, PaperConfig, *get_args(ObjectiveConfig)])
def test_every_setting_is_explained(kind: type) -> None:
    (body,) = (node.body for node in ast.walk(ast.parse(inspect.getsource(kind))) if isinstance(node, ast.ClassDef))
    explained = {
        field.target.id
        for field, after in pairwise(body)
        if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name)
        if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant) and len(after.value.value) > 5
    }
    inherited = {field.name for base in kind.__mro__[1:] if is_dataclass(base) for field in fields(base)}
    assert explained == {field.name for field in fields(kind)} - inherited


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["pretrain", "--help"]) == 0
    text = capsys.readouterr().out
    assert "paper-pretrain-243" in text and "studio-lift" not in text
    with pytest.raises(SystemExit) as left:
        main(["pretrain", "paper-pretrain-27", "--help"])
    assert left.value.code == 0
    text = " ".join(capsys.readouterr().out.replace("│", " ").split())
    assert "Largest gradient norm. (default: 1.0)" in text
    assert "--model.layers INT Shared temporal layers. (default: 4)" in text
    assert "the prepared corpus. (default: runs/corpus)" in text
    assert "--objective.weight-2d FLOAT Weight of the loss on 2D; 0 = 2D is not restored. (default: 2.0)" in text
    assert "--objective.beside" not in text, "of another objective"


def test_the_command_line_offers_every_table_and_every_comparison() -> None:
    tables, _ = get_args(get_type_hints(commands.evaluate)["table"])
    assert get_args(tables) == tuple(TABLES)
    assert get_args(get_type_hints(commands.ablate)["grid"]) == (*GRIDS, "all")


@pytest.mark.parametrize(
    ("options", "code", "words"),
    [
        (["no-such-recipe"], 1, "there is no recipe called 'no-such-recipe'"),
        (["paper-pretrain-27", "--data", "/nowhere"], 1, "/nowhere: there is no corpus here"),
        (["paper-pretrain-27", "--model.channels", "100"], 1, "100 channels cannot be split over 8 heads"),
        (["paper-pretrain-27", "--batch", "0"], 1, "batch must be at least 2, not 0"),
        (["paper-pretrain-27", "--model.task", "lift"], 1, "does not train a network for 'lift'"),
        (["paper-pretrain-27", "--lrr", "3"], 2, "Perhaps you meant: --lr FLOAT"),
    ],
)
def test_a_mistake_is_told_plainly(options: list[str], code: int, words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    try:
        given = main(["pretrain", *options, *(["--out", str(out)] if len(options) > 1 else [])])
    except SystemExit as left:
        given = left.code
    assert given == code
    printed = capsys.readouterr().err
    assert words in " ".join(printed.replace("│", " ").split())
    assert code == 2 or printed.count("\n") == 1
    assert not out.exists()


def test_a_recipe_and_a_model_are_described(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in RECIPES)
    assert main(["info", "paper-lift-243"]) == 0
    text = capsys.readouterr().out
    assert "windows of 243 frames at 25 a second" in text and "7,009,382" in text
    assert main(["info", str(resource("models/complete.safetensors"))]) == 0
    text = capsys.readouterr().out
    assert "recipe: studio-repair" in text and "licence: MIT" in text and "whole network" in text
    assert main(["info", "no-such"]) == 1
    assert "no recipe and no model called 'no-such'" in capsys.readouterr().err


def test_a_run_s_folder_is_described_by_what_it_was(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    assert main(tiny_arguments(data, tmp_path / "run", "--steps", "2", "--lr", "0.004", "--objective.weight-2d", "1.5")) == 0
    config, lines = info.info(str(tmp_path / "run"))
    assert config == replace(tiny_config(2), lr=0.004, objective=PaperPretrainConfig(weight_2d=1.5))
    assert any("lr 0.004" in line and "model.layers 1" in line and "objective.weight_2d 1.5" in line for line in lines)


def test_speed_is_measured_on_real_steps(tmp_path: Path) -> None:
    data, config = make_corpus(tmp_path / "data"), tiny_config(5)
    row = throughput.pace_of(config, data, seconds=0.2)
    assert row["steps"] >= 1 and row["windows_per_s"] > 8 and 0 < row["data_wait"] < 1 and row["peak_memory_mb"] > 50
    assert np.isfinite(row["loss"])
    assert throughput.pace_of(config, None, seconds=0.0)["steps"] == 1
    windows, frames = throughput.passes(config, data)
    assert frames == pytest.approx(3 * 400 * 25 / 120), "three clips of 400 frames at 120 a second, seen at 25"
    assert windows == pytest.approx(frames / TINY["frames"])
