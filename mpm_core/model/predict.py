"""Running a model over a take of any length and rate. F native frames, K model frames, B windows, W window length, J = 17 joints."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d, maximum_filter1d

from mpm_core.edit.fill import carried
from mpm_core.errors import Cancelled, ModelError
from mpm_core.gaps import known
from mpm_core.model.checkpoint import Model
from mpm_core.model.encode import encode_2d, encode_3d, root_path, to_world
from mpm_core.model.resample import from_model_rate, to_model_rate
from mpm_core.model.sigma import seconds_to_edge
from mpm_core.model.windows import Blend, rows, starts

Float = NDArray[np.float64]
Progress = Callable[[float, str], None]
Cancel = Callable[[], bool]
BATCH = 32
OVERLAP = 3  # every frame is seen by this many windows
BRIDGE_S = 0.5
SMOOTH_S = 0.05  # standard deviation of the Gaussian
MARGIN_FRAMES = 4
NEAR_FRAMES = 6  # a window this near to a gap takes part, so that the error at the gap's edges is known


def predict_joints(
    joints_FJ3: Float,
    rate_hz: float,
    model: Model,
    *,
    wanted_F: NDArray[np.bool_] | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Float:
    """The model's own idea of every joint, metres, before the donor step; NaN in frames far from any that is wanted.

    joints_FJ3: NaN = hidden. wanted_F: frames to predict (None = those in which a joint is hidden).
    Raises ModelError for a model of another task, Cancelled.
    """
    config = model.network.config
    if config.task != "complete":
        raise ModelError(f"this model is for {config.task!r}, not for completion", where=model.path)
    known_KJ3 = to_model_rate(joints_FJ3, rate_hz, config.rate_hz)
    visible_KJ = known(known_KJ3)
    guess_KJ3 = carried(known_KJ3, visible_KJ, config.rate_hz)
    root_K3 = root_path(known_KJ3[:, None], config.rate_hz)[:, 0]
    hidden_KJ = widened(~visible_KJ, MARGIN_FRAMES)
    wanted_F = np.asarray(~known(joints_FJ3).all(axis=1)) if wanted_F is None else wanted_F
    wanted_K = _at_model_rate(wanted_F, rate_hz, config.rate_hz, len(guess_KJ3))
    begins_B = _near_gaps(starts(len(guess_KJ3), config.frames, config.frames // OVERLAP), config.frames, wanted_K)
    device = next(model.network.parameters()).device
    blend = Blend(len(guess_KJ3), config.joints, 3)
    for begin_B in _batches(begins_B, progress, cancel, "completing"):
        rows_BW, inside_BW = rows(begin_B, config.frames, len(guess_KJ3))
        guess_BWJ3 = torch.from_numpy(guess_KJ3[rows_BW].astype(np.float32)).to(device)
        hidden_BWJ = torch.from_numpy(hidden_KJ[rows_BW] | ~inside_BW[..., None]).to(device)
        with torch.inference_mode(), autocast(device):
            x_BWJ3, place = encode_3d(guess_BWJ3, torch.from_numpy(root_K3[rows_BW].astype(np.float32)).to(device), config.space)
            out_BWJ3 = model.network.masked(x_BWJ3, hidden_BWJ)
        offset_BWJ3 = to_world(out_BWJ3.float(), place) - place.root_BF3[:, :, None]
        blend.add(rows_BW, inside_BW, offset_BWJ3.cpu().numpy().astype(np.float64))
    relative_KJ3 = blend.mean()
    covered_K = np.asarray(known(relative_KJ3).all(axis=1))
    root_FJ3 = root_path(joints_FJ3[:, None], rate_hz)
    relative_FJ3 = from_model_rate(np.nan_to_num(relative_KJ3), len(joints_FJ3), rate_hz, config.rate_hz)
    near_K = np.clip(np.round(np.arange(len(joints_FJ3)) * config.rate_hz / rate_hz).astype(np.int64), 0, len(covered_K) - 1)
    return np.where(covered_K[near_K][:, None, None], root_FJ3 + relative_FJ3, np.nan)


def widened(hidden_FJ: NDArray[np.bool_], frames: int) -> NDArray[np.bool_]:
    """Every gap longer by `frames` on both sides: where its error is measured, the network must not see a joint."""
    return np.asarray(maximum_filter1d(hidden_FJ, 2 * frames + 1, axis=0, mode="constant", cval=0)) if frames else hidden_FJ


def lift_joints(
    xy_FJ2: Float,
    rate_hz: float,
    image_wh: tuple[int, int],
    model: Model,
    *,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Float:
    """Root-relative 3D joints, metres, camera axes (x right, y down, z forward), from pixels (NaN = not seen).

    By the sequence head in overlapping windows: measured no worse than the strided decoder's middle frames (see the model's card), with
    a window every 27 frames instead of one for each. Keypoints unseen for up to BRIDGE_S are bridged in 2D first, longer gaps are hidden
    from the network. The result is smoothed over SMOOTH_S, since the keypoints' own jitter would go straight into it.
    Raises ModelError for a model of another task, Cancelled.
    """
    config = model.network.config
    if config.task != "lift":
        raise ModelError(f"this model is for {config.task!r}, not for lifting", where=model.path)
    seen_KJ2 = to_model_rate(xy_FJ2, rate_hz, config.rate_hz)
    near_KJ = seconds_to_edge(known(seen_KJ2), config.rate_hz) <= (BRIDGE_S if config.partial else np.inf)
    seen_KJ2 = carried(seen_KJ2, known(seen_KJ2), config.rate_hz)
    device = next(model.network.parameters()).device
    size = torch.tensor(image_wh, dtype=torch.float32, device=device)
    blend = Blend(len(seen_KJ2), config.joints, 3)
    for begin_B in _batches(starts(len(seen_KJ2), config.frames, config.frames // OVERLAP), progress, cancel, "lifting"):
        rows_BW, inside_BW = rows(begin_B, config.frames, len(seen_KJ2))
        xy_BWJ2 = torch.from_numpy(seen_KJ2[rows_BW].astype(np.float32)).to(device)
        hidden_BWJ = torch.from_numpy(~near_KJ[rows_BW]).to(device)
        with torch.inference_mode(), autocast(device):
            shared_BWC = model.network.share(encode_2d(xy_BWJ2, size), hidden_BWJ if config.partial else None)
            out_BWJ3 = model.network.sequence(shared_BWC)
        blend.add(rows_BW, inside_BW, out_BWJ3.float().cpu().numpy().astype(np.float64))
    pose_KJ3 = gaussian_filter1d(blend.mean(), SMOOTH_S * config.rate_hz, axis=0, mode="nearest")
    return from_model_rate(pose_KJ3 - pose_KJ3[:, :1], len(xy_FJ2), rate_hz, config.rate_hz)


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
