"""The rig as a recording's samples have it now: rotations solved anew where samples are not the rig's own. F frames, C channels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from mpm_core.recording import Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.rigs.solve import solved_FP, values_now

OWN_M = 1e-5  # a sample nearer to the rig's own motion needs no solving


def current_rig(rec: Recording, rig: Rig) -> Rig:
    """The rig itself where nothing was filled but its own motion. Raises DataError when it does not fit the recording."""
    changed_FP = solved_FP(rec)
    if not changed_FP.any():
        return rig
    if rec.xyz_FPD.shape[:2] == (len(rig.values_FC), len(rig.names)):
        own_FP3 = world_joint_positions(rig, rec.source.file_to_world_33)
        if not (changed_FP & (np.abs(own_FP3 - rec.xyz_FPD).max(axis=2) > OWN_M)).any():
            return rig
    return replace(rig, values_FC=values_now(replace(rec, rig=rig)))
