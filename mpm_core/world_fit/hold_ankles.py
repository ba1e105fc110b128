"""Resting ankles of a lifted take held in place, the legs bent to reach them.

F frames, J = 17 joints, A = 2 ankles; world axes, Z up, metres.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mpm_core.body.joints import LEGS
from mpm_core.fill.keep.fade import faded
from mpm_core.gaps import runs
from mpm_core.typing import Float
from mpm_core.world_fit.ankle_rests import Rest

REACH = 0.998  # of the leg's length: a leg is never stretched further
SINK_S = 0.1  # standard deviation of the smoothing of a root that is moved so that legs reach
SINK_ROUNDS = 4
LOWER_M = 0.02  # by which an ankle is at most lower than where it rests; real ones are in 1 to 7 % of the frames
BRIEF_S = 0.5  # an ankle that is lower for longer has left what was rested on; the lift's errors lasted up to 0.33 s in two real clips


def hold_ankles(xyz_FJ3: Float, rests: Sequence[Rest], level_N: Sequence[float | None], length_J: Float, rate_hz: float) -> Float:
    """Each ankle at one place during each of its rests, at the height level_N where that is not None; the root moved where a leg is too
    short.

    Before and after a rest the change fades, or turns into that of the next rest. Where a rest has a level, an ankle that sinks below the
    lowest rest by more than LOWER_M for less than BRIEF_S is held there; one that is lower for longer has left what was rested on, and is
    not moved. Bones keep length_J.
    """
    target_FA3 = np.stack([xyz_FJ3[:, ankle] for _, _, ankle in LEGS], axis=1)
    for number, (_, _, ankle) in enumerate(LEGS):
        mine = [(rest, level) for rest, level in zip(rests, level_N, strict=True) if rest.ankle == number]
        target_FA3[:, number] += _changes(xyz_FJ3[:, ankle], mine, rate_hz)
    if any(level is not None for level in level_N):
        lowest = min(float(np.median(target_FA3[rest.frames, rest.ankle, 2])) for rest in rests)
        for number in range(len(LEGS)):
            for start, stop in runs(target_FA3[:, number, 2] < lowest - LOWER_M):
                if stop - start < BRIEF_S * rate_hz:
                    target_FA3[start:stop, number, 2] = lowest - LOWER_M
    out_FJ3 = xyz_FJ3.copy()
    for _ in range(SINK_ROUNDS):
        short_F3 = _shortfall(out_FJ3, target_FA3, length_J)
        if not short_F3.any():
            break
        wide_F3 = gaussian_filter1d(short_F3, SINK_S * rate_hz, axis=0, mode="nearest")
        out_FJ3 = out_FJ3 + wide_F3[:, None]
    for number, leg in enumerate(LEGS):
        _bend(out_FJ3, leg, target_FA3[:, number], length_J)
    return out_FJ3


def _changes(ankle_F3: Float, rests: Sequence[tuple[Rest, float | None]], rate_hz: float) -> Float:
    """(F, 3) from where the ankle is to where it should be: constant places in rests, faded or interpolated between them."""
    change_F3, known_F = np.zeros(ankle_F3.shape), np.zeros(len(ankle_F3), bool)
    for rest, level in rests:
        place_3 = np.median(ankle_F3[rest.frames], axis=0)
        if level is not None:
            place_3[2] = level
        change_F3[rest.frames] = place_3 - ankle_F3[rest.frames]
        known_F[rest.frames] = True
    return faded(change_F3, known_F, rate_hz)


def _shortfall(xyz_FJ3: Float, target_FA3: Float, length_J: Float) -> Float:
    """(F, 3) by which the root has to move for every leg to reach: the greater of both legs' shortfalls along each of them."""
    total_F3 = np.zeros((len(xyz_FJ3), 3))
    worst_F = np.zeros(len(xyz_FJ3))
    for number, (hip, knee, ankle) in enumerate(LEGS):
        along_F3 = target_FA3[:, number] - xyz_FJ3[:, hip]
        far_F = np.linalg.norm(along_F3, axis=1)
        over_F = np.maximum(far_F - REACH * (length_J[knee] + length_J[ankle]), 0)
        more_F = over_F > worst_F
        total_F3 = np.where(more_F[:, None], along_F3 * (over_F / np.maximum(far_F, 1e-9))[:, None], total_F3)
        worst_F = np.maximum(worst_F, over_F)
    return total_F3


def _bend(xyz_FJ3: Float, leg: tuple[int, ...], target_F3: Float, length_J: Float) -> None:
    """The knee moved within the plane in which it bends, so that the ankle is at the target, or as near as the leg reaches. In place."""
    hip, knee, ankle = leg
    thigh, shank = length_J[knee], length_J[ankle]
    along_F3 = target_F3 - xyz_FJ3[:, hip]
    far_F = np.linalg.norm(along_F3, axis=1)
    far_F1 = np.clip(far_F, abs(thigh - shank) + 1e-6, REACH * (thigh + shank))[:, None]
    unit_F3 = along_F3 / np.maximum(far_F, 1e-9)[:, None]
    bent_F3 = xyz_FJ3[:, knee] - xyz_FJ3[:, hip]
    aside_F3 = bent_F3 - (bent_F3 * unit_F3).sum(axis=1, keepdims=True) * unit_F3
    aside_F3 /= np.maximum(np.linalg.norm(aside_F3, axis=1, keepdims=True), 1e-9)
    cos_F1 = np.clip((thigh**2 + far_F1**2 - shank**2) / (2 * thigh * far_F1), -1, 1)
    xyz_FJ3[:, knee] = xyz_FJ3[:, hip] + thigh * (cos_F1 * unit_F3 + np.sqrt(1 - cos_F1**2) * aside_F3)
    xyz_FJ3[:, ankle] = xyz_FJ3[:, hip] + far_F1 * unit_F3
