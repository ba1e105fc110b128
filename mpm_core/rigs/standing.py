"""Joints above the body that stand still, as the root of many game skeletons does. F frames, J joints, C channels."""

from __future__ import annotations

import numpy as np

from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import channel_columns
from mpm_core.typing import Mask

NEAR_M = 1e-4


def standing(rig: Rig) -> Mask:
    """(J,) joints with channels whose values are the same in all frames of the file, with all joints above them; none in one frame.

    >>> channels = (("Zrotation",), ("Xposition", "Yposition", "Zposition"), ("Zrotation",))
    >>> values_FC = np.array([[0.0, 1, 2, 3, 0], [0, 2, 2, 3, 0]])
    >>> standing(Rig(("root", "pelvis", "spine"), (-1, 0, 1), np.ones((3, 3)), channels, values_FC, np.zeros(3, bool))).tolist()
    [True, False, False]
    """
    standing_J = np.zeros(len(rig.names), bool)
    for joint, (parent, (_, rotations, _, positions)) in enumerate(zip(rig.parents, channel_columns(rig), strict=True)):
        if parent < 0 or standing_J[parent]:
            value_FC = rig.values_FC[:, [*rotations, *positions]]
            standing_J[joint] = value_FC.shape[1] > 0 and len(value_FC) > 1 and bool((value_FC == value_FC[0]).all())
    return standing_J


def still(rec: Recording, rig: Rig, changed_FJ: Mask, stands_FJ: Mask, moves_FJ: Mask) -> Mask:
    """(F, J) the changed samples of standing joints that the file's own values hold: those of stands_FJ, and those that are where the joint
    stands, but none of moves_FJ.
    """
    still_FJ = np.zeros_like(changed_FJ)
    for joint in np.flatnonzero(standing(rig) & changed_FJ.any(axis=0)):
        measured = np.flatnonzero(~changed_FJ[:, joint])
        if len(measured):
            there_F = np.linalg.norm(rec.xyz_FPD[:, joint] - rec.xyz_FPD[measured[0], joint], axis=1) < NEAR_M
            still_FJ[:, joint] = changed_FJ[:, joint] & (there_F | stands_FJ[:, joint]) & ~moves_FJ[:, joint]
    return still_FJ
