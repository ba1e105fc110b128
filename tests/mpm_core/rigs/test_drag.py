"""A joint of a hierarchy moved by hand: it goes where its bones allow, and nothing measured moves."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.edit.patch import patch_where
from mpm_core.errors import DataError
from mpm_core.io.bvh import bvh
from mpm_core.recording import Origin, Recording
from mpm_core.rigs.constraints import expand_marks
from mpm_core.rigs.drag import bent_pose, drag_joint
from mpm_core.rigs.kinematics import world_joint_positions
from mpm_core.rigs.solve import solve, solved_FP
from tests.makers import person_bvh, smooth_take

FRAME = 30


@pytest.fixture(scope="module")
def take(tmp_path_factory: pytest.TempPathFactory) -> Recording:
    path: Path = tmp_path_factory.mktemp("rig") / "person.bvh"
    path.write_bytes(person_bvh())
    return bvh.read(path)


def marked(rec: Recording, *names: str, frames: slice = slice(20, 40)) -> Recording:
    assert rec.rig is not None
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[frames, [rec.index(name) for name in names]] = True
    origin_FP = rec.origin_FP.copy()
    origin_FP[expand_marks(rec.rig, where_FP)] = Origin.MARKED
    return replace(rec, origin_FP=origin_FP)


def bones(rec: Recording, xyz_J3: np.ndarray) -> np.ndarray:
    assert rec.rig is not None
    return np.array([np.linalg.norm(xyz_J3[joint] - xyz_J3[parent]) for joint, parent in enumerate(rec.rig.parents) if parent >= 0])


@settings(max_examples=25, deadline=None)
@given(step=st.tuples(*[st.floats(-0.25, 0.25)] * 3))
def test_the_arm_bends_and_every_bone_and_measured_joint_stays(take: Recording, step: tuple[float, float, float]) -> None:
    rec = marked(take, "LeftForeArm", "LeftHand")
    hand, elbow, shoulder = (rec.index(name) for name in ("LeftHand", "LeftForeArm", "LeftArm"))
    now_J3 = rec.xyz_FPD[FRAME].astype(np.float64)
    aim_3 = now_J3[hand] + step
    xyz_J3, moved_J = drag_joint(rec, hand, FRAME, aim_3)
    assert np.allclose(bones(rec, xyz_J3), bones(rec, now_J3), atol=2e-6)
    assert np.allclose(xyz_J3[~moved_J], now_J3[~moved_J], atol=2e-6)
    assert not moved_J[rec.origin_FP[FRAME] == Origin.MEASURED].any() and moved_J[[hand, elbow]].all()
    upper, lower = np.linalg.norm(now_J3[elbow] - now_J3[shoulder]), np.linalg.norm(now_J3[hand] - now_J3[elbow])
    away = np.linalg.norm(aim_3 - now_J3[shoulder])
    missed = max(0.0, away - upper - lower, abs(upper - lower) - away)
    assert np.linalg.norm(xyz_J3[hand] - aim_3) == pytest.approx(missed, abs=2e-5), "as near as two bones reach"


def test_with_a_measured_elbow_the_hand_turns_about_it(take: Recording) -> None:
    rec = marked(take, "LeftHand")
    hand, elbow = rec.index("LeftHand"), rec.index("LeftForeArm")
    aim_3 = rec.xyz_FPD[FRAME, hand] + [0.1, 0.1, 0.2]
    xyz_J3, moved_J = drag_joint(rec, hand, FRAME, aim_3)
    assert not moved_J[elbow] and moved_J[rec.index("LeftFinger")]
    toward_3, reached_3 = (each - rec.xyz_FPD[FRAME, elbow] for each in (aim_3, xyz_J3[hand]))
    assert toward_3 @ reached_3 == pytest.approx(np.linalg.norm(toward_3) * np.linalg.norm(reached_3), rel=1e-6)


def test_a_whole_body_that_is_not_measured_moves_with_its_root(take: Recording) -> None:
    rec = marked(take, *take.points)
    step_3 = np.array([0.3, -0.2, 0.1])
    xyz_J3, moved_J = drag_joint(rec, 0, FRAME, rec.xyz_FPD[FRAME, 0] + step_3)
    assert moved_J.all() and np.allclose(xyz_J3, rec.xyz_FPD[FRAME] + step_3, atol=1e-5)


def test_the_file_that_is_written_has_the_pose_that_was_set(take: Recording) -> None:
    rec = marked(take, "RightForeArm", "RightHand", frames=slice(FRAME, FRAME + 1))
    hand = rec.index("RightHand")
    xyz_J3, moved_J = drag_joint(rec, hand, FRAME, rec.xyz_FPD[FRAME, hand] + [0.0, 0.1, 0.1])
    where_FP = np.zeros(rec.origin_FP.shape, bool)
    where_FP[FRAME] = moved_J
    after = patch_where(rec, "by hand", where_FP, xyz_FPD=np.broadcast_to(xyz_J3, rec.xyz_FPD.shape), origin=Origin.HAND).apply(rec)[0]
    assert after.rig is not None
    values_FC = solve(after.rig, after.source.file_to_world_33, after.xyz_FPD, solved_FP(after))
    written_FJ3 = world_joint_positions(replace(after.rig, values_FC=values_FC), after.source.file_to_world_33)
    assert np.allclose(written_FJ3[FRAME], xyz_J3, atol=1e-5)
    others = np.arange(after.frames) != FRAME
    assert np.array_equal(values_FC[others], after.rig.values_FC[others])


def test_the_pose_that_is_shown_while_dragging_is_the_one_that_is_solved(take: Recording) -> None:
    rec = marked(take, "LeftLeg", "LeftFoot", "LeftToe")
    foot = rec.index("LeftFoot")
    aim_3 = rec.xyz_FPD[FRAME, foot] + [0.1, 0.1, 0.15]
    quick_J3, quick_J = bent_pose(rec, foot, FRAME, aim_3)
    xyz_J3, moved_J = drag_joint(rec, foot, FRAME, aim_3)
    assert np.allclose(quick_J3, xyz_J3, atol=1e-5) and (quick_J == moved_J).all()


def test_what_cannot_be_dragged_is_refused(take: Recording) -> None:
    with pytest.raises(DataError, match="is measured"):
        drag_joint(take, 3, FRAME, np.zeros(3))
    with pytest.raises(DataError, match="no skeleton"):
        drag_joint(smooth_take(), 1, 0, np.zeros(3))
