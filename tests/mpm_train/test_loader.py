"""Batches by step: the same numbers from any number of workers, from any step on, and never the corpus in memory."""

from __future__ import annotations

import pickle
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.errors import DataError
from mpm_train.loader import Batches, from_corpus, load, open_split
from tests.mpm_train.commands import tiny_config
from tests.mpm_train.corpus import make_corpus


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return make_corpus(tmp_path / "data")


def test_workers_draw_what_the_loop_would_draw(data: Path) -> None:
    config = tiny_config(steps=9)
    alone = list(load(Batches(from_corpus(data, config), config), 3))
    helped = list(load(Batches(from_corpus(data, config), replace(config, workers=2)), 3))
    assert len(alone) == len(helped) == 6
    for ours, theirs in zip(alone, helped, strict=True):
        assert torch.equal(ours.windows.xyz_BFJ3, theirs.windows.xyz_BFJ3)
        assert torch.equal(ours.windows.valid_BF, theirs.windows.valid_BF)
        assert ours.prepared.keys() == theirs.prepared.keys()
        for name in ours.prepared:
            for field in fields(ours.prepared[name]):
                assert torch.equal(getattr(ours.prepared[name], field.name), getattr(theirs.prepared[name], field.name)), field.name


def test_a_batch_is_decided_by_seed_step_and_process(data: Path) -> None:
    config = tiny_config(steps=9)
    drawn = {
        (seed, step, rank): Batches(from_corpus(data, config), replace(config, seed=seed), rank, 2)[step].windows.xyz_BFJ3.numpy().tobytes()
        for seed in (1, 2)
        for step in (0, 5)
        for rank in (0, 1)
    }
    assert len(set(drawn.values())) == 8
    lone = open_split(data, "train", config).draw(4, np.random.default_rng([1, 5]))
    assert drawn[1, 5, 0] == lone.xyz_BFJ3.numpy().tobytes(), "process 0 draws what a lone process draws"


def test_what_travels_to_a_worker_holds_no_motion(data: Path) -> None:
    config = tiny_config(steps=9)
    assert len(pickle.dumps(Batches(from_corpus(data, config), config))) < 4_000 < (data / "joints.npy").stat().st_size


def test_a_share_of_the_data(data: Path) -> None:
    config = replace(tiny_config(steps=9), data_share=0.3)
    assert len(open_split(data, "train", config).share_K) == 1
    assert len(open_split(data, "train", replace(config, data_share=1.0)).share_K) == 3
    with pytest.raises(DataError, match="no test clips"):
        open_split(data, "test", config)
