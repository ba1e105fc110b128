"""Small models and corpora for the tables, no training needed."""

from __future__ import annotations

from pathlib import Path

import torch

from mpm_core.model.build import AnyNetwork, build
from mpm_core.model.checkpoint import Model, save_model
from mpm_core.model.config import ModelConfig
from mpm_train.tables.cells import Paths, opened
from tests.mpm_train.corpus import make_corpus


def untrained(task: str = "complete", **settings: object) -> AnyNetwork:
    torch.manual_seed(0)
    return build(ModelConfig(task, 27, channels=32, hidden=48, layers=1, heads=4, **settings)).eval()  # type: ignore[arg-type]


def paths_in(folder: Path, per_cell: int = 2, seed: int = 1, **settings: object) -> Paths:
    """A model that learned nothing, and one clip of 5 s to fill gaps in."""
    opened.cache_clear()
    data, model = make_corpus(folder / "data", frames=600), folder / "model.safetensors"
    save_model(untrained(**settings), {"recipe": "none", "training": {"start_from": ""}}, model)  # type: ignore[arg-type]
    return Paths(model, data, "validation", per_cell, seed)


class Silent:
    """A network that answers zeros, whatever it is asked, so that its errors are known: the distance of each joint from the root."""

    def __init__(self, config: ModelConfig) -> None:
        self.config = config

    def lift(self, x_BFJ2: torch.Tensor, masked_BFJ: torch.Tensor | None = None) -> tuple[torch.Tensor, torch.Tensor]:
        B, F, J, _ = x_BFJ2.shape
        return torch.zeros(B, 1, J, 3), torch.zeros(B, F, J, 3)

    def masked(self, x_BFJ3: torch.Tensor, masked_BFJ: torch.Tensor) -> torch.Tensor:
        return torch.zeros_like(x_BFJ3)


def silent(task: str, frames: int = 27, **settings: object) -> Model:
    return Model(Silent(ModelConfig(task, frames, **settings)), {}, "nowhere")  # type: ignore[arg-type]
