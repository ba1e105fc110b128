"""The losses of the models that ship. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

import numpy as np
import torch

from mpm_core.edit.fill import Tangent
from mpm_core.model.encode import carry, donor, encode_3d, root_path, to_window
from mpm_core.model.network import Network
from mpm_core.model.predict import widened
from training.config import TrainConfig
from training.data.windows import Windows
from training.masking import gaps
from training.objective import Terms, distance, mean_over, rounded

DONOR_RAMP = 0.1  # of the run


def complete(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """Partial 3D to whole 3D, the loss on what the user gets: after the donor step, with the plain masked loss beside it.

    The donor term comes in once the poses are learned (config.donor_from): it punishes frame-to-frame noise so hard that a network that
    starts with it learns to output one still pose.
    """
    xyz_BFJ3, valid_BF1 = windows.xyz_BFJ3, windows.valid_BF[..., None]
    hidden_BFJ = gaps(len(xyz_BFJ3), xyz_BFJ3.shape[1], rng) | ~valid_BF1.numpy()
    carry_over = carry(~hidden_BFJ, network.config.rate_hz)
    carry_error = carry(~hidden_BFJ, network.config.rate_hz, Tangent(config.carry_reach_s, config.carry_slope_s))
    seen_FBJ3 = np.where(hidden_BFJ[..., None], np.nan, xyz_BFJ3.numpy()).transpose(1, 0, 2, 3)
    root_BF3 = torch.from_numpy(root_path(seen_FBJ3, network.config.rate_hz).transpose(1, 0, 2).astype(np.float32))
    x_BFJ3, place = encode_3d(carry_over(xyz_BFJ3), root_BF3)
    target_BFJ3 = to_window(xyz_BFJ3, place)
    hidden = torch.from_numpy(hidden_BFJ)
    unseen = torch.from_numpy(np.stack([widened(hidden_FJ, config.margin) for hidden_FJ in hidden_BFJ]))
    with rounded(network, config):
        out_BFJ3 = network.masked(x_BFJ3, unseen)
    out_BFJ3 = out_BFJ3.float()
    scored_BFJ = (hidden & valid_BF1).float()
    error_BFJ = distance(out_BFJ3, target_BFJ3)
    terms = {
        "donor": mean_over(distance(donor(out_BFJ3, target_BFJ3, carry_error), target_BFJ3), scored_BFJ),
        "masked": mean_over(error_BFJ, scored_BFJ),
        "visible": mean_over(error_BFJ, (~hidden).float()),
        "classical": mean_over(distance(carry_over(xyz_BFJ3), xyz_BFJ3), scored_BFJ),
    }
    ramp = min(1.0, max(0.0, (progress - config.donor_from) / DONOR_RAMP))
    terms["loss"] = (
        config.donor_weight * ramp * terms["donor"] + config.masked_weight * terms["masked"] + config.visible_weight * terms["visible"]
    )
    return terms
