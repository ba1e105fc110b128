"""The speed of a recipe on this machine: steps of the training loop, each precision in its own process to measure its peak memory."""

from __future__ import annotations

import time
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import torch

from mpm_core.model.build import build
from mpm_train.config import TrainConfig
from mpm_train.data.windows import Windows
from mpm_train.learner import Learner, learn
from mpm_train.loader import Batches, Draws, beside_of, frames_of, from_corpus, load, open_split
from mpm_train.logs import Pace, Row
from mpm_train.processes import join
from mpm_train.run import check

WARM_UP_STEPS = 2
SYNTHETIC_WALK_M = 0.01  # a joint's step from frame to frame


@dataclass(frozen=True, slots=True)
class Synthetic:
    """Windows of wandering points, for measuring where there is no corpus."""

    frames: int
    joints: int

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows:
        walk_BFJ3 = rng.normal(0, SYNTHETIC_WALK_M, (batch, self.frames, self.joints, 3)).cumsum(axis=1)
        rest_J3 = rng.normal(0, 0.3, (self.joints, 3)) + np.array([0.0, 0.0, 1.0])
        xyz_BFJ3 = torch.from_numpy((walk_BFJ3 + rest_J3).astype(np.float32))
        return Windows(xyz_BFJ3, torch.ones(batch, self.frames, dtype=torch.bool), torch.zeros(batch, dtype=torch.bool))


def measure(config: TrainConfig, data: Path | None, seconds: float) -> dict[str, Row]:
    """logs.Pace's figures by precision, "fp32" and "bf16", from about `seconds` of training each. Raises DataError."""
    check(config, 1)
    speeds = {}
    for name, bf16 in (("fp32", False), ("bf16", True)):
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as alone:
            speeds[name] = alone.submit(pace_of, replace(config, bf16=bf16, start_from=""), data, seconds).result()
    return speeds


def pace_of(config: TrainConfig, data: Path | None, seconds: float) -> Row:
    """Train for a while from scratch, in this process, and keep nothing."""
    config = replace(config, steps=10**9)
    group = join()
    torch.set_num_threads(config.threads)
    network = build(config.model)
    learner = group.prepare_model(Learner(network, config))
    optimizer = torch.optim.AdamW(network.parameters(), lr=config.lr, weight_decay=config.weight_decay)
    opener = from_corpus(data, config) if data else partial(_synthetic, config)
    pace = Pace()
    for step, batch in enumerate(pace.timed(load(Batches(opener, config), 0))):
        loss = float(learn(group, learner, optimizer, batch, config, step)["loss"].detach())  # read, so that a GPU has finished its work
        if step + 1 == WARM_UP_STEPS:
            pace.restart()
        elif step + 1 > WARM_UP_STEPS and time.monotonic() - pace.began > seconds:
            break
    return pace.read(config.batch) | {"steps": pace.steps, "loss": loss}


def passes(config: TrainConfig, data: Path) -> tuple[float, float]:
    """Windows in a pass over the training split: as many as cover its duration, and, as the paper counts, one for every frame."""
    frames = frames_of(open_split(data, "train", config))
    return frames / config.model.frames, frames


def _synthetic(config: TrainConfig) -> Draws:
    return Synthetic(config.model.frames + 2 * beside_of(config), config.model.joints)
