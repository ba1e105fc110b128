"""Which way is up, by balance: on average the centre of mass of a person who stands or walks is above the feet.

F frames, J = 17 joints, A = 2 ankles; metres, any axes.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from mpm_core.body.centre_of_mass import centre_of_mass
from mpm_core.body.joints import L_ANKLE, L_HIP, L_KNEE, R_ANKLE, R_HIP
from mpm_core.typing import Float
from mpm_core.world_fit.ankle_rests import Rest

BALANCE_SIGMA = 0.045  # radians by which a person's mean is off, about each of two axes; measured on training subjects
BALANCE_OUTLIER = 3.0  # in BALANCE_SIGMA: the scale of Cauchy's weights; people lean against things
AHEAD = 0.06  # of the centre of mass, from the ankles to where the hips face, as a share of its height; measured there, too
UPRIGHT = 0.8  # height of the hips over a resting ankle, in leg lengths, from which somebody stands: who sits is held by the seat
SHORTEST_S = 1.0  # of standing, that says what is up


def balanced_up(pose_FJ3: Float, rests: Sequence[Rest], up_3: Float, length_J: Float, rate_hz: float) -> Float | None:
    """(3,) unit vector from the resting ankles to the centre of mass, less how far that is ahead of them; the mean over the frames in which
    somebody stands, None where they are fewer than SHORTEST_S.

    pose_FJ3: relative to the root. up_3: by which it is known who stands, and where ahead is. length_J: of the bone to each joint's parent.
    """
    at_rest_FA = np.zeros((len(pose_FJ3), 2))
    for rest in rests:
        at_rest_FA[rest.frames, rest.ankle] = 1.0
    feet_F = at_rest_FA.sum(axis=1)
    ankle_FA3 = pose_FJ3[:, [L_ANKLE, R_ANKLE]]
    support_F3 = np.einsum("fa,fad->fd", at_rest_FA, ankle_FA3) / np.maximum(feet_F, 1)[:, None]
    leg_m = length_J[L_KNEE] + length_J[L_ANKLE]
    stands_F = (feet_F > 0) & (-support_F3 @ up_3 > UPRIGHT * leg_m)
    if stands_F.sum() < SHORTEST_S * rate_hz:
        return None
    over_F3 = centre_of_mass(pose_FJ3) - support_F3
    mean_3 = (over_F3 - AHEAD * (over_F3 @ up_3)[:, None] * ahead(pose_FJ3, up_3))[stands_F].mean(axis=0)
    return np.asarray(mean_3 / np.linalg.norm(mean_3))


def ahead(pose_FJ3: Float, up_3: Float) -> Float:
    """(F, 3) level unit vectors to where the hips face; 0 where they are at one place."""
    ahead_F3 = np.cross(up_3, pose_FJ3[:, R_HIP] - pose_FJ3[:, L_HIP])
    return np.asarray(ahead_F3 / np.maximum(np.linalg.norm(ahead_F3, axis=1, keepdims=True), 1e-9))
