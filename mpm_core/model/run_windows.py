"""A network applied to a whole take at the model's rate, in windows.

K model frames, B windows, W window length, J = 17 joints, C channels.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, fields

import numpy as np
import torch

from mpm_core.errors import Cancelled
from mpm_core.fill.hermite import interpolate
from mpm_core.gaps import known, widened
from mpm_core.model.encode import root_path
from mpm_core.model.network_protocol import Network, TakeInput, WindowTensors
from mpm_core.model.window_blending import Blend, rows, starts
from mpm_core.progress import Cancel, Progress
from mpm_core.typing import Float, Int, Mask

BATCH = 32
MARGIN_FRAMES = 4  # gaps are widened by this for the network: it must not use the samples at which its error is measured
NEAR_FRAMES = 6  # windows this near to a wanted frame are predicted, too, for the error at the gap's edges


@dataclass(frozen=True, slots=True)
class WindowOutput:
    """The windows of a take blended; NaN in frames without a window, None if the network has no such output.

    joints_KJ3: metres relative to the root, along the world's axes (the camera's, when lifting). log_sigma_KJ: logarithm of sigma, metres
    per axis. mirror_KJ: distance to the output for the mirrored windows, metres. hidden_state_KC: activations after half of the layers.
    turn_K33: world -> the axes in which residuals are fitted. rest_K2: log-odds that the left and the right ankle is at rest.
    """

    joints_KJ3: Float
    log_sigma_KJ: Float | None
    mirror_KJ: Float | None
    hidden_state_KC: Float | None
    turn_K33: Float
    rest_K2: Float | None = None

    def rows(self, start: int, stop: int) -> WindowOutput:
        """The output for frames start..stop-1."""
        optional = (None if value is None else value[start:stop] for value in (self.log_sigma_KJ, self.mirror_KJ, self.hidden_state_KC))
        sigma, mirror, hidden = optional
        rest = None if self.rest_K2 is None else self.rest_K2[start:stop]
        return WindowOutput(self.joints_KJ3[start:stop], sigma, mirror, hidden, self.turn_K33[start:stop], rest)


def complete_windows(
    known_KJ3: Float,
    wanted_K: Mask,
    length_N: Float,
    network: Network,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    mirrored: bool = True,
    overlap: int | None = None,
) -> WindowOutput:
    """Completion by the windows near wanted frames. known_KJ3: metres, NaN = missing. length_N: bone lengths, metres, NaN = unknown.

    mirrored: average with the mirrored windows, where the network can. overlap: windows over each frame; None = the network's own. Raises
    Cancelled.
    """
    length, rate_hz = network.config.frames, network.config.rate_hz
    before, after = _padding(len(known_KJ3), length)
    known_KJ3 = np.pad(known_KJ3, ((before, after), (0, 0), (0, 0)), constant_values=np.nan)
    starts_B = starts(len(known_KJ3), length, length // (overlap or network.overlap))
    starts_B = _near_wanted(starts_B, length, np.pad(wanted_K, (before, after)))
    take = TakeInput(
        interpolate(known_KJ3, known(known_KJ3), rate_hz),
        widened(~known(known_KJ3), MARGIN_FRAMES),
        root_path(known_KJ3[:, None], rate_hz)[:, 0],
        np.nan_to_num(length_N),
    )
    output = slide(network, take, starts_B, progress, cancel, "completing", mirrored)
    return output.rows(before, len(known_KJ3) - after)


def slide(
    network: Network,
    take: TakeInput,
    starts_B: Int,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
    verb: str = "reading",
    mirrored: bool = True,
) -> WindowOutput:
    """The network applied to the windows that start at starts_B, overlapping ones blended.

    verb: for the progress text. Raises Cancelled.
    """
    frames, device = len(take.xyz_KJD), next(network.parameters()).device
    reader = network.read_windows(take, mirrored)
    blends = {"joints_BWJ3": Blend(frames, take.xyz_KJD.shape[1], 3)}
    for batch_B in _batches(starts_B, progress, cancel, verb):
        rows_BW, inside_BW = rows(batch_B, network.config.frames, frames)
        with torch.inference_mode(), _autocast(device):
            output = reader.read(rows_BW)
        for name in (field.name for field in fields(WindowTensors)):
            value = getattr(output, name)
            if value is not None:
                blend = blends.setdefault(name, Blend(frames, *value.shape[2:]))
                blend.add(rows_BW, inside_BW, value.float().cpu().numpy().astype(np.float64))  # numpy has no bf16
    mean = {name: blend.mean() for name, blend in blends.items()}
    sigma, mirror, hidden, rest = (mean.get(name) for name in ("log_sigma_BWJ", "mirror_BWJ", "hidden_state_BWC", "rest_BW2"))
    return WindowOutput(mean["joints_BWJ3"], sigma, mirror, hidden, reader.turn_K33, rest)


def _autocast(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 on CUDA, where it is faster. On a CPU its rounding errors are millimetres."""
    return torch.autocast("cuda", torch.bfloat16) if device.type == "cuda" else nullcontext()


def _batches(starts_B: Int, progress: Progress | None, cancel: Cancel | None, verb: str) -> Iterator[Int]:
    """Raises Cancelled between batches."""
    for start in range(0, len(starts_B), BATCH):
        if cancel is not None and cancel():
            raise Cancelled
        if progress is not None:
            progress(start / len(starts_B), f"{verb} ({start} of {len(starts_B)} windows)")
        yield starts_B[start : start + BATCH]


def _padding(frames: int, length: int) -> tuple[int, int]:
    """Missing frames to add before and after a take that is shorter than a window."""
    padding = max(length - frames, 0)
    return padding // 2, padding - padding // 2


def _near_wanted(starts_B: Int, length: int, wanted_K: Mask) -> Int:
    """The windows with a wanted frame within NEAR_FRAMES."""
    total_K = np.concatenate([[0], np.cumsum(wanted_K)])
    low_B = np.clip(starts_B - NEAR_FRAMES, 0, len(wanted_K))
    high_B = np.clip(starts_B + length + NEAR_FRAMES, 0, len(wanted_K))
    return starts_B[total_K[high_B] > total_K[low_B]]
