"""The sample as a BVH's rig: centimetres, Y up, MotionBuilder's joint names. J joints, F frames.

A body frame (x forward, y left, z up) becomes BVH's (X left, Y up, Z forward); the world's (x, y, z) becomes (x, z, -y).
Rotations are Z, X, Y; those of thighs and shanks X, Y, Z, which keeps a hip or knee bent by 90 degrees away from gimbal lock.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.rig import Rig
from mpm_core.sample.anatomy import NAMES, OFFSETS_J3, PARENTS
from mpm_core.sample.motion import Motion
from mpm_core.typing import Float

BODY_TO_BVH_33 = np.array([[0.0, 1, 0], [0, 0, 1], [1, 0, 0]])
WORLD_TO_BVH_33 = np.array([[1.0, 0, 0], [0, 0, 1], [0, -1, 0]])
CM = 100.0


def bvh_rig(motion: Motion) -> Rig:
    """The hierarchy with the whole motion."""
    is_end_J = np.array([name.endswith("End") for name in NAMES])
    offsets_J3 = OFFSETS_J3 @ BODY_TO_BVH_33.T * CM
    offsets_J3[0] = 0
    moves = ("Xposition", "Yposition", "Zposition")
    channels = [() if is_end_J[joint] else tuple(f"{axis}rotation" for axis in _order(joint)) for joint in range(len(NAMES))]
    root_F3 = motion.positions_FJ3[:, 0] @ WORLD_TO_BVH_33.T * CM
    values_FC = np.concatenate([root_F3, *(_angles(motion, joint) for joint in range(len(NAMES)) if channels[joint])], axis=1)
    return Rig(NAMES, PARENTS, offsets_J3, (moves + channels[0], *channels[1:]), values_FC, is_end_J)


def _order(joint: int) -> str:
    return "XYZ" if NAMES[joint].endswith("Leg") else "ZXY"


def _angles(motion: Motion, joint: int) -> Float:
    """(F, 3) degrees in the joint's order, without jumps of a whole turn."""
    turned_F33 = motion.rotations_FJ33[:, joint]
    if joint:
        local_F33 = BODY_TO_BVH_33 @ motion.rotations_FJ33[:, PARENTS[joint]].transpose(0, 2, 1) @ turned_F33 @ BODY_TO_BVH_33.T
    else:
        local_F33 = WORLD_TO_BVH_33 @ turned_F33 @ BODY_TO_BVH_33.T
    angles_F3 = Rotation.from_matrix(local_F33).as_euler(_order(joint))
    return np.asarray(np.degrees(np.unwrap(angles_F3, axis=0)))
