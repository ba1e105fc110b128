"""Batches by step number: item s is all that one process draws in step s, so the order is fixed and a run can go on from any step.

With workers the batches are drawn and prepared (cameras, masks, inputs, targets) in processes of their own, ahead of the loop; the numbers
are the same with and without them. Each opens the corpus itself, memory-mapped, so that nothing is copied.
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch.utils.data import DataLoader, Dataset

from mpm_core.errors import DataError
from mpm_train.config import TrainConfig
from mpm_train.data.corpus import load_corpus, load_pixels
from mpm_train.data.paired import PairedRows, PairedSampler
from mpm_train.data.subset import subset
from mpm_train.data.windows import Sampler, Windows
from mpm_train.objectives.choose import objective_of
from mpm_train.objectives.config import PaperConfig, RepairConfig


class Draws(Protocol):
    """Anything that gives a batch of windows."""

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """The windows of a step, and what the objective's `prepare` made of them, with the same generator."""

    windows: Windows
    prepared: Any


class Batches(Dataset[Batch]):
    """One process's share of each step's batch. open_sampler is called once in each process that draws.

    The generator of a step is made from (seed, step, rank): a lone process and process 0 of several draw from the same stream.
    """

    def __init__(self, open_sampler: Callable[[], Draws], config: TrainConfig, rank: int = 0, processes: int = 1) -> None:
        self.open_sampler, self.config, self.rank, self.share = open_sampler, config, rank, config.batch // processes
        self.sampler: Draws | None = None

    def __getitem__(self, step: int) -> Batch:
        if self.sampler is None:
            self.sampler = self.open_sampler()
        rng = np.random.default_rng([self.config.seed, step, self.rank])
        windows = self.sampler.draw(self.share, rng)
        prepared = objective_of(self.config).prepare(windows, self.config.model, self.config.objective, rng)
        return Batch(windows, prepared)


def open_split(data: Path, split: str, config: TrainConfig) -> Sampler:
    """The windows of one split of a corpus, of the share that the run uses; of real 2D and its 3D where the objective names a detector.

    Raises DataError when there are none.
    """
    joints_NJ3, clips = load_corpus(data)
    chosen = subset(clips, config.data_share, config.seed)
    model, objective = config.model, config.objective
    if isinstance(objective, PaperConfig) and objective.detector:
        rows = PairedRows(joints_NJ3, load_pixels(data), chosen, objective.detector)
        return PairedSampler(rows, split, model.frames, model.rate_hz, config.augment.mirror)
    return Sampler(joints_NJ3, chosen, split, model.frames, model.rate_hz, config.augment, config.gate_subjects, beside_of(config))


def with_steps(config: TrainConfig, train_set: Sampler) -> TrainConfig:
    """The configuration with as many steps as its epochs over these windows ask for; as it is where it has none. Raises DataError."""
    if config.epochs < 0:
        raise DataError(f"epochs must be above 0, or 0 for --steps, not {config.epochs:g}")
    return replace(config, steps=max(1, round(config.epochs * frames_of(train_set) / config.batch))) if config.epochs else config


def frames_of(sampler: Sampler) -> float:
    """How many frames a split has at the network's rate, which is how many windows a pass over it has, as the paper counts."""
    return float((sampler.length_K / sampler.stride_K).sum())


def beside_of(config: TrainConfig) -> int:
    """How many frames on each side of a window are drawn with it."""
    return config.objective.beside if isinstance(config.objective, RepairConfig) else 0


def from_corpus(data: Path, config: TrainConfig) -> Callable[[], Draws]:
    """What Batches takes: opens the training split, wherever it is called."""
    return partial(open_split, data, "train", config)


def load(batches: Batches, first: int) -> Iterable[Batch]:
    """The batches of steps first, first + 1, ... to the run's end, drawn in config.workers processes (0 = in this one)."""
    config = batches.config
    return DataLoader(
        batches,
        batch_size=None,
        sampler=range(first, config.steps),
        num_workers=config.workers,
        collate_fn=as_it_is,
        worker_init_fn=leave_signals,
    )


def as_it_is(batch: Any) -> Any:
    return batch


def leave_signals(_worker: int) -> None:
    """Ctrl-C reaches every process of a terminal: the loop answers it and then lets the workers go."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
