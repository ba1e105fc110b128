"""What the repairing network learns by: the result that the user gets. B windows, F frames, J joints; terms in metres.

The poses are learned from most people; how far they may be trusted, and how far off the result is, from the people set aside for that
(config.judges), whom the poses have never seen.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.edit.fill import ERROR
from mpm_core.gaps import gap_frames
from mpm_core.model.encode import Carry, carry, donor, root_path
from mpm_core.model.observe import Observation, Stance, observe, stand
from mpm_core.model.predict import MARGIN_FRAMES, widened
from mpm_core.model.repair import RepairNetwork
from training.config import TrainConfig
from training.data.windows import Windows
from training.masking import gaps
from training.objective import Objective, Terms, distance, mean_over, rounded

DONOR_RAMP = 0.1  # of the run
JUDGE_WEIGHT, LIKELY_WEIGHT = 0.1, 1e-3  # poses and judgement share no weights; metres stand beside a logarithm here
SHORT_M, GROWTH_M_S, LONGEST_S = 0.005, 0.08, 1.5  # about what a classical fill is off by, for weighing short gaps against long ones


@dataclass(frozen=True, slots=True)
class Holed:
    """A batch with gaps. guess: hidden samples hold the classical fill; truth: world, metres; weight: 1 / the error to be expected.

    scored, seen: 1 where a hidden sample was known, and where a sample is visible; judged_B: True = not for learning poses.
    """

    observation: Observation
    stance: Stance
    guess_BFJ3: Tensor
    truth_BFJ3: Tensor
    scored_BFJ: Tensor
    seen_BFJ: Tensor
    weight_BFJ: Tensor
    judged_B: Tensor
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
    hidden = torch.from_numpy(hidden_BFJ)
    B, F, J = hidden_BFJ.shape
    frames_BFJ = gap_frames(~hidden_BFJ.transpose(1, 0, 2).reshape(F, B * J)).reshape(F, B, J).transpose(1, 0, 2)
    expected_BFJ = SHORT_M + GROWTH_M_S * np.minimum(frames_BFJ / rate_hz, LONGEST_S)
    return Holed(
        observe(xyz_BFJ3, unseen, stance, rate_hz),
        stance,
        guess_BFJ3,
        xyz_BFJ3,
        (hidden & valid_BF1).float(),
        (~hidden).float(),
        torch.from_numpy((1 / expected_BFJ).astype(np.float32)),
        windows.judged_B,
        carry(~hidden_BFJ, rate_hz, ERROR),
    )


def judge(network: RepairNetwork, holed: Holed, config: TrainConfig, progress: float) -> Terms:
    """The poses: plainly, and after the donor step once they are learned (config.donor_from: it punishes frame-to-frame noise so hard that
    a network that starts with it learns one still pose). Trust: by the mixture with the classical fill. Sigma: by its likelihood."""
    with rounded(network, config):
        said = network(holed.observation)
    world_BFJ3 = holed.stance.to_world(said.pose_BFJ3)
    filled_BFJ3 = donor(world_BFJ3, holed.truth_BFJ3, holed.carry_error)
    still_BFJ3 = filled_BFJ3.detach()
    mixed_BFJ3 = holed.guess_BFJ3 + said.trust_BFJ[..., None] * (still_BFJ3 - holed.guess_BFJ3)
    plain_BFJ, donor_BFJ = distance(world_BFJ3, holed.truth_BFJ3), distance(filled_BFJ3, holed.truth_BFJ3)
    mixed_BFJ = distance(mixed_BFJ3, holed.truth_BFJ3)
    likely_BFJ = 3 * torch.log(said.sigma_BFJ) + (mixed_BFJ.detach() / said.sigma_BFJ) ** 2 / 2
    apart = bool(holed.judged_B.any())
    judged_B11 = holed.judged_B[:, None, None].float()
    learnt_B11 = 1 - judged_B11 if network.training else torch.ones_like(judged_B11)
    judged_BFJ = holed.scored_BFJ * (judged_B11 if apart and network.training else 1.0)
    weight_BFJ = judged_BFJ * holed.weight_BFJ
    terms = {
        "mixed": mean_over(mixed_BFJ, judged_BFJ),
        "donor": mean_over(donor_BFJ, holed.scored_BFJ * learnt_B11),
        "masked": mean_over(plain_BFJ, holed.scored_BFJ * learnt_B11),
        "visible": mean_over(plain_BFJ, holed.seen_BFJ * learnt_B11),
        "classical": mean_over(distance(holed.guess_BFJ3, holed.truth_BFJ3), judged_BFJ),
        "weighed": mean_over(mixed_BFJ * holed.weight_BFJ, judged_BFJ) / 1000,
        "likely": mean_over(likely_BFJ, judged_BFJ) / 1000,
    }
    ramp = min(1.0, max(0.0, (progress - config.donor_from) / DONOR_RAMP))
    terms["loss"] = (
        config.donor_weight * ramp * terms["donor"]
        + config.masked_weight * terms["masked"]
        + config.visible_weight * terms["visible"]
        + JUDGE_WEIGHT * (mean_over(mixed_BFJ, weight_BFJ) + LIKELY_WEIGHT * mean_over(likely_BFJ, judged_BFJ))
    )
    return terms


repair = Objective(hide, judge)
