"""Joints moved from the network's pose towards their keypoints.

F frames, J = 17 joints; camera axes (x right, y down, z forward), metres.

Each bone is at first as the network says and uncertain by the sigma of its outer joint; each keypoint says where its joint is across the
view, to RAY_SIGMA. Their least-squares compromise is a linear system for each frame. Its unknowns are coupled along the bones alone, a
tree, so it is solved exactly from the outermost joints inwards and back.
"""

from __future__ import annotations

import numpy as np
from scipy.ndimage import gaussian_filter1d

from mpm_core.body.joints import body17
from mpm_core.gaps import known
from mpm_core.typing import Float
from mpm_core.world_fit.placing import RAY_OUTLIER, RAY_SIGMA, reprojection

SMOOTH_S = 0.05  # standard deviation of the smoothing over time of what joints miss their keypoints by
LEAST_SIGMA_M = 0.005  # of a bone
LENGTH_SIGMA_M = 0.01  # of the length of a bone that does not stretch


def follow_keypoints(
    pose_FJ3: Float, sigma_FJ: Float, root_F3: Float, ray_FJ2: Float, weight_FJ: Float, rate_hz: float, *, stretch: bool = False
) -> Float:
    """(F, J, 3) the poses, relative to a root at root_F3, moved towards their keypoints.

    sigma_FJ: metres per axis, NaN = unknown: as sure as a keypoint. ray_FJ2: keypoints in focal lengths from the middle of the image, NaN =
    missing. weight_FJ: of keypoints, 0..1; outliers count hardly. stretch: bones may change their lengths; otherwise they nearly keep them.
    """
    miss_FJ2 = -reprojection(pose_FJ3, root_F3, ray_FJ2)
    seen_FJ = known(miss_FJ2)
    miss_FJ2 = np.where(seen_FJ[..., None], miss_FJ2, 0.0)
    off_FJ = np.linalg.norm(miss_FJ2, axis=2) / RAY_SIGMA
    weight_FJ = np.where(seen_FJ, weight_FJ, 0.0) / (1 + (off_FJ / RAY_OUTLIER) ** 2) / RAY_SIGMA**2
    pull_FJ2 = _smoothed(weight_FJ[..., None] * miss_FJ2, rate_hz)
    normal_J33F, right_J3F = _across(_smoothed(weight_FJ, rate_hz), pull_FJ2, np.nan_to_num(ray_FJ2))
    moved_J3F = _solved(normal_J33F, right_J3F, _stiffness(pose_FJ3, sigma_FJ, stretch))
    return pose_FJ3 + moved_J3F.transpose(2, 0, 1)


def _smoothed(values: Float, rate_hz: float) -> Float:
    return np.asarray(gaussian_filter1d(values, SMOOTH_S * rate_hz, axis=0, mode="nearest"))


def _across(weight_FJ: Float, pull_FJ2: Float, ray_FJ2: Float) -> tuple[Float, Float]:
    """Normal matrices (J, 3, 3, F) and right sides (J, 3, F) of x - u z = miss, y - v z = miss, for each keypoint (u, v)."""
    weight_JF, u_JF, v_JF = weight_FJ.T, ray_FJ2[..., 0].T, ray_FJ2[..., 1].T
    normal_J33F, right_J3F = np.zeros((len(weight_JF), 3, 3, len(weight_FJ))), np.empty((len(weight_JF), 3, len(weight_FJ)))
    normal_J33F[:, 0, 0] = normal_J33F[:, 1, 1] = weight_JF
    normal_J33F[:, 0, 2] = normal_J33F[:, 2, 0] = -weight_JF * u_JF
    normal_J33F[:, 1, 2] = normal_J33F[:, 2, 1] = -weight_JF * v_JF
    normal_J33F[:, 2, 2] = weight_JF * (u_JF**2 + v_JF**2)
    right_J3F[:, :2] = pull_FJ2.transpose(1, 2, 0)
    right_J3F[:, 2] = -(right_J3F[:, 0] * u_JF + right_J3F[:, 1] * v_JF)
    return normal_J33F, right_J3F


def _stiffness(pose_FJ3: Float, sigma_FJ: Float, stretch: bool) -> Float:
    """(J, 3, 3, F) of the bone to each joint's parent: the inverse of its covariance."""
    sigma_JF = np.maximum(np.nan_to_num(sigma_FJ, nan=RAY_SIGMA), LEAST_SIGMA_M).T
    stiff_J33F = np.eye(3)[..., None] / sigma_JF[:, None, None] ** 2
    if not stretch:
        pose_J3F = np.ascontiguousarray(pose_FJ3.transpose(1, 2, 0))
        for parent, child in body17().bones:
            along_3F = pose_J3F[child] - pose_J3F[parent]
            square_F = np.maximum((along_3F**2).sum(axis=0), 1e-12) * LENGTH_SIGMA_M**2
            stiff_J33F[child] += along_3F[:, None] * (along_3F / square_F)
    return np.asarray(stiff_J33F)


def _solved(normal_J33F: Float, right_J3F: Float, stiff_J33F: Float) -> Float:
    """(J, 3, F) the least sum of x' normal x - 2 right' x over the joints and of d' stiff d over the bones, d being by how much further a
    joint moves than its parent. The root does not move.
    """
    normal_J33F, moved_J3F = normal_J33F.copy(), right_J3F.copy()
    passed: dict[int, Float] = {}
    for parent, child in reversed(body17().bones):  # each joint, its children eliminated, pulls at its parent
        stiff_33F = stiff_J33F[child]
        inverse_33F = _inverses(normal_J33F[child] + stiff_33F)
        passed[child] = np.einsum("ijf,jkf->ikf", inverse_33F, stiff_33F)
        normal_J33F[parent] += stiff_33F - np.einsum("ijf,jkf->ikf", stiff_33F, passed[child])
        moved_J3F[parent] += np.einsum("jif,jf->if", passed[child], moved_J3F[child])
        moved_J3F[child] = np.einsum("ijf,jf->if", inverse_33F, moved_J3F[child])
    moved_J3F[0] = 0.0
    for parent, child in body17().bones:
        moved_J3F[child] += np.einsum("ijf,jf->if", passed[child], moved_J3F[parent])
    return moved_J3F


def _inverses(symmetric_33F: Float) -> Float:
    (a, b, c), (_, d, e), (_, _, f) = symmetric_33F
    first_F, second_F, third_F = d * f - e * e, c * e - b * f, b * e - c * d
    inverse_33F = np.array(
        [[first_F, second_F, third_F], [second_F, a * f - c * c, b * c - a * e], [third_F, b * c - a * e, a * d - b * b]]
    )
    return np.asarray(inverse_33F / (a * first_F + b * second_F + c * third_F))
