"""Bones keep their length in filled frames, and known joints do not move."""

from __future__ import annotations

import numpy as np

from mpm_core.fill.keep.bone_lengths import bone_lengths, keep_lengths
from mpm_core.gaps import known
from mpm_core.skeleton import load_skeleton

BONES = load_skeleton("body17").bones


def stick_person() -> tuple[np.ndarray, np.ndarray]:
    """A moving stick figure with rigid bones, and the same with an arm and a knee missing for a while."""
    rng = np.random.default_rng(4)
    time_F = np.arange(90) / 30
    truth_FJ3 = np.zeros((90, 17, 3))
    for parent, child in BONES:
        angle_F = rng.uniform(0, 6) + 0.5 * np.sin(rng.uniform(1, 4) * time_F)
        way_F3 = np.stack([np.cos(angle_F), np.sin(angle_F), np.full(90, rng.normal())], axis=1)
        truth_FJ3[:, child] = truth_FJ3[:, parent] + 0.3 * way_F3 / np.linalg.norm(way_F3, axis=1, keepdims=True)
    joints_FJ3 = truth_FJ3.copy()
    joints_FJ3[20:60, [12, 13]] = np.nan
    joints_FJ3[40:70, 2] = np.nan
    return truth_FJ3, joints_FJ3


def test_lengths_are_restored_and_known_joints_unchanged() -> None:
    truth_FJ3, joints_FJ3 = stick_person()
    error_FJ3 = np.random.default_rng(0).normal(0, 0.02, truth_FJ3.shape)
    filled_FJ3 = np.where(known(joints_FJ3)[..., None], joints_FJ3, truth_FJ3 + error_FJ3)
    adjusted_FJ3 = keep_lengths(filled_FJ3, joints_FJ3, BONES)
    np.testing.assert_array_equal(adjusted_FJ3[known(joints_FJ3)], joints_FJ3[known(joints_FJ3)])
    np.testing.assert_allclose(bone_lengths(adjusted_FJ3, BONES), 0.3, atol=5e-4)
    before = np.abs(bone_lengths(filled_FJ3, BONES) - 0.3).max()
    assert before > 0.01
    assert np.linalg.norm(adjusted_FJ3 - truth_FJ3, axis=2).mean() < np.linalg.norm(filled_FJ3 - truth_FJ3, axis=2).mean()


def test_a_bone_that_is_never_known_is_ignored() -> None:
    truth_FJ3, _ = stick_person()
    joints_FJ3 = truth_FJ3.copy()
    joints_FJ3[:, 13] = np.nan
    np.testing.assert_array_equal(keep_lengths(truth_FJ3, joints_FJ3, BONES), truth_FJ3)


def test_a_bone_that_varies_keeps_its_range_of_lengths() -> None:
    """The distance from hip to spine varies: a missing hip is not moved to where a constant distance would put it."""
    truth_FJ3, _ = stick_person()
    spine = next(bone for bone, (_, child) in enumerate(BONES) if child == 7)
    bent_FJ3 = truth_FJ3.copy()
    bent_FJ3[:, 7:] += 0.05 * np.sin(np.arange(90) / 5)[:, None, None] * np.array([0.0, 0.0, 1.0])
    known_FJ3 = bent_FJ3.copy()
    known_FJ3[30:50, 0] = np.nan
    adjusted_FJ3 = keep_lengths(bent_FJ3, known_FJ3, BONES)
    low, high = np.percentile(bone_lengths(bent_FJ3, BONES)[:, spine], [5, 95])
    assert high - low > 0.03
    assert np.linalg.norm(adjusted_FJ3 - bent_FJ3, axis=2).max() < 0.02
