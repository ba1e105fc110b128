"""The 17 joints are the same whatever the joints are called, and NaN where a contributing point is not to be trusted."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.joints import body17
from mpm_core.body.mapping import body_joints, map_body, points_of
from mpm_core.body.names import NameSet, clean, name_sets
from mpm_core.body.parts import resolve
from mpm_core.edit.mark import mark, region
from mpm_core.errors import DataError, MappingError
from mpm_core.recording import Recording, make_recording
from mpm_core.rig import Rig
from mpm_core.skeleton import Skeleton
from mpm_core.typing import Float
from tests.makers import T_POSE, person_rig, with_gap
from tests.mpm_core.rig_names import RIGS

NAMES = body17().names
SAMPLE_RIGS = {
    "fairmotion/pfnn_hierarchy.bvh": "CMU (MotionBuilder)",
    "pybvh/cmu_12_01_walk.bvh": "CMU (MotionBuilder)",
    "pybvh/bvh_test2.bvh": "Xsens (BVH)",
    "pybvh/bvh_test3.bvh": "Perception Neuron",
    "pybvh/bvh_example.bvh": "Perception Neuron",
    "pybvh/standard_skeleton.bvh": "Perception Neuron",
    "assimp/Boxing_Toes.bvh": "OptiTrack (BVH)",
    "akjava/pose.bvh": "CMU (MotionBuilder)",
    "bvh-toolbox/source/walk01.bvh": "MotionBuilder",
    "bvh-toolbox/test_mocapbank.bvh": "OptiTrack (BVH)",
    "cmu-blender/01-01 v01.bvh": "Unreal",
    "jlpm-motionmatching/jl_motionMatching_tpose.txt": "Xsens (BVH)",
}


def nameless(rec: Recording) -> Recording:
    """The same take with joints called j0, j1, ..."""
    label = {name: f"j{number}" for number, name in enumerate(rec.points)}
    rig, skeleton = rec.rig, rec.skeleton
    if rig is not None:
        rig = Rig(tuple(label[name] for name in rig.names), rig.parents, rig.offsets_J3, rig.channels, rig.values_FC, rig.is_end_J)
    if skeleton is not None:
        skeleton = Skeleton("nameless", tuple(label[name] for name in skeleton.names), skeleton.parents)
    return replace(rec, points=tuple(label.values()), rig=rig, skeleton=skeleton)


def true_joints(rec: Recording) -> np.ndarray:
    """(F, 17, 3) of a maker's person, from the joints as T_POSE calls them."""
    order = list(T_POSE)
    xyz_FPD = rec.xyz_FPD.astype(np.float64)
    middle = (xyz_FPD[:, order.index("left_hip")] + xyz_FPD[:, order.index("right_hip")]) / 2
    return np.stack([middle if name == "hip" else xyz_FPD[:, order.index(name)] for name in NAMES], axis=1)


@pytest.mark.parametrize("name", RIGS)
def test_known_rigs_by_name(name: str) -> None:
    rec = person_rig(RIGS[name])
    bmap = map_body(rec)
    assert (bmap.kind, bmap.name) == ("rig", name)
    np.testing.assert_allclose(body_joints(rec, bmap), true_joints(rec), atol=1e-6)


@pytest.mark.parametrize("seed", range(5))
def test_a_nameless_hierarchy_gives_the_same_joints(seed: int) -> None:
    rec = nameless(person_rig(seed=seed, frames=30))
    bmap = map_body(rec)
    assert bmap.name == "by topology"
    np.testing.assert_allclose(body_joints(rec, bmap), true_joints(rec), atol=1e-6)


def test_left_and_right_come_from_where_the_feet_point() -> None:
    rec = person_rig(frames=1, swing_deg=0)
    turned = replace(rec, xyz_FPD=rec.xyz_FPD * np.float32([-1, -1, 1]))
    mirrored = replace(rec, xyz_FPD=rec.xyz_FPD * np.float32([-1, 1, 1]))
    left = NAMES.index("left_hip")
    point = list(T_POSE).index("left_hip")
    assert points_of(map_body(nameless(turned)))[left] == point
    assert points_of(map_body(nameless(mirrored)))[left] == list(T_POSE).index("right_hip")


@pytest.mark.parametrize("file", SAMPLE_RIGS)
def test_real_rigs_map_the_same_with_and_without_names(file: str, samples_dir: Path) -> None:
    from mpm_core.io.registry import read

    rec = read(samples_dir / "bvh" / file)
    bmap = map_body(rec)
    assert bmap.name == SAMPLE_RIGS[file]
    assert map_body(nameless(rec)).sources == bmap.sources


def test_real_motion_data_maps_the_same_with_and_without_names(data_dir: Path) -> None:
    from mpm_core.io.registry import read

    files = [
        sorted(folder.rglob(pattern))[0]
        for pattern in ("*.amc", "*.bvh")
        for folder in sorted(data_dir.glob("*/*"))
        if any(folder.rglob(pattern))
    ]
    if not files:
        pytest.skip("no .amc or .bvh in the data folder")
    for file in files[::6]:
        rec = read(file)
        assert map_body(nameless(rec)).sources == map_body(rec).sources, file


def test_a_rig_read_without_its_hierarchy_still_maps_by_name() -> None:
    rec = person_rig(RIGS["Mixamo"])
    flat = make_recording(rec.points, rec.rate_hz, rec.xyz_FPD)
    assert map_body(flat).sources == map_body(rec).sources


def test_an_absent_head_end_is_drawn_out_from_the_neck() -> None:
    rec = person_rig(RIGS["SMPL"])
    keep = [point for point, name in enumerate(rec.points) if name != "head_top"]
    headless = make_recording(tuple(rec.points[point] for point in keep), rec.rate_hz, rec.xyz_FPD[:, keep])
    joints_FJD = body_joints(headless, map_body(headless))
    off_F = np.linalg.norm(joints_FJD[:, 10] - true_joints(rec)[:, 10], axis=1)
    assert np.median(off_F) < 0.06  # the head nods by more than the neck tells


def test_missing_and_marked_points_are_nan_only_in_their_joints() -> None:
    rec = with_gap(person_rig(RIGS["Mixamo"]), list(T_POSE).index("left_elbow"), 5, 9)
    where_FP = region(rec, [list(T_POSE).index("right_hip")], 20, 22)
    marked, _ = mark(rec, where_FP).apply(rec)
    joints_FJD = body_joints(marked, map_body(marked))
    expected_FJ = np.zeros((rec.frames, 17), bool)
    expected_FJ[5:9, NAMES.index("left_elbow")] = True
    expected_FJ[20:22, [NAMES.index("right_hip"), NAMES.index("hip")]] = True
    np.testing.assert_array_equal(np.isnan(joints_FJD).any(axis=2), expected_FJ)


def test_a_single_point_is_its_joint_bit_for_bit() -> None:
    rec = person_rig(RIGS["Mixamo"])
    bmap = map_body(rec)
    joints_FJD = body_joints(rec, bmap)
    points = points_of(bmap)
    assert points[0] == -1
    for joint, point in enumerate(points[1:], start=1):
        assert point >= 0
        np.testing.assert_array_equal(joints_FJD[:, joint], rec.xyz_FPD[:, point].astype(np.float64))


def test_the_17_joints_by_their_own_names_are_themselves() -> None:
    xyz_FPD = np.random.default_rng(0).normal(size=(4, 17, 3)).astype(np.float32)
    rec = make_recording(NAMES, 30.0, xyz_FPD)
    bmap = map_body(rec)
    assert bmap.kind == "joints"
    assert points_of(bmap) == tuple(range(17))
    np.testing.assert_array_equal(body_joints(rec, bmap), xyz_FPD.astype(np.float64))


def test_marker_sets_map_through_their_markers(samples_dir: Path) -> None:
    from mpm_core.io.registry import read

    rec = read(samples_dir / "c3d" / "pycgm" / "ROM" / "Sample_Static.c3d")
    bmap = map_body(rec)
    middle_JD = np.nanmedian(body_joints(rec, bmap), axis=0)
    height = dict(zip(NAMES, middle_JD[:, 2], strict=True))
    assert bmap.kind == "markers"
    assert height["left_ankle"] < height["left_knee"] < height["hip"] < height["thorax"] < height["head_top"] < 2.2
    assert points_of(bmap) == (-1,) * 17


def test_the_user_comes_first() -> None:
    rec = person_rig(RIGS["Mixamo"])
    bmap = map_body(rec, {"left_wrist": "left_hand"})
    assert points_of(bmap)[NAMES.index("left_wrist")] == rec.points.index("left_hand")
    assert points_of(bmap)[1:13] == points_of(map_body(rec))[1:13]


def test_the_user_alone_is_enough() -> None:
    xyz_FPD = np.random.default_rng(0).normal(size=(4, 6, 3))
    rec = make_recording(("a", "b", "c", "d", "e", "f"), 30.0, xyz_FPD)
    bmap = map_body(rec, {"left_hip": "a", "right_hip": "b", "left_shoulder": "c", "right_shoulder": "d"})
    joints_FJD = body_joints(rec, bmap)
    xyz_FPD = rec.xyz_FPD.astype(np.float64)
    assert bmap.name == "by hand"
    np.testing.assert_allclose(joints_FJD[:, 0], (xyz_FPD[:, 0] + xyz_FPD[:, 1]) / 2)
    np.testing.assert_allclose(joints_FJD[:, 8], (xyz_FPD[:, 2] + xyz_FPD[:, 3]) / 2)
    np.testing.assert_allclose(joints_FJD[:, 7], (joints_FJD[:, 0] + joints_FJD[:, 8]) / 2)
    assert np.isnan(joints_FJD[:, NAMES.index("left_wrist")]).all()


def test_unmappable_points_raise_with_a_reason() -> None:
    rec = make_recording(("a", "b"), 30.0, np.zeros((2, 2, 3)))
    with pytest.raises(MappingError, match=r"no known rig, .* fits these 2 points \("):
        map_body(rec)
    with pytest.raises(MappingError, match="and their hierarchy is not a person's"):
        map_body(replace(rec, skeleton=Skeleton("chain", rec.points, (-1, 0))))
    with pytest.raises(MappingError, match="left_elbow"):
        map_body(rec, {"left_elbo": "a"})
    with pytest.raises(DataError, match="no point called 'z'"):
        map_body(rec, {"left_elbow": "z"})
    with pytest.raises(MappingError, match="hip and the thorax"):
        map_body(rec, {"left_elbow": "a"})


def test_a_hierarchy_that_is_not_a_person_raises() -> None:
    chain = {"base": "", "one": "base", "two": "one", "three": "two"}
    skeleton = Skeleton("chain", tuple(chain), (-1, 0, 1, 2))
    rec = make_recording(tuple(chain), 30.0, np.random.default_rng(0).normal(size=(5, 4, 3)), skeleton=skeleton)
    with pytest.raises(MappingError):
        map_body(rec)


@pytest.mark.parametrize("names", [names for names in name_sets("keypoints") if names.limbs], ids=lambda names: names.name)
def test_keypoint_sets_give_the_17_joints(names: NameSet) -> None:
    """A frontal person, y down: joints are at their defined positions, in order from head to foot."""
    known = {"nose": (0, -62), "neck": (0, -50), "head": (0, -78), "hip": (0, 0), "midhip": (0, 0), "chest": (0, -25), "headtop": (0, -78)}
    limbs = {
        "shoulder": (18, -50),
        "elbow": (40, -50),
        "wrist": (60, -50),
        "hip": (9, 0),
        "knee": (9, 40),
        "ankle": (9, 80),
        "ear": (7, -64),
        "eye": (3, -64),
    }
    xy_PD = np.full((len(names.points), 2), 90.0)
    for point, name in enumerate(names.points):
        key = clean(name)
        side, part = (1, key[4:]) if key.startswith("left") else (-1, key[5:]) if key.startswith("right") else (0, key)
        if not side and key[1:] in limbs and key[0] in "lr":
            side, part = (1 if key[0] == "l" else -1), key[1:]
        if side and part in limbs:
            xy_PD[point] = side * limbs[part][0], limbs[part][1]
        elif key in known:
            xy_PD[point] = known[key]
    rec = make_recording(names.points, 30.0, xy_PD[None])
    bmap = map_body(rec)
    joints = dict(zip(NAMES, body_joints(rec, bmap)[0], strict=True))
    assert bmap.kind == "keypoints"
    for name, expected in {"hip": (0, 0), "spine": (0, -25), "thorax": (0, -50), "left_wrist": (60, -50), "right_ankle": (-9, 80)}.items():
        np.testing.assert_allclose(joints[name], expected, atol=1e-4, err_msg=name)
    np.testing.assert_allclose(joints["neck"], (0, -65), atol=4)
    np.testing.assert_allclose(joints["head_top"], (0, -75), atol=5)


def head_turning(frames: int = 120) -> tuple[tuple[str, ...], Float]:
    """COCO-17 of a person who turns the head from side to side, in pixels (F, 17, 2)."""
    points = next(names for names in name_sets("keypoints") if names.name == "COCO-17").points
    xy_FP2 = np.tile(np.random.default_rng(0).uniform(10, 90, (17, 2)), (frames, 1, 1))
    yaw_F = 1.2 * np.sin(np.arange(frames) / 10)
    for point, angle, far in (("nose", 0.0, 12), ("left_ear", np.pi / 2, 8), ("right_ear", -np.pi / 2, 8)):
        xy_FP2[:, points.index(point)] = np.stack([50 + far * np.sin(yaw_F + angle), np.full(frames, 20.0)], axis=1)
    return points, xy_FP2


def test_a_head_stays_where_it_is_when_its_ears_are_seen_in_turn() -> None:
    """The ear that the head turns away is hidden; at last both are, and the nose is left."""
    points, xy_FP2 = head_turning()
    truth_F2 = body_joints(make_recording(points, 30.0, xy_FP2), map_body(make_recording(points, 30.0, xy_FP2)))[:, NAMES.index("neck")]
    seen_FP2, nose_F = xy_FP2.copy(), xy_FP2[:, points.index("nose"), 0]
    seen_FP2[nose_F > 54, points.index("left_ear")] = np.nan
    seen_FP2[nose_F < 46, points.index("right_ear")] = np.nan
    seen_FP2[-4:, [points.index("left_ear"), points.index("right_ear")]] = np.nan
    rec = make_recording(points, 30.0, seen_FP2)
    bmap = map_body(rec)
    neck_F2, head_F2 = (body_joints(rec, bmap)[:, NAMES.index(name)] for name in ("neck", "head_top"))
    assert (np.linalg.norm(neck_F2 - truth_F2, axis=1) < 6).all()  # an ear is 8 from there, the nose 12
    assert np.linalg.norm(np.diff(neck_F2, axis=0), axis=1).max() < 2
    assert np.isfinite(head_F2).all()
    assert points_of(bmap)[NAMES.index("neck")] == -1


def test_from_the_side_a_head_is_where_its_one_visible_ear_is() -> None:
    points, xy_FP2 = head_turning()
    xy_FP2[:, points.index("left_ear")] = np.nan
    rec = make_recording(points, 30.0, xy_FP2)
    assert points_of(map_body(rec))[NAMES.index("neck")] == points.index("right_ear")


def test_in_3d_nothing_stands_in_for_a_missing_point_which_is_to_be_filled() -> None:
    points, xy_FP2 = head_turning()
    xyz_FP3 = np.concatenate([xy_FP2, np.zeros((*xy_FP2.shape[:2], 1))], axis=2) / 100
    xyz_FP3[5, points.index("left_ear")] = np.nan
    rec = make_recording(points, 30.0, xyz_FP3)
    assert np.isnan(body_joints(rec, map_body(rec))[5, NAMES.index("neck")]).all()


def test_a_joint_that_is_marked_as_wrong_is_missing_and_one_of_its_points_alone_is_stood_in_for() -> None:
    rec = read_openpose()
    points, neck = resolve(rec, "neck"), NAMES.index("neck")
    assert {rec.points[point] for point in points} == {"LEar", "REar"}
    seen_F = np.isfinite(body_joints(rec, map_body(rec))[:, neck]).all(axis=1)
    assert seen_F[60:80].all()
    marked, _ = mark(rec, region(rec, list(points), 60, 80)).apply(rec)
    np.testing.assert_array_equal(
        np.isfinite(body_joints(marked, map_body(marked))[:, neck]).all(axis=1), seen_F & ~np.isin(np.arange(rec.frames), range(60, 80))
    )
    one, _ = mark(rec, region(rec, [rec.points.index("LEar")], 60, 80)).apply(rec)
    assert np.isfinite(body_joints(one, map_body(one))[60:80, neck]).all()


def test_a_far_ear_that_is_found_falsely_for_a_while_does_not_move_the_head_for_the_whole_take() -> None:
    rec = read_openpose()
    left, right, neck = rec.index("LEar"), rec.index("REar"), NAMES.index("neck")
    truth_F2 = rec.xyz_FPD[:, [left, right]].mean(axis=1)
    wrong = rec.frames * 6 // 100
    xy_FP2 = rec.xyz_FPD.copy()
    xy_FP2[wrong:, right] = np.nan
    xy_FP2[:wrong, right] += (150.0, 0.0)
    one_eared = make_recording(rec.points, rec.rate_hz, xy_FP2)
    off_F = np.linalg.norm(body_joints(one_eared, map_body(one_eared))[:, neck] - truth_F2, axis=1)
    assert np.nanmedian(off_F[wrong:]) < 20


def read_openpose() -> Recording:
    from mpm_core.io.registry import read
    from mpm_core.resources import resource

    return read(resource("sample/walk_reach_sit_openpose"))
