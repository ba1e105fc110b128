"""The mesh that is exported with a skeleton: a spindle for every bone, a small octahedron for a marker. J joints, V corners; metres."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.spatial.transform import Rotation

from mpm_core.skeleton import parents_first
from mpm_core.typing import Float, Int

OCTAHEDRON_83 = np.array([[0, 2, 4], [2, 1, 4], [1, 3, 4], [3, 0, 4], [2, 0, 5], [1, 2, 5], [3, 1, 5], [0, 3, 5]])
MARKER_63 = 0.008 * np.array([[1.0, 0, 0], [-1, 0, 0], [0, 1, 0], [0, -1, 0], [0, 0, 1], [0, 0, -1]])
SLIM, BELLY = 0.1, 0.2  # a spindle's half width, and where along the bone it is widest


@dataclass(frozen=True, slots=True, eq=False)
class BoneMesh:
    """points_V3: corners in the pose in which they are bound; joint_V: the joint that moves each; corners_N: three to a triangle.

    bind_J44: each joint's matrix in that pose, for column vectors.
    """

    points_V3: Float
    joint_V: Int
    corners_N: Int
    bind_J44: Float


def bone_mesh(place_J3: Float, turn_J4: Float, parents: tuple[int, ...]) -> BoneMesh:
    """A bone moves with its parent joint. place_J3, turn_J4: each joint's place and rotation (x, y, z, w) in its parent's frame."""
    bind_J44 = np.zeros((len(parents), 4, 4))
    bind_J44[:, :3, :3], bind_J44[:, :3, 3], bind_J44[:, 3, 3] = Rotation.from_quat(turn_J4).as_matrix(), place_J3, 1.0
    for joint in parents_first(parents):
        if parents[joint] >= 0:
            bind_J44[joint] = bind_J44[parents[joint]] @ bind_J44[joint]
    at_J3 = bind_J44[:, :3, 3]
    spindles, holders = [], []
    for joint, parent in enumerate(parents):
        if parent >= 0 and np.linalg.norm(at_J3[joint] - at_J3[parent]) > 1e-6:
            spindles.append(_spindle(at_J3[parent], at_J3[joint]))
            holders.append(parent)
    if not spindles:
        spindles, holders = [MARKER_63 + at for at in at_J3], list(range(len(parents)))
    corners = np.concatenate([OCTAHEDRON_83.reshape(-1) + 6 * index for index in range(len(spindles))])
    return BoneMesh(np.concatenate(spindles), np.repeat(np.array(holders), 6), corners, bind_J44)


def _spindle(start_3: Float, end_3: Float) -> Float:
    """Six corners: four around the belly, then the ends."""
    along_3 = end_3 - start_3
    size = float(np.linalg.norm(along_3))
    side_3 = np.cross(along_3, np.eye(3)[np.abs(along_3).argmin()])
    side_3 *= SLIM * size / np.linalg.norm(side_3)
    other_3 = np.cross(along_3, side_3) / size
    middle_3 = start_3 + BELLY * along_3
    return np.array([middle_3 + side_3, middle_3 - side_3, middle_3 + other_3, middle_3 - other_3, start_3, end_3])
