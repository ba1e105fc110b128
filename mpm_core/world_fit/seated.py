"""The legs of somebody who sits, where no keypoint shows them. F frames, J = 17 joints."""

from __future__ import annotations

from mpm_core.body.joints import LEGS
from mpm_core.fill.keep.fade import faded
from mpm_core.typing import Float, Mask
from mpm_core.world_fit.balance import ahead
from mpm_core.world_fit.bones import bone_lengths


def with_seated_legs(pose_FJ3: Float, sigma_FJ: Float, unseen_FJ: Mask, up_3: Float, rate_hz: float) -> Float:
    """The poses with thighs level and ahead where the knee is not seen, and shanks upright where the ankle is not; lengths stay.

    Before and after the frames in which a leg is seen the change fades. sigma_FJ: metres, by which the lengths are measured. up_3: unit
    vector in the poses' axes.
    """
    length_J, out_FJ3 = bone_lengths(pose_FJ3, sigma_FJ), pose_FJ3.copy()
    for hip, knee, ankle in LEGS:
        seat_F3 = pose_FJ3[:, hip] + length_J[knee] * ahead(pose_FJ3, up_3)
        out_FJ3[:, knee] += faded(seat_F3 - pose_FJ3[:, knee], unseen_FJ[:, knee], rate_hz)
        foot_F3 = out_FJ3[:, knee] - length_J[ankle] * up_3
        out_FJ3[:, ankle] += faded(foot_F3 - pose_FJ3[:, ankle], unseen_FJ[:, ankle], rate_hz)
    return out_FJ3
