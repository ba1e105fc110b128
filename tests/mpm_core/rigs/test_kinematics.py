"""Angles to rotations to positions, and back."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.testing import assert_allclose
from scipy.spatial.transform import Rotation

from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import bone_lengths, forward_kinematics, joint_positions, reach, span
from mpm_core.rigs.rotations import euler_angles, euler_matrices, slerp

ORDERS = ["XYZ", "XZY", "YXZ", "YZX", "ZXY", "ZYX", "ZXZ", "XYX"]


def chain(values: list[list[float]], channels: tuple[tuple[str, ...], ...], offsets: list[list[float]]) -> Rig:
    J = len(offsets)
    names = tuple(f"j{joint}" for joint in range(J))
    ends = np.array([not names for names in channels])
    return Rig(names, tuple(range(-1, J - 1)), np.array(offsets, float), channels, np.array(values, float), ends)


@pytest.mark.parametrize("axes", ORDERS)
def test_matrices_rotate_in_the_order_of_the_channels(axes: str) -> None:
    angles_NK = np.random.default_rng(0).uniform(-180, 180, (50, 3))
    assert_allclose(euler_matrices(angles_NK, axes), Rotation.from_euler(axes, angles_NK, degrees=True).as_matrix(), atol=1e-12)


@pytest.mark.parametrize("axes", [*ORDERS, "X", "Y", "ZX", "YZ"])
def test_angles_give_the_rotation_they_came_from(axes: str) -> None:
    angles_NK = np.random.default_rng(1).uniform(-170, 170, (200, len(axes)))
    matrices = euler_matrices(angles_NK, axes)
    assert_allclose(euler_matrices(euler_angles(matrices, axes), axes), matrices, atol=1e-9)


@pytest.mark.parametrize("axes", ORDERS)
def test_angle_curves_are_recovered_without_jumps(axes: str) -> None:
    """Curves through 180, 360 and 90 of the middle angle are recovered from the rotations and the frame before."""
    time_N = np.linspace(0, 1, 400)[:, None]
    angles_NK = np.array([20.0, 100.0, -500.0]) + time_N * np.array([700.0, 55.0, -400.0])
    found_NK = euler_angles(euler_matrices(angles_NK[1:], axes), axes, angles_NK[0])
    assert_allclose(found_NK, angles_NK[1:], atol=1e-6)


def test_the_branch_changes_where_the_jump_is_smallest() -> None:
    """The frames after the gap differ by a full turn, as in some files: one jump, no larger than necessary, and the same rotations."""
    angles_NK = np.stack([np.linspace(0, 40, 30), np.linspace(10, 20, 30), np.zeros(30)], axis=1)
    matrices = euler_matrices(angles_NK, "ZXY")
    found_NK = euler_angles(matrices, "ZXY", angles_NK[0], angles_NK[-1] + np.array([360.0, 0.0, 0.0]))
    assert_allclose(euler_matrices(found_NK, "ZXY"), matrices, atol=1e-9)
    whole = np.concatenate([angles_NK[:1], found_NK, angles_NK[-1:] + np.array([360.0, 0.0, 0.0])])
    jumps = np.abs(np.diff(whole, axis=0)).max(axis=1)
    assert (jumps > 100).sum() == 1 and jumps.max() <= 361.5


def test_forward_kinematics_of_a_hand_made_arm() -> None:
    rig = chain(
        [[1, 2, 3, 90, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 90]],
        (("Xposition", "Yposition", "Zposition", "Zrotation", "Xrotation", "Yrotation"), ("Xrotation", "Yrotation", "Zrotation"), ()),
        [[5, 5, 5], [10, 0, 0], [0, 2, 0]],
    )
    rot_FJ33, xyz_FJ3 = forward_kinematics(rig)
    assert_allclose(xyz_FJ3[0], [[1, 2, 3], [1, 12, 3], [-1, 12, 3]], atol=1e-12)
    assert_allclose(xyz_FJ3[1], [[0, 0, 0], [10, 0, 0], [8, 0, 0]], atol=1e-12)
    assert_allclose(rot_FJ33 @ rot_FJ33.swapaxes(2, 3), np.broadcast_to(np.eye(3), rot_FJ33.shape), atol=1e-12)
    assert_allclose(joint_positions(rig), xyz_FJ3)


def test_position_channels_replace_the_offset_axis_by_axis() -> None:
    rig = chain([[90, 0, 0, 7]], ((), ("Zrotation", "Xrotation", "Yrotation", "Yposition"), ()), [[0, 0, 0], [1, 2, 3], [1, 0, 0]])
    assert_allclose(joint_positions(rig)[0], [[0, 0, 0], [1, 7, 3], [1, 8, 3]], atol=1e-12)


def test_slerp_is_shortest_and_of_constant_rate() -> None:
    first, last = Rotation.from_euler("z", [[170], [-170]], degrees=True).as_matrix()
    middle = Rotation.from_matrix(slerp(first, last, np.array([0.25, 0.5]))).as_rotvec(degrees=True)
    assert_allclose(np.abs(middle[:, 2]), [175, 180], atol=1e-9)


def test_lengths_along_the_bones() -> None:
    parents, offsets = (-1, 0, 1, 0, 3), np.array([[9.0, 9, 9], [3, 4, 0], [0, 2, 0], [0, 0, -6], [0, 0, -1]])
    rig = Rig(("a", "b", "c", "d", "e"), parents, offsets, ((),) * 5, np.zeros((1, 0)), np.ones(5, bool))
    assert_allclose(bone_lengths(rig), [0, 5, 2, 6, 1])
    assert_allclose(reach(rig), [7, 2, 0, 1, 0])
    assert span(rig) == pytest.approx(14)
