"""Gaussian process regression on poses and times: the mean of two processes, which err differently.

Rasmussen and Williams, Gaussian Processes for Machine Learning, 2006. N frames to learn from, R rows (those, then the frames to predict),
M coordinates of a pose, X values, B rows of a block.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from mpm_core.typing import Float

POSE_M = 0.3  # standard deviation of what varies with the pose
REACH = 3.0  # length scale of poses, in standard deviations of the poses
NEAR_REACH = 2.0  # the same in the process of near poses and frames
NEAR_M, NEAR_GAPS = 0.1, 4.0  # of the process of near poses: its standard deviation, and its length scale in time in gap lengths
TIME_M, TIME_S = 0.005, 1.0  # and of what varies with time
NOISE_M = 0.002
BLOCK = 2048  # rows that are compared with those learned at once
Covariance = Callable[[slice, Float], Float]
"""Some rows, and their times (B, N) from the first N in seconds -> covariance (B, N) of the poses with the first N, square metres."""


def expected(pose_RM: Float, time_s_R: Float, value_NX: Float, gap_s: float) -> Float:
    """The values (R - N, X) expected in all rows but the first N, from those in the first N; metres. gap_s: length of the longest gap.

    The mean of two processes. One varies with the pose, the same throughout the take. In the other, poses are near by what the values
    follow in them, and those near in time count more.
    """
    N, mean_X = len(value_NX), value_NX.mean(axis=0)
    centred_NX = value_NX - mean_X
    near_RM = _with_linear(pose_RM, centred_NX)
    processes = (
        _of_poses(pose_RM, N, REACH * spread(pose_RM[:N]), None),
        _of_poses(near_RM, N, NEAR_REACH * spread(near_RM[:N]), NEAR_GAPS * gap_s),
    )
    return np.asarray(mean_X + _predicted(processes, time_s_R, centred_NX) / len(processes))


def _of_poses(pose_RM: Float, N: int, reach: float, near_s: float | None) -> Covariance:
    """A squared exponential of the poses, and a product of the poses, so that what grows with a pose goes on beyond those that were seen.

    near_s: length scale in time, seconds, of a third term, the squared exponential times a Matern function of the times; None = without it.
    """
    square_R, reach = (pose_RM**2).sum(axis=1), max(reach, NOISE_M)

    def covariance(rows: slice, lag_s_BN: Float) -> Float:
        product_BN = pose_RM[rows] @ pose_RM[:N].T
        near_BN = np.maximum(square_R[rows, None] + square_R[:N] - 2 * product_BN, 0.0)
        near_BN /= -2 * reach**2
        np.exp(near_BN, out=near_BN)
        product_BN *= (POSE_M / reach) ** 2
        product_BN += near_BN * (POSE_M**2 if near_s is None else POSE_M**2 + NEAR_M**2 * _matern(lag_s_BN, near_s))
        return np.asarray(product_BN)

    return covariance


def _predicted(processes: Sequence[Covariance], time_s_R: Float, centred_NX: Float) -> Float:
    """The sum of the processes' means in all rows but the first N, with a Matern function of the times in the covariance of each."""
    from scipy.linalg import cho_factor, cho_solve

    N, R = len(centred_NX), len(time_s_R)

    def covariances(rows: slice) -> Iterator[Float]:
        lag_s_BN = np.abs(time_s_R[rows, None] - time_s_R[:N])
        of_time_BN = TIME_M**2 * _matern(lag_s_BN, TIME_S)
        return (process(rows, lag_s_BN) + of_time_BN for process in processes)

    noise_NN = NOISE_M**2 * np.eye(N)
    weights = [cho_solve(cho_factor(cov_NN + noise_NN, overwrite_a=True), centred_NX) for cov_NN in covariances(slice(N))]
    blocks = (slice(first, first + BLOCK) for first in range(N, R, BLOCK))
    return np.concatenate(
        [np.sum([cov_BN @ weight_NX for cov_BN, weight_NX in zip(covariances(rows), weights, strict=True)], axis=0) for rows in blocks]
    )


def _with_linear(pose_RM: Float, centred_NX: Float) -> Float:
    """The poses, and as further coordinates the values' prediction that is linear in them, scaled to the spread of the poses."""
    from scipy.linalg import cho_factor, cho_solve

    N, of_pose = len(centred_NX), spread(pose_RM[: len(centred_NX)])
    scale = (POSE_M / max(REACH * of_pose, NOISE_M)) ** 2
    weight_NX = cho_solve(cho_factor(scale * pose_RM[:N] @ pose_RM[:N].T + NOISE_M**2 * np.eye(N)), centred_NX)
    linear_RX = pose_RM @ (pose_RM[:N].T @ weight_NX)
    of_linear = spread(linear_RX[:N])
    return np.concatenate([pose_RM, linear_RX * (of_pose / of_linear if of_linear > 0 else 0.0)], axis=1)


def spread(value_NX: Float) -> float:
    """Root of the mean squared length of the rows.

    >>> import numpy as np
    >>> spread(np.array([[3.0, 4.0], [-3.0, -4.0]]))
    5.0
    """
    return float(np.sqrt((value_NX**2).sum(axis=1).mean()))


def _matern(lag_s: Float, scale_s: float) -> Float:
    """The Matern function of order 3/2 of times, with a length scale in seconds."""
    scaled = (np.sqrt(3) / scale_s) * lag_s
    near = np.exp(-scaled)
    near *= 1 + scaled
    return np.asarray(near)
