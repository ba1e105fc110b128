"""Errors of predicted poses. F frames, J joints, T thresholds; metres in, metres out (tables convert them to mm).

Every metric is made of an array of errors per frame and joint, so that many clips can be pooled before the mean is taken. Joints are those
of body17, the root is joint 0. A NaN in a pose makes the errors of its frame NaN.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from mpm_core.body.joints import body17
from mpm_core.linalg.kabsch import nearest_rotations
from mpm_core.typing import Float

PCK_M = 0.150
AUC_M = np.arange(0, 151, 5) / 1000
OFFICIAL_3DHP = (
    *("head_top", "thorax", "right_shoulder", "right_elbow", "right_wrist", "left_shoulder", "left_elbow", "left_wrist"),
    *("right_hip", "right_knee", "right_ankle", "left_hip", "left_knee", "left_ankle"),
)
"""The 14 joints that MPI-INF-3DHP scores (Mehta et al., 3DV 2017), its "neck" being the base of the neck."""


def official_3dhp() -> list[int]:
    """The indices of those 14 joints."""
    names = body17().names
    return [names.index(name) for name in OFFICIAL_3DHP]


def rooted(xyz_FJ3: Float) -> Float:
    """Poses moved so that the root is at zero in every frame."""
    return np.asarray(xyz_FJ3 - xyz_FJ3[..., :1, :])


def position_errors(predicted_FJ3: Float, truth_FJ3: Float) -> Float:
    """(F, J) distances after the roots were laid upon each other: the mean is MPJPE, "protocol 1" (Ionescu et al., TPAMI 2014)."""
    return np.asarray(np.linalg.norm(rooted(predicted_FJ3) - rooted(truth_FJ3), axis=-1))


def aligned(predicted_FJ3: Float, truth_FJ3: Float) -> Float:
    """The predictions moved, turned and scaled frame by frame onto the truth, in the least-squares sense and never mirrored.

    The similarity of Umeyama (TPAMI 1991) from one batched SVD. A prediction whose joints all lie in one point stays a point, in
    the truth's middle.
    """
    middle_F13 = truth_FJ3.mean(axis=-2, keepdims=True)
    from_FJ3, to_FJ3 = predicted_FJ3 - predicted_FJ3.mean(axis=-2, keepdims=True), truth_FJ3 - middle_F13
    cross_F33 = np.einsum("...ji,...jk->...ik", from_FJ3, to_FJ3)
    rot_F33 = nearest_rotations(cross_F33)
    spread_F = np.sum(from_FJ3**2, axis=(-2, -1))
    scale_F = np.divide((rot_F33 * cross_F33).sum(axis=(-2, -1)), spread_F, out=np.zeros_like(spread_F), where=spread_F > 0)
    return np.asarray(scale_F[..., None, None] * (from_FJ3 @ rot_F33) + middle_F13)


def aligned_errors(predicted_FJ3: Float, truth_FJ3: Float) -> Float:
    """(F, J) distances after `aligned`: the mean is P-MPJPE, "protocol 2" (Martinez et al., ICCV 2017)."""
    return np.asarray(np.linalg.norm(aligned(predicted_FJ3, truth_FJ3) - truth_FJ3, axis=-1))


def scaled_errors(predicted_FJ3: Float, truth_FJ3: Float) -> Float:
    """(F, J) distances of rooted poses after each frame's best scale: the mean is N-MPJPE (Rhodin et al., CVPR 2018)."""
    from_FJ3, to_FJ3 = rooted(predicted_FJ3), rooted(truth_FJ3)
    spread_F = np.sum(from_FJ3**2, axis=(-2, -1))
    scale_F = np.divide(np.sum(from_FJ3 * to_FJ3, axis=(-2, -1)), spread_F, out=np.zeros_like(spread_F), where=spread_F > 0)
    return np.asarray(np.linalg.norm(scale_F[..., None, None] * from_FJ3 - to_FJ3, axis=-1))


def velocity_errors(predicted_FJ3: Float, truth_FJ3: Float) -> Float:
    """(F - 1, J) distances between the rooted joints' steps from frame to frame: the mean is MPJVE (Pavllo et al., CVPR 2019).

    Frames are along the third axis from the end and follow each other; metres per frame, so the rate belongs beside the number.
    """
    step_FJ3 = np.diff(rooted(predicted_FJ3) - rooted(truth_FJ3), axis=-3)
    return np.asarray(np.linalg.norm(step_FJ3, axis=-1))


def pck(errors_FJ: Float, within_m: float = PCK_M) -> float:
    """Share of joints nearer than 150 mm to the truth, 0..1 (Mehta et al., 3DV 2017); give it the joints that count."""
    return float(np.mean(errors_FJ < within_m))


def auc(errors_FJ: Float) -> float:
    """Mean of `pck` over the 31 thresholds 0, 5 ... 150 mm (Mehta et al., 3DV 2017). At 0 mm nothing is within: at best 30 / 31."""
    share_T = np.searchsorted(np.sort(errors_FJ, axis=None), AUC_M, side="left") / max(errors_FJ.size, 1)
    return float(share_T.mean())


def per_joint(errors_FJ: Float) -> dict[str, float]:
    """Mean error of each joint of body17, by name."""
    means_J = errors_FJ.reshape(-1, errors_FJ.shape[-1]).mean(axis=0)
    return {name: float(mean) for name, mean in zip(body17().names, means_J, strict=True)}


def per_action(errors: Mapping[str, Sequence[Float]]) -> dict[str, float]:
    """Mean error of each action over all its frames, people and cameras; the figure of a protocol is the plain mean of these."""
    return {action: float(np.concatenate([some_FJ.ravel() for some_FJ in some]).mean()) for action, some in errors.items()}
