"""The losses of the paper (arXiv 2306.17201). B windows, F frames, K frames that are kept, J joints; terms in metres (2D: image halves).

Stage I: `pretrain`. Stage II: `lift` (whole or partial 2D to 3D), `complete` (partial 3D to 3D). 3D poses are relative to the root, in
camera axes; published: L2, the mean Euclidean distance per joint.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import DataError
from mpm_core.model.encode import encode_2d
from mpm_core.model.network import Network
from mpm_core.skeleton import load_skeleton
from training.config import TrainConfig
from training.data.cameras import Shots, jitter, shoot
from training.data.windows import Windows
from training.masking import gaps, published
from training.objective import Terms, device_of, distance, mean_over, rounded


def pretrain(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """Masked 2D and masked 3D poses, one as often as the other: half of the windows each, unpaired (or all of them in 2D alone)."""
    shots, device = shoot(windows.xyz_BFJ3, rng), device_of(network)
    poses = {"m2m": encode_2d(shots.xy_BFJ2, shots.image_B112)} | ({"m3m": rooted(shots)} if 3 in network.config.inputs else {})
    share, terms, loss = len(windows.xyz_BFJ3) // len(poses), Terms(), torch.zeros((), device=device)
    for index, (name, weight) in enumerate(zip(poses, (config.weight_2d, config.weight_3d), strict=False)):
        part = slice(index * share, (index + 1) * share)
        x = poses[name][part].to(device)
        hidden_BFJ, kept_BK = masks(x, config, rng)
        with rounded(network, config):
            out = network.masked(x, hidden_BFJ, kept_BK)
        terms[name] = mean_over(distance(out, x), whole(windows, x)[part])
        loss = loss + weight * terms[name]
    return terms | {"loss": loss}


def complete(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """Partial 3D to whole 3D: stage I's loss with the masks of the configuration (published: tubes, every frame there).

    A stage I network can be asked as it is. "hidden": the error on hidden joints alone, which the loss does not weigh apart.
    """
    x_BFJ3 = rooted(shoot(windows.xyz_BFJ3, rng)).to(device_of(network))
    hidden_BFJ, _ = masks(x_BFJ3, config, rng)
    with rounded(network, config):
        out_BFJ3 = network.masked(x_BFJ3, hidden_BFJ)
    valid_BFJ, error_BFJ = whole(windows, x_BFJ3), distance(out_BFJ3, x_BFJ3)
    terms = {"m3m": mean_over(error_BFJ, valid_BFJ), "hidden": mean_over(error_BFJ, valid_BFJ * hidden_BFJ)}
    return terms | {"loss": terms["m3m"]}


def lift(network: Network, windows: Windows, config: TrainConfig, rng: np.random.Generator, progress: float = 1.0) -> Terms:
    """2D to 3D: the middle frame and the whole window. A partial network is given masked 2D (share partial_2d of the windows)."""
    shots = shoot(windows.xyz_BFJ3, rng)
    B, F, _, _ = shots.xy_BFJ2.shape
    noisy_BFJ2 = jitter(shots.xy_BFJ2, shots.image_B112, config.noise_2d, rng)
    seen_BFJ2 = encode_2d(noisy_BFJ2, shots.image_B112).to(device_of(network))
    hidden_BFJ, kept_BK = None, None
    if network.config.partial:
        hidden_BFJ, kept_BK = masks(seen_BFJ2, config, rng)
        hidden_BFJ = hidden_BFJ & torch.from_numpy(rng.random(B) < config.partial_2d).to(seen_BFJ2.device)[:, None, None]
        kept_BK = kept_BK if network.config.drops_frames else None
    target_BFJ3 = rooted(shots).to(seen_BFJ2.device)
    with rounded(network, config):
        middle_B1J3, sequence_BFJ3 = network.lift(seen_BFJ2, hidden_BFJ, kept_BK)
    valid_BFJ, at = whole(windows, target_BFJ3), slice(F // 2, F // 2 + 1)
    terms = {"middle": mean_over(distance(middle_B1J3, target_BFJ3[:, at]), valid_BFJ[:, at])}
    terms["loss"] = config.middle_weight * terms["middle"]
    if sequence_BFJ3 is not None:
        terms["sequence"] = mean_over(distance(sequence_BFJ3, target_BFJ3), valid_BFJ)
        terms["loss"] = terms["loss"] + config.sequence_weight * terms["sequence"]
    return terms


def lift_both_ways(network: Network, x_BFJ2: Tensor, hidden_BFJ: Tensor | None = None) -> tuple[Tensor, Tensor | None]:
    """`network.lift` averaged with what it says of the mirrored input, mirrored back: the paper's option at test, twice the cost."""
    mirror = list(load_skeleton("body17").mirror)
    flipped = network.lift(
        (x_BFJ2 * x_BFJ2.new_tensor([-1.0, 1.0]))[:, :, mirror], None if hidden_BFJ is None else hidden_BFJ[:, :, mirror]
    )
    back = [None if out is None else (out * out.new_tensor([-1.0, 1.0, 1.0]))[:, :, mirror] for out in flipped]
    middle_B1J3, sequence_BFJ3 = network.lift(x_BFJ2, hidden_BFJ)
    assert back[0] is not None
    return (middle_B1J3 + back[0]) / 2, None if sequence_BFJ3 is None or back[1] is None else (sequence_BFJ3 + back[1]) / 2


def rooted(shots: Shots) -> Tensor:
    """(B, F, J, 3) metres in camera axes, the root at zero."""
    return shots.camera_BFJ3 - shots.camera_BFJ3[:, :, :1]


def whole(windows: Windows, x_BFJD: Tensor) -> Tensor:
    """(B, F, J) 1 where a frame is the clip's own."""
    return windows.valid_BF[..., None].expand(-1, -1, x_BFJD.shape[2]).to(x_BFJD)


def masks(x_BFJD: Tensor, config: TrainConfig, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Hidden joints (B, F, J) and kept frames (B, K) of one batch. Raises DataError where nothing would be left to see."""
    B, F, J, _ = x_BFJD.shape
    if not 0 <= config.joints_hidden < J or not 1 <= round(F * (1 - config.frames_dropped)) <= F:
        raise DataError(
            f"{config.joints_hidden} of {J} joints and {config.frames_dropped} of the frames cannot be hidden", hint="leave some"
        )
    if config.mask == "gaps":
        hidden_BFJ, kept_BK = gaps(B, F, rng), np.tile(np.arange(F), (B, 1))
    else:
        hidden_BFJ, kept_BK = published(B, F, J, config.joints_hidden, config.frames_dropped, rng, config.mask)
    return torch.from_numpy(hidden_BFJ).to(x_BFJD.device), torch.from_numpy(kept_BK).to(x_BFJD.device)
