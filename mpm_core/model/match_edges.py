"""A prediction corrected by its error at known samples. F frames, J = 17 joints, G gaps; metres, Z up.

First, each missing joint is shifted by the error of the nearest visible joints, as the network's errors at neighbouring joints are similar.
Then the remaining error at the edges of each gap is interpolated across it, in axes that turn with the body: those of the torso for the
head and elbows, of the upper arm for a wrist. For the legs, which stand on the ground, the axes only turn about the vertical, and an ankle
is shifted by half of its neighbours' error.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.sparse.csgraph import shortest_path

from mpm_core.body.axes import joint_axes
from mpm_core.body.joints import HEAD_TOP, HIP, L_ANKLE, L_ELBOW, L_WRIST, NECK, R_ANKLE, R_ELBOW, R_WRIST, body17
from mpm_core.fill.hermite import ERROR, correct_edges
from mpm_core.gaps import known, missing_runs, widened
from mpm_core.typing import Float, Int, Mask

WITH_SEGMENT = (NECK, HEAD_TOP, L_ELBOW, L_WRIST, R_ELBOW, R_WRIST)
GROUNDED, GROUNDED_SHARE = (L_ANKLE, R_ANKLE), 0.5  # best on people outside the training data


def follow_neighbours(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none), shifted in and around each gap by its error at the nearest joints along the skeleton that are known
    throughout.

    Unchanged where no joint is, and for the hip, the root of the prediction. joints_FJ3: NaN = missing.
    """
    missing_FJ = ~known(joints_FJ3)
    error_FJ3, out_FJ3 = joints_FJ3 - predicted_FJ3, predicted_FJ3.copy()
    edge = round(ERROR.slope_s * rate_hz) + 2  # the frames used to measure the error at a gap's edges, too
    joint_G, start_G, stop_G = missing_runs(~widened(missing_FJ, edge))
    count_FJ = np.concatenate([np.zeros((1, missing_FJ.shape[1]), np.int64), np.cumsum(missing_FJ, axis=0)])
    share_GJ = neighbour_shares(joint_G, count_FJ[start_G] == count_FJ[stop_G])
    for joint, start, stop, share_J in zip(joint_G, start_G, stop_G, share_GJ, strict=True):
        neighbours = np.flatnonzero(share_J)
        out_FJ3[start:stop, joint] += np.einsum("fjd,j->fd", error_FJ3[start:stop, neighbours], share_J[neighbours])
    return out_FJ3


def match_edges(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none) minus its error at each gap's edges (position and velocity), interpolated across the gap.

    joints_FJ3: NaN = missing; known joints are returned unchanged.
    """
    axes_FJ33 = joint_axes(correct_edges(predicted_FJ3, joints_FJ3, rate_hz))
    level_J = np.isin(np.arange(joints_FJ3.shape[1]), WITH_SEGMENT, invert=True)
    axes_FJ33[:, level_J] = axes_FJ33[:, [HIP]]
    to_body = "fjkd,fjk->fjd"
    local_FJ3 = correct_edges(np.einsum(to_body, axes_FJ33, predicted_FJ3), np.einsum(to_body, axes_FJ33, joints_FJ3), rate_hz)
    return np.where(known(joints_FJ3)[..., None], joints_FJ3, np.einsum("fjdk,fjk->fjd", axes_FJ33, local_FJ3))


def neighbour_shares(joint_G: Int, visible_GJ: Mask) -> Float:
    """(G, J) weights of the joints' errors in the shift of G joints: equal among the visible joints that are the fewest bones away.

    They sum to 1, for an ankle to GROUNDED_SHARE, and to 0 for the hip and for joints without a visible joint.
    """
    bones_GJ = np.where(visible_GJ, _bones_between()[joint_G], np.inf)
    nearest_GJ = np.isfinite(bones_GJ) & (bones_GJ == bones_GJ.min(axis=1, keepdims=True))
    total_G = np.where(np.isin(joint_G, GROUNDED), GROUNDED_SHARE, 1.0) * (joint_G != HIP)
    return np.asarray(nearest_GJ * (total_G / np.maximum(nearest_GJ.sum(axis=1), 1))[:, None])


@cache
def _bones_between() -> Float:
    """(J, J) number of bones between two joints."""
    connected_JJ = np.zeros((len(body17().names),) * 2, bool)
    connected_JJ[tuple(np.transpose(body17().bones))] = True
    return np.asarray(shortest_path(connected_JJ, directed=False, unweighted=True))
