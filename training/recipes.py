"""Named runs. Each is a function that returns its configuration; `mpm-train info` lists them."""

from __future__ import annotations

from collections.abc import Callable

from mpm_core.model.config import ModelConfig
from training.config import TrainConfig

STAGE_I = "runs/first-pretrain/model.safetensors"


def first_pretrain() -> TrainConfig:
    """Stage I on 81 frames: masked 2D and masked 3D poses, 71.8 % hidden."""
    return TrainConfig("first-pretrain", ModelConfig("pretrain", 81), steps=600, lr=1e-3, warm_up=60, threads=1, save_every=100)


def first_complete() -> TrainConfig:
    """Completion of partial 3D on 81 frames: first whole poses, then the filled result. No dropout: its noise would be carried."""
    return TrainConfig(
        "first-complete",
        ModelConfig("complete", 81, dropout=0.0),
        steps=1_500,
        batch=32,
        lr=1e-3,
        warm_up=50,
        ema=0.995,
        save_every=100,
        margin=4,
        carry_reach_s=16 / 30,
        carry_slope_s=1 / 60,
        donor_from=0.4,
        masked_weight=1.0,
        visible_weight=1.0,
    )


def first_lift() -> TrainConfig:
    """Lifting of whole and partial 2D on 81 frames through virtual cameras, from stage I."""
    return TrainConfig(
        "first-lift",
        ModelConfig("lift", 81, partial=True),
        start_from=STAGE_I,
        steps=3_000,
        batch=32,
        lr=7e-4,
        ema=0.998,
        threads=1,
        save_every=200,
        mask="gaps",
    )


RECIPES: dict[str, Callable[[], TrainConfig]] = {
    "first-pretrain": first_pretrain,
    "first-complete": first_complete,
    "first-lift": first_lift,
}
