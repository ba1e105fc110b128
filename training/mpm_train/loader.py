"""Batches by step number: item s is all that one process draws in step s, so the order is fixed and a run can be resumed at any step.

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
from mpm_train.data.corpus import Clip, Rows, load_corpus, load_pixels
from mpm_train.data.mixed import MixedSampler, samplers_of, set_shares
from mpm_train.data.paired import PairedRows, PairedSampler, pairs_of
from mpm_train.data.subset import subset
from mpm_train.data.windows import Sampler, Windows
from mpm_train.objectives.choose import objective_of
from mpm_train.objectives.config import PaperConfig, PaperPretrainConfig, RepairConfig


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
        rng, objective = np.random.default_rng([self.config.seed, step, self.rank]), objective_of(self.config)
        windows = self.sampler.draw(self.share, rng)
        prepared = objective.prepare(windows, self.config.model, objective.at_step(self.config.model, self.config.objective, step), rng)
        return Batch(windows, prepared)


def open_split(data: Path, split: str, config: TrainConfig) -> Sampler | MixedSampler:
    """The windows of one split of a corpus, of the share that the run uses; of real 2D and its 3D where the objective names detectors, in
    stage I beside the windows of clips that have none.

    Raises DataError when there are none.
    """
    joints_NJ3, clips = load_corpus(data)
    chosen = subset(clips, config.data_share, config.seed)
    model, objective = config.model, config.objective
    if not isinstance(objective, PaperConfig):
        return Sampler(joints_NJ3, chosen, split, model.frames, model.rate_hz, config.augment, config.gate_subjects, beside_of(config))
    source = paper_split(joints_NJ3, chosen, data, split, config, objective)
    if split == "train" and isinstance(objective, PaperPretrainConfig) and objective.shares:
        set_shares(source, objective.shares)
    return source


def paper_split(
    joints_NJ3: Rows, clips: list[Clip], data: Path, split: str, config: TrainConfig, objective: PaperConfig
) -> Sampler | MixedSampler:
    """The windows that an objective of the paper learns from."""
    frames, rate_hz, padded = config.model.frames, config.model.rate_hz, objective.ends == "padded"

    def of_motion(some: list[Clip]) -> Sampler:
        return Sampler(joints_NJ3, some, split, frames, rate_hz, config.augment, padded=padded)

    if not objective.detectors:
        return of_motion(clips)
    rows = PairedRows(joints_NJ3, load_pixels(data), clips, objective.detectors)
    mixes = isinstance(objective, PaperPretrainConfig) and objective.unpaired
    unpaired = [clip for clip in clips if mixes and clip.split == split and not pairs_of([clip], objective.detectors)]
    if unpaired and split != "train" and not any(clip.split == split for clip in rows.clips):
        return of_motion(unpaired)
    paired = PairedSampler(rows, split, frames, rate_hz, config.augment.mirror, padded)
    return MixedSampler(paired, of_motion(unpaired)) if unpaired else paired


def with_steps(config: TrainConfig, train_set: Sampler | MixedSampler) -> TrainConfig:
    """The configuration with as many steps as its epochs over these windows ask for; as it is where it has none. Raises DataError."""
    if config.epochs < 0:
        raise DataError(f"epochs must be above 0, or 0 for --steps, not {config.epochs:g}")
    return replace(config, steps=max(1, round(config.epochs * frames_of(train_set) / config.batch))) if config.epochs else config


def frames_of(source: Sampler | MixedSampler) -> float:
    """How many frames a split has at the network's rate, which is how many windows a pass over it has, as the paper counts."""
    return float(sum(sampler.frames_K.sum() for sampler in samplers_of(source)))


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
