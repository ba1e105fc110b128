"""The losses of the models that ship. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.edit.fill import Tangent
from mpm_core.model.encode import Carry, carry, donor, encode_3d, root_path, to_window
from mpm_core.model.network import Network
from mpm_core.model.predict import widened
from training.config import TrainConfig
from training.data.windows import Windows
from training.masking import gaps
from training.objective import Objective, Terms, distance, mean_over, rounded

DONOR_RAMP = 0.1  # of the run


@dataclass(frozen=True, slots=True)
class Holed:
    """Poses in the window's axes, in x with the classical fill where they are hidden, in target as they were.

    unseen: what the network is not shown; hidden: what is filled; scored: 1 where a hidden sample was known; classical: the error of the
    classical fill; carry_error: carries the error at the gaps' edges across them.
    """

    x_BFJ3: Tensor
    target_BFJ3: Tensor
    unseen_BFJ: Tensor
    hidden_BFJ: Tensor
    scored_BFJ: Tensor
    classical_BFJ: Tensor
    carry_error: Carry


def hide(windows: Windows, config: TrainConfig, rng: np.random.Generator) -> Holed:
    """Gaps as they come in real takes."""
    xyz_BFJ3, valid_BF1, rate_hz = windows.xyz_BFJ3, windows.valid_BF[..., None], config.model.rate_hz
    hidden_BFJ = gaps(len(xyz_BFJ3), xyz_BFJ3.shape[1], rng) | ~valid_BF1.numpy()
    carry_over = carry(~hidden_BFJ, rate_hz)
    carry_error = carry(~hidden_BFJ, rate_hz, Tangent(config.carry_reach_s, config.carry_slope_s))
    seen_FBJ3 = np.where(hidden_BFJ[..., None], np.nan, xyz_BFJ3.numpy()).transpose(1, 0, 2, 3)
    root_BF3 = torch.from_numpy(root_path(seen_FBJ3, rate_hz).transpose(1, 0, 2).astype(np.float32))
    guess_BFJ3 = carry_over(xyz_BFJ3)
    x_BFJ3, place = encode_3d(guess_BFJ3, root_BF3)
    hidden = torch.from_numpy(hidden_BFJ)
    unseen = torch.from_numpy(np.stack([widened(hidden_FJ, config.margin) for hidden_FJ in hidden_BFJ]))
    scored_BFJ = (hidden & valid_BF1).float()
    return Holed(x_BFJ3, to_window(xyz_BFJ3, place), unseen, hidden, scored_BFJ, distance(guess_BFJ3, xyz_BFJ3), carry_error)


def judge_fill(network: Network, holed: Holed, config: TrainConfig, progress: float) -> Terms:
    """Partial 3D to whole 3D, the loss on what the user gets: after the donor step, with the plain masked loss beside it.

    The donor term comes in once the poses are learned (config.donor_from): it punishes frame-to-frame noise so hard that a network that
    starts with it learns to output one still pose.
    """
    with rounded(network, config):
        out_BFJ3 = network.masked(holed.x_BFJ3, holed.unseen_BFJ)
    out_BFJ3 = out_BFJ3.float()
    error_BFJ = distance(out_BFJ3, holed.target_BFJ3)
    terms = {
        "donor": mean_over(distance(donor(out_BFJ3, holed.target_BFJ3, holed.carry_error), holed.target_BFJ3), holed.scored_BFJ),
        "masked": mean_over(error_BFJ, holed.scored_BFJ),
        "visible": mean_over(error_BFJ, (~holed.hidden_BFJ).float()),
        "classical": mean_over(holed.classical_BFJ, holed.scored_BFJ),
    }
    ramp = min(1.0, max(0.0, (progress - config.donor_from) / DONOR_RAMP))
    terms["loss"] = (
        config.donor_weight * ramp * terms["donor"] + config.masked_weight * terms["masked"] + config.visible_weight * terms["visible"]
    )
    return terms


complete = Objective(hide, judge_fill)
