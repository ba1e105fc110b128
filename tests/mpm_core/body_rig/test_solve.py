"""Markers and joints solved to a skeleton: constant symmetric bones, a T-pose, and motion that follows what was seen."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body_rig.errors import segment_errors, unseen_ranges
from mpm_core.body_rig.joints import other_side
from mpm_core.body_rig.solve import SolvedBody, solve_body, with_gaps
from mpm_core.edit.mark import mark
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Origin, Recording
from mpm_core.rig import Rig
from mpm_core.rigs.kinematics import bone_lengths, joint_positions
from mpm_core.sample.marker_take import true_markers
from mpm_core.sample.motion import Motion, make_motion

FRAMES = slice(0, 600, 10)
WITHIN_M = {"left_knee": 0.01, "right_elbow": 0.012, "left_ankle": 0.005, "right_wrist": 0.005, "right_shoulder": 0.02, "hip": 0.015}
"""How far the solved joints may lie from the sample's own, on average; the regressions of mpm_core/body/joint_centres.py put them there."""


@pytest.fixture(scope="module")
def motion() -> Motion:
    return make_motion()


@pytest.fixture(scope="module")
def take(motion: Motion) -> Recording:
    whole = true_markers(motion)
    return mpm.make_recording(whole.points, 6.0, whole.xyz_FPD[FRAMES])


@pytest.fixture(scope="module")
def body(take: Recording) -> SolvedBody:
    return solve_body(take)


def rig_of(body: SolvedBody) -> Rig:
    assert body.recording.rig is not None
    return body.recording.rig


def rest_of(rig: Rig) -> dict[str, np.ndarray]:
    """Places of the joints where none is turned, metres, Y up."""
    still = replace(rig, values_FC=np.zeros((1, rig.values_FC.shape[1])))
    return dict(zip(rig.names, joint_positions(still)[0] / 100, strict=True))


@pytest.mark.parametrize("seed", [5, 15])
def test_points_in_a_plane_that_are_no_body_make_rotations_all_the_same(seed: int) -> None:
    """A shoulder is nearly opposite to where it is on median, so that no shortest rotation leads there."""
    rng = np.random.default_rng(seed)
    xyz_FP3 = rng.normal(size=(int(rng.integers(1, 8)), 17, 3)) * 10.0 ** rng.integers(-6, 7)
    xyz_FP3[..., 2] = 0
    solved = solve_body(mpm.make_recording(body17().names, 60.0, xyz_FP3))
    assert np.isfinite(rig_of(solved).values_FC).all() and solved.markers == 0


def test_bones_are_constant_and_the_same_left_and_right(body: SolvedBody) -> None:
    rig = rig_of(body)
    assert all(not names or names[0].endswith("rotation") for names in rig.channels[1:])
    length = dict(zip(rig.names, bone_lengths(rig), strict=True))
    for name in rig.names:
        assert length[name] == pytest.approx(length[other_side(name)], abs=1e-9)
        assert name == "Hips" or length[name] > 1.0, f"{name}: no bone is shorter than a centimetre"


def test_the_rest_pose_is_a_t_pose_that_faces_ahead(body: SolvedBody) -> None:
    at = rest_of(rig_of(body))
    for side, way in (("Left", 1.0), ("Right", -1.0)):
        arm = at[f"{side}Hand"] - at[f"{side}Arm"]
        assert way * arm[0] == pytest.approx(np.linalg.norm(arm))
        leg = at[f"{side}Foot"] - at[f"{side}UpLeg"]
        assert -leg[1] == pytest.approx(np.linalg.norm(leg))
        foot = at[f"{side}ToeBase"] - at[f"{side}Heel"]
        assert foot[2] > 0.9 * np.linalg.norm(foot)
    assert at["Head_end"][1] > at["Neck"][1] > at["Spine1"][1] > at["Hips"][1]


def test_the_skeleton_follows_the_markers_and_is_near_the_true_joints(motion: Motion, body: SolvedBody) -> None:
    whole = segment_errors(body)[-1]
    assert (whole.segment, whole.markers, whole.unseen) == ("all", 39, 0) and whole.rms_mm < 2
    for name, within_m in WITHIN_M.items():
        truth_F3 = motion.body17()[FRAMES, body17().names.index(name)]
        solved_F3 = body.recording.xyz_FPD[:, body.recording.index(body.joint_of[name])]
        assert np.linalg.norm(solved_F3 - truth_F3, axis=1).mean() < within_m, name


def test_rotations_and_positions_are_one_motion(body: SolvedBody) -> None:
    rec, rig = body.recording, rig_of(body)
    np.testing.assert_allclose(joint_positions(rig) @ rec.source.file_to_world_33.T, rec.xyz_FPD, atol=1e-6)
    assert (rec.origin_FP == Origin.FILLED).all()
    turn = np.abs(np.diff(rig.values_FC[:, 3:], axis=0))
    assert np.quantile(turn, 0.99) < 60, "angles do not jump by whole turns"


def test_solving_the_skeletons_own_joints_again_changes_nothing(body: SolvedBody) -> None:
    rec = body.recording
    joints_FJ3 = body_joints(rec, map_body(rec))
    again = solve_body(mpm.make_recording(body17().names, rec.rate_hz, joints_FJ3))
    assert segment_errors(again)[-1].rms_mm < 3
    for name, joint in again.joint_of.items():
        now, before = again.recording.index(joint), body17().names.index(name)
        assert np.linalg.norm(again.recording.xyz_FPD[:, now] - joints_FJ3[:, before], axis=1).mean() < 0.01, name


def test_a_hidden_arm_is_told_and_not_invented(take: Recording, body: SolvedBody) -> None:
    hidden_FP = np.zeros(take.origin_FP.shape, bool)
    arm = [take.index(f"L{name}") for name in ("UPA", "ELB", "FRM", "WRA", "WRB", "FIN") if f"L{name}" in take.points]
    hidden_FP[40:60, arm] = True
    solved = solve_body(mark(take, hidden_FP).apply(take)[0])
    names = solved.recording.points
    for joint in ("LeftForeArm", "LeftHand", "LeftHand_end"):
        unknown_F = ~solved.known_FJ[:, names.index(joint)]
        assert unknown_F[40:60].all() and not unknown_F[:40].any() and not unknown_F[60:].any()
    assert solved.known_FJ[:, names.index("RightHand")].all()
    assert any("LeftHand" in line and line.endswith("41-60") for line in unseen_ranges(solved))
    gappy = with_gaps(solved)
    assert (gappy.origin_FP[40:60, names.index("LeftHand")] == Origin.MISSING).all() and gappy.rig is None
    seen_F = np.r_[0:40, 60 : take.frames]
    moved = np.linalg.norm(solved.recording.xyz_FPD - body.recording.xyz_FPD, axis=2)[seen_F]
    assert np.quantile(moved, 0.99) < 0.01


def test_one_marker_far_off_moves_the_skeleton_little(take: Recording, body: SolvedBody) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[50:55, take.index("LKNE")] += 0.4
    solved = solve_body(mpm.make_recording(take.points, take.rate_hz, xyz_FPD))
    leg = solved.recording.index("LeftLeg")
    assert np.linalg.norm(solved.recording.xyz_FPD[50:55, leg] - body.recording.xyz_FPD[50:55, leg], axis=1).max() < 0.08


def test_markers_that_are_never_or_seldom_seen_do_no_harm(take: Recording, body: SolvedBody) -> None:
    xyz_FPD = take.xyz_FPD.copy()
    xyz_FPD[:, take.index("LTHI")] = np.nan
    xyz_FPD[2:, take.index("RTIB")] = np.nan
    solved = solve_body(mpm.make_recording(take.points, take.rate_hz, xyz_FPD))
    assert np.isfinite(rig_of(solved).values_FC).all() and len(solved.residuals) == len(body.residuals) - 1
    assert segment_errors(solved)[-1].rms_mm < 2


def test_what_is_no_body_is_refused_with_the_reason(take: Recording) -> None:
    flat = mpm.make_recording(take.points, 30.0, take.xyz_FPD[..., :2])
    with pytest.raises(DataError, match="2D"):
        solve_body(flat)
    with pytest.raises(MappingError):
        solve_body(mpm.make_recording(("a", "b"), 30.0, np.zeros((3, 2, 3))))
    with pytest.raises(DataError, match="no frames"):
        solve_body(mpm.make_recording(body17().names, 30.0, np.zeros((0, 17, 3))))
    with pytest.raises(DataError, match="cannot be measured"):
        solve_body(mpm.make_recording(body17().names, 30.0, np.zeros((3, 17, 3))))
    no_pelvis = [point for point in take.points if not point.endswith(("ASI", "PSI"))]
    rows = [take.index(point) for point in no_pelvis]
    with pytest.raises(MappingError, match="hips"):
        solve_body(mpm.make_recording(tuple(no_pelvis), 30.0, take.xyz_FPD[:, rows]))
