"""Poses moved towards their keypoints: the exact least squares, errors mended, bones as long as they are seen."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_core.typing import Float
from mpm_core.world_fit.bones import bone_lengths, with_lengths
from mpm_core.world_fit.fit import fit_world
from mpm_core.world_fit.follow_keypoints import _solved, follow_keypoints
from tests.mpm_core.world_fit.walker import RATE_HZ, Walker, walker

FRAMES = 120
UNSURE = np.full((FRAMES, 17), 0.06)
ALL = np.ones((FRAMES, 17))
FOREARMS = [body17().names.index(f"{side}_wrist") for side in ("left", "right")]


def bent(w: Walker, degrees: float, seed: int = 0) -> Float:
    """Every bone turned by an angle of its own, the same in all frames."""
    rng = np.random.default_rng(seed)
    pose_FJ3 = w.pose_FJ3.copy()
    for parent, child in body17().bones:
        axis_3 = rng.normal(size=3)
        axis_3 *= np.radians(degrees) / np.linalg.norm(axis_3)
        bone_F3 = w.pose_FJ3[:, child] - w.pose_FJ3[:, parent]
        pose_FJ3[:, child] = pose_FJ3[:, parent] + bone_F3 + np.cross(axis_3, bone_F3)
    return with_lengths(pose_FJ3, bone_lengths(w.pose_FJ3, UNSURE))


def off_mm(found_FJ3: Float, true_FJ3: Float) -> float:
    return 1000 * float(np.linalg.norm(found_FJ3 - true_FJ3, axis=2).mean())


def test_the_tree_is_solved_exactly() -> None:
    """Against one system of all joints of a frame."""
    rng = np.random.default_rng(3)
    own_J33, stiff_J33 = (np.array([m @ m.T for m in rng.normal(size=(17, 3, 3))]) for _ in range(2))
    right_J3 = rng.normal(size=(17, 3))
    whole = np.zeros((51, 51))
    for joint in range(17):
        whole[3 * joint : 3 * joint + 3, 3 * joint : 3 * joint + 3] += own_J33[joint]
    for parent, child in body17().bones:
        for a, b, sign in ((parent, parent, 1), (child, child, 1), (parent, child, -1), (child, parent, -1)):
            whole[3 * a : 3 * a + 3, 3 * b : 3 * b + 3] += sign * stiff_J33[child]
    expected_J3 = np.concatenate([np.zeros((1, 3)), np.linalg.solve(whole[3:, 3:], right_J3[1:].ravel()).reshape(16, 3)])
    np.testing.assert_allclose(_solved(own_J33[..., None], right_J3[..., None], stiff_J33[..., None])[..., 0], expected_J3, atol=1e-9)


def test_wrong_directions_are_mended_across_the_view_and_along_it() -> None:
    w = walker(frames=FRAMES)
    pose_FJ3, length_J = bent(w, 12.0), bone_lengths(w.pose_FJ3, UNSURE)
    found_FJ3 = with_lengths(follow_keypoints(pose_FJ3, UNSURE, w.camera_FJ3[:, 0], w.ray_FJ2, ALL, RATE_HZ), length_J)
    assert off_mm(found_FJ3[..., :2], w.pose_FJ3[..., :2]) < 0.3 * off_mm(pose_FJ3[..., :2], w.pose_FJ3[..., :2])
    assert off_mm(found_FJ3, w.pose_FJ3) < 0.75 * off_mm(pose_FJ3, w.pose_FJ3)


@pytest.mark.parametrize("stretch", [False, True])
def test_joints_that_nobody_sees_go_with_their_parents(stretch: bool) -> None:
    w = walker(frames=FRAMES)
    pose_FJ3, ray_FJ2 = bent(w, 12.0), w.ray_FJ2.copy()
    ray_FJ2[:, FOREARMS] = np.nan
    found_FJ3 = follow_keypoints(pose_FJ3, UNSURE, w.camera_FJ3[:, 0], ray_FJ2, ALL, RATE_HZ, stretch=stretch)
    for wrist in FOREARMS:
        elbow = body17().parents[wrist]
        np.testing.assert_allclose(found_FJ3[:, wrist] - found_FJ3[:, elbow], pose_FJ3[:, wrist] - pose_FJ3[:, elbow], atol=1e-9)
    np.testing.assert_array_equal(found_FJ3[:, 0], pose_FJ3[:, 0])


def test_of_an_unknown_sigma_and_a_lone_wild_keypoint_little_comes() -> None:
    w = walker(frames=FRAMES)
    ray_FJ2 = w.ray_FJ2.copy()
    ray_FJ2[60, FOREARMS[0]] += 0.5
    found_FJ3 = follow_keypoints(w.pose_FJ3, np.full((FRAMES, 17), np.nan), w.camera_FJ3[:, 0], ray_FJ2, ALL, RATE_HZ)
    assert 1000 * np.linalg.norm(found_FJ3 - w.pose_FJ3, axis=2).max() < 20


def test_forearms_that_the_network_shortens_become_longer_and_the_body_no_taller() -> None:
    w = walker(frames=FRAMES)
    true_J = bone_lengths(w.pose_FJ3, UNSURE)
    short_J = true_J.copy()
    short_J[FOREARMS] *= 0.8
    found = fit_world(with_lengths(w.pose_FJ3, short_J), UNSURE, w.rest_FA, w.ray_FJ2, ALL, w.up_3, np.radians([5, 5]), RATE_HZ)
    assert found.length_J[FOREARMS[0]] > 0.87 * true_J[FOREARMS[0]]
    others = [joint for joint in range(1, 17) if joint not in FOREARMS and true_J[joint] > 0.1]
    np.testing.assert_allclose(found.length_J[others], true_J[others], rtol=0.03)
