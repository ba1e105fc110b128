"""One skeleton for a whole take: bones of constant length, the same left and right. F frames, J = 17 joints, B = 16 bones; metres."""

from __future__ import annotations

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.errors import DataError
from mpm_core.typing import Float

SURE_SHARE = 0.5  # share of the frames, those in which the child is surest, that a bone is measured in
ANKLE_HEIGHT = 0.05  # height of an ankle over the floor, as a share of the body height
SHORTEST_M = 1e-6  # a bone shorter than this has no direction


def bone_lengths(pose_FJ3: Float, sigma_FJ: Float) -> Float:
    """(J,) length of the bone to each joint's parent, 0 for the root: the median of the surest frames, the mean of left and right.

    >>> import numpy as np
    >>> bool((bone_lengths(np.zeros((3, 17, 3)), np.ones((3, 17))) == 0).all())
    True
    """
    body = body17()
    length_J = np.zeros(len(body.names))
    unsure_FJ = np.nan_to_num(sigma_FJ, nan=1.0)
    for parent, child in body.bones:
        length_F = np.linalg.norm(pose_FJ3[:, child] - pose_FJ3[:, parent], axis=1)
        sure_F = unsure_FJ[:, child] <= np.quantile(unsure_FJ[:, child], SURE_SHARE)
        length_J[child] = np.median(length_F[sure_F])
    mean_J = (length_J + length_J[list(body.mirror)]) / 2
    return np.asarray(mean_J)


def body_height(pose_FJ3: Float) -> float:
    """Standing height in metres, by the median lengths of the bones.

    >>> import numpy as np
    >>> body_height(np.zeros((1, 17, 3)))
    0.0
    """
    return standing_height(bone_lengths(pose_FJ3, np.ones(pose_FJ3.shape[:2])))


def with_lengths(xyz_FJ3: Float, length_J: Float) -> Float:
    """The joints moved along their bones from the root outwards, so that every bone has its length; directions are kept."""
    out_FJ3 = xyz_FJ3.copy()
    for parent, child in body17().bones:  # each parent before its children
        along_F3 = xyz_FJ3[:, child] - xyz_FJ3[:, parent]
        long_F1 = np.linalg.norm(along_F3, axis=1, keepdims=True)
        out_FJ3[:, child] = out_FJ3[:, parent] + along_F3 * (length_J[child] / np.maximum(long_F1, SHORTEST_M))
    return out_FJ3


def standing_height(length_J: Float) -> float:
    """Metres: the lengths of head, neck, spine and a leg, and the height of an ankle over the floor."""
    names = body17().names
    chain = ("head_top", "neck", "thorax", "spine", "left_knee", "left_ankle")
    return float(sum(length_J[names.index(name)] for name in chain)) / (1 - ANKLE_HEIGHT)


def scale_to_height(length_J: Float, height_m: float) -> float:
    """By what bones are to be multiplied so that the body is so tall. Raises DataError where it has no height before or after.

    >>> import numpy as np
    >>> scale_to_height(np.full(17, 0.3), 2 * standing_height(np.full(17, 0.3)))
    2.0
    """
    before_m = standing_height(length_J)
    if not (before_m > 0 and height_m > 0):
        raise DataError(
            "the poses have no height: all joints of the legs, the spine and the head are in one place", hint="check the keypoints"
        )
    return height_m / before_m
