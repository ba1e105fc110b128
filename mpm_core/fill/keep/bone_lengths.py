"""Bones that keep their length where joints were filled. F frames, J joints, B bones; metres."""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Float

Bones = tuple[tuple[int, int], ...]  # parent, child
STEPS = 80
TINY_M = 1e-6


def measured_lengths(joints_FJ3: Float, bones: Bones) -> Float:
    """(F, B) from each parent to its child; NaN where either is unknown (NaN)."""
    parents, children = (list(ends) for ends in zip(*bones, strict=True))
    return np.asarray(np.linalg.norm(joints_FJ3[:, children] - joints_FJ3[:, parents], axis=2))


def bone_lengths(joints_FJ3: Float, bones: Bones) -> Float:
    """(F, B) lengths, straight in time between the frames in which both ends are known (NaN); NaN for a bone that is never seen whole."""
    frames, out_FB = np.arange(len(joints_FJ3)), measured_lengths(joints_FJ3, bones)
    for length_F in out_FB.T:
        seen_F = np.isfinite(length_F)
        if seen_F.any():
            length_F[:] = np.interp(frames, frames[seen_F], length_F[seen_F])
    return out_FB


def bone_give(joints_FJ3: Float, bones: Bones) -> Float:
    """(B,) metres to either side that hold 90 % of a bone's measured lengths; zero for one that is never seen whole."""
    length_FB = measured_lengths(joints_FJ3, bones)
    give_B, whole_B = np.zeros(len(bones)), np.isfinite(length_FB).any(axis=0)
    low_B, high_B = np.nanpercentile(length_FB[:, whole_B], [5, 95], axis=0)
    give_B[whole_B] = (high_B - low_B) / 2
    return give_B


def usual_lengths(joints_FJ3: Float, skeleton: Skeleton) -> Float:
    """(B,) the median length of each bone; of one that is never seen whole that of the other side; NaN where neither is."""
    length_FB = measured_lengths(joints_FJ3, skeleton.bones)
    length_B, whole_B = np.full(len(skeleton.bones), np.nan), np.isfinite(length_FB).any(axis=0)
    length_B[whole_B] = np.nanmedian(length_FB[:, whole_B], axis=0)
    of_child = {child: length for (_, child), length in zip(skeleton.bones, length_B, strict=True)}
    other_B = np.array([of_child.get(skeleton.mirror[child], np.nan) for _, child in skeleton.bones])
    return np.where(np.isfinite(length_B), length_B, other_B)


def keep_lengths(filled_FJ3: Float, joints_FJ3: Float, bones: Bones) -> Float:
    """Filled joints moved as little as it takes for bones to have the length that they have beside the gap, give or take what it varies by.

    joints_FJ3: NaN = was filled; what is known does not move. Each bone's error is shared between its free ends, over and over
    (position-based dynamics, Mueller et al. 2007). Bones between joints that are both known, or never seen whole, ask for nothing.
    """
    free_FJ = (~known(joints_FJ3)).astype(np.float64)
    length_FB, give_B = bone_lengths(joints_FJ3, bones), bone_give(joints_FJ3, bones)
    out_FJ3 = filled_FJ3.copy()
    rows_F = np.flatnonzero(free_FJ.any(axis=1))
    moving_FJ3 = out_FJ3[rows_F]
    for _ in range(STEPS if len(rows_F) else 0):
        for bone, (parent, child) in enumerate(bones):
            along_R3 = moving_FJ3[:, child] - moving_FJ3[:, parent]
            now_R = np.maximum(np.linalg.norm(along_R3, axis=1), TINY_M)
            share_R = free_FJ[rows_F, parent] + free_FJ[rows_F, child]
            off_R = np.nan_to_num(now_R - length_FB[rows_F, bone])
            wrong_R = np.sign(off_R) * np.maximum(np.abs(off_R) - give_B[bone], 0.0) / (now_R * np.maximum(share_R, 1.0))
            move_R3 = np.nan_to_num(wrong_R[:, None] * along_R3)  # an end that is neither known nor filled moves nothing
            moving_FJ3[:, parent] += free_FJ[rows_F, parent, None] * move_R3
            moving_FJ3[:, child] -= free_FJ[rows_F, child, None] * move_R3
    out_FJ3[rows_F] = moving_FJ3
    return out_FJ3
