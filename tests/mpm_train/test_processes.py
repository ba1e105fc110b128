"""Two processes under torchrun: the same weights, other windows, and the step that both halves of the batch ask for."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from mpm_core.model.build import build
from mpm_core.model.paper_network import PaperNetwork
from mpm_train.audit import short_hash
from mpm_train.learner import Learner
from mpm_train.loader import Batches, open_split
from mpm_train.objectives.choose import objective_of
from mpm_train.processes import leaves_out
from mpm_train.recipes import RECIPES
from mpm_train.schedule import learning_rate
from tests.mpm_train.commands import audit, begin, tiny_arguments, tiny_config
from tests.mpm_train.corpus import make_corpus


@pytest.fixture
def one_thread() -> Iterator[None]:
    """As many as each process has: the order of sums, and so the last bit, depends on it."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.mark.slow
@pytest.mark.usefixtures("one_thread")
def test_two_processes_hold_the_same_weights_and_see_other_windows(tmp_path: Path) -> None:
    data, out = make_corpus(tmp_path / "data"), tmp_path / "run"
    work = begin(tiny_arguments(data, out, "--steps", "6", "--save-every", "3"), processes=2)
    printed, told = work.communicate(timeout=240)
    assert work.returncode == 0, told
    assert printed.count("model written to") == 1, "one process speaks and writes"
    assert [line for line in told.splitlines() if "paper-pretrain-27: " not in line] == [], "no warnings"
    assert told.count("step 3, checkpoint") == 1
    one, other = audit(out, 0), audit(out, 1)
    assert [row[0] for row in one] == [row[0] for row in other] == list(range(6))
    assert [row[2] for row in one] == [row[2] for row in other], "identical weights after every step"
    assert len({row[2] for row in one}) == 6, "and they moved"
    own, others = ({window for row in rows for window in row[3]} for rows in (one, other))
    assert len(own) == len(others) == 6 * 4, "half of the batch each"
    assert not own & others
    assert one[0][2] == short_hash(*after_one_step(data).parameters())
    assert len((out / "log.csv").read_text().splitlines()) == 3


def after_one_step(data: Path) -> PaperNetwork:
    """The first step worked out in one process: the mean of the gradients of both halves."""
    config = tiny_config(steps=6)
    config = replace(config, objective=objective_of(config).at_step(config.model, config.objective, 0))
    torch.manual_seed(config.seed)
    network, sampler = PaperNetwork(config.model), open_split(data, "train", config)
    optimizer = torch.optim.AdamW(network.parameters(), lr=learning_rate(config, 0), weight_decay=config.weight_decay)
    for rank in (0, 1):
        rng = np.random.default_rng([config.seed, 0, rank])
        torch.manual_seed(config.seed * 1_000_003 + (rank << 40))
        (objective_of(config)(network, sampler.draw(4, rng), config, rng, 0.0)["loss"] / 2).backward()
    torch.nn.utils.clip_grad_norm_(network.parameters(), config.clip)
    optimizer.step()
    return network


@pytest.mark.parametrize("gated", [False, True])
def test_weights_that_get_no_gradient_are_found_and_nothing_is_changed(gated: bool, tmp_path: Path) -> None:
    config = replace(RECIPES["studio-repair"](), batch=2, bf16=False)
    config = replace(config, model=replace(config.model, channels=16, hidden=16, layers=1, heads=2, gated=gated))
    learner = Learner(build(config.model), config)
    before = {name: value.clone() for name, value in learner.state_dict().items()}
    data = make_corpus(tmp_path / "data", 1000)
    prepared = Batches(lambda: open_split(data, "train", config), config)[0].prepared
    assert leaves_out(learner, prepared) == gated
    assert all(torch.equal(value, before[name]) for name, value in learner.state_dict().items())
    assert all(weight.grad is None for weight in learner.parameters())
