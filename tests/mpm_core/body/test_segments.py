"""Missing markers from rigid clusters and from body joints, on motion with known true positions."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from mpm_core.body import markers
from mpm_core.body.axes import hinge_left
from mpm_core.body.segments import markers_from_joints
from mpm_core.fill.curves import spline
from mpm_core.fill.rigid_clusters import rigid_fill
from mpm_core.recording import Recording
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import Motion, make_motion


@pytest.fixture(scope="module")
def motion() -> Motion:
    return make_motion()


@pytest.fixture(scope="module")
def take(motion: Motion) -> Recording:
    return true_markers(motion)


def tumbling(frames: int = 400, noise_m: float = 0.0, flat: bool = False) -> np.ndarray:
    """(F, 7, 3): five markers on a rotating rigid body, and two that move independently."""
    rng = np.random.default_rng(2)
    time_F = np.arange(frames) / 100
    turn = Rotation.from_rotvec(np.stack([np.sin(time_F), 1.3 * np.cos(0.7 * time_F), 0.5 * time_F], axis=1)).as_matrix()
    shape_53 = rng.uniform(-0.1, 0.1, (5, 3)) * ([1, 0, 0] if flat else [1, 1, 1])
    path_F3 = np.stack([time_F * 0.8, np.sin(time_F), 1 + 0.2 * np.cos(2 * time_F)], axis=1)
    body = np.einsum("fij,kj->fki", turn, shape_53) + path_F3[:, None]
    loose = np.stack([np.sin(2 * time_F), np.cos(1.1 * time_F), 1 + 0 * time_F], axis=1)[:, None] + rng.uniform(-0.5, 0.5, (1, 2, 1))
    return np.concatenate([body, loose], axis=1) + rng.normal(0, noise_m, (frames, 7, 3))


def test_a_rigid_marker_is_filled_exactly() -> None:
    truth = tumbling()
    visible = np.ones(truth.shape[:2], bool)
    visible[50:200, 0] = visible[300:, 1] = visible[:30, 2] = False
    filled, sigma = rigid_fill(truth.astype(np.float32), visible, 100.0)
    assert np.abs(filled - truth)[:, :5].max() < 1e-5
    assert np.isnan(sigma[visible]).all() and (sigma[~visible] < 1e-5).all()


def test_sigma_is_the_error_of_the_fit() -> None:
    truth = tumbling()
    visible = np.ones(truth.shape[:2], bool)
    visible[50:200, 0] = False
    noisy = tumbling(noise_m=0.002)
    filled, sigma = rigid_fill(noisy, visible, 100.0)
    error = np.sqrt(((filled - truth)[50:200, 0] ** 2).mean())
    assert 0.4 < error / sigma[100, 0] < 2 and 0.002 < sigma[100, 0] < 0.01
    np.testing.assert_array_equal(filled[visible], noisy[visible])


def test_without_a_rigid_cluster_nothing_is_filled() -> None:
    truth = tumbling()
    visible = np.ones(truth.shape[:2], bool)
    visible[50:200, 5] = False  # a loose one
    visible[50:200, [0, 1, 2]] = False  # two of the five remain
    filled, sigma = rigid_fill(truth, visible, 100.0)
    assert np.isnan(filled[50:200][:, [0, 1, 2, 5]]).all() and np.isnan(sigma).all()
    line = tumbling(flat=True)
    visible = np.ones(line.shape[:2], bool)
    visible[50:200, 0] = False
    line[:, 0] += [0, 0.05, 0.05]  # off the line the others lie on
    assert np.isnan(rigid_fill(line, visible, 100.0)[0][50:200, 0]).all()


def test_the_fill_is_continuous_at_both_edges_when_the_skin_moves() -> None:
    truth = tumbling()
    truth[:, 0] += np.linspace(0, 0.01, len(truth))[:, None] * [1, 0, 0]
    visible = np.ones(truth.shape[:2], bool)
    visible[100:250, 0] = False
    filled, _ = rigid_fill(truth, visible, 100.0)
    step = np.linalg.norm(np.diff(filled[:, 0], axis=0), axis=1)
    true_step = np.linalg.norm(np.diff(truth[:, 0], axis=0), axis=1)
    assert np.abs(step - true_step).max() < 0.0005 and np.abs(filled - truth)[:, 0].max() < 0.003


def test_on_a_walking_body_rigid_clusters_beat_a_spline(take: Recording) -> None:
    for name in ("LASI", "RBHD", "T10"):
        point = take.index(name)
        visible = take.visible_FP.copy()
        visible[150:210, point] = False
        filled, _ = rigid_fill(take.xyz_FPD, visible, take.rate_hz)
        error = np.linalg.norm(filled[150:210, point] - take.xyz_FPD[150:210, point], axis=1).mean()
        curve = spline(take.xyz_FPD[:, point].astype(float), visible[:, point], take.rate_hz)
        by_spline = np.linalg.norm(curve[150:210] - take.xyz_FPD[150:210, point], axis=1).mean()
        assert error < 0.002 and error < by_spline / 5, (name, error, by_spline)


def test_markers_are_placed_by_the_body_joints(motion: Motion, take: Recording) -> None:
    visible = take.visible_FP.copy()
    visible[200:400, [take.index(name) for name in ("LKNE", "LTIB", "LANK", "LTHI", "RWRA", "RELB", "LASI", "C7", "RFHD")]] = False
    placed = markers_from_joints(take.xyz_FPD, visible, motion.body17())
    assert np.isfinite(placed).all()
    error_P = np.median(np.linalg.norm(placed - take.xyz_FPD, axis=2)[200:400], axis=0)
    for name, limit in (
        ("LKNE", 0.01),
        ("LANK", 0.01),
        ("LTIB", 0.03),
        ("LTHI", 0.03),
        ("RELB", 0.015),
        ("RWRA", 0.04),
        ("LASI", 0.03),
        ("C7", 0.03),
    ):
        assert error_P[take.index(name)] < limit, (name, error_P[take.index(name)])


def test_markers_of_others_and_of_unknown_segments_stay_missing(motion: Motion, take: Recording) -> None:
    ball = np.stack([np.sin(np.arange(take.frames) / 7), np.arange(take.frames) / 100, np.ones(take.frames)], axis=1)[:, None]
    xyz = np.concatenate([take.xyz_FPD, ball.astype(np.float32)], axis=1)
    visible = np.ones(xyz.shape[:2], bool)
    joints = motion.body17().copy()
    joints[:, 7:] = np.nan
    placed = markers_from_joints(xyz, visible, joints)
    assert np.isnan(placed[:, -1]).all() and np.isfinite(placed[:, take.index("LKNE")]).all()
    assert np.isnan(placed[:, take.index("RFIN")]).all()


def test_a_straight_limb_does_not_flip() -> None:
    frames = 300
    bend_F = np.radians(40) * np.sin(np.linspace(0, 6 * np.pi, frames)).clip(0)  # bent, straight, bent
    hip, knee = np.zeros((frames, 3)), np.tile([0.0, 0.0, -0.4], (frames, 1))
    ankle = knee + 0.4 * np.stack([-np.sin(bend_F), 0 * bend_F, -np.cos(bend_F)], axis=1)
    ankle += np.random.default_rng(0).normal(0, 0.004, ankle.shape)
    left = hinge_left(hip, knee, ankle, np.tile(np.eye(3), (frames, 1, 1)), 1)
    assert (left[:, 1] > 0.98).all() and np.linalg.norm(np.diff(left, axis=0), axis=1).max() < 0.1
    turned = Rotation.from_euler("z", 70, degrees=True).apply(ankle - knee) + knee  # the knee points 70 degrees to the left all the time
    left = hinge_left(hip, knee, turned, np.tile(np.eye(3), (frames, 1, 1)), 1)
    assert (left @ Rotation.from_euler("z", 70, degrees=True).apply([0, 1, 0]) > 0.97).all()


def test_round_trip_through_joint_centres(take: Recording) -> None:
    mmap = markers.match(take.points)
    assert mmap is not None
    placed = markers_from_joints(take.xyz_FPD, take.visible_FP, markers.joint_centres(take.xyz_FPD, take.visible_FP, mmap))
    assert np.median(np.linalg.norm(placed - take.xyz_FPD, axis=2)) < 0.01
