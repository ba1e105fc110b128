"""A prediction brought together with what was measured. F frames, J = 17 joints; metres, Z up.

First each joint that is hidden moves with the nearest joints that are not: a network is off by much the same at neighbours. Then what is
still off at a gap's edges is carried across it, in axes that go with the body: head and arms ride on the torso, a wrist on its upper arm.
Legs stand on the ground, so theirs turns with the body about the vertical alone, and an ankle follows its neighbours only by half.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from mpm_core.body import body17
from mpm_core.body_axes import HEAD_TOP, HIP, L_ANKLE, L_ELBOW, L_WRIST, NECK, R_ANKLE, R_ELBOW, R_WRIST, riding_axes
from mpm_core.edit.across import ERROR, donor
from mpm_core.gaps import hidden_runs, known, widened

Float = NDArray[np.float64]
Mask = NDArray[np.bool_]

RIDING = (NECK, HEAD_TOP, L_ELBOW, L_WRIST, R_ELBOW, R_WRIST)
GROUNDED, GROUNDED_SHARE = (L_ANKLE, R_ANKLE), 0.5  # measured on held-out people


def attached(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none), in and around each gap moved by what it is off by at the nearest joints along the skeleton that are
    known all that time; as it was where there are none, and for the hip, which all others are told from. joints_FJ3: NaN = hidden.
    """
    hidden_FJ = ~known(joints_FJ3)
    off_FJ3, out_FJ3 = joints_FJ3 - predicted_FJ3, predicted_FJ3.copy()
    edge = round(ERROR.slope_s * rate_hz) + 2  # where the error at a gap's edges is measured, too
    for joint, start, stop in zip(*hidden_runs(~widened(hidden_FJ, edge)), strict=True):
        near = _nearest(int(joint), np.asarray(~hidden_FJ[start:stop].any(axis=0)))
        if near and joint != HIP:
            share = GROUNDED_SHARE if joint in GROUNDED else 1.0
            out_FJ3[start:stop, joint] += share * off_FJ3[start:stop, near].mean(axis=1)
    return out_FJ3


def met(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none) plus its error at each gap's edges, in position and velocity, carried across the gap.

    joints_FJ3: NaN = hidden; what is known comes back as it is.
    """
    axes_FJ33 = riding_axes(donor(predicted_FJ3, joints_FJ3, rate_hz))
    level_J = np.isin(np.arange(joints_FJ3.shape[1]), RIDING, invert=True)
    axes_FJ33[:, level_J] = axes_FJ33[:, [HIP]]
    to_body = "fjkd,fjk->fjd"
    turned_FJ3 = donor(np.einsum(to_body, axes_FJ33, predicted_FJ3), np.einsum(to_body, axes_FJ33, joints_FJ3), rate_hz)
    return np.where(known(joints_FJ3)[..., None], joints_FJ3, np.einsum("fjdk,fjk->fjd", axes_FJ33, turned_FJ3))


def _nearest(joint: int, able_J: Mask) -> list[int]:
    """The able joints that are fewest bones away, all of them; none if there are none."""
    beside_JJ = np.zeros((len(able_J), len(able_J)), bool)
    for bone in body17().bones:
        beside_JJ[bone, bone[::-1]] = True
    reached_J = np.arange(len(able_J)) == joint
    while not (reached_J & able_J).any():
        further_J = reached_J | beside_JJ[reached_J].any(axis=0)
        if (further_J == reached_J).all():
            return []
        reached_J = further_J
    return np.flatnonzero(reached_J & able_J).tolist()
