"""Fitting the gate."""

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
from mpm_train.tables.plan import Extent
from mpm_train.teach import gate
from mpm_train.teach.gate import GateExamples, fit
from tests.mpm_train.corpus import make_corpus


@pytest.mark.slow
def test_it_learns_which_fill_to_weigh_more_and_how_far_off_that_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 400)
    rng = np.random.default_rng(0)
    feature_NK = rng.normal(0, 1, (4000, len(FEATURES)))
    good_N1 = feature_NK[:, :1] > 0  # the network is good where the first feature is positive
    classical_N3 = rng.normal(0, 0.02, (4000, 3))
    model_N3 = rng.normal(0, 1, (4000, 3)) * np.where(good_N1, 0.002, 0.2)
    fitted = Gate(17)
    fit(fitted, GateExamples(feature_NK, rng.integers(0, 17, 4000), classical_N3, model_N3))
    probe = torch.zeros(2, len(FEATURES))
    probe[:, 0] = torch.tensor([1.5, -1.5])
    with torch.no_grad():
        weight_N, sigma_N = fitted(probe, torch.tensor([4, 4]))
    assert weight_N[0] > 0.85
    assert weight_N[1] < 0.15
    assert 0.001 < sigma_N[0] < 0.006
    assert 0.01 < sigma_N[1] < 0.04


@pytest.mark.slow
def test_the_same_samples_give_the_same_gate(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 20)
    rng = np.random.default_rng(0)
    samples = GateExamples(
        rng.normal(0, 1, (500, len(FEATURES))), rng.integers(0, 17, 500), rng.normal(0, 1, (500, 3)), rng.normal(0, 1, (500, 3))
    )
    gates = [Gate(17), Gate(17)]
    losses = [fit(one, samples) for one in gates]
    assert losses[0] == losses[1]
    for one, other in zip(gates[0].parameters(), gates[1].parameters(), strict=True):
        assert torch.equal(one, other)


def test_the_poses_stay_as_they_were(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 5)
    extent = Extent(1, ("wrist", "leg"), (0.25,))
    corpus = make_corpus(tmp_path / "corpus", 800)
    torch.manual_seed(0)
    plain = build(ModelConfig("repair", 27, channels=16, hidden=24, layers=1, heads=2, dropout=0.0))
    save_model(plain, {}, tmp_path / "m.safetensors")
    found = gate.with_gate(load_model(tmp_path / "m.safetensors"), corpus, ("s0", "s1"), extent)
    assert isinstance(found.network, RepairNetwork) and found.network.gate is not None
    assert found.network.config.gated
    for name, value in load_model(tmp_path / "m.safetensors").network.state_dict().items():
        assert torch.equal(found.network.state_dict()[name], value), name
    save_model(found.network, found.facts, tmp_path / "gated.safetensors")
    assert load_model(tmp_path / "gated.safetensors").network.config.gated
    with pytest.raises(DataError, match="to fit the gate to"):
        gate.with_gate(load_model(tmp_path / "m.safetensors"), corpus, ("nobody",))
