"""Metrics: cases worked by hand, other formulations of the same thing, and what must not change them."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import orthogonal_procrustes
from scipy.optimize import minimize
from scipy.spatial.transform import Rotation

from mpm_core.skeleton import load_skeleton
from mpm_core.typing import Float
from mpm_train import metrics

SEEDS = st.integers(0, 10_000)


def poses(seed: int, frames: int = 6, joints: int = 17) -> tuple[Float, Float]:
    rng = np.random.default_rng(seed)
    truth_FJ3 = rng.normal(0, 0.4, (frames, joints, 3))
    return truth_FJ3 + rng.normal(0, 0.08, truth_FJ3.shape) + rng.normal(0, 1, (frames, 1, 3)), truth_FJ3


def moved(xyz_FJ3: Float, seed: int) -> Float:
    """Every frame turned, scaled and shifted by its own amount."""
    rng = np.random.default_rng(seed)
    turn_F33 = Rotation.random(len(xyz_FJ3), random_state=seed).as_matrix()
    scale_F11 = rng.uniform(0.3, 3, (len(xyz_FJ3), 1, 1))
    return scale_F11 * np.einsum("fij,fkj->fki", turn_F33, xyz_FJ3) + rng.normal(0, 2, (len(xyz_FJ3), 1, 3))


def test_errors_worked_by_hand() -> None:
    truth_FJ3 = np.zeros((2, 3, 3))
    truth_FJ3[:, 1], truth_FJ3[:, 2] = (1, 0, 0), (0, 1, 0)
    predicted_FJ3 = truth_FJ3 + 5.0  # laid upon each other at the root
    predicted_FJ3[1, 1] += (0.03, 0.04, 0)  # 50 mm off in one joint of the second frame
    errors_FJ = metrics.position_errors(predicted_FJ3, truth_FJ3)
    np.testing.assert_allclose(errors_FJ, [[0, 0, 0], [0, 0.05, 0]], atol=1e-12)
    np.testing.assert_allclose(metrics.velocity_errors(predicted_FJ3, truth_FJ3), [[0, 0.05, 0]], atol=1e-12)
    assert errors_FJ.mean() == pytest.approx(0.05 / 6)


def test_the_root_counts_as_one_of_the_joints() -> None:
    truth_FJ3 = np.zeros((1, 17, 3))
    predicted_FJ3 = truth_FJ3 + 0.0
    predicted_FJ3[:, 1:, 2] = 0.17
    assert metrics.position_errors(predicted_FJ3, truth_FJ3).mean() == pytest.approx(0.16)


def test_scale_worked_by_hand() -> None:
    truth_FJ3 = np.array([[[0, 0, 0], [1, 0, 0], [0, 2, 0]]], float)
    np.testing.assert_allclose(metrics.scaled_errors(0.25 * truth_FJ3 + 7, truth_FJ3), 0, atol=1e-12)
    # <p, t> / <p, p> of p = (1, 1), t = (1, 3) is 2: errors |2 - 1| and |2 - 3|
    line = np.array([[[0, 0, 0], [1, 0, 0], [1, 0, 0]]], float)
    other = np.array([[[0, 0, 0], [1, 0, 0], [3, 0, 0]]], float)
    np.testing.assert_allclose(metrics.scaled_errors(line, other), [[0, 1, 1]], atol=1e-12)


def test_pck_and_auc_worked_by_hand() -> None:
    errors_FJ = np.array([[0.0, 0.149, 0.150, 0.3]])
    assert metrics.pck(errors_FJ) == 0.5, "150 mm itself is out"
    # 0 mm is within 30 of 31 thresholds, 149 mm within one (150), the others within none
    assert metrics.auc(errors_FJ) == pytest.approx((30 + 1) / 31 / 4)
    assert metrics.auc(np.zeros((3, 14))) == pytest.approx(30 / 31)
    assert metrics.auc(np.full((3, 14), 0.2)) == 0


@given(SEEDS)
@settings(max_examples=25, deadline=None)
def test_auc_is_the_mean_of_pck(seed: int) -> None:
    errors_FJ = np.random.default_rng(seed).uniform(0, 0.25, (7, 14))
    errors_FJ[0, :5] = [0, 0.005, 0.05, 0.145, 0.15]
    assert metrics.auc(errors_FJ) == pytest.approx(np.mean([metrics.pck(errors_FJ, at) for at in metrics.AUC_M]))
    assert len(metrics.AUC_M) == 31


def test_the_official_joints_are_14_of_17() -> None:
    names = load_skeleton("body17").names
    chosen = [names[joint] for joint in metrics.official_3dhp()]
    assert len(set(chosen)) == 14
    assert set(names) - set(chosen) == {"hip", "spine", "neck"}


def test_actions_are_means_over_frames() -> None:
    means = metrics.per_action({"walk": [np.full((9, 17), 1.0), np.full((1, 17), 2.0)], "sit": [np.full((5, 17), 3.0)]})
    assert means == pytest.approx({"walk": 1.1, "sit": 3.0})
    assert np.mean(list(means.values())) == pytest.approx(2.05), "not weighted by how long an action is"
    by_joint = metrics.per_joint(np.tile(np.arange(17.0), (4, 1)))
    assert by_joint["hip"] == 0
    assert by_joint["right_wrist"] == 16


@pytest.mark.parametrize("seed", range(8))
def test_alignment_is_that_of_scipy(seed: int) -> None:
    """A rotation from Rotation.align_vectors, then the scale that zeroes the derivative."""
    predicted_FJ3, truth_FJ3 = poses(seed)
    found_FJ3 = metrics.aligned(predicted_FJ3, truth_FJ3)
    for found_J3, predicted_J3, truth_J3 in zip(found_FJ3, predicted_FJ3, truth_FJ3, strict=True):
        from_J3, to_J3 = predicted_J3 - predicted_J3.mean(0), truth_J3 - truth_J3.mean(0)
        turned_J3 = Rotation.align_vectors(to_J3, from_J3)[0].apply(from_J3)
        scale = (turned_J3 * to_J3).sum() / (turned_J3**2).sum()
        np.testing.assert_allclose(found_J3, scale * turned_J3 + truth_J3.mean(0), atol=1e-9)


@pytest.mark.parametrize("seed", range(6))
def test_alignment_is_orthogonal_procrustes_where_no_mirror_is_wanted(seed: int) -> None:
    predicted_FJ3, truth_FJ3 = poses(seed, frames=1)
    from_J3, to_J3 = predicted_FJ3[0] - predicted_FJ3[0].mean(0), truth_FJ3[0] - truth_FJ3[0].mean(0)
    turn_33, size = orthogonal_procrustes(from_J3, to_J3)
    assert np.linalg.det(turn_33) > 0, "the case is a plain one"
    np.testing.assert_allclose(
        metrics.aligned(predicted_FJ3, truth_FJ3)[0] - truth_FJ3[0].mean(0), size / (from_J3**2).sum() * from_J3 @ turn_33
    )


@pytest.mark.parametrize("mirrored", [False, True])
def test_no_other_similarity_is_nearer(mirrored: bool) -> None:
    """Brute force over rotation vector, log scale and shift, from many starts."""
    predicted_FJ3, truth_FJ3 = poses(3, frames=1, joints=5)
    if mirrored:
        predicted_FJ3 = predicted_FJ3 * [-1, 1, 1]
    best = np.sum((metrics.aligned(predicted_FJ3, truth_FJ3) - truth_FJ3) ** 2)

    def cost(x_7: Float) -> float:
        moved_J3 = np.exp(x_7[3]) * Rotation.from_rotvec(x_7[:3]).apply(predicted_FJ3[0]) + x_7[4:]
        return float(np.sum((moved_J3 - truth_FJ3[0]) ** 2))

    starts = Rotation.random(12, random_state=0).as_rotvec()
    least = min(minimize(cost, np.concatenate([turn, np.zeros(4)]), method="BFGS").fun for turn in starts)
    assert best == pytest.approx(least, rel=1e-4)


def test_a_mirrored_pose_is_not_the_same_pose() -> None:
    truth_FJ3 = poses(1)[1]
    mirrored_FJ3 = truth_FJ3 * [-1, 1, 1]
    assert metrics.aligned_errors(mirrored_FJ3, truth_FJ3).mean() > 0.1


def test_a_collapsed_prediction_is_scored_not_divided_by_zero() -> None:
    truth_FJ3 = poses(1)[1]
    flat_FJ3 = np.zeros_like(truth_FJ3)
    spread_FJ = np.linalg.norm(truth_FJ3 - truth_FJ3.mean(axis=1, keepdims=True), axis=2)
    np.testing.assert_allclose(metrics.aligned_errors(flat_FJ3, truth_FJ3), spread_FJ)
    np.testing.assert_allclose(metrics.scaled_errors(flat_FJ3, truth_FJ3), np.linalg.norm(metrics.rooted(truth_FJ3), axis=2))


@given(SEEDS)
@settings(max_examples=40, deadline=None)
def test_what_alignment_forgives(seed: int) -> None:
    predicted_FJ3, truth_FJ3 = poses(seed)
    position, scaled, best = (
        metric(predicted_FJ3, truth_FJ3) for metric in (metrics.position_errors, metrics.scaled_errors, metrics.aligned_errors)
    )
    np.testing.assert_allclose(metrics.aligned_errors(moved(predicted_FJ3, seed), truth_FJ3), best, atol=1e-9)
    shift_F13 = np.random.default_rng(seed).normal(0, 3, (len(truth_FJ3), 1, 3))
    np.testing.assert_allclose(metrics.position_errors(predicted_FJ3 + shift_F13, truth_FJ3 - shift_F13), position, atol=1e-9)
    np.testing.assert_allclose(metrics.scaled_errors(0.4 * predicted_FJ3 + shift_F13, truth_FJ3), scaled, atol=1e-9)
    assert (np.sum(scaled**2, axis=1) <= np.sum(position**2, axis=1) + 1e-12).all(), "the best scale is no worse than one"
    centred_FJ3 = predicted_FJ3 - predicted_FJ3.mean(axis=1, keepdims=True) + truth_FJ3.mean(axis=1, keepdims=True)
    plain_F = np.sum((centred_FJ3 - truth_FJ3) ** 2, axis=(1, 2))
    assert (np.sum(best**2, axis=1) <= plain_F + 1e-12).all(), "the best similarity is no worse than none"


@given(SEEDS, st.floats(0.1, 10))
@settings(max_examples=30, deadline=None)
def test_metrics_scale_with_the_world_and_vanish_for_the_truth(seed: int, scale: float) -> None:
    predicted_FJ3, truth_FJ3 = poses(seed)
    for metric in (metrics.position_errors, metrics.aligned_errors, metrics.scaled_errors, metrics.velocity_errors):
        errors_FJ = metric(predicted_FJ3, truth_FJ3)
        np.testing.assert_allclose(metric(scale * predicted_FJ3, scale * truth_FJ3), scale * errors_FJ, rtol=1e-7, atol=1e-9)
        np.testing.assert_allclose(metric(truth_FJ3, truth_FJ3), 0, atol=1e-9)
    still_FJ3 = truth_FJ3 + np.random.default_rng(seed).normal(0, 1, (1, 17, 3))
    np.testing.assert_allclose(metrics.velocity_errors(still_FJ3, truth_FJ3), 0, atol=1e-9)


def test_batches_are_scored_window_by_window() -> None:
    predicted_BFJ3, truth_BFJ3 = (np.stack([poses(seed)[k] for seed in range(3)]) for k in (0, 1))
    for metric in (metrics.position_errors, metrics.aligned_errors, metrics.scaled_errors, metrics.velocity_errors):
        together = metric(predicted_BFJ3, truth_BFJ3)
        apart = [metric(predicted, truth) for predicted, truth in zip(predicted_BFJ3, truth_BFJ3, strict=True)]
        np.testing.assert_allclose(together, np.stack(apart), atol=1e-12)
