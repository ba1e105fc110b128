"""Markers as rigid points of body segments. F frames, P points, S segments, N frames used.

The segment of a marker is found from its motion, so this works for any marker set.
"""

from __future__ import annotations

import numpy as np

from mpm_core.body.axes import segment_axes
from mpm_core.linalg.subsample import subsample
from mpm_core.typing import Float, Floating, Int, Mask

MOST_FRAMES = 2000  # used to estimate a marker's position on a segment
DISTANCE_COST = 0.03  # metres of spread per metre of distance: of two equally rigid segments the nearer is preferred
LARGEST_RMS_M = 0.15  # a marker that moves more than this on every segment is not on this body (a ball, another player)
LEAST_SHARE = 0.3  # frames in which a segment must be known, relative to the segment known most


def markers_from_joints(xyz_FPD: Floating, visible_FP: Mask, joints_FJ3: Float) -> Float:
    """(F, P, 3) positions of the markers, metres, from their mean position on the segment relative to which they move least.

    joints_FJ3: 17 joints, metres. NaN where that segment is unknown, for markers never visible together with a segment, and for markers
    that are on no segment (a ball, another player).
    """
    segment_P, place_P3, (origin_FS3, axes_FS33) = place_markers(xyz_FPD, visible_FP, joints_FJ3)
    out_FP3 = np.full((*visible_FP.shape, 3), np.nan)
    for point in np.flatnonzero(segment_P >= 0):
        segment = segment_P[point]
        out_FP3[:, point] = origin_FS3[:, segment] + np.einsum("fij,j->fi", axes_FS33[:, segment], place_P3[point])
    return out_FP3


def place_markers(xyz_FPD: Floating, visible_FP: Mask, joints_FJ3: Float) -> tuple[Int, Float, tuple[Float, Float]]:
    """Each marker's segment (P,) in SEGMENTS, -1 = none, its mean position there (P, 3) in metres, and the segments' origins and axes."""
    origin_FS3, axes_FS33 = segment_axes(np.asarray(joints_FJ3, np.float64))
    segment_P, place_P3 = np.full(visible_FP.shape[1], -1), np.full((visible_FP.shape[1], 3), np.nan)
    for point in np.flatnonzero(visible_FP.any(axis=0)):
        frames = np.flatnonzero(visible_FP[:, point])
        frames = frames[subsample(len(frames), MOST_FRAMES)]
        offset_NS3 = np.asarray(xyz_FPD[frames, point], np.float64)[:, None] - origin_FS3[frames]
        local_NS3 = np.einsum("nsij,nsi->nsj", axes_FS33[frames], offset_NS3)
        segment_P[point], place_P3[point] = _most_rigid(local_NS3)
    return segment_P, place_P3, (origin_FS3, axes_FS33)


def _most_rigid(local_NS3: Float) -> tuple[int, Float]:
    """The segment relative to which a marker moves least, and its mean position there; -1 when there is none."""
    known_NS = np.asarray(np.isfinite(local_NS3).all(axis=2))
    count_S = known_NS.sum(axis=0)
    if not count_S.any():
        return -1, np.full(3, np.nan)
    clean_NS3 = np.where(known_NS[:, :, None], local_NS3, 0)
    mean_S3 = clean_NS3.sum(axis=0) / np.maximum(count_S, 1)[:, None]
    square_S = (np.where(known_NS[:, :, None], local_NS3 - mean_S3, 0) ** 2).sum(axis=(0, 2)) / np.maximum(count_S, 1)
    cost_S = np.sqrt(square_S) + DISTANCE_COST * np.linalg.norm(mean_S3, axis=1)
    cost_S[(count_S < LEAST_SHARE * count_S.max()) | (square_S > LARGEST_RMS_M**2)] = np.inf
    segment = int(np.argmin(cost_S)) if np.isfinite(cost_S).any() else -1
    return segment, mean_S3[segment]
