"""The motion of a hierarchy between its frames. N positions in time, J joints, C channels."""

from __future__ import annotations

import numpy as np

from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.rigs.rotations import euler_angles, euler_matrices
from mpm_core.typing import Float, Floating


def values_between(rig: Rig, position_N: Floating) -> Float:
    """(N, C) channel values at positions in time, counted in frames of the rig (0 to the last one).

    Each joint's rotation is on the shortest way between those of the two frames around (slerp), position channels on a straight line.

    >>> channels = (("Xposition", "Zrotation"),)
    >>> rig = Rig(("hip",), (-1,), np.zeros((1, 3)), channels, np.array([[0.0, 350.0], [1.0, 10.0]]), np.array([False]))
    >>> values_between(rig, np.array([0.5])).round(6).tolist() == [[0.5, 0.0]]
    True
    """
    from scipy.spatial.transform import Rotation  # here, because reading and drawing a BVH do not need it

    before_N = np.floor(position_N).astype(np.int64)
    after_N = np.minimum(before_N + 1, len(rig.values_FC) - 1)
    share_N1 = (position_N - before_N)[:, None]
    first_NC, last_NC = rig.values_FC[before_N], rig.values_FC[after_N]
    values_NC = first_NC + share_N1 * (last_NC - first_NC)
    for axes, rotations, *_ in channel_columns(rig):
        if axes:
            first_N33 = euler_matrices(first_NC[:, rotations], axes)
            turned_N33 = first_N33.transpose(0, 2, 1) @ euler_matrices(last_NC[:, rotations], axes)
            part_N33 = Rotation.from_rotvec(share_N1 * Rotation.from_matrix(turned_N33).as_rotvec()).as_matrix()
            values_NC[:, rotations] = euler_angles(first_N33 @ part_N33, axes)
    return np.asarray(values_NC)
