"""The losses of the paper (arXiv 2306.17201). B windows, F frames, K frames that are kept, J joints; terms in metres (2D: image halves).

Stage I: `pretrain`. Stage II: `lift` (whole or partial 2D to 3D), `complete` (partial 3D to 3D). 3D poses are relative to the root, in
camera axes; published: L2, the mean Euclidean distance per joint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.encode import encode_2d
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.skeleton import load_skeleton
from mpm_train.config import TrainConfig
from mpm_train.data.cameras import jitter
from mpm_train.data.paired import projected
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps, published
from mpm_train.objectives.terms import Objective, Terms, device_of, distance, mean_over, rounded


@dataclass(frozen=True, slots=True)
class Masked:
    """What goes in and comes out again: poses x (B, F, J, D), hidden joints (B, F, J), frames that are kept (B, K), 1 where a frame is
    the clip's own (B, F, J)."""

    x_BFJD: Tensor
    masked_BFJ: Tensor
    kept_BK: Tensor
    valid_BFJ: Tensor


@dataclass(frozen=True, slots=True)
class Projected:
    """2D that goes in (B, F, J, 2), with hidden joints and kept frames where the network takes them, and the 3D that shall come out."""

    visible_BFJ2: Tensor
    masked_BFJ: Tensor | None
    kept_BK: Tensor | None
    target_BFJ3: Tensor
    valid_BFJ: Tensor


def mask_both(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> dict[str, Masked]:
    """Masked 2D and masked 3D poses, one as often as the other: half of the windows each, unpaired (or all of them in 2D alone)."""
    views = projected(windows, rng)
    poses = {"m2m": encode_2d(views.xy_BFJ2, views.image_B112)} | ({"m3m": views.target_BFJ3} if 3 in config.model.inputs else {})
    share, found = len(windows.xyz_BFJ3) // len(poses), {}
    for index, (name, x_BFJD) in enumerate(poses.items()):
        part = slice(index * share, (index + 1) * share)
        found[name] = Masked(x_BFJD[part], *masks(x_BFJD[part], config, rng), whole(windows, x_BFJD)[part])
    return found


def judge_both(network: PaperNetwork, poses: dict[str, Masked], config: TrainConfig, progress: float) -> Terms:
    """Stage I's loss: what was masked comes back, each modality through its own encoder and decoder."""
    terms, loss = Terms(), torch.zeros((), device=device_of(network))
    for (name, masked), weight in zip(poses.items(), (config.weight_2d, config.weight_3d), strict=False):
        with rounded(network, config):
            out_BFJD = network.masked(masked.x_BFJD, masked.masked_BFJ, masked.kept_BK)
        terms[name] = mean_over(distance(out_BFJD, masked.x_BFJD), masked.valid_BFJ)
        loss = loss + weight * terms[name]
    return terms | {"loss": loss}


def mask_3d(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Masked:
    """3D poses with the masks of the configuration (published for completion: tubes, every frame there)."""
    x_BFJ3 = projected(windows, rng).target_BFJ3
    return Masked(x_BFJ3, *masks(x_BFJ3, config, rng), whole(windows, x_BFJ3))


def judge_3d(network: PaperNetwork, masked: Masked, config: TrainConfig, progress: float) -> Terms:
    """Partial 3D to whole 3D: stage I's loss. "hidden": the error on hidden joints alone, which the loss does not weigh apart.

    A stage I network can be asked as it is.
    """
    with rounded(network, config):
        out_BFJ3 = network.masked(masked.x_BFJD, masked.masked_BFJ)
    error_BFJ = distance(out_BFJ3, masked.x_BFJD)
    terms = {"m3m": mean_over(error_BFJ, masked.valid_BFJ), "hidden": mean_over(error_BFJ, masked.valid_BFJ * masked.masked_BFJ)}
    return terms | {"loss": terms["m3m"]}


def project_windows(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Projected:
    """Whole 2D by virtual cameras; a partial network is given masked 2D (share partial_2d of the windows)."""
    views = projected(windows, rng)
    noisy_BFJ2 = jitter(views.xy_BFJ2, views.image_B112, config.noise_2d, rng)
    visible_BFJ2, target_BFJ3 = encode_2d(noisy_BFJ2, views.image_B112), views.target_BFJ3
    masked_BFJ, kept_BK = None, None
    if config.model.partial:
        masked_BFJ, kept_BK = masks(visible_BFJ2, config, rng)
        masked_BFJ = masked_BFJ & torch.from_numpy(rng.random(len(visible_BFJ2)) < config.partial_2d)[:, None, None]
        kept_BK = kept_BK if config.model.drops_frames else None
    return Projected(visible_BFJ2, masked_BFJ, kept_BK, target_BFJ3, whole(windows, target_BFJ3))


def judge_film(network: PaperNetwork, projected: Projected, config: TrainConfig, progress: float) -> Terms:
    """2D to 3D: the middle frame and the whole window."""
    with rounded(network, config):
        middle_B1J3, sequence_BFJ3 = network.lift(projected.visible_BFJ2, projected.masked_BFJ, projected.kept_BK)
    target_BFJ3, valid_BFJ = projected.target_BFJ3, projected.valid_BFJ
    F = target_BFJ3.shape[1]
    at = slice(F // 2, F // 2 + 1)
    terms = {"middle": mean_over(distance(middle_B1J3, target_BFJ3[:, at]), valid_BFJ[:, at])}
    terms["loss"] = config.middle_weight * terms["middle"]
    if sequence_BFJ3 is not None:
        terms["sequence"] = mean_over(distance(sequence_BFJ3, target_BFJ3), valid_BFJ)
        terms["loss"] = terms["loss"] + config.sequence_weight * terms["sequence"]
    return terms


pretrain = Objective(mask_both, judge_both)
complete = Objective(mask_3d, judge_3d)
lift = Objective(project_windows, judge_film)


def lift_both_ways(network: PaperNetwork, x_BFJ2: Tensor, masked_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """`network.lift` averaged with what it says of the mirrored input, mirrored back: the paper's option at test, twice the cost."""
    mirror = list(load_skeleton("body17").mirror)
    flipped = network.lift(
        (x_BFJ2 * x_BFJ2.new_tensor([-1.0, 1.0]))[:, :, mirror], None if masked_BFJ is None else masked_BFJ[:, :, mirror]
    )
    back = [None if out is None else (out * out.new_tensor([-1.0, 1.0, 1.0]))[:, :, mirror] for out in flipped]
    middle_B1J3, sequence_BFJ3 = network.lift(x_BFJ2, masked_BFJ)
    assert back[0] is not None
    return (middle_B1J3 + back[0]) / 2, None if sequence_BFJ3 is None or back[1] is None else (sequence_BFJ3 + back[1]) / 2


def whole(windows: Windows, x_BFJD: Tensor) -> Tensor:
    """(B, F, J) 1 where a frame is the clip's own."""
    return windows.valid_BF[..., None].expand(-1, -1, x_BFJD.shape[2]).to(x_BFJD)


def masks(x_BFJD: Tensor, config: TrainConfig, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Hidden joints (B, F, J) and kept frames (B, K) of one batch. Raises DataError where nothing would be left to see."""
    B, F, J, _ = x_BFJD.shape
    if not 0 <= config.joints_masked < J or not 1 <= round(F * (1 - config.frames_dropped)) <= F:
        raise DataError(
            f"{config.joints_masked} of {J} joints and {config.frames_dropped} of the frames cannot be hidden", hint="leave some"
        )
    if config.mask == "gaps":
        masked_BFJ, kept_BK = gaps(B, F, rng), np.tile(np.arange(F), (B, 1))
    else:
        masked_BFJ, kept_BK = published(B, F, J, config.joints_masked, config.frames_dropped, rng, config.mask)
    return torch.from_numpy(masked_BFJ).to(x_BFJD.device), torch.from_numpy(kept_BK).to(x_BFJD.device)
