"""One network for lifting and repairing: its layers are trained by both tasks, and a stopped run goes on to the same weights."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from mpm_core.model.checkpoint import load_model
from mpm_train import average, validation
from mpm_train.ablation import ablate as ablating
from tests import measure_one_network
from tests.measure_one_network import OneNetwork, main, small, together
from tests.mpm_train.corpus import make_corpus


def test_the_layers_are_the_same_and_each_weight_is_listed_once() -> None:
    configs = small("lift", 2, 16, 1), small("repair", 2, 16, 1)
    network, other = OneNetwork(configs), OneNetwork(configs)
    names = [name for name in network.state_dict() if ".layers." in name]
    assert sum(value.numel() for value in network.state_dict().values()) == sum(value.numel() for value in network.parameters())
    assert names and not any(name.startswith("repair.layers.") for name in names)
    with torch.no_grad():
        for weight in network.parameters():
            weight.add_(1.0)
    other.load_state_dict(network.state_dict())
    for name, value in network.repair.state_dict().items():
        assert torch.equal(value, other.repair.state_dict()[name]), name


@pytest.mark.slow
def test_both_tasks_move_the_layers_and_a_stopped_run_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data, configs = make_corpus(tmp_path / "data"), (small("lift", 3, 16, 1), small("repair", 3, 16, 1))
    lift, repair = (load_model(path).network.state_dict() for path in together(configs, data, tmp_path / "whole"))
    shared = [name for name in lift if name.startswith("layers.")]
    assert all(torch.equal(lift[name], repair[name]) for name in shared)
    assert not torch.equal(lift["position"], repair["position"])

    learn, done = measure_one_network.learn, []

    def stops(*given: object) -> object:
        if len(done) == 3:
            raise KeyboardInterrupt
        done.append(1)
        return learn(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(measure_one_network, "learn", stops)
    monkeypatch.setattr(measure_one_network, "SAVE_EVERY", 1)
    with pytest.raises(KeyboardInterrupt):
        together(configs, data, tmp_path / "stopped")
    done[:] = []
    again = together(configs, data, tmp_path / "stopped")
    assert len(done) == 3, "it goes on from the fourth step"
    for kept, path in zip((lift, repair), again, strict=True):
        state = load_model(path).network.state_dict()
        assert all(torch.equal(value, state[name]) for name, value in kept.items())
    monkeypatch.setattr(measure_one_network, "learn", None)
    assert together(configs, data, tmp_path / "stopped") == again, "a finished one is not trained again"


@pytest.mark.slow
def test_the_measurement_prints_every_network(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    for module, name in ((validation, "BATCHES"), (average, "SETTLE_BATCHES"), (ablating, "SCORE_BATCHES")):
        monkeypatch.setattr(module, name, 1)
    monkeypatch.setattr(ablating, "SCORE_BATCH", 8)
    data, less = (make_corpus(tmp_path / name, sources=True) for name in ("data", "less"))
    words = [str(data), str(tmp_path / "out"), "--less", str(less), "--steps", "2", "--channels", "16", "--seeds", "1"]
    main(words)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split(",")[0] for line in lines] == [
        *("studio-lift-world apart", "studio-lift-world shared", "studio-lift-world apart", "studio-lift-world after repairing"),
        *("studio-repair apart", "studio-repair shared"),
    ]
    assert all("data test" in line and "less validation" in line for line in lines)
    main(words)
    assert capsys.readouterr().out.splitlines() == lines
