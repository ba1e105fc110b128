"""The comparisons of arXiv 2306.17201: what is varied, what is claimed, what was published (mm on Human3.6M; most is unknown); and two
of our own, of how stage I gives its steps to its two tasks, and of what each way of varying the windows is worth to repairing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from mpm_train.objectives.config import PaperPretrainConfig


@dataclass(frozen=True, slots=True)
class Option:
    """One row. stage_one: its objective. data_share: of stage I, as in TrainConfig. pretext, layers: the network's; no pretext: no stage I.

    augment: of a grid of repairing, the fields of Augment that differ from studio-repair's.
    """

    label: str
    stage_one: PaperPretrainConfig = field(default_factory=PaperPretrainConfig)
    data_share: float = 1.0
    pretext: str | None = "2d+3d"
    layers: int = 4
    augment: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Grid:
    """best: the option that is claimed to be better than every other. also: more such pairs, (better, worse). of: what is learned,
    "lifting" in two stages or "repairing" by studio-repair's loss."""

    claim: str
    best: str
    options: tuple[Option, ...]
    published_mm: Mapping[str, float] = field(default_factory=dict)
    also: tuple[tuple[str, str], ...] = ()
    of: Literal["lifting", "repairing"] = "lifting"

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(better, worse) as claimed."""
        return (*((self.best, option.label) for option in self.options if option.label != self.best), *self.also)


@dataclass(frozen=True, slots=True)
class Sizes:
    """How large the runs of an ablation are. The paper's own: 243 or 27 frames, 256 channels, 512 hidden, all data in stage II."""

    steps: int = 500
    """Of stage II."""
    first_steps: int = 700
    """Of stage I."""
    seeds: int = 2
    """How often every option is run, each time with other starting weights, windows and data."""
    first_seed: int = 1
    """Seeds are counted from here."""
    frames: int = 27
    """Window length, a power of 3."""
    channels: int = 64
    """Width of the temporal layers."""
    hidden: int = 128
    """Width of the per-frame layers and of the feed-forwards."""
    batch: int = 64
    """Windows a step."""
    lr: float = 1e-3
    """Of both stages, falling along a half cosine after a tenth of the run."""
    tune_share: float = 0.25
    """Share of the training clips that stage II uses."""
    threads: int = 1
    """Processor threads."""


GRIDS: Mapping[str, Grid] = MappingProxyType(
    {
        "pretext": Grid(
            "Pre-training on masked 2D and masked 3D beats pre-training on masked 2D alone, and none.",
            "2D + 3D",
            (Option("none", pretext=None), Option("2D", pretext="2d"), Option("2D + 3D")),
        ),
        "tasks": Grid(
            "Steps that restore 2D and 3D by turns, as published, beat steps that restore half of each (the paper compares no such thing).",
            "alternating",
            (Option("alternating"), Option("halves", PaperPretrainConfig(tasks="halves"))),
        ),
        "masks": Grid(
            "At about the same share masked, joints drawn anew in every frame beat the same joints in all frames, and whole frames.",
            "spatio-temporal",
            (
                Option("spatio-temporal"),
                Option("tube", PaperPretrainConfig(mask="tube", joints_masked=12, frames_dropped=0.0)),
                Option("temporal", PaperPretrainConfig(mask="temporal", frames_dropped=0.718)),
            ),
        ),
        "ratios": Grid(
            "5 of 17 joints and 60 % of the frames are the best to mask.",
            "5 joints, 60 % of frames",
            tuple(
                Option(f"{joints} joints, {percent} % of frames", PaperPretrainConfig(joints_masked=joints, frames_dropped=percent / 100))
                for joints in (3, 5, 7)
                for percent in (40, 60, 80)
            ),
            {"5 joints, 60 % of frames": 46.7},
        ),
        "layers": Grid(
            "4 shared temporal layers are the best number.",
            "4 layers",
            tuple(Option(f"{layers} layers", layers=layers) for layers in (2, 3, 4, 5)),
            {"2 layers": 43.2, "3 layers": 42.8, "4 layers": 42.3, "5 layers": 42.7},
        ),
        "data": Grid(
            "More pre-training data keeps helping.",
            "full",
            (Option("quarter", data_share=0.25), Option("half", data_share=0.5), Option("full")),
            also=(("half", "quarter"),),
        ),
        "augment": Grid(
            "Every way of varying the windows helps: leaving one out costs something.",
            "all",
            (
                Option("all"),
                Option("no other speeds", augment={"warp": (1.0, 1.0)}),
                Option("nothing mirrored", augment={"mirror": 0.0}),
                Option("no other sizes", augment={"size": 0.0}),
                Option("no other proportions", augment={"bones": 0.0}),
                Option("nothing backwards", augment={"reverse": 0.0}),
                Option("no mixed bodies", augment={"mix": 0.0}),
                Option("none", augment={"warp": (1.0, 1.0), "mirror": 0.0, "size": 0.0, "bones": 0.0, "reverse": 0.0, "mix": 0.0}),
            ),
            of="repairing",
        ),
    }
)
