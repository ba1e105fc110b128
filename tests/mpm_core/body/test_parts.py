"""Points of body parts, for rigs, marker sets and keypoints."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.names import keypoint_set
from mpm_core.body.parts import parse_mark, resolve
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Recording, Source, make_recording
from tests.makers import T_POSE, person_rig

LEFT_ARM = {"left_elbow", "left_wrist", "left_hand", "left_thumb"}
RIGHT_ARM = {"right_elbow", "right_wrist", "right_hand", "right_thumb"}
LEFT_LEG, RIGHT_LEG = {"left_knee", "left_ankle", "left_toe"}, {"right_knee", "right_ankle", "right_toe"}
LOWER = {"root", "left_hip", "right_hip"} | LEFT_LEG | RIGHT_LEG
PARTS = {
    "left_arm": LEFT_ARM,
    "arms": LEFT_ARM | RIGHT_ARM,
    "legs": LEFT_LEG | RIGHT_LEG,
    "left_side": LEFT_ARM | LEFT_LEG,
    "right_side": RIGHT_ARM | RIGHT_LEG,
    "lower": LOWER,
    "upper": set(T_POSE) - LOWER,
    "head": {"neck", "head_top"},
    "all": set(T_POSE),
}


def names_of(rec: Recording, text: str) -> set[str]:
    return {rec.points[point] for point in resolve(rec, text)}


@pytest.fixture
def rig() -> Recording:
    """A rig whose names are not body parts: bone_left_elbow, ..."""
    return person_rig({joint: f"b{number}" for number, joint in enumerate(T_POSE)})


@pytest.mark.parametrize("part", PARTS)
def test_groups_of_a_rig_include_all_descendants(part: str, rig: Recording) -> None:
    label = dict(zip(rig.points, T_POSE, strict=True))
    assert {label[name] for name in names_of(rig, part)} == PARTS[part]


def test_a_joint_is_its_point_and_the_hip_of_a_rig_its_root(rig: Recording) -> None:
    order = list(T_POSE)
    assert resolve(rig, "left_elbow") == (order.index("left_elbow"),)
    assert resolve(rig, "hip") == resolve(rig, "root") == (order.index("root"),)


def test_names_and_parts_together_in_order_and_once(rig: Recording) -> None:
    order = list(T_POSE)
    assert resolve(rig, " left_wrist, b0 ,left_wrist") == (0, order.index("left_wrist"))


def test_a_point_name_has_priority_over_a_body_part() -> None:
    rec = person_rig({"neck": "head"})
    assert names_of(rec, "head") == {"head"}


def test_upper_and_lower_partition_a_real_rig(samples_dir: Path) -> None:
    from mpm_core.io.registry import read

    rec = read(samples_dir / "bvh" / "pybvh" / "cmu_12_01_walk.bvh")
    upper, lower = set(resolve(rec, "upper")), set(resolve(rec, "lower"))
    assert upper | lower == set(range(len(rec.points)))
    assert not upper & lower
    assert names_of(rec, "right_leg") == {"RightLeg", "RightFoot", "RightToeBase", "RightToeBase_end"}


def test_groups_of_a_marker_set() -> None:
    text = """
    LFHD RFHD LBHD RBHD C7 T10 CLAV STRN RBAK LSHO LUPA LELB LFRM LWRA LWRB LFIN RSHO RUPA RELB RFRM RWRA RWRB RFIN
    LASI RASI LPSI RPSI LTHI LKNE LTIB LANK LHEE LTOE RTHI RKNE RTIB RANK RHEE RTOE
    """
    labels = text.split()
    rec = make_recording(
        tuple(f"Jo:{label}" for label in [*labels, "PROP"]), 100.0, np.random.default_rng(0).normal(size=(3, len(labels) + 1, 3))
    )
    expected = {
        "left_arm": "LELB LFRM LWRA LWRB LFIN",
        "left_elbow": "LELB",
        "right_leg": "RKNE RTIB RANK RHEE RTOE",
        "right_ankle": "RANK",
        "head": "LFHD RFHD LBHD RBHD",
        "root": "LASI RASI LPSI RPSI",
    }
    for part, members in expected.items():
        assert names_of(rec, part) == {f"Jo:{label}" for label in members.split()}, part
    upper, lower = names_of(rec, "upper"), names_of(rec, "lower")
    assert upper | lower == set(rec.points) - {"Jo:PROP"}
    assert not upper & lower
    assert "Jo:PROP" in names_of(rec, "all")


def test_groups_of_keypoints() -> None:
    names = keypoint_set("BODY_25")
    assert names is not None
    rec = make_recording(names.points, 30.0, np.random.default_rng(0).uniform(1, 9, (3, 25, 2)))
    assert names_of(rec, "left_leg") == {"LKnee", "LAnkle", "LBigToe", "LSmallToe", "LHeel"}
    assert names_of(rec, "head") == {"Nose", "LEye", "REye", "LEar", "REar"}
    assert names_of(rec, "root") == {"MidHip"}
    assert names_of(rec, "upper") | names_of(rec, "lower") == set(names.points)


def test_unknown_names_raise_with_the_closest(rig: Recording) -> None:
    with pytest.raises(DataError, match="left_arm"):
        resolve(rig, "left_arn")
    with pytest.raises(DataError, match="no point of this take"):
        resolve(rig, " , ")


def test_a_body_part_of_points_without_a_body_raises() -> None:
    rec = make_recording(("a", "b"), 30.0, np.zeros((2, 2, 3)))
    with pytest.raises(MappingError):
        resolve(rec, "left_arm")
    assert resolve(rec, "all") == (0, 1)


def test_marks_are_one_based_and_inclusive(rig: Recording) -> None:
    points, start, stop = parse_mark(rig, "left_elbow:3-5")
    assert (start, stop) == (2, 5)
    assert points == resolve(rig, "left_elbow")
    assert parse_mark(rig, "b3:40")[1:] == (39, 40)


def test_marks_use_the_frame_numbers_of_the_file() -> None:
    rec = make_recording(("ns:a", "b"), 30.0, np.zeros((10, 2, 3)), source=Source(first_frame=1150))
    assert parse_mark(rec, "ns:a:1150-1159") == ((0,), 0, 10)
    with pytest.raises(DataError, match="1150 to 1159"):
        parse_mark(rec, "b:1-3")
    with pytest.raises(DataError, match="frames 1159 to 1150 end before they begin"):
        parse_mark(rec, "a:1159-1150")


@pytest.mark.parametrize(
    "text", ["left_arm", "left_arm:", "left_arm:x-3", "left_arm:5-3", "left_arm:0-3", "left_arm:1-41", "left_arm:-1-3", ""]
)
def test_invalid_marks_raise(text: str, rig: Recording) -> None:
    with pytest.raises(DataError):
        parse_mark(rig, text)
