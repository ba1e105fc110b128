"""Filled joints moved so that bones keep their lengths. F frames, J joints, B bones, R frames with a filled joint; metres."""

from __future__ import annotations

import numpy as np

from mpm_core.gaps import known
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Float, Mask

Bones = tuple[tuple[int, int], ...]  # parent, child
STEPS, STILL_M = 80, 1e-5  # at most, and the error of a frame's worst bone at which the frame is left
TINY_M = 1e-6


def measured_lengths(joints_FJ3: Float, bones: Bones) -> Float:
    """(F, B) distance from parent to child; NaN where either joint is missing (NaN).

    >>> import numpy as np
    >>> measured_lengths(np.array([[[0.0, 0, 0], [0, 0, 2]]]), ((0, 1),))
    array([[2.]])
    """
    parents, children = (list(ends) for ends in zip(*bones, strict=True))
    return np.asarray(np.linalg.norm(joints_FJ3[:, children] - joints_FJ3[:, parents], axis=2))


def bone_lengths(joints_FJ3: Float, bones: Bones) -> Float:
    """(F, B) bone lengths, interpolated linearly over frames in which an end is missing; NaN for a bone that is never known."""
    frames, out_FB = np.arange(len(joints_FJ3)), measured_lengths(joints_FJ3, bones)
    for length_F in out_FB.T:
        known_F = np.isfinite(length_F)
        if known_F.any():
            length_F[:] = np.interp(frames, frames[known_F], length_F[known_F])
    return out_FB


def bone_tolerance(joints_FJ3: Float, bones: Bones) -> Float:
    """(B,) half the range of the middle 90 % of a bone's measured lengths, metres; zero for a bone that is never known."""
    length_FB = measured_lengths(joints_FJ3, bones)
    tolerance_B, known_B = np.zeros(len(bones)), np.isfinite(length_FB).any(axis=0)
    low_B, high_B = np.nanpercentile(length_FB[:, known_B], [5, 95], axis=0)
    tolerance_B[known_B] = (high_B - low_B) / 2
    return tolerance_B


def typical_lengths(joints_FJ3: Float, skeleton: Skeleton) -> Float:
    """(B,) median length of each bone; of a bone that is never known, that of its mirror image; NaN where neither is known."""
    length_FB = measured_lengths(joints_FJ3, skeleton.bones)
    length_B, known_B = np.full(len(skeleton.bones), np.nan), np.isfinite(length_FB).any(axis=0)
    length_B[known_B] = np.nanmedian(length_FB[:, known_B], axis=0)
    by_child = {child: length for (_, child), length in zip(skeleton.bones, length_B, strict=True)}
    mirrored_B = np.array([by_child.get(skeleton.mirror[child], np.nan) for _, child in skeleton.bones])
    return np.where(np.isfinite(length_B), length_B, mirrored_B)


def keep_lengths(filled_FJ3: Float, joints_FJ3: Float, bones: Bones) -> Float:
    """Filled joints moved, as little as possible, so that each bone has its length beside the gap, within its tolerance.

    joints_FJ3: NaN where the joint was filled; known joints do not move. The error of each bone is divided between its filled ends, at most
    STEPS times (position-based dynamics, Mueller et al. 2007). Bones between known joints, and bones that are never known, are ignored.
    """
    length_FB, tolerance_B = bone_lengths(joints_FJ3, bones), bone_tolerance(joints_FJ3, bones)
    adjusted_FJ3, free_FJ = filled_FJ3.copy(), ~known(joints_FJ3)
    placed_FJ = known(filled_FJ3)
    links = []
    for (parent, child), length_F, tolerance in zip(bones, length_FB.T, tolerance_B, strict=True):
        free_F2 = free_FJ[:, [parent, child]].astype(np.float64)
        frames = np.flatnonzero(free_F2.any(axis=1) & placed_FJ[:, parent] & placed_FJ[:, child] & np.isfinite(length_F))
        links.append((parent, child, frames, length_F, tolerance, free_F2))
    moving_F: Mask = np.asarray(free_FJ.any(axis=1))
    for _ in range(STEPS):
        worst_F = np.zeros(len(filled_FJ3))
        for parent, child, frames, length_F, tolerance, free_F2 in links:
            rows = frames[moving_F[frames]]
            if not len(rows):
                continue
            along_R3, free_R2 = adjusted_FJ3[rows, child] - adjusted_FJ3[rows, parent], free_F2[rows]
            now_R = np.maximum(np.linalg.norm(along_R3, axis=1), TINY_M)
            error_R = now_R - length_F[rows]
            excess_R = np.maximum(np.abs(error_R) - tolerance, 0.0)
            worst_F[rows] = np.maximum(worst_F[rows], excess_R)
            move_R3 = (np.sign(error_R) * excess_R / (now_R * free_R2.sum(axis=1)))[:, None] * along_R3
            adjusted_FJ3[rows, parent] += free_R2[:, :1] * move_R3
            adjusted_FJ3[rows, child] -= free_R2[:, 1:] * move_R3
        moving_F = np.asarray(worst_F > STILL_M)
    return adjusted_FJ3
