"""The bundled sample moves like a person, and its files agree with the motion."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.resources import resource
from mpm_core.sample.anatomy import BALL_3, FOREARM, HEEL_3, NAMES, PARENTS, SHANK, THIGH, UPPER_ARM
from mpm_core.sample.curves import CYCLE_S, knee_deg
from mpm_core.sample.marker_take import GAPS, NOISE_M, true_markers
from mpm_core.sample.motion import SEAT_M, Motion, make_motion
from mpm_core.sample.plan import RATE_HZ, REACH, SIT
from mpm_core.sample.write import NAME, write_sample

SAMPLE = resource("sample")


@pytest.fixture(scope="module")
def motion() -> Motion:
    return make_motion()


def knee_flexion(motion: Motion, side: str) -> np.ndarray:
    hip_F3, knee_F3, ankle_F3 = (motion.joint(f"{side}{name}") for name in ("UpLeg", "Leg", "Foot"))
    cosine_F = ((hip_F3 - knee_F3) * (knee_F3 - ankle_F3)).sum(1) / (THIGH * SHANK)
    return np.degrees(np.arccos(np.clip(cosine_F, -1, 1)))


def test_bones_are_rigid(motion: Motion) -> None:
    for joint, parent in enumerate(PARENTS):
        if parent >= 0:
            length_F = np.linalg.norm(motion.positions_FJ3[:, joint] - motion.positions_FJ3[:, parent], axis=1)
            assert np.ptp(length_F) < 1e-9, NAMES[joint]
    assert np.allclose(np.linalg.det(motion.rotations_FJ33), 1)


@pytest.mark.parametrize("side", ["Left", "Right"])
def test_the_standing_foot_does_not_slide(motion: Motion, side: str) -> None:
    """The heel does not move while the toes are up, the ball while the heel is up: less than 2 mm from landing to lifting."""
    foot, ankle_F3 = motion.feet[side], motion.joint(f"{side}Foot")
    pitch_F = foot.rotation_F33[:, 2, 0]
    heel_F3, ball_F3 = ankle_F3 + foot.rotation_F33 @ HEEL_3, ankle_F3 + foot.rotation_F33 @ BALL_3
    lifts = np.flatnonzero(np.diff(foot.down_F.astype(int)))
    stands = [frames for frames in np.split(np.arange(len(pitch_F)), lifts + 1) if foot.down_F[frames[0]]]
    assert len(stands) == len(motion.plan.steps[side])
    for frames in stands:
        for point_F3, down in ((heel_F3, pitch_F[frames] > -1e-6), (ball_F3, pitch_F[frames] < 1e-6)):
            assert np.ptp(point_F3[frames][down], axis=0).max() < 0.002


@pytest.mark.parametrize("point", ["HEEL", "BALL", "TOES"])
def test_feet_stay_above_the_floor(motion: Motion, point: str) -> None:
    for side in ("Left", "Right"):
        place = {
            "HEEL": (f"{side}Foot", tuple(HEEL_3)),
            "BALL": (f"{side}Foot", tuple(BALL_3)),
            "TOES": (f"{side}ToeBaseEnd", (0.0, 0.0, 0.0)),
        }
        assert motion.place(place[point])[:, 2].min() > -0.001


def test_the_knee_follows_the_published_curve(motion: Motion) -> None:
    """In a stride of steady walking: within 8 degrees RMS, with a peak of 50 to 70; hips and feet have rules of their own."""
    steps = motion.plan.steps["Right"]
    phase_F = (motion.plan.time_F - steps[2].contact) / CYCLE_S
    stride_F = (phase_F >= 0) & (phase_F < 1)
    knee_F = knee_flexion(motion, "Right")[stride_F]
    assert np.sqrt(np.mean((knee_F - knee_deg(phase_F[stride_F])) ** 2)) < 8
    assert 50 < knee_F.max() < 70


def test_arms_and_thorax_counter_the_legs(motion: Motion) -> None:
    walking = slice(round(1.5 * RATE_HZ), round(4 * RATE_HZ))
    forward_F3 = np.stack([np.cos(motion.plan.yaw_F), np.sin(motion.plan.yaw_F), 0 * motion.plan.yaw_F], axis=1)

    def ahead(first: str, second: str) -> np.ndarray:
        return ((motion.joint(first) - motion.joint(second)) * forward_F3).sum(1)[walking]

    feet_F = ahead("RightFoot", "LeftFoot")
    assert np.corrcoef(feet_F, ahead("LeftHand", "RightHand"))[0, 1] > 0.9
    assert np.corrcoef(feet_F, ahead("LeftArm", "RightArm"))[0, 1] > 0.9
    assert np.corrcoef(feet_F, ahead("RightUpLeg", "LeftUpLeg"))[0, 1] > 0.9


def test_it_turns_reaches_and_sits(motion: Motion) -> None:
    assert np.degrees(motion.plan.yaw_F[-1]) == pytest.approx(200)
    shelf = slice(round(REACH[1] * RATE_HZ) + 1, round(REACH[2] * RATE_HZ))
    wrist_F3 = motion.joint("RightHand")[shelf]
    assert np.ptp(wrist_F3, axis=0).max() < 1e-6 and wrist_F3[0, 2] > 1.4
    assert np.linalg.norm(wrist_F3[0] - motion.joint("RightArm")[shelf][0]) < UPPER_ARM + FOREARM
    seated = round(SIT[1] * RATE_HZ) + 1
    assert np.allclose(motion.positions_FJ3[seated:, 0, 2], SEAT_M)
    assert 75 < knee_flexion(motion, "Left")[-1] < 105


def test_motion_is_continuous(motion: Motion) -> None:
    speed_FJ = np.linalg.norm(np.diff(motion.positions_FJ3, axis=0), axis=2) * RATE_HZ
    assert speed_FJ.max() < 5
    angle_F = np.linalg.norm(np.diff(motion.rotations_FJ33, axis=0), axis=(2, 3)) / np.sqrt(2)
    assert np.degrees(angle_F.max()) < 15


def test_the_bvh_is_the_truth() -> None:
    bvh, truth = mpm.read(SAMPLE / f"{NAME}.bvh"), mpm.read(SAMPLE / f"{NAME}_truth.npz")
    assert bvh.rate_hz == pytest.approx(RATE_HZ, rel=1e-5)
    for joint, name in (("Hips", "hip"), ("LeftFoot", "left_ankle"), ("RightHand", "right_wrist"), ("Head", "neck"), ("Neck", "thorax")):
        error_F3 = bvh.xyz_FPD[:, bvh.index(joint)] - truth.xyz_FPD[:, truth.index(name)]
        assert np.abs(error_F3).max() < 2e-4, joint


def test_the_c3d_has_gaps_and_noise(motion: Motion) -> None:
    taken, truth = mpm.read(SAMPLE / f"{NAME}.c3d"), mpm.read(SAMPLE / f"{NAME}_markers_truth.npz")
    assert taken.points == truth.points and len(taken.points) == 39
    assert np.array_equal(truth.xyz_FPD, true_markers(motion).xyz_FPD)
    expected = {(label, round(start * RATE_HZ), round((start + seconds) * RATE_HZ)) for labels, start, seconds in GAPS for label in labels}
    assert {(taken.points[gap.point], gap.start, gap.stop) for gap in mpm.find_gaps(taken)} == expected
    assert np.nanstd(taken.xyz_FPD - truth.xyz_FPD) == pytest.approx(NOISE_M, rel=0.02)


def test_the_keypoints_are_near_the_truth() -> None:
    keypoints, truth = mpm.read(SAMPLE / f"{NAME}_openpose"), mpm.read(SAMPLE / f"{NAME}_truth.npz")
    camera = json.loads((SAMPLE / f"{NAME}_camera.json").read_text())
    seen_FP3 = (truth.xyz_FPD[::2] - camera["eye_m"]) @ np.array(camera["world_to_camera"]).T
    xy_FP2 = seen_FP3[..., :2] / seen_FP3[..., 2:] * camera["focal_px"] + camera["centre_px"]
    assert keypoints.frames == len(xy_FP2)
    for name, joint in (("RKnee", "right_knee"), ("LWrist", "left_wrist"), ("MidHip", "hip"), ("LShoulder", "left_shoulder")):
        error_F = np.linalg.norm(keypoints.xyz_FPD[:, keypoints.index(name)] - xy_FP2[:, truth.index(joint)], axis=1)
        assert 1 < np.nanmedian(error_F) < 6, name
    assert 0.005 < float(mpm.missing_share(keypoints).mean()) < 0.05


@pytest.mark.slow
def test_the_bundled_files_equal_those_the_code_writes(tmp_path: Path) -> None:
    write_sample(tmp_path)
    made = sorted(path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file())
    assert made == sorted(path.relative_to(SAMPLE) for path in SAMPLE.rglob("*") if path.is_file())
    for name in (f"{NAME}.bvh", f"{NAME}.c3d", f"{NAME}_truth.npz", f"{NAME}_markers_truth.npz", f"{NAME}_openpose"):
        new, old = mpm.read(tmp_path / name), mpm.read(SAMPLE / name)
        assert new.points == old.points and np.array_equal(new.origin_FP, old.origin_FP)
        assert np.allclose(new.xyz_FPD, old.xyz_FPD, rtol=1e-5, atol=1e-5, equal_nan=True), name


def test_the_sample_stays_small() -> None:
    assert sum(path.stat().st_size for path in SAMPLE.rglob("*") if path.is_file()) < 3_000_000
