"""The losses of each task: (network, windows, configuration, rng, progress) -> terms by name, metres; "loss" is their weighted sum.

progress: how much of the run is done, 0..1.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mpm_core.edit.fill import Tangent
from mpm_core.model.encode import carry, donor, encode_2d, encode_3d, root_path, to_window
from mpm_core.model.network import Network
from mpm_core.model.predict import widened
from training.config import TrainConfig
from training.data.cameras import jitter, shoot
from training.data.windows import Windows
from training.masking import gaps, published

Terms = dict[str, Tensor]
DONOR_RAMP = 0.1  # of the run


def distance(a_BFJ3: Tensor, b_BFJ3: Tensor) -> Tensor:
    """Euclidean distance per joint (B, F, J)."""
    return torch.as_tensor((a_BFJ3.float() - b_BFJ3).norm(dim=-1))


def rounded(network: Network, config: TrainConfig) -> torch.autocast:
    """bf16 inside the network while it learns; what it is given and judged by stays in full precision."""
    return torch.autocast("cpu", torch.bfloat16, enabled=config.bf16 and network.training)


def mean_over(values_BFJ: Tensor, where_BFJ: Tensor) -> Tensor:
    return torch.as_tensor((values_BFJ * where_BFJ).sum() / where_BFJ.sum().clamp(min=1))


def pretrain(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """Masked 2D and masked 3D in turn, half of the windows each, unpaired; camera space, root-relative (Stage I)."""
    shots = shoot(windows.xyz_BFJ3, rng)
    half = len(windows.xyz_BFJ3) // 2
    xy_BFJ2 = encode_2d(shots.xy_BFJ2[:half], shots.image_B112[:half])
    xyz_BFJ3 = shots.camera_BFJ3[half:] - shots.camera_BFJ3[half:, :, :1]
    terms: Terms = {}
    for name, x in (("m2m", xy_BFJ2), ("m3m", xyz_BFJ3)):
        B, F, J, _ = x.shape
        hidden_BFJ, kept_BK = published(B, F, J, config.joints_hidden, config.frames_dropped, rng)
        with rounded(network, config):
            out = network.masked(x, torch.from_numpy(hidden_BFJ), torch.from_numpy(kept_BK))
        valid_BF = windows.valid_BF[:half] if name == "m2m" else windows.valid_BF[half:]
        terms[name] = mean_over(distance(out, x), valid_BF[..., None].expand(-1, -1, J).float())
    terms["loss"] = config.weight_2d * terms["m2m"] + config.weight_3d * terms["m3m"]
    return terms


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


def lift(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """2D to root-relative 3D in camera axes: the middle frame and the whole sequence (Stage II)."""
    shots = shoot(windows.xyz_BFJ3, rng)
    B, F, J, _ = shots.xy_BFJ2.shape
    seen_BFJ2 = encode_2d(jitter(shots.xy_BFJ2, shots.image_B112, config.noise_2d, rng), shots.image_B112)
    hidden_BFJ = np.zeros((B, F, J), bool)
    if network.config.partial:
        hidden_BFJ = gaps(B, F, rng) & (rng.random(B) < config.partial_2d)[:, None, None]
    target_BFJ3 = shots.camera_BFJ3 - shots.camera_BFJ3[:, :, :1]
    with rounded(network, config):
        middle_B1J3, sequence_BFJ3 = network.lift(seen_BFJ2, torch.from_numpy(hidden_BFJ) if network.config.partial else None)
    valid_BFJ = windows.valid_BF[..., None].expand(-1, -1, J).float()
    at = slice(F // 2, F // 2 + 1)
    terms = {
        "middle": mean_over(distance(middle_B1J3, target_BFJ3[:, at]), valid_BFJ[:, at]),
        "sequence": mean_over(distance(sequence_BFJ3, target_BFJ3), valid_BFJ),
    }
    terms["loss"] = terms["middle"] + terms["sequence"]
    return terms


OBJECTIVES = {"pretrain": pretrain, "complete": complete, "lift": lift}
HEADLINE = {"pretrain": "m3m", "complete": "donor", "lift": "middle"}
