"""What is cut out of a take before anybody learns from it: T-poses, solver flips, gaps, collapsed or still stretches, scraps.

F frames, J = 17 joints, metres, Z up.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.gaps import known, runs
from mpm_core.typing import Floating, Mask

FASTEST_M_S = 15.0  # no joint of a person is faster for longer than a strike takes; solver flips are
SHORTEST_S = 0.5
BLEND_S = 0.1  # conversions fade from the T-pose into the motion over some frames
STILL_M = 0.01
COLLAPSED = (("left_shoulder", "right_shoulder", 0.15), ("hip", "thorax", 0.25))  # nearer than this share of a leg: a broken solve
T_ARM_DEG, T_LEG_DEG, T_BEND_DEG = 20.0, 20.0, 20.0
ARMS = (("left_shoulder", "left_elbow", "left_wrist"), ("right_shoulder", "right_elbow", "right_wrist"))
LEGS = (("left_hip", "left_knee", "left_ankle"), ("right_hip", "right_knee", "right_ankle"))


@dataclass(frozen=True, slots=True)
class Cut:
    """parts: (start, stop) of what is kept. The counts of frames left out, and parts, add up to the take; flips counts jumps.

    missing: a joint is; collapsed: shoulders or trunk are; still: nothing moves between two cuts; scraps: what is too short between two.
    """

    parts: tuple[tuple[int, int], ...]
    frames: int
    t_pose: int
    missing: int
    collapsed: int
    still: int
    scraps: int
    flips: int


def cut_up(xyz_FJ3: Floating, rate_hz: float) -> Cut:
    """Stretches of at least SHORTEST_S that begin and end outside a T-pose, without a missing joint or one faster than FASTEST_M_S."""
    F = len(xyz_FJ3)
    speed_F = np.linalg.norm(np.diff(xyz_FJ3, axis=0), axis=2).max(axis=1, initial=0.0) * rate_hz
    jump_F = np.concatenate([[False], speed_F > FASTEST_M_S])
    known_F = known(xyz_FJ3).all(axis=1)
    collapsed_F = known_F & collapsed(xyz_FJ3)
    good_F = known_F & ~collapsed_F
    first, last = _without_t_pose(t_pose(xyz_FJ3), jump_F, round(BLEND_S * rate_hz))
    inside_F = (np.arange(F) >= first) & (np.arange(F) < last)
    parts: list[tuple[int, int]] = []
    flips = scraps = still = 0
    for start, stop in runs(good_F & inside_F):
        at = start + 1 + np.flatnonzero(jump_F[start + 1 : stop])
        flips += len(at)
        for begin, end in pairwise([start, *at.tolist(), stop]):
            if end - begin < SHORTEST_S * rate_hz:
                scraps += int(end - begin)
            elif float(np.ptp(xyz_FJ3[begin:end], axis=0).max()) < STILL_M:
                still += int(end - begin)
            else:
                parts.append((int(begin), int(end)))
    missing, broken = (int((inside_F & bad_F).sum()) for bad_F in (~known_F, collapsed_F))
    return Cut(tuple(parts), F, F - int(inside_F.sum()), missing, broken, still, scraps, flips)


def collapsed(xyz_FJ3: Floating) -> Mask:
    """(F,) True where the shoulders, or hip and thorax, are nearer to each other than a person's can be; False where a joint is missing."""
    known_F: Mask = np.asarray(known(xyz_FJ3).all(axis=1))
    if not known_F.any():
        return known_F
    leg = min(_length(xyz_FJ3[known_F], [f"{side}_{joint}" for joint in ("hip", "knee", "ankle")]) for side in ("left", "right"))
    found_F = np.zeros(len(xyz_FJ3), bool)
    for one, other, least in COLLAPSED:
        a, b = (body17().names.index(name) for name in (one, other))
        found_F |= np.linalg.norm(xyz_FJ3[:, a] - xyz_FJ3[:, b], axis=1) < least * leg
    return found_F


def _length(xyz_FJ3: Floating, chain: list[str]) -> float:
    """Of a chain of joints, the median over frames."""
    joints = [body17().names.index(name) for name in chain]
    return float(np.median(sum(np.linalg.norm(xyz_FJ3[:, a] - xyz_FJ3[:, b], axis=1) for a, b in pairwise(joints))))


def t_pose(xyz_FJ3: Floating) -> Mask:
    """(F,) True where the arms are stretched out sideways and the legs stand straight down; False where a joint of them is missing."""
    t_pose_F = np.ones(len(xyz_FJ3), bool)
    sideways = []
    for names, lift_deg in (*((arm, 0.0) for arm in ARMS), *((leg, -90.0) for leg in LEGS)):
        joints = [body17().names.index(name) for name in names]
        upper_F3, lower_F3 = (_unit(xyz_FJ3[:, b] - xyz_FJ3[:, a]) for a, b in pairwise(joints))
        most = T_ARM_DEG if lift_deg == 0 else T_LEG_DEG
        for bone_F3 in (upper_F3, lower_F3):
            t_pose_F &= np.abs(np.degrees(np.arcsin(np.clip(bone_F3[:, 2], -1, 1))) - lift_deg) <= most
        t_pose_F &= (upper_F3 * lower_F3).sum(axis=1) >= np.cos(np.radians(T_BEND_DEG))
        sideways.append(upper_F3)
    return np.asarray(t_pose_F & ((sideways[0] * sideways[1]).sum(axis=1) <= -np.cos(np.radians(2 * T_BEND_DEG))))


def _unit(bone_F3: Floating) -> Floating:
    length_F1 = np.linalg.norm(bone_F3, axis=1, keepdims=True)
    return np.asarray(np.divide(bone_F3, length_F1, out=np.full_like(bone_F3, np.nan), where=length_F1 > 0))


def _without_t_pose(t_pose_F: Mask, jump_F: Mask, blend: int) -> tuple[int, int]:
    """(first, last) frame of what lies between a T-pose at the start and one at the end; `blend` more where it was left with a jump."""
    F = len(t_pose_F)
    poses = runs(t_pose_F)
    first, last = 0, F
    if poses and poses[0][0] == 0:
        first = poses[0][1]
        first += blend if first < F and jump_F[first] else 0
    if poses and poses[-1][1] == F:
        last = poses[-1][0]
        last -= blend if last > 0 and jump_F[last] else 0
    return (first, last) if first < last else (F, F)
