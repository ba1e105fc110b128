"""Rotations of a hierarchy that look wrong: turned over for a while, or held. F frames, G = F - 1 steps between them, J joints.

Positions show these badly: a hand that is turned over about its own bone moves no joint, and an arm whose rotations are held still moves
with the body.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from mpm_core.counted import counted
from mpm_core.gaps import runs
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.rigs.rotations import euler_matrices
from mpm_core.skeleton import downwards, upwards
from mpm_core.suspect.kinds import Suspect
from mpm_core.typing import Float, Int, Mask

LEAST_DEG = 15.0  # smallest step of a joint that is turned over
ALONE, BESIDE = 4.0, 2  # times the steps beside it, of how many on each side: joints speed up, they do not leap
TURNED_S = 1.0  # longest time that a joint is turned over
ALIKE = 0.5  # of the larger step, which the smaller one is at least: what leaps back leaps about as far
HELD_S, HELD_FRAMES = 0.1, 6  # shortest time that rotations are held, and fewest frames
HELD_LEAP_DEG = 2.0  # smallest step with which a held joint goes on
TOGETHER = 0.5  # of the joints that turn: if as many leap or are held together, the take was cut, or stood still
Channels = Sequence[tuple[str, Int]]  # for each joint: rotation axes in order ("ZXY") and their columns in values_FC


def rotations(rec: Recording) -> list[Suspect]:
    """Every stretch in which a joint of a hierarchy is turned over or held. Its points are those that the joint places."""
    rig = rec.rig
    if rig is None or rec.frames < 2 * BESIDE + 3:
        return []
    channels = [(axes, columns) for axes, columns, *_ in channel_columns(rig)]
    step_GJ = _steps(rec, rig, channels)
    return [*_turned_over(rec, rig, channels, step_GJ), *_held_rotations(rec, rig, channels, step_GJ)]


def _turned_over(rec: Recording, rig: Rig, channels: Channels, step_GJ: Float) -> list[Suspect]:
    """Every joint whose rotation leaps away from one frame to the next and back within TURNED_S."""
    leap_GJ = step_GJ >= np.maximum(LEAST_DEG, ALONE * _largest_step_beside(step_GJ))
    leap_GJ &= ~_together(leap_GJ, step_GJ)[:, None]
    found = []
    for joint in np.flatnonzero(leap_GJ.sum(axis=0) >= 2).tolist():
        leaps, used = np.flatnonzero(leap_GJ[:, joint]).tolist(), -1
        for out, back in pairwise(leaps):
            size, larger = sorted(step_GJ[[out, back], joint].tolist())
            if out <= used or back - out > TURNED_S * rec.rate_hz or size < ALIKE * larger:
                continue
            used = back
            why = f"{rig.names[joint]} is turned by {size:.0f}° for {counted(back - out, 'frame')}"
            found.append(Suspect("rotation", _moved_by(rig, joint), out + 1, back + 1, size / LEAST_DEG, why))
    return found


def _held_rotations(rec: Recording, rig: Rig, channels: Channels, step_GJ: Float) -> list[Suspect]:
    """Every stretch in which a joint's rotations are the same to the bit while others turn, and from or to which it leaps."""
    least = max(HELD_FRAMES, round(HELD_S * rec.rate_hz))
    same_GC = np.diff(rig.values_FC, axis=0) == 0
    same_GJ = np.stack([same_GC[:, columns].all(axis=1) for _, columns in channels], axis=1) & np.isfinite(step_GJ)
    turns_J = ~same_GJ.all(axis=0) & np.isfinite(step_GJ).any(axis=0)
    still_G = same_GJ[:, turns_J].mean(axis=1) > TOGETHER if turns_J.any() else np.ones(len(same_GJ), bool)
    stretches: dict[tuple[int, int, int], float] = {}
    for joint in np.flatnonzero(turns_J).tolist():
        for start, stop in runs(same_GJ[:, joint] & ~still_G):
            long_enough = stop - start >= least and _goes_on_with_a_leap(step_GJ[:, joint], start, stop)
            if long_enough and not _elsewhere(rig.values_FC[:, channels[joint][1]], start, stop):
                stretches[joint, start, stop] = (stop - start) / least
    found = []
    for (joint, start, stop), score in stretches.items():
        if not any((above, start, stop) in stretches for above in upwards(rig.parents, rig.parents[joint])):
            moved = _moved_by(rig, joint)
            also = sum((below, start, stop) in stretches for below in moved)
            who = rig.names[joint] + (f" and {also} of the joints below it keep" if also else " keeps")
            why = f"{who} the same rotation for {counted(stop - start + 1, 'frame')}"
            found.append(Suspect("rotation", moved, start, stop + 1, score, why))
    return found


def _steps(rec: Recording, rig: Rig, channels: Channels) -> Float:
    """(G, J) degrees from each frame to the next; NaN for joints without rotations, and where a point that it turns is not measured."""
    out_GJ = np.full((rec.frames - 1, len(rig.names)), np.nan)
    measured_FP = rec.origin_FP == Origin.MEASURED
    for joint, of_joint in enumerate(channels):
        children = list(rig.children(joint))
        if of_joint[0] and children:
            known_F = measured_FP[:, children].all(axis=1)
            out_GJ[:, joint] = np.where(known_F[:-1] & known_F[1:], _steps_of(rig.values_FC, of_joint), np.nan)
    return out_GJ


def _steps_of(values_FC: Float, of_joint: tuple[str, Int]) -> Float:
    """(G,) degrees that a joint turns from each of these frames to the next."""
    axes, columns = of_joint
    rot_F33 = euler_matrices(values_FC[:, columns], axes)
    trace_G = np.einsum("gij,gij->g", rot_F33[:-1], rot_F33[1:])
    return np.asarray(np.degrees(np.arccos(np.clip((trace_G - 1) / 2, -1.0, 1.0))))


def _largest_step_beside(step_GJ: Float) -> Float:
    """(G, J) the largest of the steps beside each, itself left out."""
    padded_GJ = np.pad(np.nan_to_num(step_GJ), ((BESIDE, BESIDE), (0, 0)))
    G = len(step_GJ)
    return np.asarray(np.max([padded_GJ[BESIDE + shift : BESIDE + shift + G] for shift in range(-BESIDE, BESIDE + 1) if shift], axis=0))


def _together(leap_GJ: Mask, step_GJ: Float) -> Mask:
    """(G,) steps in which more than a share TOGETHER of the turning joints leap: the take was cut there."""
    turning = int((np.nan_to_num(step_GJ) > 0).any(axis=0).sum())
    return np.asarray(leap_GJ.sum(axis=1) > TOGETHER * max(turning, 1))


def _goes_on_with_a_leap(step_G: Float, start: int, stop: int) -> bool:
    """Whether the step before or after steps start..stop-1 is large, and larger than the ones beyond it: what starts to turn speeds up."""
    sides = [step_G[max(start - 1 - BESIDE, 0) : start][::-1], step_G[stop : stop + 1 + BESIDE]]
    return any(len(side) > 1 and side[0] >= max(HELD_LEAP_DEG, 2 * np.nan_to_num(side[1:]).max()) for side in sides)


def _elsewhere(value_FC: Float, start: int, stop: int) -> bool:
    """Whether the rotation of steps start..stop-1 is there in other frames, too: then it is a limit of the joint, as of a straight knee."""
    same_F = (value_FC == value_FC[start]).all(axis=1)
    same_F[start : stop + 1] = False
    return bool(same_F.any())


def _moved_by(rig: Rig, joint: int) -> tuple[int, ...]:
    """The joints below a joint: what its rotation places."""
    return tuple(each for each in downwards(rig.parents, joint) if each != joint)
