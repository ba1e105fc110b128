"""What a network makes of a whole take at its own rate, window by window. K model frames, B windows, W window length, J = 17 joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from mpm_core.errors import Cancelled
from mpm_core.fill.hermite import interpolate
from mpm_core.gaps import known, widened
from mpm_core.model.build import AnyNetwork
from mpm_core.model.encode import encode_3d, root_path, tensor_weights, to_world
from mpm_core.model.observations import mirror_features, mirror_pose, observe, stand
from mpm_core.model.paper_network import Network
from mpm_core.model.repair_network import RepairNetwork
from mpm_core.model.windows import Blend, rows, starts
from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Float, Int, Mask

BATCH = 32
OVERLAP = 3  # every frame is seen by this many windows
OVERLAP_MIRRORED = 2  # or by this many, and by as many in a mirror: measured better, for a third more work
MARGIN_FRAMES = 4  # gaps are this much wider to the network: where its error is measured, it must not see the joint
NEAR_FRAMES = 6  # a window this near to a gap takes part, so that the error at the gap's edges is known


@dataclass(frozen=True, slots=True)
class WindowOutput:
    """NaN where no window was read. joints_KJ3: from the root, along the world's axes, metres.

    Of a repairing network also mirror_KJ, how far its answer in a mirror is from the plain one, metres (NaN where it was not asked), and
    hidden_state_KC, what its layers hold halfway; of others without columns. turn_K33: world -> body axes; of others level.
    """

    joints_KJ3: Float
    mirror_KJ: Float
    hidden_state_KC: Float
    turn_K33: Float


def slide(
    known_KJ3: Float,
    wanted_K: Mask,
    length_N: Float,
    network: AnyNetwork,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    mirrored: bool = True,
) -> WindowOutput:
    """known_KJ3: NaN = hidden. Only windows near wanted frames are read. length_N: the bones' lengths, NaN = unknown. mirrored: a repairing
    network is asked in a mirror, too. Raises Cancelled."""
    config = network.config
    before, after = _sides(len(known_KJ3), config.frames)
    known_KJ3 = np.pad(known_KJ3, ((before, after), (0, 0), (0, 0)), constant_values=np.nan)
    frames, overlap = len(known_KJ3), OVERLAP_MIRRORED if config.task == "repair" else OVERLAP
    begins_B = _near(starts(frames, config.frames, config.frames // overlap), config.frames, np.pad(wanted_K, (before, after)))
    device = next(network.parameters()).device
    say, turn_K33 = _speaker(network, known_KJ3, length_N, mirrored)
    blend = Blend(frames, 3 * config.joints + (config.joints + config.channels if isinstance(network, RepairNetwork) else 0))
    for begin_B in batches(begins_B, progress, cancel, "completing"):
        rows_BW, inside_BW = rows(begin_B, config.frames, frames)
        with torch.inference_mode(), autocast(device):
            output_BWS = say(rows_BW)
        blend.add(rows_BW, inside_BW, output_BWS.cpu().numpy().astype(np.float64))
    output_KS, turn_K33 = (each[before : frames - after] for each in (blend.mean(), turn_K33))
    joints_KJ3, mirror_KJ, hidden_state_KC = np.split(output_KS, [3 * config.joints, 4 * config.joints], axis=1)
    return WindowOutput(joints_KJ3.reshape(len(output_KS), config.joints, 3), mirror_KJ, hidden_state_KC, turn_K33)


def _speaker(network: AnyNetwork, known_KJ3: Float, length_N: Float, mirrored: bool) -> tuple[Callable[[Int], Tensor], Float]:
    """What is asked for windows (rows of model frames, (B, W)), and the turns to body axes. It tells their joints (B, W, 3 J) from the
    root along the world's axes, and of a repairing network what its layers hold halfway."""
    device, rate_hz = next(network.parameters()).device, network.config.rate_hz
    missing_KJ = widened(~known(known_KJ3), MARGIN_FRAMES)
    guess_KJ3 = interpolate(known_KJ3, known(known_KJ3), rate_hz)
    given = (guess_KJ3, root_path(known_KJ3[:, None], rate_hz)[:, 0], np.nan_to_num(length_N))
    guess, root, lengths = (torch.from_numpy(each.astype(np.float32))[None] for each in given)
    hidden = torch.from_numpy(missing_KJ)[None]

    def by_paper(rows_BW: Int) -> Tensor:
        assert isinstance(network, Network)
        x_BWJ3, place = encode_3d(guess[0, rows_BW].to(device), root[0, rows_BW].to(device), network.config.space)
        world_BWJ3 = to_world(network.masked(x_BWJ3, hidden[0, rows_BW].to(device)).float(), place)
        return torch.as_tensor((world_BWJ3 - root[0, rows_BW][:, :, None].to(device)).flatten(2))

    if not isinstance(network, RepairNetwork):
        return by_paper, np.tile(np.eye(3), (len(known_KJ3), 1, 1))
    stance = stand(guess, root)
    features_KN = observe(guess, hidden, stance, tensor_weights(~missing_KJ[None], rate_hz), lengths, rate_hz, network.config.riding)[0]

    def by_repair(rows_BW: Int) -> Tensor:
        features_BWN = features_KN[rows_BW].to(device)
        hidden_state_BWC, pose_BWJ3 = network.hidden_state_and_pose(features_BWN)
        apart_BWJ = torch.full(pose_BWJ3.shape[:-1], torch.nan)
        if mirrored:
            other_BWJ3 = mirror_pose(network(mirror_features(features_BWN)))
            apart_BWJ = (pose_BWJ3 - other_BWJ3).float().norm(dim=3)
            pose_BWJ3 = (pose_BWJ3 + other_BWJ3) / 2
        output_BWJ3 = torch.einsum("bwji,bwkj->bwki", stance.turn_BF33[0, rows_BW].to(device), pose_BWJ3)
        return torch.cat([output_BWJ3.flatten(2), apart_BWJ.to(output_BWJ3), hidden_state_BWC.float()], dim=2)

    return by_repair, stance.turn_BF33[0].numpy().astype(np.float64)


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bf16 where it helps and costs nothing that shows: on CUDA. On a CPU its rounding is millimetres."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def batches(begins_B: Int, progress: Progress | None, cancel: Cancel | None, verb: str) -> Iterator[Int]:
    """Raises Cancelled between batches."""
    for done in range(0, len(begins_B), BATCH):
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(done / len(begins_B), f"{verb} ({done} of {len(begins_B)} windows)")
        yield begins_B[done : done + BATCH]


def _sides(frames: int, length: int) -> tuple[int, int]:
    """Frames to put before and after a take that is shorter than a window, all of them hidden."""
    short = max(length - frames, 0)
    return short // 2, short - short // 2


def _near(begins_B: Int, length: int, wanted_K: Mask) -> Int:
    total_K = np.concatenate([[0], np.cumsum(wanted_K)])
    low_B = np.clip(begins_B - NEAR_FRAMES, 0, len(wanted_K))
    high_B = np.clip(begins_B + length + NEAR_FRAMES, 0, len(wanted_K))
    return begins_B[total_K[high_B] > total_K[low_B]]
