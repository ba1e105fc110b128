"""The losses of the paper (arXiv 2306.17201). B windows, F frames, K kept frames, J joints, D dimensions; metres (2D: half image widths).

Stage I: `pretrain`. Stage II: `lift` (whole or partial 2D to 3D), `complete` (partial 3D to 3D). 3D poses are relative to the root, in
camera axes; published: L2, the mean Euclidean distance per joint. Masks: True = masked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import encode_2d
from mpm_core.model.paper_network import PaperNetwork
from mpm_core.skeleton import load_skeleton
from mpm_train.data.cameras import jitter
from mpm_train.data.paired import views_of
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps, published
from mpm_train.objectives.config import PaperCompleteConfig, PaperConfig, PaperLiftConfig, PaperPretrainConfig
from mpm_train.objectives.terms import Objective, Terms, device_of, distance, mean_over


@dataclass(frozen=True, slots=True)
class MaskedPoses:
    """Poses that are input and target. kept_BK: sorted numbers of the frames that the temporal layers see. valid_BFJ: 1 where a frame is
    the clip's own, else 0."""

    x_BFJD: Tensor
    masked_BFJ: Tensor
    kept_BK: Tensor
    valid_BFJ: Tensor


@dataclass(frozen=True, slots=True)
class ProjectedPoses:
    """Encoded 2D as input and 3D as target; masked_BFJ, kept_BK: None where the network takes no masks, or all frames.
    valid_BFJ: 1 where a frame is the clip's own, else 0."""

    visible_BFJ2: Tensor
    masked_BFJ: Tensor | None
    kept_BK: Tensor | None
    target_BFJ3: Tensor
    valid_BFJ: Tensor


def task_at(model: ModelConfig, settings: PaperPretrainConfig, step: int) -> PaperPretrainConfig:
    """The settings of one step of stage I: with alternating tasks, the other task has no weight."""
    if settings.tasks == "halves" or 3 not in model.inputs or 0 in (settings.weight_2d, settings.weight_3d):
        return settings
    return replace(settings, weight_3d=0.0) if step % 2 == 0 else replace(settings, weight_2d=0.0)


def mask_tasks(windows: Windows, model: ModelConfig, settings: PaperPretrainConfig, rng: np.random.Generator) -> dict[str, MaskedPoses]:
    """Masked 2D ("m2m") and masked 3D ("m3m"), an equal part of the windows for each task that has a weight; a network without 3D has the
    first alone. Raises DataError where no task has a weight.
    """
    views = views_of(windows, rng)
    poses = {}
    if settings.weight_2d:
        poses["m2m"] = encode_2d(views.xy_BFJ2, views.image_B112)
    if settings.weight_3d and 3 in model.inputs:
        poses["m3m"] = views.target_BFJ3
    if not poses:
        raise DataError("neither 2D nor 3D has a weight in the loss", hint="give --objective.weight-2d or --objective.weight-3d")
    share, found = len(windows.xyz_BFJ3) // len(poses), {}
    for index, (name, x_BFJD) in enumerate(poses.items()):
        part = slice(index * share, (index + 1) * share)
        found[name] = MaskedPoses(x_BFJD[part], *masks(x_BFJD[part], settings, rng), valid_joints(windows, x_BFJD)[part])
    return found


def pretrain_loss(
    network: PaperNetwork, batch: dict[str, MaskedPoses], settings: PaperPretrainConfig, progress: float, precision: torch.autocast
) -> Terms:
    """Weighted sum of the errors of restored 2D and 3D poses, each modality through its own encoder and decoder."""
    terms, loss = Terms(), torch.zeros((), device=device_of(network))
    weights = {"m2m": settings.weight_2d, "m3m": settings.weight_3d}
    for name, poses in batch.items():
        with precision:
            output_BFJD = network.masked(poses.x_BFJD, poses.masked_BFJ, poses.kept_BK)
        terms[name] = mean_over(distance(output_BFJD, poses.x_BFJD), poses.valid_BFJ)
        loss = loss + weights[name] * terms[name]
    return terms | {"loss": loss}


def mask_3d(windows: Windows, _: ModelConfig, settings: PaperCompleteConfig, rng: np.random.Generator) -> MaskedPoses:
    """3D poses with the masks of the settings (published for completion: tubes, every frame kept)."""
    x_BFJ3 = views_of(windows, rng).target_BFJ3
    return MaskedPoses(x_BFJ3, *masks(x_BFJ3, settings, rng), valid_joints(windows, x_BFJ3))


def complete_loss(network: PaperNetwork, batch: MaskedPoses, _: PaperCompleteConfig, progress: float, precision: torch.autocast) -> Terms:
    """Stage I's loss on 3D, for a network of stage II or I. "masked": the error on masked joints alone, which the loss gives no weight of
    its own."""
    with precision:
        output_BFJ3 = network.masked(batch.x_BFJD, batch.masked_BFJ)
    error_BFJ = distance(output_BFJ3, batch.x_BFJD)
    terms = {"m3m": mean_over(error_BFJ, batch.valid_BFJ), "masked": mean_over(error_BFJ, batch.valid_BFJ * batch.masked_BFJ)}
    return terms | {"loss": terms["m3m"]}


def project_windows(windows: Windows, model: ModelConfig, settings: PaperLiftConfig, rng: np.random.Generator) -> ProjectedPoses:
    """2D with noise; for a network that takes masked joints, masked in a share partial_2d of the windows."""
    views = views_of(windows, rng)
    noisy_BFJ2 = jitter(views.xy_BFJ2, views.image_B112, settings.noise_2d, rng)
    visible_BFJ2, target_BFJ3 = encode_2d(noisy_BFJ2, views.image_B112), views.target_BFJ3
    masked_BFJ, kept_BK = None, None
    if model.partial:
        masked_BFJ, kept_BK = masks(visible_BFJ2, settings, rng)
        masked_BFJ = masked_BFJ & torch.from_numpy(rng.random(len(visible_BFJ2)) < settings.partial_2d)[:, None, None]
        kept_BK = kept_BK if model.drops_frames else None
    return ProjectedPoses(visible_BFJ2, masked_BFJ, kept_BK, target_BFJ3, valid_joints(windows, target_BFJ3))


def lift_loss(network: PaperNetwork, batch: ProjectedPoses, settings: PaperLiftConfig, progress: float, precision: torch.autocast) -> Terms:
    """Weighted sum of the errors of the middle frame and of the whole window."""
    with precision:
        middle_B1J3, sequence_BFJ3 = network.lift(batch.visible_BFJ2, batch.masked_BFJ, batch.kept_BK)
    target_BFJ3, valid_BFJ = batch.target_BFJ3, batch.valid_BFJ
    F = target_BFJ3.shape[1]
    at = slice(F // 2, F // 2 + 1)
    terms = {"middle": mean_over(distance(middle_B1J3, target_BFJ3[:, at]), valid_BFJ[:, at])}
    terms["loss"] = settings.middle_weight * terms["middle"]
    if sequence_BFJ3 is not None:
        terms["sequence"] = mean_over(distance(sequence_BFJ3, target_BFJ3), valid_BFJ)
        terms["loss"] = terms["loss"] + settings.sequence_weight * terms["sequence"]
    return terms


pretrain = Objective(mask_tasks, pretrain_loss, headline=lambda model: "m3m" if 3 in model.inputs else "m2m", at_step=task_at)
complete = Objective(mask_3d, complete_loss, headline=lambda _model: "masked")
lift = Objective(project_windows, lift_loss, headline=lambda _model: "middle")


def lift_both_ways(network: PaperNetwork, x_BFJ2: Tensor, masked_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """`network.lift` averaged with its output for the mirrored input, mirrored back: the paper's option at test, at twice the cost."""
    mirror = list(load_skeleton("body17").mirror)
    flipped = network.lift(
        (x_BFJ2 * x_BFJ2.new_tensor([-1.0, 1.0]))[:, :, mirror], None if masked_BFJ is None else masked_BFJ[:, :, mirror]
    )
    back = [None if out is None else (out * out.new_tensor([-1.0, 1.0, 1.0]))[:, :, mirror] for out in flipped]
    middle_B1J3, sequence_BFJ3 = network.lift(x_BFJ2, masked_BFJ)
    assert back[0] is not None
    return (middle_B1J3 + back[0]) / 2, None if sequence_BFJ3 is None or back[1] is None else (sequence_BFJ3 + back[1]) / 2


def valid_joints(windows: Windows, x_BFJD: Tensor) -> Tensor:
    """(B, F, J) 1 where a frame is the clip's own, else 0; of x's type."""
    return windows.valid_BF[..., None].expand(-1, -1, x_BFJD.shape[2]).to(x_BFJD)


def masks(x_BFJD: Tensor, settings: PaperConfig, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Masked joints (B, F, J) and the sorted numbers of kept frames (B, K). Raises DataError where nothing would stay visible."""
    B, F, J, _ = x_BFJD.shape
    if not 0 <= settings.joints_masked < J or not 1 <= round(F * (1 - settings.frames_dropped)) <= F:
        raise DataError(
            f"{settings.joints_masked} of {J} joints and {settings.frames_dropped} of the frames cannot be masked", hint="leave some"
        )
    if settings.mask == "gaps":
        masked_BFJ, kept_BK = gaps(B, F, rng), np.tile(np.arange(F), (B, 1))
    else:
        masked_BFJ, kept_BK = published(B, F, J, settings.joints_masked, settings.frames_dropped, rng, settings.mask)
    return torch.from_numpy(masked_BFJ).to(x_BFJD.device), torch.from_numpy(kept_BK).to(x_BFJD.device)
