"""Runs: every task trains, stops and goes on to the bit, and its model file works in the application's own code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mpm_core.errors import DataError, ModelError
from mpm_core.model.checkpoint import load_model
from mpm_core.model.config import ModelConfig
from tests.training.corpus import make_corpus
from training import run as running
from training.__main__ import main
from training.config import TrainConfig
from training.data.corpus import load_corpus
from training.evaluate import METHODS, gap_table, gap_trials

SMALL = {"frames": 27, "channels": 32, "hidden": 48, "layers": 1, "heads": 4}


def config(task: str, **settings: object) -> TrainConfig:
    model = ModelConfig(task, **SMALL, partial=task == "lift")
    return replace(TrainConfig("test", model, steps=4, batch=8, warm_up=1, save_every=2, threads=1, bf16=False), **settings)


@pytest.fixture(autouse=True)
def fewer_validation_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "VALIDATION_BATCHES", 1)
    monkeypatch.setattr(running, "SETTLE_BATCHES", 2)


@pytest.mark.parametrize("task", ["pretrain", "complete", "lift"])
def test_every_task_learns(task: str, tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    path = running.train(config(task, steps=40, save_every=10, lr=3e-3, ema=0.5), data, tmp_path / "run")
    lines = (tmp_path / "run" / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("validation_loss")
    losses = [float(line.split(",")[column]) for line in lines[1:]]
    assert losses[-1] < losses[0]
    assert load_model(path).network.config.task == task


def test_a_stopped_run_goes_on_to_the_bit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = make_corpus(tmp_path / "data")
    whole = running.train(config("complete"), data, tmp_path / "whole")

    draw, drawn = running.Sampler.draw, []

    def stops(self: object, batch: int, rng: np.random.Generator, **options: bool) -> object:
        if options.get("augment", True):
            drawn.append(1)
            if len(drawn) == 4 + 2:
                raise KeyboardInterrupt
        return draw(self, batch, rng, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(running.Sampler, "draw", stops)
    with pytest.raises(KeyboardInterrupt):
        running.train(config("complete"), data, tmp_path / "cut")
    assert not (tmp_path / "cut" / "model.safetensors").exists()
    monkeypatch.setattr(running.Sampler, "draw", draw)
    resumed = running.train(config("complete"), data, tmp_path / "cut")
    for name, value in load_file(whole).items():
        assert torch.equal(value, load_file(resumed)[name]), name


def test_stage_two_starts_from_stage_one(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    first = running.train(config("pretrain", ema=0.0), data, tmp_path / "one")
    second = running.train(
        config("lift", start_from=str(first), steps=1, lr=1e-12, lr_end=1e-12, ema=0.0, weight_decay=0.0), data, tmp_path / "two"
    )
    one, two = load_file(first), load_file(second)
    torch.testing.assert_close(two["temporal.layers.0.linear1.weight"], one["temporal.layers.0.linear1.weight"])
    with pytest.raises(ModelError, match="shared layers do not fit"):
        running.start_from(load_model(second).network.__class__(ModelConfig("lift", 9, channels=8, hidden=12, layers=1, heads=2)), first)


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    running.train(config("complete", steps=1), data, tmp_path / "run")
    with pytest.raises(DataError, match="other settings"):
        running.train(config("complete", steps=1, lr=1.0), data, tmp_path / "run")


def test_the_gap_table_runs_the_product(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data", frames=420)
    model = load_model(running.train(config("complete"), data, tmp_path / "run"))
    trials, sigma = gap_trials(model, *load_corpus(data), "validation", 2)
    assert trials
    for trial in trials:
        assert set(trial.error_M) == set(METHODS)
        assert all(np.isfinite(error) and error >= 0 for error in trial.error_M.values())
        if trial.length_s == 0.1:
            assert trial.error_M["hermite"] < 0.005, "a swing this slow is a classical fill's home ground"
    assert "| right_wrist | 0.1 |" in gap_table(trials, "validation")
    assert len(sigma["model"]["sigma_m"]) == len(sigma["classical"]["sigma_m"]) == 17


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    assert "first-complete" in capsys.readouterr().out
    assert main(["finetune", "no-such-recipe"]) == 1
    assert "no recipe called 'no-such-recipe'" in capsys.readouterr().err
    assert main(["pretrain", "first-lift"]) == 1
    assert "use it with finetune" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "none.safetensors")]) == 1
    assert "no such model file" in capsys.readouterr().err
