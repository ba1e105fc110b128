"""Keypoint JSON: the right person, the right frames, and nothing taken for a measurement that is none."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mpm_core.body.mapping import body_joints, map_body
from mpm_core.body.names import keypoint_set
from mpm_core.errors import FormatError
from mpm_core.io.keypoints import coco, openpose
from mpm_core.io.registry import detect, read
from tests.makers import person_2d

FRAMES = 40


def walker(name: str = "BODY_25", left: float = 100.0, size: float = 200.0, speed: float = 4.0, confidence: float = 0.8) -> np.ndarray:
    """(F, K, 3) the points of a set, of one person who crosses the picture."""
    return person_2d(points_of(name), FRAMES, left, size, speed, confidence, seed=int(left + size))


def points_of(name: str) -> tuple[str, ...]:
    names = keypoint_set(name)
    assert names is not None
    return names.points


def person(points_K3: np.ndarray, key: str = "pose_keypoints_2d") -> dict[str, Any]:
    return {"person_id": [-1], key: np.round(points_K3, 3).ravel().tolist(), "hand_left_keypoints_2d": [0.0] * 63}


def folder_of(path: Path, frames: list[list[dict[str, Any]] | None], first: int = 1150, name: str = "clip_{:012d}_keypoints.json") -> Path:
    """OpenPose's folder, without a file where a frame is None."""
    path.mkdir(exist_ok=True)
    for number, people in enumerate(frames, start=first):
        if people is not None:
            (path / name.format(number)).write_text(json.dumps({"version": 1.3, "people": people}))
    return path


@pytest.mark.parametrize("title", ["OpenPose BODY_25", "OpenPose BODY_25B", "OpenPose COCO-18", "OpenPose MPI-15"])
def test_the_point_set_is_told_by_where_the_points_lie(title: str, tmp_path: Path) -> None:
    take_FK3 = walker(title)
    rec = read(folder_of(tmp_path / "clip", [[person(frame)] for frame in take_FK3]))
    assert (rec.points, rec.frames, rec.source.first_frame, rec.rate_hz, rec.source.image_wh) == (points_of(title), FRAMES, 1150, 30, None)
    np.testing.assert_allclose(rec.xyz_FPD, take_FK3[:, :, :2], atol=1e-3)
    assert rec.confidence_FP is not None
    np.testing.assert_allclose(rec.confidence_FP, 0.8)
    assert map_body(rec).name == title
    assert any("30 Hz" in note for note in rec.source.notes)


def test_frames_without_file_or_person_are_missing(tmp_path: Path) -> None:
    frames: list[Any] = [[person(frame)] for frame in walker()]
    frames[3], frames[7] = None, []
    rec = openpose.read(folder_of(tmp_path / "clip", frames, first=0, name="{:03d}.json"), fps=25)
    assert (rec.frames, rec.source.first_frame, rec.rate_hz) == (FRAMES, 0, 25)
    expected_F = np.ones(FRAMES, bool)
    expected_F[[3, 7]] = False
    np.testing.assert_array_equal(rec.visible_FP.all(axis=1), expected_F)
    np.testing.assert_array_equal(rec.visible_FP.any(axis=1), expected_F)


@pytest.mark.parametrize("nothing", [(0, 0, 0), (0, -3, 0), (120, 80, 0), (0, 0, 0.3), (120, float("nan"), 0.9)])
def test_undetected_points_are_missing(nothing: tuple[float, float, float], tmp_path: Path) -> None:
    take_FK3 = walker()
    take_FK3[5, 4] = nothing
    rec = openpose.read(folder_of(tmp_path / "clip", [[person(frame)] for frame in take_FK3]))
    assert np.argwhere(~rec.visible_FP).tolist() == [[5, 4]]
    assert rec.confidence_FP is not None and np.isnan(rec.confidence_FP[5, 4])


def test_one_person_is_followed_among_others(tmp_path: Path) -> None:
    """Listed second, crossed by someone smaller, unseen for five frames in which only the other is found."""
    subject_FK3, other_FK3 = walker(), walker(left=400, size=90, speed=-6, confidence=0.6)
    frames = []
    for frame in range(FRAMES):
        people = [person(other_FK3[frame])] + ([person(subject_FK3[frame])] if not 20 <= frame < 25 else [])
        frames.append(people if frame % 3 else people[::-1])
    rec = openpose.read(folder_of(tmp_path / "clip", frames))
    seen_F = rec.visible_FP.all(axis=1)
    assert np.flatnonzero(~seen_F).tolist() == [20, 21, 22, 23, 24]
    np.testing.assert_allclose(rec.xyz_FPD[seen_F], subject_FK3[seen_F][:, :, :2], atol=1e-3)
    one, two = (note for note in rec.source.notes if note.startswith("person "))
    assert one.startswith("person 1: seen in 35 of the frames 1150 to 1189, around ") and one.endswith("is read")
    assert two.startswith("person 2: seen in 40 of the frames 1150 to 1189, around ") and two.endswith("--person 2 reads them")
    other = openpose.read(tmp_path / "clip", person="2")
    np.testing.assert_allclose(other.xyz_FPD, other_FK3[:, :, :2], atol=1e-3)


def test_a_person_who_was_away_for_long_comes_back(tmp_path: Path) -> None:
    subject_FK3 = walker(speed=1.0)
    frames: list[Any] = [[person(frame)] for frame in subject_FK3]
    frames[2:36] = [[]] * 34
    rec = openpose.read(folder_of(tmp_path / "clip", frames))
    assert rec.visible_FP[[0, 1, 36, 39]].all()


def test_broken_files_are_named_and_can_be_skipped(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [[person(frame)] for frame in walker()])
    broken = folder / "clip_000000001160_keypoints.json"
    broken.write_text('{"version": 1.3,\n "people": [')
    with pytest.raises(FormatError, match=r"clip_000000001160_keypoints.json, line 2"):
        read(folder)
    rec = openpose.read(folder, skip_broken=True)
    assert np.flatnonzero(~rec.visible_FP.any(axis=1)).tolist() == [10]
    assert any("clip_000000001160" in note for note in rec.source.notes)


def test_a_single_file_is_a_take_of_one_frame(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [[person(walker()[0])]])
    rec = read(next(folder.iterdir()))
    assert (rec.frames, rec.source.first_frame) == (1, 1150)


@pytest.mark.parametrize(
    ("frames", "told"),
    [
        ([[], []], "no person"),
        ([[{"pose_keypoints_2d": [1.0] * 30}]], "10 points"),
        ([[{"pose_keypoints_2d": [1.0] * 74}]], "not a list of x, y, confidence"),
        ([[{"pose_keypoints_2d": ["a"] * 75}]], "not a list of x, y, confidence"),
        ([[{"pose_keypoints_2d": [1.0] * 75}], [{"pose_keypoints_2d": [1.0] * 54}], [{"pose_keypoints_2d": [1.0] * 75}]], "others 25"),
        ([[3]], "no list of people"),
    ],
)
def test_files_that_make_no_sense_are_refused(frames: list[Any], told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        openpose.read(folder_of(tmp_path / "clip", frames))


def test_two_videos_in_a_folder_are_refused(tmp_path: Path) -> None:
    folder = folder_of(tmp_path / "clip", [[person(walker()[0])]], name="a_{:03d}.json")
    folder_of(folder, [[person(walker()[0])]], name="b_{:03d}.json")
    with pytest.raises(FormatError, match="2 videos"):
        read(folder)
    again = folder_of(tmp_path / "again", [[person(walker()[0])]], first=1, name="{:03d}.json")
    folder_of(again, [[person(walker()[0])]], first=1, name="{:04d}.json")
    with pytest.raises(FormatError, match="twice"):
        read(again)


def test_real_openpose_folders(samples_dir: Path) -> None:
    rec = read(samples_dir / "2d" / "openpose_motionet" / "0")
    assert (rec.frames, rec.source.first_frame, len(rec.points)) == (441, 30, 25)
    crowd = read(samples_dir / "2d" / "openpose_treadmill" / "27")
    middle_FD = np.nanmedian(crowd.xyz_FPD[:, :25], axis=1)
    assert crowd.frames == 90
    assert np.linalg.norm(np.diff(middle_FD, axis=0), axis=1).max() < 30  # never to someone else and back
    joints_FJD = body_joints(crowd, map_body(crowd))
    head_up_F = joints_FJD[:, 10, 1] < joints_FJD[:, 8, 1]
    assert head_up_F[np.isfinite(joints_FJD[:, 10, 1])].all()


def results(take_FK3: np.ndarray, first: int = 7) -> list[dict[str, Any]]:
    return [
        {"image_id": first + frame, "category_id": 1, "keypoints": points.ravel().tolist(), "score": 0.9}
        for frame, points in enumerate(take_FK3)
    ]


def written(path: Path, value: Any) -> Path:
    path.write_text(json.dumps(value))
    return path


def test_coco_results_come_in_image_order(tmp_path: Path) -> None:
    take_FK3 = walker("COCO-17")
    entries = results(take_FK3)
    del entries[4]
    rec = read(written(tmp_path / "result.json", entries[::-1]), fps=50)
    assert (rec.frames, rec.source.first_frame, rec.rate_hz, rec.source.format) == (FRAMES, 7, 50, "coco")
    seen_F = rec.visible_FP.all(axis=1)
    assert np.flatnonzero(~seen_F).tolist() == [4]
    np.testing.assert_array_equal(rec.xyz_FPD[seen_F], take_FK3[seen_F][:, :, :2].astype(np.float32))
    assert map_body(rec).name == "COCO-17"


def test_coco_annotations_with_images_and_flags(tmp_path: Path) -> None:
    take_FK3 = walker("COCO-17")
    take_FK3[:, :, 2] = 2
    take_FK3[3, 5, 2] = 1
    take_FK3[4, 6] = 0
    images = [{"id": 7 + frame, "width": 640, "height": 480, "file_name": f"{frame:06d}.jpg"} for frame in range(FRAMES + 2)]
    rec = read(written(tmp_path / "person.json", {"images": images, "annotations": results(take_FK3), "categories": []}))
    assert (rec.frames, rec.source.image_wh) == (FRAMES + 2, (640, 480))
    assert rec.confidence_FP is not None
    assert (rec.confidence_FP[3, 5], rec.confidence_FP[3, 6]) == (0.5, 1.0)
    assert np.argwhere(~rec.visible_FP[:FRAMES]).tolist() == [[4, 6]]
    assert not rec.visible_FP[FRAMES:].any()


@pytest.mark.parametrize(("title", "name"), [("Halpe-26", "Halpe-26"), ("Halpe-136", "Halpe-26"), ("COCO-WholeBody", "COCO-17")])
def test_larger_sets(title: str, name: str, tmp_path: Path) -> None:
    rec = read(written(tmp_path / "result.json", [{**entry, "image_id": f"{entry['image_id']}.jpg"} for entry in results(walker(title))]))
    assert rec.points == points_of(title)
    assert map_body(rec).name == name
    assert np.isfinite(body_joints(rec, map_body(rec))).all()


def test_ids_far_apart_are_only_an_order(tmp_path: Path) -> None:
    entries = results(walker("COCO-17"))
    for entry in entries:
        entry["image_id"] *= 1000
    rec = read(written(tmp_path / "result.json", entries))
    assert (rec.frames, rec.source.first_frame) == (FRAMES, 1)
    assert any("only give the order" in note for note in rec.source.notes)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ([{"image_id": 1, "bbox": [0, 0, 1, 1]}], "boxes without keypoints"),
        ({"images": [], "annotations": []}, "no keypoints"),
        ({"images": []}, "no list of annotations"),
        ({}, "no list of annotations"),
        ([[1]], "no list of annotations"),
        ({"annotations": [], "images": [3]}, "no list of annotations"),
        ([{"image_id": 1, "keypoints": [1.0] * 30}], "10 points"),
        ([{"image_id": None, "keypoints": [1.0] * 51}], "does not number an image"),
        ([{"image_id": 1, "keypoints": [True] * 51}], "not a list of x, y, confidence"),
        ([{"image_id": 1, "keypoints": [10**400] * 51}], "too large"),
    ],
)
def test_coco_files_that_make_no_sense_are_refused(value: Any, told: str, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=told):
        coco.read(written(tmp_path / "result.json", value))


@pytest.mark.parametrize("hollow", ["[[" + "[]," * (3 << 20) + "[]]]", '{"people": [' + "{}," * (3 << 20) + "{}]}"])
def test_json_that_is_all_brackets_is_refused_before_it_fills_the_memory(hollow: str, tmp_path: Path) -> None:
    (tmp_path / "01.json").write_text(hollow)
    for reader in (openpose, coco):
        with pytest.raises(FormatError, match="little but brackets"):
            reader.read(tmp_path / "01.json" if reader is coco else tmp_path)


def test_json_cut_off_names_the_line(tmp_path: Path) -> None:
    text = json.dumps(results(walker("COCO-17")), indent=1)
    (tmp_path / "result.json").write_text(text[: len(text) // 2])
    with pytest.raises(FormatError, match=r"result.json, line \d+: this is not valid JSON"):
        read(tmp_path / "result.json")


def test_real_coco_files(samples_dir: Path) -> None:
    folder = samples_dir / "2d" / "coco_mmpose"
    assert len(read(folder / "coco" / "test_coco.json").points) == 17
    assert len(read(folder / "coco" / "test_coco_wholebody.json").points) == 133
    assert len(read(folder / "halpe" / "test_halpe.json").points) == 136
    with pytest.raises(FormatError, match="boxes without keypoints"):
        read(folder / "coco" / "test_coco_det_AP_H_56.json")


@settings(max_examples=60, deadline=None)
@given(
    data=st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=4),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["people", "images", "annotations", "image_id", "keypoints", "pose_keypoints_2d", "id"]), inner, max_size=4
            )
        ),
        max_leaves=12,
    )
)
def test_no_json_crashes_a_reader(tmp_path_factory: pytest.TempPathFactory, data: Any) -> None:
    path = tmp_path_factory.mktemp("json") / "01.json"
    path.write_text(json.dumps(data))
    for reader in (openpose, coco):
        with suppress(FormatError):
            assert reader.read(path).frames > 0


def test_other_folders_and_files_are_not_taken(tmp_path: Path) -> None:
    (tmp_path / "001.json").write_text('{"frames": []}')
    for path, what in ((tmp_path, "this is a folder, and not of one take"), (tmp_path / "001.json", "not a format that can be read")):
        with pytest.raises(FormatError, match=what):
            detect(path)
