"""Figures of lifted takes in the world, on lifts whose errors are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.world_fit.camera import level_axes
from mpm_train.world_metrics import WorldTake, resting, similarity, world_figures
from tests.mpm_core.world_fit.walker import ANKLES, walker


@pytest.fixture
def take() -> WorldTake:
    """A lift without errors."""
    w = walker(20.0)
    turn_33 = level_axes(w.up_3)
    return WorldTake(30.0, w.truth_FJ3, turn_33, np.full(w.truth_FJ3.shape[:2], 0.02), w.truth_FJ3, turn_33)


def test_a_perfect_lift_has_no_errors(take: WorldTake) -> None:
    figures = world_figures([take])
    for name in ("MPJPE", "P-MPJPE", "W-MPJPE", "WA-MPJPE", "root", "tilt deg", "height spread", "flips %"):
        assert figures[name] == pytest.approx(0, abs=0.01), name
    assert figures["90% holds %"] == 100
    assert figures["slide"] == figures["true slide"] > 0
    assert figures["jitter m/s2"] == figures["true jitter"]


def test_where_the_camera_stood_and_how_big_the_person_is_does_not_count_in_aligned_errors(take: WorldTake) -> None:
    turned = Rotation.from_euler("z", 50, degrees=True).apply(1.1 * take.lifted_FJ3.reshape(-1, 3)).reshape(take.lifted_FJ3.shape) + [
        3,
        1,
        0,
    ]
    figures = world_figures([replace(take, lifted_FJ3=turned)])
    assert figures["WA-MPJPE"] == pytest.approx(0, abs=0.01)
    assert figures["W-MPJPE"] == pytest.approx(0, abs=0.01)
    assert figures["root"] > 1


def test_a_lift_that_leans_is_measured_as_leaning(take: WorldTake) -> None:
    lean = Rotation.from_euler("y", 10, degrees=True)
    leaning_FJ3 = lean.apply(take.lifted_FJ3.reshape(-1, 3)).reshape(take.lifted_FJ3.shape)
    figures = world_figures([replace(take, lifted_FJ3=leaning_FJ3, lifted_turn_33=take.lifted_turn_33 @ lean.as_matrix().T)])
    assert figures["tilt deg"] == pytest.approx(10)
    assert figures["MPJPE"] == pytest.approx(0, abs=0.01), "the pose in the camera's axes is right"
    assert figures["height spread"] > 100


def test_sliding_and_pulsing_are_seen(take: WorldTake) -> None:
    moving_FJ3 = take.lifted_FJ3 + np.arange(len(take.lifted_FJ3))[:, None, None] * [0.01, 0, 0]
    assert world_figures([replace(take, lifted_FJ3=moving_FJ3)])["slide"] == pytest.approx(10, abs=1)
    pulsing_FJ3 = take.lifted_FJ3.copy()
    pulsing_FJ3 *= 1 + 0.1 * np.sin(np.arange(len(pulsing_FJ3)))[:, None, None]
    figures = world_figures([replace(take, lifted_FJ3=pulsing_FJ3)])
    assert figures["bones %"] == pytest.approx(7.1, abs=0.5)


def test_a_mirrored_depth_is_a_flip(take: WorldTake) -> None:
    camera_FJ3 = take.lifted_FJ3 @ take.lifted_turn_33.T
    camera_FJ3[..., 2] *= -1
    assert world_figures([replace(take, lifted_FJ3=camera_FJ3 @ take.lifted_turn_33)])["flips %"] == 100


def test_unknown_truth_is_left_out(take: WorldTake) -> None:
    truth_FJ3 = take.truth_FJ3.copy()
    truth_FJ3[:, [7, 8, 9, 10]] = np.nan
    truth_FJ3[50:60] = np.nan
    figures = world_figures([replace(take, truth_FJ3=truth_FJ3, truth_turn_33=np.full((3, 3), np.nan), lifted_turn_33=np.eye(3))])
    assert figures["MPJPE"] == pytest.approx(0, abs=0.01)
    assert np.isnan(figures["tilt deg"])
    assert np.isnan(figures["height spread"])


def test_a_similarity_is_found() -> None:
    rng = np.random.default_rng(0)
    from_N3, turn = rng.normal(0, 1, (20, 3)), Rotation.from_euler("xyz", [20, 40, 60], degrees=True)
    scale, rot_33, shift_3 = similarity(from_N3, 2 * turn.apply(from_N3) + [1, 2, 3])
    assert scale == pytest.approx(2)
    np.testing.assert_allclose(rot_33, turn.as_matrix(), atol=1e-9)
    np.testing.assert_allclose(shift_3, [1, 2, 3], atol=1e-9)


def test_resting_ankles() -> None:
    w = walker()
    assert (resting(w.truth_FJ3[:, list(ANKLES)], 30.0) == (w.rest_FA > 0)).mean() > 0.97
