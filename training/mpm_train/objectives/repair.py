"""The loss of the repairing network: the error of the positions that the application makes of its output.

B windows, F frames, J joints, N features or bones; positions and terms in metres. Masks: True = masked.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.body.joints import body17
from mpm_core.fill.hermite import ERROR
from mpm_core.gaps import gap_frames, usual_error, widened
from mpm_core.model.config import ModelConfig
from mpm_core.model.encode import TensorWeights, correct_edges, root_path, tensor_weights
from mpm_core.model.match_edges import neighbour_shares
from mpm_core.model.repair_features import BodyAxes, body_axes, observe
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.run_windows import MARGIN_FRAMES
from mpm_core.typing import Float32, Mask
from mpm_train.data.windows import Windows
from mpm_train.masking import gaps
from mpm_train.objectives.config import RepairConfig
from mpm_train.objectives.terms import Objective, Terms, distance, mean_over

RAMP = 0.1  # share of the run in which the weight of the loss after the edge correction rises to its value
PARENTS, CHILDREN = (list(ends) for ends in zip(*body17().bones, strict=True))
LENGTHS_MISSING = 0.05  # share of bones whose length is missing from the features


@dataclass(frozen=True, slots=True)
class MaskedWindows:
    """A batch with gaps. features_BFN: the network's input. axes: the body's own axes in each frame. truth_BFJ3: metres, Z up.

    learned_BFJ, visible_BFJ: 1 for masked samples that are learned from, and for visible samples, else 0. weight_BFJ: 1 / usual error of a
    gap of that length. classical_BFJ: error of the classical fill, metres. error_weights: interpolate errors at the edges over gaps.
    neighbours_BJJ: share of the error of each visible joint by which a masked joint is shifted (all zero without follow_neighbours).
    """

    features_BFN: Tensor
    axes: BodyAxes
    truth_BFJ3: Tensor
    learned_BFJ: Tensor
    visible_BFJ: Tensor
    weight_BFJ: Tensor
    classical_BFJ: Tensor
    error_weights: TensorWeights
    neighbours_BJJ: Tensor


def mask_windows(windows: Windows, model: ModelConfig, settings: RepairConfig, rng: np.random.Generator) -> MaskedWindows:
    """Windows with gaps as they occur in recordings. The features also leave out the frames next to a gap, as in the application.

    The windows have settings.beside more frames on both sides; features and targets are computed from all of them and cut to the window.
    """
    xyz_BFJ3, valid_BF, rate_hz, J = windows.xyz_BFJ3, windows.valid_BF.numpy(), model.rate_hz, model.joints
    B, F = len(xyz_BFJ3), model.frames
    window = slice(settings.beside, settings.beside + F)
    masked_BFJ = gaps(B, F, rng, settings.beside, settings.single) | ~valid_BF[..., None]
    visible_FBJ3 = np.where(masked_BFJ[..., None], np.nan, xyz_BFJ3.numpy()).transpose(1, 0, 2, 3)
    root_BF3 = torch.from_numpy(root_path(visible_FBJ3, rate_hz).transpose(1, 0, 2).astype(np.float32))
    classical_BFJ3 = tensor_weights(~masked_BFJ, rate_hz)(xyz_BFJ3)
    axes = body_axes(classical_BFJ3, root_BF3)
    widened_BFJ = np.stack([widened(masked_FJ, MARGIN_FRAMES) for masked_FJ in masked_BFJ])
    widened_mask, length_BN = torch.from_numpy(widened_BFJ), known_lengths(windows, rng)
    features_BFN = observe(xyz_BFJ3, widened_mask, axes, tensor_weights(~widened_BFJ, rate_hz), length_BN, rate_hz, model.riding)
    frames_BFJ = gap_frames(~masked_BFJ.transpose(1, 0, 2).reshape(-1, B * J)).reshape(-1, B, J).transpose(1, 0, 2)[:, window]
    usual_BFJ = usual_error(frames_BFJ, rate_hz)
    masked, learned_B11 = torch.from_numpy(masked_BFJ[:, window]), ~windows.gate_B[:, None, None]
    valid_BF1 = windows.valid_BF[:, window, None]
    neighbours_BJJ = neighbour_weights(masked_BFJ[:, window]) if settings.follow_neighbours else np.zeros((B, J, J), np.float32)
    return MaskedWindows(
        features_BFN[:, window].clone(),
        BodyAxes(axes.root_BF3[:, window].clone(), axes.turn_BF33[:, window].clone()),
        xyz_BFJ3[:, window].clone(),
        (masked & valid_BF1 & learned_B11).float(),
        (~masked & learned_B11).float(),
        torch.from_numpy((1 / usual_BFJ).astype(np.float32)),
        distance(classical_BFJ3, xyz_BFJ3)[:, window].clone(),
        tensor_weights(~masked_BFJ[:, window], rate_hz, ERROR),
        torch.from_numpy(neighbours_BJJ),
    )


def neighbour_weights(masked_BFJ: Mask) -> Float32:
    """(B, J, J) match_edges.neighbour_shares among the joints that are visible in all frames in which a joint is masked."""
    B, _, J = masked_BFJ.shape
    together_BJJ = np.einsum("bfj,bfk->bjk", masked_BFJ.astype(np.float32), masked_BFJ.astype(np.float32))
    joint_BJ = np.broadcast_to(np.arange(J), (B, J))
    return neighbour_shares(joint_BJ.ravel(), (together_BJJ == 0).reshape(-1, J)).reshape(B, J, J).astype(np.float32)


def known_lengths(windows: Windows, rng: np.random.Generator) -> Tensor:
    """(B, N) mean bone lengths, metres; LENGTHS_MISSING of them are 0, as of bones whose ends a take never shows together."""
    valid_BF = windows.valid_BF.float()
    length_BFN = lengths(windows.xyz_BFJ3)
    mean_BN = (length_BFN * valid_BF[..., None]).sum(1) / valid_BF.sum(1, keepdim=True).clamp(min=1)
    return mean_BN * torch.from_numpy(rng.random(mean_BN.shape) >= LENGTHS_MISSING)


def lengths(xyz_BFJ3: Tensor) -> Tensor:
    """(B, F, N) lengths of the body's bones, metres."""
    return torch.as_tensor((xyz_BFJ3[:, :, CHILDREN] - xyz_BFJ3[:, :, PARENTS]).norm(dim=-1))


def loss(network: RepairNetwork, batch: MaskedWindows, settings: RepairConfig, progress: float, precision: torch.autocast) -> Terms:
    """Errors of the plain output and, from settings.corrected_from on, of the output after the edge correction.

    The latter punishes noise from frame to frame so hard that a network that starts with it learns one still pose. It is weighted by the
    usual error of a gap of that length, so that short gaps count as much as long ones.
    """
    with precision:
        pose_BFJ3 = network(batch.features_BFN)
    output_BFJ3 = batch.axes.to_world(pose_BFJ3)
    plain_BFJ = distance(output_BFJ3, batch.truth_BFJ3)
    shifted_BFJ3 = output_BFJ3 + torch.einsum("bjk,bfkd->bfjd", batch.neighbours_BJJ, batch.truth_BFJ3 - output_BFJ3)
    corrected_BFJ = distance(correct_edges(shifted_BFJ3, batch.truth_BFJ3, batch.error_weights), batch.truth_BFJ3)
    weight_BFJ = batch.learned_BFJ * batch.weight_BFJ
    terms = {
        "corrected_weighted": mean_over(corrected_BFJ, weight_BFJ),
        "corrected": mean_over(corrected_BFJ, batch.learned_BFJ),
        "masked": mean_over(plain_BFJ, batch.learned_BFJ),
        "visible": mean_over(plain_BFJ, batch.visible_BFJ),
        "classical": mean_over(batch.classical_BFJ, batch.learned_BFJ),
        "classical_weighted": mean_over(batch.classical_BFJ, weight_BFJ),
    }
    if settings.speed_weight:
        speed_BFJ = distance(output_BFJ3.diff(dim=1), batch.truth_BFJ3.diff(dim=1))
        terms["speed"] = mean_over(speed_BFJ, batch.learned_BFJ[:, 1:] * batch.learned_BFJ[:, :-1])
    if settings.bone_weight:
        free_BFN = torch.maximum(batch.learned_BFJ[:, :, PARENTS], batch.learned_BFJ[:, :, CHILDREN])
        terms["bones"] = mean_over((lengths(pose_BFJ3) - lengths(batch.truth_BFJ3)).abs(), free_BFN)
    ramp = min(1.0, max(0.0, (progress - settings.corrected_from) / RAMP))
    weights = {
        "corrected_weighted": settings.corrected_weight * ramp,
        "masked": settings.masked_weight,
        "visible": settings.visible_weight,
        "speed": settings.speed_weight,
        "bones": settings.bone_weight,
    }
    terms["loss"] = torch.stack([weight * terms[name] for name, weight in weights.items() if weight]).sum()
    return terms


repair = Objective(mask_windows, loss, headline=lambda _model: "corrected_weighted")
