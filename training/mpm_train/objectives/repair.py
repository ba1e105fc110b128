"""What the repairing network learns by: the result that the user gets. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.body.mapping import body17
from mpm_core.fill.hermite import ERROR
from mpm_core.gaps import gap_frames, usual_error, widened
from mpm_core.model.encode import TensorWeights, correct_edges, root_path, tensor_weights
from mpm_core.model.match_edges import neighbour_shares
from mpm_core.model.observations import BodyAxes, body_axes, observe
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.sliding import MARGIN_FRAMES
from mpm_core.typing import Float32, Mask
from mpm_train.config import TrainConfig
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps
from mpm_train.objectives.terms import Objective, Terms, distance, mean_over, rounded

DONOR_RAMP = 0.1  # of the run
PARENTS, CHILDREN = (list(ends) for ends in zip(*body17().bones, strict=True))
UNTOLD = 0.05  # share of bones whose length is not told


@dataclass(frozen=True, slots=True)
class Masked:
    """A batch with gaps. truth: world, metres; classical: the error of the classical fill; weight: 1 / the error to be expected.

    moved_BJJ: by how much each joint moves with others that are seen whenever it is hidden (config.attached), else zero.
    scored, seen: 1 where a hidden sample is learned from, and where a sample is visible.
    """

    features_BFN: Tensor
    axes: BodyAxes
    truth_BFJ3: Tensor
    scored_BFJ: Tensor
    seen_BFJ: Tensor
    weight_BFJ: Tensor
    classical_BFJ: Tensor
    error_weights: TensorWeights
    moved_BJJ: Tensor


def hide(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Masked:
    """Gaps as they come in real takes; the network sees none of the frames next to them (as in predict.py).

    The windows come with config.beside more frames on both sides; what was observed of all is cut down to the window.
    """
    xyz_BFJ3, valid_BF, rate_hz, J = windows.xyz_BFJ3, windows.valid_BF.numpy(), config.model.rate_hz, config.model.joints
    B, F = len(xyz_BFJ3), config.model.frames
    window = slice(config.beside, config.beside + F)
    masked_BFJ = gaps(B, F, rng, config.beside, config.single) | ~valid_BF[..., None]
    seen_FBJ3 = np.where(masked_BFJ[..., None], np.nan, xyz_BFJ3.numpy()).transpose(1, 0, 2, 3)
    root_BF3 = torch.from_numpy(root_path(seen_FBJ3, rate_hz).transpose(1, 0, 2).astype(np.float32))
    guess_BFJ3 = tensor_weights(~masked_BFJ, rate_hz)(xyz_BFJ3)
    axes = body_axes(guess_BFJ3, root_BF3)
    missing_BFJ = np.stack([widened(masked_FJ, MARGIN_FRAMES) for masked_FJ in masked_BFJ])
    unseen, told_BN = torch.from_numpy(missing_BFJ), told_lengths(windows, rng)
    features_BFN = observe(xyz_BFJ3, unseen, axes, tensor_weights(~missing_BFJ, rate_hz), told_BN, rate_hz, config.model.riding)
    frames_BFJ = gap_frames(~masked_BFJ.transpose(1, 0, 2).reshape(-1, B * J)).reshape(-1, B, J).transpose(1, 0, 2)[:, window]
    expected_BFJ = usual_error(frames_BFJ, rate_hz)
    hidden, learnt_B11, valid_BF1 = (
        torch.from_numpy(masked_BFJ[:, window]),
        ~windows.judged_B[:, None, None],
        windows.valid_BF[:, window, None],
    )
    return Masked(
        features_BFN[:, window].clone(),
        BodyAxes(axes.root_BF3[:, window].clone(), axes.turn_BF33[:, window].clone()),
        xyz_BFJ3[:, window].clone(),
        (hidden & valid_BF1 & learnt_B11).float(),
        (~hidden & learnt_B11).float(),
        torch.from_numpy((1 / expected_BFJ).astype(np.float32)),
        distance(guess_BFJ3, xyz_BFJ3)[:, window].clone(),
        tensor_weights(~masked_BFJ[:, window], rate_hz, ERROR),
        torch.from_numpy(moved_with(masked_BFJ[:, window]) if config.follow_neighbours else np.zeros((B, J, J), np.float32)),
    )


def moved_with(masked_BFJ: Mask) -> Float32:
    """(B, J, J) as meeting.followed: with which joints, seen in all frames in which it is hidden, a joint moves."""
    B, _, J = masked_BFJ.shape
    together_BJJ = np.einsum("bfj,bfk->bjk", masked_BFJ.astype(np.float32), masked_BFJ.astype(np.float32))
    joint_BJ = np.broadcast_to(np.arange(J), (B, J))
    return neighbour_shares(joint_BJ.ravel(), (together_BJJ == 0).reshape(-1, J)).reshape(B, J, J).astype(np.float32)


def told_lengths(windows: Windows, rng: np.random.Generator) -> Tensor:
    """(B, N) the lengths of the bones, metres; some are left at zero, as of bones that a take never shows whole."""
    valid_BF = windows.valid_BF.float()
    length_BFN = lengths(windows.xyz_BFJ3)
    mean_BN = (length_BFN * valid_BF[..., None]).sum(1) / valid_BF.sum(1, keepdim=True).clamp(min=1)
    return mean_BN * torch.from_numpy(rng.random(mean_BN.shape) >= UNTOLD)


def lengths(xyz_BFJ3: Tensor) -> Tensor:
    """(B, F, N) of the body's bones."""
    return torch.as_tensor((xyz_BFJ3[:, :, CHILDREN] - xyz_BFJ3[:, :, PARENTS]).norm(dim=-1))


def judge(network: RepairNetwork, gapped: Masked, config: TrainConfig, progress: float) -> Terms:
    """Plainly, and after the donor step once poses are learned (config.donor_from): it punishes frame-to-frame noise so hard that a network
    that starts with it learns one still pose. There short gaps count as much as long ones, in shares of what a classical fill is off by.
    """
    with rounded(network, config):
        pose_BFJ3 = network(gapped.features_BFN)
    world_BFJ3 = gapped.axes.to_world(pose_BFJ3)
    plain_BFJ = distance(world_BFJ3, gapped.truth_BFJ3)
    moved_BFJ3 = world_BFJ3 + torch.einsum("bjk,bfkd->bfjd", gapped.moved_BJJ, gapped.truth_BFJ3 - world_BFJ3)
    corrected_BFJ = distance(correct_edges(moved_BFJ3, gapped.truth_BFJ3, gapped.error_weights), gapped.truth_BFJ3)
    weight_BFJ = gapped.scored_BFJ * gapped.weight_BFJ
    terms = {
        "weighed": mean_over(corrected_BFJ, weight_BFJ),
        "donor": mean_over(corrected_BFJ, gapped.scored_BFJ),
        "masked": mean_over(plain_BFJ, gapped.scored_BFJ),
        "visible": mean_over(plain_BFJ, gapped.seen_BFJ),
        "classical": mean_over(gapped.classical_BFJ, gapped.scored_BFJ),
        "classical_weighed": mean_over(gapped.classical_BFJ, weight_BFJ),
    }
    if config.speed_weight:
        moved_BFJ = distance(world_BFJ3.diff(dim=1), gapped.truth_BFJ3.diff(dim=1))
        terms["speed"] = mean_over(moved_BFJ, gapped.scored_BFJ[:, 1:] * gapped.scored_BFJ[:, :-1])
    if config.bone_weight:
        free_BFN = torch.maximum(gapped.scored_BFJ[:, :, PARENTS], gapped.scored_BFJ[:, :, CHILDREN])
        terms["bones"] = mean_over((lengths(pose_BFJ3) - lengths(gapped.truth_BFJ3)).abs(), free_BFN)
    ramp = min(1.0, max(0.0, (progress - config.donor_from) / DONOR_RAMP))
    weights = {
        "weighed": config.donor_weight * ramp,
        "masked": config.masked_weight,
        "visible": config.visible_weight,
        "speed": config.speed_weight,
        "bones": config.bone_weight,
    }
    terms["loss"] = torch.stack([weight * terms[name] for name, weight in weights.items() if weight]).sum()
    return terms


repair = Objective(hide, judge)
