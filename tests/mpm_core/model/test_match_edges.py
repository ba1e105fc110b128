"""A prediction corrected at known samples: its error turns with the body."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.body.joints import body17
from mpm_core.fill.hermite import correct_edges
from mpm_core.model.match_edges import follow_neighbours, match_edges
from tests.makers import standing

RATE_HZ = 30.0
ERROR_M = np.array([0.06, -0.02, 0.04])


def rotating_body(tilt: float) -> tuple[np.ndarray, np.ndarray]:
    """A body (F, 17, 3) that turns about the vertical while it leans by `tilt`, and its rotations (F, 3, 3)."""
    way_F = np.linspace(0, 1, 90)
    turn_F33 = Rotation.from_euler("zx", np.stack([np.pi * way_F, tilt * way_F], axis=1)).as_matrix()
    return np.einsum("fij,kj->fki", turn_F33, standing(1).xyz_FPD[0]), turn_F33


@pytest.mark.parametrize(
    ("joint", "tilt"), [("left_elbow", 1.2), ("right_wrist", 1.2), ("head_top", 1.2), ("left_ankle", 0.0), ("left_knee", 0.0)]
)
def test_errors_fixed_to_the_body_are_corrected(joint: str, tilt: float) -> None:
    truth_FJ3, turn_F33 = rotating_body(tilt)
    joint_index, gap = body17().names.index(joint), slice(20, 70)
    predicted_FJ3, known_FJ3 = truth_FJ3.copy(), truth_FJ3.copy()
    predicted_FJ3[:, joint_index] += turn_F33 @ ERROR_M
    known_FJ3[gap, joint_index] = np.nan
    error_mm = np.linalg.norm(match_edges(predicted_FJ3, known_FJ3, RATE_HZ) - truth_FJ3, axis=2).max() * 1000
    world_axes_mm = np.linalg.norm(correct_edges(predicted_FJ3, known_FJ3, RATE_HZ) - truth_FJ3, axis=2).max() * 1000
    assert error_mm < 4 < 20 < world_axes_mm


def test_errors_of_an_ankle_do_not_turn_with_the_trunk() -> None:
    truth_FJ3, _ = rotating_body(0.0)
    leaning_FJ3, _ = rotating_body(1.2)
    upper = [body17().names.index(name) for name in ("spine", "thorax", "neck", "left_shoulder", "right_shoulder")]
    truth_FJ3[:, upper] = leaning_FJ3[:, upper]
    ankle = body17().names.index("left_ankle")
    predicted_FJ3, known_FJ3 = truth_FJ3.copy(), truth_FJ3.copy()
    predicted_FJ3[:, ankle, 2] += 0.05
    known_FJ3[20:70, ankle] = np.nan
    np.testing.assert_allclose(match_edges(predicted_FJ3, known_FJ3, RATE_HZ), truth_FJ3, atol=1e-9)


def test_known_joints_are_unchanged_and_unpredicted_ones_stay_missing() -> None:
    rng = np.random.default_rng(2)
    truth_FJ3, _ = rotating_body(0.5)
    known_FJ3 = np.where(rng.random((90, 17, 1)) < 0.3, np.nan, truth_FJ3)
    predicted_FJ3 = truth_FJ3 + rng.normal(0, 0.1, truth_FJ3.shape)
    predicted_FJ3[:5] = np.nan
    out_FJ3 = match_edges(predicted_FJ3, known_FJ3, RATE_HZ)
    visible_FJ3 = np.isfinite(known_FJ3)
    np.testing.assert_array_equal(out_FJ3[visible_FJ3], known_FJ3[visible_FJ3])
    assert np.isnan(out_FJ3[:5][~visible_FJ3[:5]]).all()
    assert np.isfinite(out_FJ3[10:]).all()


def test_a_missing_joint_is_shifted_by_its_neighbours_error() -> None:
    truth_FJ3, _ = rotating_body(0.5)
    names = body17().names
    elbow, wrist, ankle = (names.index(name) for name in ("left_elbow", "left_wrist", "right_ankle"))
    way_F1 = np.sin(np.arange(90) / 9)[:, None]
    predicted_FJ3, known_FJ3 = truth_FJ3 + ERROR_M * way_F1[:, None], truth_FJ3.copy()
    known_FJ3[30:50, [elbow, wrist]], known_FJ3[60:70, wrist], known_FJ3[20:80, ankle] = np.nan, np.nan, np.nan
    out_FJ3 = follow_neighbours(predicted_FJ3, known_FJ3, RATE_HZ)
    masked_FJ = np.isnan(known_FJ3).any(axis=2)
    masked_FJ[:, ankle] = False
    np.testing.assert_allclose(out_FJ3[masked_FJ], truth_FJ3[masked_FJ], atol=1e-12)
    np.testing.assert_allclose(out_FJ3[20:80, ankle], (truth_FJ3 + predicted_FJ3)[20:80, ankle] / 2, atol=1e-12)


def test_only_neighbours_visible_throughout_are_used_and_nothing_else_moves() -> None:
    truth_FJ3, _ = rotating_body(0.0)
    names = body17().names
    elbow, wrist, shoulder = (names.index(name) for name in ("left_elbow", "left_wrist", "left_shoulder"))
    known_FJ3, predicted_FJ3 = truth_FJ3.copy(), truth_FJ3.copy()
    known_FJ3[30:60, wrist], known_FJ3[50:52, elbow] = np.nan, np.nan
    predicted_FJ3[:, elbow] += 0.1
    predicted_FJ3[:, shoulder] += 0.03
    out_FJ3 = follow_neighbours(predicted_FJ3, known_FJ3, RATE_HZ)
    np.testing.assert_allclose(out_FJ3[30:60, wrist], predicted_FJ3[30:60, wrist] - 0.03)
    np.testing.assert_array_equal(out_FJ3[:20], predicted_FJ3[:20])
    nobody_FJ3 = np.full_like(known_FJ3, np.nan)
    np.testing.assert_array_equal(follow_neighbours(predicted_FJ3, nobody_FJ3, RATE_HZ), predicted_FJ3)
