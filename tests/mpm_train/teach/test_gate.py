"""Teaching the judge."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_core.model.config import ModelConfig
from mpm_core.model.gate import Gate
from mpm_core.model.gate_features import FEATURES
from mpm_core.model.repair_network import RepairNetwork
from mpm_train.teach import gate
from mpm_train.teach.gate import Lessons, learn
from tests.mpm_train.corpus import make_corpus


def test_it_learns_whom_to_trust_and_how_far_off_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 400)
    rng = np.random.default_rng(0)
    feature_NK = rng.normal(0, 1, (4000, len(FEATURES)))
    good_N1 = feature_NK[:, :1] > 0  # the network is good where the first kind of evidence says so
    classical_N3 = rng.normal(0, 0.02, (4000, 3))
    model_N3 = rng.normal(0, 1, (4000, 3)) * np.where(good_N1, 0.002, 0.2)
    judge = Gate(17)
    learn(judge, Lessons(feature_NK, rng.integers(0, 17, 4000), classical_N3, model_N3))
    probe = torch.zeros(2, len(FEATURES))
    probe[:, 0] = torch.tensor([1.5, -1.5])
    with torch.no_grad():
        weight_N, sigma_N = judge(probe, torch.tensor([4, 4]))
    assert weight_N[0] > 0.85
    assert weight_N[1] < 0.15
    assert 0.001 < sigma_N[0] < 0.006
    assert 0.01 < sigma_N[1] < 0.04


def test_the_same_lessons_teach_the_same_judge(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 20)
    rng = np.random.default_rng(0)
    lessons = Lessons(
        rng.normal(0, 1, (500, len(FEATURES))), rng.integers(0, 17, 500), rng.normal(0, 1, (500, 3)), rng.normal(0, 1, (500, 3))
    )
    judges = [Gate(17), Gate(17)]
    losses = [learn(judge, lessons) for judge in judges]
    assert losses[0] == losses[1]
    for one, other in zip(judges[0].parameters(), judges[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_poses_stay_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 5)
    monkeypatch.setattr(gate, "PER_CELL", 1)
    monkeypatch.setattr(gate, "LENGTHS_S", (0.25,))
    corpus = make_corpus(tmp_path / "corpus", 800)
    torch.manual_seed(0)
    plain = build(ModelConfig("repair", 27, channels=16, hidden=24, layers=1, heads=2, dropout=0.0))
    save_model(plain, {}, tmp_path / "m.safetensors")
    found = gate.judged(load_model(tmp_path / "m.safetensors"), corpus, ("s0", "s1"))
    assert isinstance(found.network, RepairNetwork) and found.network.gate is not None
    assert found.network.config.gated
    for name, value in load_model(tmp_path / "m.safetensors").network.state_dict().items():
        assert torch.equal(found.network.state_dict()[name], value), name
    save_model(found.network, found.facts, tmp_path / "judged.safetensors")
    assert load_model(tmp_path / "judged.safetensors").network.config.gated
    with pytest.raises(DataError, match="to judge by"):
        gate.judged(load_model(tmp_path / "m.safetensors"), corpus, ("nobody",))
