"""The paper's refine module, for comparison only: it needs the true depth of the root and the true camera, which no ordinary file holds.

An MLP blends the predicted x and y of the middle frame, joint by joint, with where the 2D says they are at the predicted depth
(arXiv 2306.17201, after Cai et al. 2019; the width of its hidden layer is not published). Nothing else uses it; its figures stand apart.
It learns from and is measured on virtual cameras or, with detectors, on the cameras that recorded a data set, as published.
B windows, N or F frames, J joints; metres, camera axes, relative to the root.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from mpm_core.errors import DataError
from mpm_core.model.encode import encode_2d
from mpm_core.model.paper_network import PaperNetwork
from mpm_train.data.cameras import jitter
from mpm_train.data.paired import views_of
from mpm_train.loader import Draws
from mpm_train.objectives.terms import distance
from mpm_train.progress import tracked

HELD_OUT_BATCHES = 24
WAYS = ("predicted", "back-projected", "refined")
NO_LENS = "the focal lengths and principal points of its cameras are not known"
LENS_HINT = "give focal_px and centre_px in the cameras' file and prepare the corpus again (docs/data.md)"


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
    """Where the middle frames come from: a lifting network's predictions for sampled windows. noise_2d: as in PaperLiftConfig; 0 for real
    detections, which have errors of their own."""

    network: PaperNetwork
    sampler: Draws
    batch: int
    noise_2d: float

    @torch.no_grad()
    def draw(self, rng: np.random.Generator, *, augment: bool) -> tuple[Tensor, Tensor, Tensor]:
        """Predicted (B, J, 3), back-projected x, y (B, J, 2) at the predicted depth, and the truth (B, J, 3). Raises DataError where a
        camera's lens is not known."""
        views = views_of(self.sampler.draw(self.batch, rng, augment=augment), rng)
        if not bool(views.focal_B2.isfinite().all()):
            raise DataError(NO_LENS, hint=LENS_HINT)
        pixels_BFJ2 = jitter(views.xy_BFJ2, views.image_B112, self.noise_2d, rng)
        predicted_BJ3 = self.network.lift(encode_2d(pixels_BFJ2, views.image_B112))[0][:, 0]
        middle = self.network.config.frames // 2
        root_B = views.camera_BFJ3[:, middle, 0, 2]
        back_BJ2 = back_projected(pixels_BFJ2[:, middle], predicted_BJ3, root_B, views.focal_B2, views.centre_B2)
        return predicted_BJ3, back_BJ2, views.target_BFJ3[:, middle]


def back_projected(xy_BJ2: Tensor, predicted_BJ3: Tensor, root_B: Tensor, focal_B2: Tensor, centre_B2: Tensor) -> Tensor:
    """Where pixels lie at the predicted depth: x, y (B, J, 2) in metres, relative to the root. root_B: true depth of the root, metres from
    the camera. focal_B2, centre_B2: pixels."""
    depth_BJ = root_B[:, None] + predicted_BJ3[..., 2] - predicted_BJ3[:, :1, 2]
    there_BJ2 = (xy_BJ2 - centre_B2[:, None]) / focal_B2[:, None] * depth_BJ[..., None]
    return there_BJ2 - there_BJ2[:, :1]


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
    sums = dict.fromkeys(WAYS, 0.0)
    for batch in range(HELD_OUT_BATCHES):
        predicted_BJ3, back_BJ2, truth_BJ3 = middles.draw(np.random.default_rng([11, batch]), augment=False)
        back_BJ3 = torch.cat([back_BJ2, predicted_BJ3[..., 2:]], dim=-1)
        for name, found_BJ3 in zip(sums, (predicted_BJ3, back_BJ3, refine(predicted_BJ3, back_BJ2)), strict=True):
            sums[name] += 1000 * float(distance(found_BJ3, truth_BJ3).mean()) / HELD_OUT_BATCHES
    return sums
