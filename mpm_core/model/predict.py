"""Running a model over a take of any length and rate. F native frames, K model frames, B windows, W window length, J = 17 joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d
from torch import Tensor

from mpm_core.body import body17
from mpm_core.bones import usual_lengths
from mpm_core.edit.fill import carried
from mpm_core.errors import Cancelled, ModelError
from mpm_core.gaps import frames_away, known, widened
from mpm_core.model.build import AnyNetwork
from mpm_core.model.checkpoint import Model
from mpm_core.model.direct import DirectNetwork
from mpm_core.model.encode import carry, encode_2d, encode_3d, root_path, to_world
from mpm_core.model.network import Network
from mpm_core.model.observe import mirror_features, mirror_pose, observe, stand
from mpm_core.model.repair import RepairNetwork
from mpm_core.model.resample import from_model_rate, to_model_rate
from mpm_core.model.windows import Blend, rows, starts
from mpm_core.progress import Cancel, Progress

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]
COMPLETING = ("complete", "repair")
BATCH = 32
OVERLAP = 3  # every frame is seen by this many windows
OVERLAP_MIRRORED = 2  # or by this many, and by as many in a mirror: measured better, for a third more work
BRIDGE_S = 0.5
SMOOTH_S = 0.05  # standard deviation of the Gaussian
MARGIN_FRAMES = 4  # gaps are this much wider to the network: where its error is measured, it must not see the joint
NEAR_FRAMES = 6  # a window this near to a gap takes part, so that the error at the gap's edges is known


def predict_joints(
    joints_FJ3: Float,
    rate_hz: float,
    model: Model,
    *,
    wanted_F: Mask | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Float:
    """The model's own idea of every joint (F, J, 3), metres, before the donor step; NaN in frames far from any that is wanted.

    joints_FJ3: NaN = hidden. wanted_F: frames to predict (None = those in which a joint is hidden).

    Raises ModelError for a model of another task, Cancelled.
    """
    config = model.network.config
    if config.task not in COMPLETING:
        raise ModelError(f"this model is for {config.task!r}, not for completion", where=model.path)
    wanted_F = np.asarray(~known(joints_FJ3).all(axis=1)) if wanted_F is None else wanted_F
    known_KJ3 = to_model_rate(joints_FJ3, rate_hz, config.rate_hz)
    wanted_K = _at_model_rate(wanted_F, rate_hz, config.rate_hz, len(known_KJ3))
    before, after = _sides(len(known_KJ3), config.frames)
    known_KJ3 = np.pad(known_KJ3, ((before, after), (0, 0), (0, 0)), constant_values=np.nan)
    wanted_K = np.pad(wanted_K, (before, after))
    frames = len(known_KJ3)
    overlap = OVERLAP_MIRRORED if config.task == "repair" else OVERLAP
    begins_B = _near_gaps(starts(frames, config.frames, config.frames // overlap), config.frames, wanted_K)
    device = next(model.network.parameters()).device
    say = _speaker(model.network, known_KJ3, usual_lengths(joints_FJ3, body17()))
    blend = Blend(frames, config.joints, 3)
    for begin_B in _batches(begins_B, progress, cancel, "completing"):
        rows_BW, inside_BW = rows(begin_B, config.frames, frames)
        with torch.inference_mode(), autocast(device):
            said_BWJ3 = say(rows_BW)
        blend.add(rows_BW, inside_BW, said_BWJ3.cpu().numpy().astype(np.float64))
    relative_KJ3 = blend.mean()[before : frames - after]
    covered_K = np.asarray(known(relative_KJ3).all(axis=1))
    relative_FJ3 = from_model_rate(np.nan_to_num(relative_KJ3), len(joints_FJ3), rate_hz, config.rate_hz)
    near_F = np.clip(np.round(np.arange(len(joints_FJ3)) * config.rate_hz / rate_hz).astype(np.int64), 0, len(covered_K) - 1)
    return np.where(covered_K[near_F][:, None, None], root_path(joints_FJ3[:, None], rate_hz) + relative_FJ3, np.nan)


def _speaker(network: AnyNetwork, known_KJ3: Float, length_N: Float) -> Callable[[NDArray[np.int64]], Tensor]:
    """What is asked for windows (rows of model frames, (B, W)) and tells their joints (B, W, J, 3) from the root along the world's axes.

    length_N: the bones' lengths, NaN = unknown.
    """
    device, rate_hz = next(network.parameters()).device, network.config.rate_hz
    hidden_KJ = widened(~known(known_KJ3), MARGIN_FRAMES)
    guess_KJ3 = carried(known_KJ3, known(known_KJ3), rate_hz)
    given = (guess_KJ3, root_path(known_KJ3[:, None], rate_hz)[:, 0], np.nan_to_num(length_N))
    guess, root, lengths = (torch.from_numpy(each.astype(np.float32))[None] for each in given)
    hidden = torch.from_numpy(hidden_KJ)[None]

    def by_paper(rows_BW: NDArray[np.int64]) -> Tensor:
        assert isinstance(network, Network)
        x_BWJ3, place = encode_3d(guess[0, rows_BW].to(device), root[0, rows_BW].to(device), network.config.space)
        return to_world(network.masked(x_BWJ3, hidden[0, rows_BW].to(device)).float(), place) - root[0, rows_BW][:, :, None].to(device)

    if not isinstance(network, RepairNetwork):
        return by_paper
    stance = stand(guess, root)
    features_KN = observe(guess, hidden, stance, carry(~hidden_KJ[None], rate_hz), lengths, rate_hz, network.config.riding)[0]

    def by_repair(rows_BW: NDArray[np.int64]) -> Tensor:
        features_BWN = features_KN[rows_BW].to(device)
        pose_BWJ3 = (network(features_BWN) + mirror_pose(network(mirror_features(features_BWN)))) / 2
        return torch.einsum("bwji,bwkj->bwki", stance.turn_BF33[0, rows_BW].to(device), pose_BWJ3)

    return by_repair


def _sides(frames: int, length: int) -> tuple[int, int]:
    """Frames to put before and after a take that is shorter than a window, all of them hidden."""
    short = max(length - frames, 0)
    return short // 2, short - short // 2


def lift_joints(
    xy_FJ2: Float,
    rate_hz: float,
    image_wh: tuple[int, int],
    model: Model,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> tuple[Float, Float]:
    """Root-relative 3D joints (F, J, 3), metres, camera axes (x right, y down, z forward), from pixels (NaN = not seen), and sigma (F, J),
    metres per axis, NaN where the network says nothing of it.

    Whole windows that overlap, not one for each frame. Keypoints unseen for up to BRIDGE_S are bridged in 2D first, longer gaps are hidden
    from the network. The result is smoothed over SMOOTH_S, since the keypoints' own jitter would go straight into it.
    Raises ModelError for a model of another task, Cancelled.
    """
    config = model.network.config
    if config.task != "lift":
        raise ModelError(f"this model is for {config.task!r}, not for lifting", where=model.path)
    seen_KJ2 = to_model_rate(xy_FJ2, rate_hz, config.rate_hz)
    near_KJ = frames_away(known(seen_KJ2)) / config.rate_hz <= (BRIDGE_S if config.partial else np.inf)
    seen_KJ2 = carried(seen_KJ2, known(seen_KJ2), config.rate_hz)
    device = next(model.network.parameters()).device
    size = torch.tensor(image_wh, dtype=torch.float32, device=device)
    blend = Blend(len(seen_KJ2), config.joints, 4)
    for begin_B in _batches(starts(len(seen_KJ2), config.frames, config.frames // OVERLAP), progress, cancel, "lifting"):
        rows_BW, inside_BW = rows(begin_B, config.frames, len(seen_KJ2))
        xy_BWJ2 = torch.from_numpy(seen_KJ2[rows_BW].astype(np.float32)).to(device)
        hidden_BWJ = torch.from_numpy(~near_KJ[rows_BW]).to(device)
        with torch.inference_mode(), autocast(device):
            said_BWJ4 = _lift(model.network, encode_2d(xy_BWJ2, size), hidden_BWJ if config.partial else None)
        blend.add(rows_BW, inside_BW, said_BWJ4.cpu().numpy().astype(np.float64))
    said_KJ4 = blend.mean()
    pose_KJ3 = gaussian_filter1d(said_KJ4[..., :3], SMOOTH_S * config.rate_hz, axis=0, mode="nearest")
    said_KJ4[..., :3] = pose_KJ3 - pose_KJ3[:, :1]
    said_FJ4 = from_model_rate(said_KJ4, len(xy_FJ2), rate_hz, config.rate_hz)
    return said_FJ4[..., :3], np.exp(said_FJ4[..., 3]) if config.direct else np.full(xy_FJ2.shape[:2], np.nan)


def _lift(network: AnyNetwork, x_BWJ2: Tensor, hidden_BWJ: Tensor | None) -> Tensor:
    """(B, W, J, 4): joints, and the logarithm of sigma (0 of a network that says nothing of it)."""
    if isinstance(network, DirectNetwork):
        pose_BWJ3, sigma_BWJ = network(x_BWJ2, hidden_BWJ)
        return torch.cat([pose_BWJ3, sigma_BWJ.log()[..., None]], -1)
    assert isinstance(network, Network)
    pose_BWJ3 = network.sequence(network.share(x_BWJ2, hidden_BWJ)).float()
    return torch.cat([pose_BWJ3, torch.zeros_like(pose_BWJ3[..., :1])], -1)


def autocast(device: torch.device) -> AbstractContextManager[object]:
    """bf16 where it helps and costs nothing that shows: on CUDA. On a CPU its rounding is millimetres."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def _at_model_rate(wanted_F: NDArray[np.bool_], rate_hz: float, model_hz: float, frames: int) -> NDArray[np.bool_]:
    """(K,) the model frames next to wanted native frames."""
    nearest_F = np.minimum(np.rint(np.arange(len(wanted_F)) * model_hz / rate_hz).astype(np.int64), frames - 1)
    wanted_K = np.zeros(frames, bool)
    np.logical_or.at(wanted_K, nearest_F, wanted_F)
    return wanted_K


def _near_gaps(begins_B: NDArray[np.int64], length: int, wanted_K: NDArray[np.bool_]) -> NDArray[np.int64]:
    total_K = np.concatenate([[0], np.cumsum(wanted_K)])
    low_B = np.clip(begins_B - NEAR_FRAMES, 0, len(wanted_K))
    high_B = np.clip(begins_B + length + NEAR_FRAMES, 0, len(wanted_K))
    return begins_B[total_K[high_B] > total_K[low_B]]


def _batches(begins_B: NDArray[np.int64], progress: Progress | None, cancel: Cancel | None, verb: str) -> Iterator[NDArray[np.int64]]:
    for done in range(0, len(begins_B), BATCH):
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(done / len(begins_B), f"{verb} ({done} of {len(begins_B)} windows)")
        yield begins_B[done : done + BATCH]
