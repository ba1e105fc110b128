"""What the repairing network learns by: the result that the user gets. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.edit.fill import ERROR
from mpm_core.gaps import gap_frames
from mpm_core.model.encode import Carry, carry, donor, root_path
from mpm_core.model.observe import Stance, observe, stand
from mpm_core.model.predict import MARGIN_FRAMES, widened
from mpm_core.model.repair import RepairNetwork
from training.config import TrainConfig
from training.data.windows import Windows
from training.masking import gaps
from training.objective import Objective, Terms, distance, mean_over, rounded

DONOR_RAMP = 0.1  # of the run
SHORT_M, GROWTH_M_S, LONGEST_S = 0.005, 0.08, 1.5  # about what a classical fill is off by, for weighing short gaps against long ones


@dataclass(frozen=True, slots=True)
class Holed:
    """A batch with gaps. truth: world, metres; classical: the error of the classical fill; weight: 1 / the error to be expected.

    scored, seen: 1 where a hidden sample is learned from, and where a sample is visible.
    """

    features_BFN: Tensor
    stance: Stance
    truth_BFJ3: Tensor
    scored_BFJ: Tensor
    seen_BFJ: Tensor
    weight_BFJ: Tensor
    classical_BFJ: Tensor
    carry_error: Carry


def hide(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Holed:
    """Gaps as they come in real takes; the network sees none of the frames next to them (as in predict.py)."""
    xyz_BFJ3, valid_BF1, rate_hz = windows.xyz_BFJ3, windows.valid_BF[..., None], config.model.rate_hz
    hidden_BFJ = gaps(len(xyz_BFJ3), xyz_BFJ3.shape[1], rng) | ~valid_BF1.numpy()
    seen_FBJ3 = np.where(hidden_BFJ[..., None], np.nan, xyz_BFJ3.numpy()).transpose(1, 0, 2, 3)
    root_BF3 = torch.from_numpy(root_path(seen_FBJ3, rate_hz).transpose(1, 0, 2).astype(np.float32))
    guess_BFJ3 = carry(~hidden_BFJ, rate_hz)(xyz_BFJ3)
    stance = stand(guess_BFJ3, root_BF3)
    unseen = torch.from_numpy(np.stack([widened(hidden_FJ, MARGIN_FRAMES) for hidden_FJ in hidden_BFJ]))
    hidden, learnt_B11 = torch.from_numpy(hidden_BFJ), ~windows.judged_B[:, None, None]
    B, F, J = hidden_BFJ.shape
    frames_BFJ = gap_frames(~hidden_BFJ.transpose(1, 0, 2).reshape(F, B * J)).reshape(F, B, J).transpose(1, 0, 2)
    expected_BFJ = SHORT_M + GROWTH_M_S * np.minimum(frames_BFJ / rate_hz, LONGEST_S)
    return Holed(
        observe(xyz_BFJ3, unseen, stance, rate_hz),
        stance,
        xyz_BFJ3,
        (hidden & valid_BF1 & learnt_B11).float(),
        (~hidden & learnt_B11).float(),
        torch.from_numpy((1 / expected_BFJ).astype(np.float32)),
        distance(guess_BFJ3, xyz_BFJ3),
        carry(~hidden_BFJ, rate_hz, ERROR),
    )


def judge(network: RepairNetwork, holed: Holed, config: TrainConfig, progress: float) -> Terms:
    """Plainly, and after the donor step once poses are learned (config.donor_from): it punishes frame-to-frame noise so hard that a network
    that starts with it learns one still pose. There short gaps count as much as long ones, in shares of what a classical fill is off by.
    """
    with rounded(network, config):
        pose_BFJ3 = network(holed.features_BFN)
    world_BFJ3 = holed.stance.to_world(pose_BFJ3)
    plain_BFJ = distance(world_BFJ3, holed.truth_BFJ3)
    donor_BFJ = distance(donor(world_BFJ3, holed.truth_BFJ3, holed.carry_error), holed.truth_BFJ3)
    weight_BFJ = holed.scored_BFJ * holed.weight_BFJ
    terms = {
        "weighed": mean_over(donor_BFJ, weight_BFJ),
        "donor": mean_over(donor_BFJ, holed.scored_BFJ),
        "masked": mean_over(plain_BFJ, holed.scored_BFJ),
        "visible": mean_over(plain_BFJ, holed.seen_BFJ),
        "classical": mean_over(holed.classical_BFJ, holed.scored_BFJ),
        "classical_weighed": mean_over(holed.classical_BFJ, weight_BFJ),
    }
    ramp = min(1.0, max(0.0, (progress - config.donor_from) / DONOR_RAMP))
    terms["loss"] = (
        config.donor_weight * ramp * terms["weighed"] + config.masked_weight * terms["masked"] + config.visible_weight * terms["visible"]
    )
    return terms


repair = Objective(hide, judge)
