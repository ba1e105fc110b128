"""A prediction brought together with what was measured. F frames, J = 17 joints; metres, Z up.

First each joint that is hidden moves with the nearest joints that are not: a network is off by much the same at neighbours. Then what is
still off at a gap's edges is carried across it, in axes that go with the body: head and arms ride on the torso, a wrist on its upper arm.
Legs stand on the ground, so theirs turns with the body about the vertical alone, and an ankle follows its neighbours only by half.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.sparse.csgraph import shortest_path

from mpm_core.body.axes import HEAD_TOP, HIP, L_ANKLE, L_ELBOW, L_WRIST, NECK, R_ANKLE, R_ELBOW, R_WRIST, riding_axes
from mpm_core.body.mapping import body17
from mpm_core.fill.hermite import ERROR, correct_edges
from mpm_core.gaps import known, missing_runs, widened
from mpm_core.typing import Float, Int, Mask

RIDING = (NECK, HEAD_TOP, L_ELBOW, L_WRIST, R_ELBOW, R_WRIST)
GROUNDED, GROUNDED_SHARE = (L_ANKLE, R_ANKLE), 0.5  # measured on held-out people


def follow_neighbours(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none), in and around each gap moved by what it is off by at the nearest joints along the skeleton that are
    known all that time; as it was where there are none, and for the hip, which all others are told from. joints_FJ3: NaN = hidden.
    """
    hidden_FJ = ~known(joints_FJ3)
    off_FJ3, out_FJ3 = joints_FJ3 - predicted_FJ3, predicted_FJ3.copy()
    edge = round(ERROR.slope_s * rate_hz) + 2  # where the error at a gap's edges is measured, too
    joint_G, start_G, stop_G = missing_runs(~widened(hidden_FJ, edge))
    before_FJ = np.concatenate([np.zeros((1, hidden_FJ.shape[1]), np.int64), np.cumsum(hidden_FJ, axis=0)])
    share_GJ = neighbour_shares(joint_G, before_FJ[start_G] == before_FJ[stop_G])
    for joint, start, stop, share_J in zip(joint_G, start_G, stop_G, share_GJ, strict=True):
        near = np.flatnonzero(share_J)
        out_FJ3[start:stop, joint] += np.einsum("fjd,j->fd", off_FJ3[start:stop, near], share_J[near])
    return out_FJ3


def match_edges(predicted_FJ3: Float, joints_FJ3: Float, rate_hz: float) -> Float:
    """The prediction (NaN = none) plus its error at each gap's edges, in position and velocity, carried across the gap.

    joints_FJ3: NaN = hidden; what is known comes back as it is.
    """
    axes_FJ33 = riding_axes(correct_edges(predicted_FJ3, joints_FJ3, rate_hz))
    level_J = np.isin(np.arange(joints_FJ3.shape[1]), RIDING, invert=True)
    axes_FJ33[:, level_J] = axes_FJ33[:, [HIP]]
    to_body = "fjkd,fjk->fjd"
    turned_FJ3 = correct_edges(np.einsum(to_body, axes_FJ33, predicted_FJ3), np.einsum(to_body, axes_FJ33, joints_FJ3), rate_hz)
    return np.where(known(joints_FJ3)[..., None], joints_FJ3, np.einsum("fjdk,fjk->fjd", axes_FJ33, turned_FJ3))


def neighbour_shares(joint_G: Int, able_GJ: Mask) -> Float:
    """(G, J) by how much each of G joints moves with others: evenly with the able ones that are fewest bones away, an ankle by half, the
    hip and those that no able joint is joined to not at all."""
    away_GJ = np.where(able_GJ, _bones_between()[joint_G], np.inf)
    nearest_GJ = np.isfinite(away_GJ) & (away_GJ == away_GJ.min(axis=1, keepdims=True))
    whole_G = np.where(np.isin(joint_G, GROUNDED), GROUNDED_SHARE, 1.0) * (joint_G != HIP)
    return np.asarray(nearest_GJ * (whole_G / np.maximum(nearest_GJ.sum(axis=1), 1))[:, None])


@cache
def _bones_between() -> Float:
    """(J, J) how many bones lie between two joints."""
    joined_JJ = np.zeros((len(body17().names),) * 2, bool)
    joined_JJ[tuple(np.transpose(body17().bones))] = True
    return np.asarray(shortest_path(joined_JJ, directed=False, unweighted=True))
