"""Spine and thorax of a hierarchy are taken by where its joints lie, whatever they are called."""

from __future__ import annotations

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body
from mpm_core.recording import Recording
from tests.makers import T_POSE, person_rig
from tests.mpm_core.body.test_mapping import nameless
from tests.mpm_core.rig_names import MOTION_BUILDER, RIGS

NAMES = body17().names
Pose = dict[str, tuple[str, tuple[float, float, float]]]
LIMBS = {
    f"{side}_{joint}": name.replace("*", word)
    for side, word in (("left", "Left"), ("right", "Right"))
    for joint, name in MOTION_BUILDER.items()
}


def without_neck_joint(chest_y: float = 0.376) -> Pose:
    """Two spine joints, of which the upper one carries arms and head."""
    left_out = ("low_spine", "spine", "chest", "thorax", "neck", "head_top", "left_collar", "right_collar")
    pose = {joint: line for joint, line in T_POSE.items() if joint not in left_out}
    pose |= {"low_spine": ("root", (0, 0.119, 0)), "chest": ("low_spine", (0, chest_y - 0.119, 0))}
    pose |= {"neck": ("chest", (0, 0.09, 0)), "head_top": ("neck", (0, 0.13, 0))}
    shoulder_y = 0.376 - chest_y
    pose |= {"left_collar": ("chest", (0.09, shoulder_y, 0)), "right_collar": ("chest", (-0.09, shoulder_y, 0))}
    pose |= {"left_shoulder": ("left_collar", (0.1, 0, 0)), "right_shoulder": ("right_collar", (-0.1, 0, 0))}
    order = [joint for joint in T_POSE if joint in pose]
    return {joint: pose[joint] for joint in order}


def person(pose: Pose, **middle: str) -> Recording:
    return person_rig(LIMBS | {"root": "Hips"} | middle, pose=pose)


def source(rec: Recording, joint: str) -> dict[str, float]:
    return {rec.points[point]: weight for point, weight in map_body(rec).sources[NAMES.index(joint)]}


def test_a_node_of_arms_and_head_at_the_shoulders_is_the_thorax_and_not_the_spine() -> None:
    rec = person(without_neck_joint(), low_spine="Spine", chest="Spine1", neck="Head", head_top="Head_end")
    assert source(rec, "thorax") == {"Spine1": 1.0}
    assert source(rec, "spine") == {"Spine": 1.0}
    assert map_body(nameless(rec)).sources == map_body(rec).sources


def test_a_node_far_below_the_shoulders_is_not_the_base_of_the_neck() -> None:
    rec = person(without_neck_joint(chest_y=0.25), low_spine="Spine", chest="Spine1", neck="Head", head_top="Head_end")
    assert source(rec, "thorax") == {"LeftArm": 0.5, "RightArm": 0.5}


@pytest.mark.parametrize(("heights", "expected"), [((0.12, 0.27, 0.43, 0.62), "spine"), ((0.1, 0.2, 0.35, 0.5), "spine")])
def test_the_spine_joint_nearest_to_half_way_is_taken(heights: tuple[float, ...], expected: str) -> None:
    low, spine, chest, thorax = heights
    moved = {
        "low_spine": ("root", (0, low, 0)),
        "spine": ("low_spine", (0, spine - low, 0)),
        "chest": ("spine", (0, chest - spine, 0)),
        "thorax": ("chest", (0, thorax - chest, 0)),
    }
    rec = person_rig(
        LIMBS | {"root": "Hips", "chest": "Spine2", "spine": "Spine1", "low_spine": "Spine", "thorax": "Neck"}, pose=T_POSE | moved
    )
    assert source(rec, "spine") == {"Spine1" if expected == "spine" else "Spine2": 1.0}


def test_where_no_joint_lies_half_way_the_spine_is_a_point_between_two() -> None:
    moved = {
        "low_spine": ("root", (0, 0.0, 0)),
        "spine": ("low_spine", (0, 0.03, 0)),
        "chest": ("spine", (0, 0.42, 0)),
        "thorax": ("chest", (0, 0.05, 0)),
    }
    rec = person_rig(RIGS["Mixamo"], pose=T_POSE | moved)
    assert set(source(rec, "spine")) == {"mixamorig:Spine1", "mixamorig:Spine2"}
    joints_FJ3 = body_joints(rec, map_body(rec))
    ends = [np.linalg.norm(joints_FJ3[:, 7] - joints_FJ3[:, other], axis=1) for other in (0, 8)]
    np.testing.assert_allclose(ends[0] / (ends[0] + ends[1]), 0.5, atol=0.02)


def test_a_head_that_ends_in_a_bone_without_length_is_extrapolated() -> None:
    rec = person_rig(RIGS["Mixamo"], pose=T_POSE | {"head_top": ("neck", (0, 0.0, 0))})
    joints_FJ3 = body_joints(rec, map_body(rec))
    assert np.linalg.norm(joints_FJ3[:, 10] - joints_FJ3[:, 9], axis=1).min() > 0.1


def test_what_the_user_says_of_the_spine_counts() -> None:
    rec = person(T_POSE, low_spine="Spine", spine="Spine1", chest="Spine2", thorax="Neck", neck="Head")
    bmap = map_body(rec, {"spine": "Spine2"})
    assert bmap.sources[NAMES.index("spine")] == ((rec.points.index("Spine2"), 1.0),)
