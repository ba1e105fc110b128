"""Batches by step number: item s is all that one process draws in step s, so the order is fixed and a run can go on from any step.

With workers the batches are drawn in processes of their own, ahead of the loop; the numbers are the same with and without them. Each
opens the corpus itself (memory-mapped, so that nothing is copied).
"""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from torch.utils.data import DataLoader, Dataset

from training.config import TrainConfig
from training.data.corpus import load_corpus
from training.data.share import shared
from training.data.windows import Sampler, Windows


class Draws(Protocol):
    """Anything that gives a batch of windows."""

    def draw(self, batch: int, rng: np.random.Generator, *, augment: bool = True) -> Windows: ...


@dataclass(frozen=True, slots=True)
class Batch:
    """The windows, and the generator that drew them: masks and cameras are drawn on with it."""

    windows: Windows
    rng: np.random.Generator


class Batches(Dataset[Batch]):
    """Batches of `batch` windows by step. open_sampler is called once in each process that draws.

    The generator of a step is made from (seed, step, rank): a lone process and process 0 of several draw from the same stream.
    """

    def __init__(self, open_sampler: Callable[[], Draws], batch: int, seed: int, rank: int = 0) -> None:
        self.open_sampler, self.batch, self.seed, self.rank = open_sampler, batch, seed, rank
        self.sampler: Draws | None = None

    def __getitem__(self, step: int) -> Batch:
        if self.sampler is None:
            self.sampler = self.open_sampler()
        rng = np.random.default_rng([self.seed, step, self.rank])
        return Batch(self.sampler.draw(self.batch, rng), rng)


def open_split(data: Path, split: str, config: TrainConfig) -> Sampler:
    """The windows of one split of a corpus, of the share of it that the run may use. Raises DataError when there are none."""
    joints_NJ3, clips = load_corpus(data)
    return Sampler(joints_NJ3, shared(clips, config.data_share, config.seed), split, config.model.frames, config.model.rate_hz)


def from_corpus(data: Path, config: TrainConfig) -> Callable[[], Draws]:
    """What Batches takes: opens the training split, wherever it is called."""
    return partial(open_split, data, "train", config)


def load(batches: Batches, first: int, config: TrainConfig) -> Iterable[Batch]:
    """The batches of steps first, first + 1, ... to the run's end, drawn in config.workers processes (0 = in this one)."""
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
