"""Objectives in two parts: what is prepared travels, and goes where the network is."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.model.build import build
from mpm_train import precision as halving
from mpm_train.loader import open_split
from mpm_train.objectives import terms
from mpm_train.objectives.choose import headline_of, objective_of
from mpm_train.objectives.terms import precision, sent
from mpm_train.recipes import RECIPES
from tests.mpm_train.corpus import make_corpus

NARROW = {"channels": 8, "hidden": 8, "layers": 1, "heads": 1}


@pytest.mark.parametrize(
    "recipe",
    [
        *("paper-pretrain-81", "paper-lift-27", "paper-complete", "paper-complete-2d", "paper-complete-2d-window"),
        *("studio-repair", "studio-lift"),
    ],
)
def test_what_is_prepared_travels_and_goes_where_the_network_is(recipe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = RECIPES[recipe]()
    config = replace(config, model=replace(config.model, **NARROW), bf16=False)
    objective, headline = objective_of(config), headline_of(config)
    network = build(config.model).eval()
    windows = open_split(make_corpus(tmp_path), "train", config).draw(4, np.random.default_rng(1))
    prepared = objective.prepare(windows, config.model, config.objective, np.random.default_rng(2))
    travelled = pickle.loads(pickle.dumps(prepared))
    at_once = objective(network, windows, config, np.random.default_rng(2), 0.5)
    later = objective.terms(network, travelled, config, 0.5)
    assert at_once.keys() == later.keys() and {"loss", headline} <= at_once.keys()
    assert all(torch.equal(at_once[name], later[name]) for name in at_once)
    # "meta" is a device without numbers: whatever stayed on the CPU would be refused.
    monkeypatch.setattr(terms, "precision", lambda network, bf16: torch.autocast("cpu", enabled=False))
    elsewhere = objective.terms(network.to("meta"), prepared, config, 0.5)
    assert all(term.device.type == "meta" for term in elsewhere.values())


def test_sending_keeps_everything_but_the_place() -> None:
    value = {"a": 3, "b": torch.zeros(1), "c": None}
    there = sent(value, torch.device("meta"))
    assert there["b"].device.type == "meta" and there["c"] is None and there["a"] == 3


def test_half_precision_is_for_learning_only(monkeypatch: pytest.MonkeyPatch) -> None:
    network = build(replace(RECIPES["paper-pretrain-27"]().model, **NARROW))
    x = torch.ones(2, 2)
    for learning, kind in ((True, torch.bfloat16), (False, torch.float32)):
        with precision(network.train(learning), True):
            assert (x @ x).dtype == kind
    with precision(network.train(), False):
        assert (x @ x).dtype == torch.float32
    for units, kind in ((True, torch.bfloat16), (False, torch.float32)):
        monkeypatch.setattr(halving, "has_bf16_units", lambda device, units=units: units)
        with precision(network.train(), "auto"):
            assert (x @ x).dtype == kind
