"""Runs: every task trains, stops and goes on to the bit, and its model file works in the application's own code."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from mpm_core.errors import DataError, ModelError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.config import ModelConfig
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.model.repair_features import feature_count
from mpm_train import average, loader, logs, results, validation
from mpm_train import run as running
from mpm_train.__main__ import main
from mpm_train.config import TrainConfig
from mpm_train.objectives.choose import headline_of, objective_of
from mpm_train.objectives.config import objective_config
from mpm_train.run_state import start_from
from mpm_train.schedule import learning_rate
from tests.mpm_train.corpus import make_corpus

SMALL = {"frames": 27, "channels": 32, "hidden": 48, "layers": 1, "heads": 4}


def config(task: str, **settings: object) -> TrainConfig:
    model = ModelConfig(task, **SMALL, partial=task == "lift")
    return replace(
        TrainConfig("test", model, objective_config(model)(), steps=4, batch=8, warm_up=1, save_every=2, threads=1, bf16=False), **settings
    )


@pytest.fixture(autouse=True)
def fewer_validation_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(validation, "BATCHES", 1)
    monkeypatch.setattr(average, "SETTLE_BATCHES", 2)


@pytest.mark.parametrize("task", [pytest.param("pretrain", marks=pytest.mark.slow), "complete", "lift"])
def test_every_task_learns(task: str, tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    path = running.train(config(task, steps=40, save_every=10, lr=3e-3, ema=0.5), data, tmp_path / "run")
    lines = (tmp_path / "run" / "log.csv").read_text().splitlines()
    column = lines[0].split(",").index("validation_loss")
    losses = [float(line.split(",")[column]) for line in lines[1:]]
    assert losses[-1] < losses[0]
    assert load_model(path).network.config.task == task


def test_one_process_learns_what_a_plain_loop_learns(tmp_path: Path) -> None:
    """The same run without processes, loader, averages and logs: torch alone, to the bit."""
    data, settings = make_corpus(tmp_path / "data"), config("complete", steps=3, save_every=3, ema=0.0)
    given = load_file(running.train(settings, data, tmp_path / "run"))
    torch.manual_seed(settings.seed)
    network, sampler = PaperNetwork(settings.model), loader.open_split(data, "train", settings)
    optimizer = torch.optim.AdamW(network.parameters(), lr=settings.lr, weight_decay=settings.weight_decay)
    for step in range(3):
        rng = np.random.default_rng([settings.seed, step])
        torch.manual_seed(settings.seed * 1_000_003 + step)
        optimizer.param_groups[0]["lr"] = learning_rate(settings, step)
        optimizer.zero_grad()
        objective_of(settings)(network, sampler.draw(settings.batch, rng), settings, rng, step / 3)["loss"].backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), settings.clip)
        optimizer.step()
    for name, value in network.named_parameters():
        assert torch.equal(value.half(), given[name]), name


def test_stage_two_starts_from_stage_one(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    first = running.train(config("pretrain", ema=0.0), data, tmp_path / "one")
    second = running.train(
        config("lift", start_from=str(first), steps=1, lr=1e-12, lr_end=1e-12, ema=0.0, weight_decay=0.0), data, tmp_path / "two"
    )
    one, two = load_file(first), load_file(second)
    torch.testing.assert_close(two["temporal.layers.0.linear1.weight"], one["temporal.layers.0.linear1.weight"])
    with pytest.raises(ModelError, match="shared layers do not fit"):
        start_from(load_model(second).network.__class__(ModelConfig("lift", 9, channels=8, hidden=12, layers=1, heads=2)), first)


def test_a_longer_window_begins_as_a_shorter_one_in_its_middle(tmp_path: Path) -> None:
    short, long = (build(ModelConfig("lift", frames, channels=8, hidden=12, layers=1, heads=2, decoder="direct")) for frames in (9, 27))
    for value in short.state_dict().values():
        value.copy_(torch.randn(value.shape))
    save_model(short, {"recipe": "none"}, tmp_path / "short.safetensors")
    start_from(long, tmp_path / "short.safetensors")
    given, taken = load_model(tmp_path / "short.safetensors").network.state_dict(), long.state_dict()
    assert torch.equal(taken["position"][9:18], given["position"])
    assert torch.equal(taken["position"][:9], given["position"][:1].expand(9, -1))
    assert torch.equal(taken["near"][:, 26 - 8 : 26 + 9], given["near"])
    assert torch.equal(taken["near"][:, -18:], given["near"][:, -1:].expand(-1, 18))
    assert torch.equal(taken["embed.weight"], given["embed.weight"])


def test_a_network_that_sees_more_begins_as_one_that_does_not_look_at_it(tmp_path: Path) -> None:
    sizes = {"channels": 8, "hidden": 12, "layers": 1, "heads": 2}
    made, more = (build(ModelConfig("repair", 9, riding=riding, **sizes)).eval() for riding in (False, True))  # type: ignore[arg-type]
    save_model(made, {"recipe": "none"}, tmp_path / "less.safetensors")
    less = load_model(tmp_path / "less.safetensors").network
    start_from(more, tmp_path / "less.safetensors")
    features_BFN = torch.randn(2, 9, feature_count(True))
    torch.testing.assert_close(more(features_BFN), less(features_BFN[..., : feature_count(False)]))


def test_a_deeper_network_begins_as_one_without_its_further_layers(tmp_path: Path) -> None:
    sizes = {"channels": 8, "hidden": 12, "heads": 2, "decoder": "rays", "partial": True}
    made, deep = (build(ModelConfig("lift", 9, layers=layers, **sizes)).eval() for layers in (1, 3))  # type: ignore[arg-type]
    save_model(made, {"recipe": "none"}, tmp_path / "shallow.safetensors")
    shallow = load_model(tmp_path / "shallow.safetensors").network
    started, _ = start_from(deep, tmp_path / "shallow.safetensors")
    assert {".".join(name.split(".")[:2]) for name in started.new} == {"layers.1", "layers.2"}
    ray_BFJ2 = torch.randn(2, 9, 17, 2)
    torch.testing.assert_close(deep.lift(ray_BFJ2)[1], shallow.lift(ray_BFJ2)[1])


def test_a_run_that_gets_no_better_ends_early_with_its_best_and_stays_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, settings = make_corpus(tmp_path / "data"), config("complete", steps=40, save_every=2, patience=3)
    headline, errors = headline_of(settings), iter([5.0, 3.0, 2.0, 4.0, 2.5, 2.1, 1.0])
    monkeypatch.setattr(results, "validate", lambda *_: {f"validation_{headline}": next(errors)})
    out = tmp_path / "run"
    given = load_file(running.train(settings, data, out))
    assert [row["step"] for row in logs.read(out)] == [2, 4, 6, 8, 10, 12]
    assert load_model(out / "model.safetensors").facts["step"] == 6
    again = load_file(running.train(settings, data, out))
    assert all(torch.equal(again[name], value) for name, value in given.items())
    assert len(logs.read(out)) == 6


def test_a_folder_of_another_run_is_refused(tmp_path: Path) -> None:
    data = make_corpus(tmp_path / "data")
    running.train(config("complete", steps=1), data, tmp_path / "run")
    with pytest.raises(DataError, match="other settings"):
        running.train(config("complete", steps=1, lr=1.0), data, tmp_path / "run")


def test_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info"]) == 0
    assert "studio-repair" in capsys.readouterr().out
    assert main(["finetune", "no-such-recipe"]) == 1
    assert "no recipe called 'no-such-recipe'" in capsys.readouterr().err
    assert main(["pretrain", "studio-lift"]) == 1
    assert "use it with finetune" in capsys.readouterr().err
    assert main(["evaluate", str(tmp_path / "none.safetensors"), "--data", str(make_corpus(tmp_path / "data"))]) == 1
    assert "no such model file" in capsys.readouterr().err
