"""The paper's refine module, for comparison only: it needs the true depth of the root and the true camera, which no ordinary file holds.

An MLP blends the predicted x and y of the middle frame, joint by joint, with where the 2D says they are at the predicted depth
(arXiv 2306.17201, after Cai et al. 2019; the width of its hidden layer is not published). Nothing else uses it; its figures stand apart.
B windows, F frames, J joints; metres, camera axes, relative to the root.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.errors import ModelError
from mpm_core.model.checkpoint import load_model
from mpm_core.model.encode import encode_2d
from mpm_core.model.paper_network import PaperNetwork
from mpm_train.config import TrainConfig
from mpm_train.data.cameras import Views, jitter
from mpm_train.data.paired import views_of
from mpm_train.data.windows import Sampler
from mpm_train.loader import open_split
from mpm_train.objectives.config import PaperLiftConfig, objective_config
from mpm_train.objectives.terms import distance
from mpm_train.progress import tracked

HELD_OUT_BATCHES = 24


class Refine(nn.Module):
    """forward: predicted poses (B, J, 3) and back-projected x, y (B, J, 2) -> poses (B, J, 3) with the predicted depth."""

    def __init__(self, joints: int = 17, width: int = 1024, dropout: float = 0.5) -> None:
        super().__init__()
        self.share = nn.Sequential(
            nn.Linear(joints * 5, width), nn.BatchNorm1d(width), nn.ReLU(), nn.Dropout(dropout), nn.Linear(width, joints * 2), nn.Sigmoid()
        )

    def forward(self, predicted_BJ3: Tensor, back_BJ2: Tensor) -> Tensor:
        share_BJ2 = self.share(torch.cat([predicted_BJ3, back_BJ2], dim=-1).flatten(1)).unflatten(1, (-1, 2))
        xy_BJ2 = share_BJ2 * predicted_BJ3[..., :2] + (1 - share_BJ2) * back_BJ2
        return torch.cat([xy_BJ2, predicted_BJ3[..., 2:]], dim=-1)


@dataclass(frozen=True, slots=True)
class Middles:
    """Where the middle frames come from: a lifting network's predictions for sampled windows. noise_2d: as in PaperLiftConfig."""

    network: PaperNetwork
    sampler: Sampler
    batch: int
    noise_2d: float

    @torch.no_grad()
    def draw(self, rng: np.random.Generator, *, augment: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Predicted (B, J, 3), back-projected x, y (B, J, 2) at the predicted depth, and the truth (B, J, 3)."""
        views = views_of(self.sampler.draw(self.batch, rng, augment=augment), rng)
        pixels_BFJ2 = jitter(views.xy_BFJ2, views.image_B112, self.noise_2d, rng)
        predicted_BJ3 = self.network.lift(encode_2d(pixels_BFJ2, views.image_B112))[0][:, 0]
        middle = self.network.config.frames // 2
        return predicted_BJ3, _back(views, pixels_BFJ2[:, middle], predicted_BJ3, middle), views.target_BFJ3[:, middle]


def back_projected(xy_BJ2: Tensor, depth_BJ: Tensor, focal_B: Tensor, centre_B2: Tensor) -> Tensor:
    """Where pixels lie at a depth (metres from the camera): x, y (B, J, 2) in metres, relative to the root. focal_B, centre_B2: pixels."""
    there_BJ2 = (xy_BJ2 - centre_B2[:, None]) / focal_B[:, None, None] * depth_BJ[..., None]
    return there_BJ2 - there_BJ2[:, :1]


def refine_report(path: Path, data: Path, steps: int, batch: int, noise_2d: float, seed: int) -> list[str]:
    """Learn to refine a lifting model on the training people, and a table of MPJPE on held-out people with and without it.

    Raises ModelError for a model that does not lift.
    """
    network = load_model(path).network
    if not isinstance(network, PaperNetwork) or objective_config(network.config) is not PaperLiftConfig:
        raise ModelError("this is no lifting network of the paper", where=str(path), hint="name a lifting model")
    config = TrainConfig("refine", network.config, PaperLiftConfig(), batch=batch, seed=seed)
    torch.manual_seed(seed)
    train, validation = (Middles(network, open_split(data, split, config), batch, noise_2d) for split in ("train", "validation"))
    refine = fit(train, seed, steps)
    errors = held_out(validation, refine)
    lines = [f"| {name} | {error:.1f} |" for name, error in errors.items()]
    return [
        f"MPJPE in mm of the middle frame, virtual cameras, 2D jitter up to {noise_2d:g} of the image width.",
        "The last two rows use the true depth of the root and the true camera.",
        "",
        "| x, y | MPJPE |",
        "|---|---|",
        *lines,
    ]


def fit(middles: Middles, seed: int, steps: int) -> Refine:
    """Refine trained on the predictions of a network that stays as it is (L2, Adam 1e-3)."""
    refine = Refine(middles.network.config.joints).train()
    optimizer = torch.optim.Adam(refine.parameters(), lr=1e-3)
    for step in tracked(range(steps), "refining", "steps"):
        rng = np.random.default_rng([seed, step])
        predicted_BJ3, back_BJ2, truth_BJ3 = middles.draw(rng, augment=True)
        loss = distance(refine(predicted_BJ3, back_BJ2), truth_BJ3).mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
    return refine.eval()


@torch.no_grad()
def held_out(middles: Middles, refine: Refine) -> dict[str, float]:
    """MPJPE in mm by where x and y come from."""
    sums = {"predicted": 0.0, "back-projected": 0.0, "refined": 0.0}
    for batch in range(HELD_OUT_BATCHES):
        predicted_BJ3, back_BJ2, truth_BJ3 = middles.draw(np.random.default_rng([11, batch]), augment=False)
        back_BJ3 = torch.cat([back_BJ2, predicted_BJ3[..., 2:]], dim=-1)
        for name, found_BJ3 in zip(sums, (predicted_BJ3, back_BJ3, refine(predicted_BJ3, back_BJ2)), strict=True):
            sums[name] += 1000 * float(distance(found_BJ3, truth_BJ3).mean()) / HELD_OUT_BATCHES
    return sums


def _back(views: Views, pixels_BJ2: Tensor, predicted_BJ3: Tensor, middle: int) -> Tensor:
    depth_BJ = views.camera_BFJ3[:, middle, :1, 2] + predicted_BJ3[..., 2] - predicted_BJ3[:, :1, 2]
    return back_projected(pixels_BJ2, depth_BJ, views.focal_B, views.image_B112[:, 0, 0] / 2)
