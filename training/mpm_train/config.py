"""What one training run is. Recipes (recipes/) make these; the command line overrides single fields."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from mpm_core.errors import DataError
from mpm_core.model.config import ModelConfig
from mpm_train.objectives.config import ObjectiveConfig, PaperPretrainConfig, objective_config


@dataclass(frozen=True, slots=True)
class Augment:
    """How windows are varied. All zero (and warp 1, 1) = as they were recorded."""

    warp: tuple[float, float] = (0.75, 1.25)
    """Playing speed, drawn between these."""
    mirror: float = 0.5
    """Share of windows with left and right swapped."""
    size: float = 0.15
    """Largest change of the body's size."""
    bones: float = 0.0
    """Largest change of each bone's length, left like right."""
    reverse: float = 0.0
    """Share of windows played backwards."""
    mix: float = 0.0
    """Share of windows that get the upper body of another."""
    tilt: float = 0.0
    """Share of windows that lie, lean or hang, or change over to that."""
    posed: float = 0.0
    """Share of windows with limbs, neck and spine turned by a constant angle."""
    halts: float = 0.0
    """Share of windows in which the motion slows down for a while, nearly to a stand."""
    lowered: float = 0.0
    """Share of windows with hips and knees bent and the trunk leaning, down on the ground, or changing over to that."""
    low: float = 0.0
    """Share of windows drawn around a frame in which somebody is low: sits, squats, kneels, lies."""
    short: float = 0.0
    """Share of windows of a take that lasts hardly longer than they do, or not as long."""


@dataclass(frozen=True, slots=True)
class TrainConfig:
    """One run. Everything that decides its result is here; the same configuration and seed give the same weights on a CPU."""

    name: str
    """Recipe name; the run's folder is runs/<name>."""
    model: ModelConfig = field(default_factory=ModelConfig)
    """The network."""
    objective: ObjectiveConfig = field(default_factory=PaperPretrainConfig)
    """What it is trained to do, and the settings of that loss."""
    start_from: str = ""
    """A model file whose weights are taken where names and shapes fit (stage I for stage II); empty = from scratch."""
    data_share: float = 1.0
    """Share of the training clips that is used, chosen by the seed; a smaller share lies within a larger one."""
    augment: Augment = field(default_factory=Augment)
    """How the training windows are varied."""
    gate_subjects: tuple[str, ...] = ()
    """Training subjects whose poses are not learned from; the gate, and a lifting network's sigma, are fitted to errors on them."""
    steps: int = 10_000
    """Batches that are learned from."""
    epochs: float = 0.0
    """If not 0, it decides steps: passes over the training split, a pass being as many windows as that has frames at the network's rate."""
    batch: int = 64
    """Windows in a step, of all processes together: each of N takes an N-th."""
    lr: float = 5e-4
    """Highest learning rate."""
    lr_end: float = 1e-5
    """The rate falls from lr to lr_end along a half cosine, after warm_up steps of rise."""
    patience: int = 0
    """The run ends after this many checkpoints in a row that were no better on held-out people; 0 = it never ends early."""
    warm_up: int = 200
    """Steps in which the rate rises to lr."""
    lr_parts: int = 0
    """If not 0, the rate is lr times lr_decay for each of this many equal parts of the run instead (the paper's epochs)."""
    lr_decay: float = 0.97
    """Factor on the rate from one such part to the next."""
    weight_decay: float = 0.01
    """AdamW's."""
    clip: float = 1.0
    """Largest gradient norm."""
    ema: float = 0.999
    """Averaging of the weights that are kept; 0 = none."""
    bf16: bool | Literal["auto"] = "auto"
    """Half precision (bfloat16) inside the network while it learns; weights and losses stay in full precision. auto: where the device has
    units for it; the run records which it was."""
    seed: int = 1
    """Decides first weights, batches, masks, cameras and dropout."""
    threads: int = 2
    """Processor threads of each process."""
    workers: int = 0
    """Processes that draw and augment the batches ahead of the loop; 0 = the loop draws them itself. The numbers are the same."""
    save_every: int = 500
    """Steps between checkpoints (also the validation interval)."""

    def __post_init__(self) -> None:
        if type(self.objective) is not objective_config(self.model):
            raise DataError(
                f"{type(self.objective).__name__} does not train a network for {self.model.task!r}, decoder {self.model.decoder!r}",
                hint="leave --model.task and --model.decoder as the recipe has them, or take another recipe",
            )
