"""The losses of the paper (arXiv 2306.17201): pre-training, lifting. B windows, F frames, J joints; terms in metres."""

from __future__ import annotations

import numpy as np
import torch

from mpm_core.model.encode import encode_2d
from mpm_core.model.network import Network
from training.config import TrainConfig
from training.data.cameras import jitter, shoot
from training.data.windows import Windows
from training.masking import gaps, published
from training.objective import Terms, distance, mean_over, rounded


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
