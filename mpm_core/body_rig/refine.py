"""Rotations of a rig by least squares: each marker as near as possible to its place on its segment. F frames, J joints, M markers.

Global optimisation after Lu and O'Connor, Journal of Biomechanics 32 (1999): all joints of a frame at once, bones of constant length, by
damped Gauss-Newton steps, with Huber's weights. World axes, metres.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mpm_core.body_rig.rest import BodyTree
from mpm_core.errors import Cancelled
from mpm_core.gaps import known
from mpm_core.progress import Cancel
from mpm_core.rigs.rotations import about_axes, cross_matrices
from mpm_core.skeleton import upwards
from mpm_core.typing import Float, Int, Mask

MARKER_SIGMA = 0.01
OUTLIER_M = 0.03  # beyond this a marker counts by its distance and not by its square
FIRST_DAMPING, LEAST_DAMPING = 10.0, 1.0  # of a rotation by one radian, relative to a marker that misses by its sigma
AT_ONCE = 256
STEPS = 12
STEP_DONE = 5e-4  # radians and metres: the largest step after which a frame is finished


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """rot_FJ33: rotations in the parents' frames, relative to the rest pose. root_F3: the root's positions."""

    rot_FJ33: Float
    root_F3: Float

    def at(self, rows: Int | slice) -> Pose:
        return Pose(self.rot_FJ33[rows], self.root_F3[rows])


@dataclass(frozen=True, slots=True, eq=False)
class Targets:
    """Where markers are, (F, M, 3), NaN = not seen; the joint whose segment carries each, and its weight, 1 for a marker."""

    xyz_FM3: Float
    segment_M: Int
    weight_M: Float

    @property
    def seen_FM(self) -> Mask:
        return known(self.xyz_FM3)

    def at(self, rows: Int | slice) -> Targets:
        return Targets(self.xyz_FM3[rows], self.segment_M, self.weight_M)


def posed(tree: BodyTree, pose: Pose) -> tuple[Float, Float]:
    """Global rotations (F, J, 3, 3), relative to the rest pose, and positions (F, J, 3)."""
    rot_FJ33 = np.empty_like(pose.rot_FJ33)
    xyz_FJ3 = np.empty(pose.rot_FJ33.shape[:3])
    for joint, parent in enumerate(tree.parents):
        if parent < 0:
            rot_FJ33[:, joint], xyz_FJ3[:, joint] = pose.rot_FJ33[:, joint], pose.root_F3
        else:
            rot_FJ33[:, joint] = rot_FJ33[:, parent] @ pose.rot_FJ33[:, joint]
            xyz_FJ3[:, joint] = xyz_FJ3[:, parent] + rot_FJ33[:, parent] @ tree.offsets_J3[joint]
    return rot_FJ33, xyz_FJ3


def on_segments(tree: BodyTree, pose: Pose, targets: Targets) -> Float:
    """(M, 3) the median place of each marker in its segment's frame; NaN for one that is never seen."""
    rot_FJ33, xyz_FJ3 = posed(tree, pose)
    away_FM3 = targets.xyz_FM3 - xyz_FJ3[:, targets.segment_M]
    local_FM3 = np.einsum("fmij,fmi->fmj", rot_FJ33[:, targets.segment_M], away_FM3)
    place_M3 = np.full(local_FM3.shape[1:], np.nan)
    for marker in np.flatnonzero(known(local_FM3).any(axis=0)):
        place_M3[marker] = np.nanmedian(local_FM3[:, marker], axis=0)
    return place_M3


def predicted(tree: BodyTree, pose: Pose, place_M3: Float, segment_M: Int) -> Float:
    """(F, M, 3) where the rig says that the markers are."""
    rot_FJ33, xyz_FJ3 = posed(tree, pose)
    return np.asarray(xyz_FJ3[:, segment_M] + (rot_FJ33[:, segment_M] @ place_M3[:, :, None])[..., 0])


def refined(tree: BodyTree, pose: Pose, place_M3: Float, targets: Targets, steps: int = STEPS, cancel: Cancel | None = None) -> Pose:
    """The pose after at most `steps` steps; it ends when they have become small. A step that does not improve a frame is repeated, damped.

    Raises Cancelled.
    """
    rot_FJ33, root_F3 = pose.rot_FJ33.copy(), pose.root_F3.copy()
    damping_F = np.full(len(root_F3), FIRST_DAMPING)
    open_F = np.ones(len(root_F3), bool)
    columns = _columns(tree, targets.segment_M)
    for _ in range(steps):
        todo = np.flatnonzero(open_F)
        for start in range(0, len(todo), AT_ONCE):
            if cancel is not None and cancel():
                raise Cancelled
            rows = todo[start : start + AT_ONCE]
            now, some = Pose(rot_FJ33[rows], root_F3[rows]), targets.at(rows)
            tried, largest_N = _step(tree, now, place_M3, some, columns, damping_F[rows])
            nearer_N = _cost(tree, tried, place_M3, some) <= _cost(tree, now, place_M3, some)
            rot_FJ33[rows[nearer_N]], root_F3[rows[nearer_N]] = tried.rot_FJ33[nearer_N], tried.root_F3[nearer_N]
            damping_F[rows] = np.where(nearer_N, np.maximum(damping_F[rows] / 10, LEAST_DAMPING), damping_F[rows] * 10)
            open_F[rows] = largest_N > STEP_DONE
    return Pose(rot_FJ33, root_F3)


def _cost(tree: BodyTree, pose: Pose, place_M3: Float, targets: Targets) -> Float:
    """(N,) sum of Huber's loss over the markers that are seen."""
    far_NM = np.linalg.norm(predicted(tree, pose, place_M3, targets.segment_M) - targets.xyz_FM3, axis=2)
    loss_NM = np.where(far_NM < OUTLIER_M, far_NM**2 / 2, OUTLIER_M * (far_NM - OUTLIER_M / 2))
    return np.asarray((np.nan_to_num(loss_NM) * targets.weight_M).sum(axis=1))


def _columns(tree: BodyTree, segment_M: Int) -> list[tuple[int, Int]]:
    """Each joint that turns, and the markers that it moves."""
    chains = [set(upwards(tree.parents, int(segment))) for segment in segment_M]
    return [(int(joint), np.flatnonzero([joint in chain for chain in chains])) for joint in np.flatnonzero(tree.free_J)]


def _step(
    tree: BodyTree, pose: Pose, place_M3: Float, targets: Targets, columns: Sequence[tuple[int, Int]], damping_N: Float
) -> tuple[Pose, Float]:
    """The next pose, and each frame's largest change. The unknowns are rotations about world axes, and the root's place."""
    rot_NJ33, xyz_NJ3 = posed(tree, pose)
    segment_M = targets.segment_M
    now_NM3 = xyz_NJ3[:, segment_M] + (rot_NJ33[:, segment_M] @ place_M3[:, :, None])[..., 0]
    miss_NM3 = targets.xyz_FM3 - now_NM3
    seen_NM = known(miss_NM3)  # also without a marker whose place is not known, as it is seen in none of the frames used
    now_NM3, miss_NM3 = (np.where(seen_NM[..., None], each_NM3, 0.0) for each_NM3 in (now_NM3, miss_NM3))
    N, M = seen_NM.shape
    far_NM = np.linalg.norm(miss_NM3, axis=2)
    root_NM = np.sqrt(np.where(seen_NM, targets.weight_M, 0.0) * np.minimum(1.0, OUTLIER_M / np.maximum(far_NM, 1e-9))) / MARKER_SIGMA
    jacobian = np.zeros((N, M, 3, 3 * len(columns) + 3), np.float32)  # twice as quick, and the steps are checked by the next one
    for number, (joint, moved) in enumerate(columns):
        arm_Nm3 = now_NM3[:, moved] - xyz_NJ3[:, joint, None]
        jacobian[:, moved, :, 3 * number : 3 * number + 3] = -cross_matrices(arm_Nm3)
    jacobian[..., -3:] = np.eye(3)
    jacobian *= root_NM[..., None, None].astype(np.float32)
    rows = jacobian.reshape(N, 3 * M, -1)
    normal = (rows.transpose(0, 2, 1) @ rows).astype(np.float64)
    across = np.arange(normal.shape[1])
    normal[:, across, across] += damping_N[:, None]
    right = rows.transpose(0, 2, 1) @ (miss_NM3 * root_NM[..., None]).reshape(N, 3 * M, 1).astype(np.float32)
    step = np.linalg.solve(normal, right)[..., 0]
    rot_new_NJ33 = pose.rot_FJ33.copy()
    for number, (joint, _) in enumerate(columns):
        rotvec_N3 = step[:, 3 * number : 3 * number + 3]
        angle_N = np.linalg.norm(rotvec_N3, axis=1)
        turned_N33 = about_axes(rotvec_N3 / np.maximum(angle_N, 1e-12)[:, None], angle_N)
        parent = tree.parents[joint]
        above_N33 = rot_NJ33[:, parent] if parent >= 0 else np.broadcast_to(np.eye(3), (N, 3, 3))
        rot_new_NJ33[:, joint] = above_N33.transpose(0, 2, 1) @ turned_N33 @ rot_NJ33[:, joint]
    return Pose(rot_new_NJ33, pose.root_F3 + step[:, -3:]), np.abs(step).max(axis=1)
