"""Every kind of file that a 2D detector writes is read as what it is, or refused with a way out."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from mpm_core.body.mapping import body_joints, map_body
from mpm_core.errors import DataError, FormatError
from mpm_core.io.registry import detect, open_options, read
from tests.mpm_core.io.keypoints import detector_files
from tests.mpm_core.io.keypoints.detector_files import FRAMES, HEIGHT, READ, WIDTH, points_of, walker

IN_SHARES = ("mediapipe", "csv2d", "yolo")


@pytest.mark.parametrize(("kind", "make", "fmt", "points", "sure"), READ, ids=[row[0] for row in READ])
def test_a_file_is_read_as_what_it_is(kind: str, make: detector_files.Maker, fmt: str, points: str, sure: bool, tmp_path: Path) -> None:
    path = make(tmp_path)
    assert detect(path).name == fmt
    size = (WIDTH, HEIGHT) if fmt in IN_SHARES or kind == "MediaPipe NPY" else None
    rec = read(path, image_wh=size)
    known, take_FK3 = points_of(points), walker(points)
    assert (rec.dims, rec.frames, rec.points[: len(known)], rec.source.unit) == (2, FRAMES, known, "px")
    assert rec.source.format == fmt
    np.testing.assert_allclose(rec.xyz_FPD[:, : len(known)], take_FK3[..., :2], atol=2e-3)
    if sure:
        assert rec.confidence_FP is not None
        np.testing.assert_allclose(rec.confidence_FP[:, : len(known)], 0.8, atol=1e-6)
    if size is not None:
        assert rec.source.image_wh == size
    joints_FJ2 = body_joints(rec, map_body(rec))
    assert np.isfinite(joints_FJ2).all()
    assert (joints_FJ2[:, 10, 1] < joints_FJ2[:, 0, 1]).all(), "the head is above the hip"


def test_the_table_of_the_documentation_has_a_row_for_each_kind() -> None:
    text = (Path(__file__).parents[4] / "docs" / "formats.md").read_text(encoding="utf-8")
    for kind, *_ in READ:
        assert f"| {kind} |" in text, kind


@pytest.mark.parametrize(("kind", "make"), [row[:2] for row in READ], ids=[row[0] for row in READ])
def test_a_damaged_file_is_refused_or_what_is_left_is_right(kind: str, make: detector_files.Maker, tmp_path: Path) -> None:
    """Cut off or garbled at a dozen places: nothing but a FormatError, and nothing in a cut file that was not in the whole one."""
    path = make(tmp_path)
    file = sorted(path.iterdir())[FRAMES // 2] if path.is_dir() else path
    whole, truth = file.read_bytes(), read(path, image_wh=(WIDTH, HEIGHT) if "image_wh" in open_options(detect(path)) else None)
    rng = np.random.default_rng(0)
    for number in range(12):
        data = bytearray(whole[: rng.integers(1, len(whole) - 2)] if number % 2 else whole)
        if number % 2 == 0:
            data[rng.integers(0, len(data))] = rng.integers(0, 256)
        file.write_bytes(bytes(data))
        try:
            rec = read(path, image_wh=(WIDTH, HEIGHT) if "image_wh" in open_options(detect(path)) else None)
        except (FormatError, DataError):
            continue
        assert rec.frames <= 100 * FRAMES
        if number % 2 and rec.points == truth.points and not any("no line end" in note for note in rec.source.notes):
            seen_FP = rec.visible_FP & truth.visible_FP[: rec.frames]
            np.testing.assert_array_equal(rec.xyz_FPD[seen_FP], truth.xyz_FPD[: rec.frames][seen_FP])


def test_numbers_beyond_any_picture_are_no_points(tmp_path: Path) -> None:
    take_FK3 = walker("COCO-17")
    take_FK3[3, 4, 0] = 1e300
    np.save(tmp_path / "far.npy", take_FK3)
    rec = read(tmp_path / "far.npy")
    assert np.argwhere(~rec.visible_FP).tolist() == [[3, 4]] and any("1 sample beyond any place" in note for note in rec.source.notes)
    take_FK3[10:20, 4, 0] = 1e300
    np.save(tmp_path / "far.npy", take_FK3)
    with pytest.raises(FormatError, match="make no sense"):
        read(tmp_path / "far.npy")


def test_hands_are_points_where_they_were_detected(tmp_path: Path) -> None:
    rec = read(detector_files.openpose("BODY_25")(tmp_path))
    assert len(rec.points) == 25 + 21 and rec.points[25] == "RHand_0" and rec.visible_FP[:, 25:].all()


@pytest.mark.parametrize("make", [detector_files.mediapipe_csv, detector_files.mediapipe_npy, detector_files.yolo])
def test_shares_of_a_picture_need_its_size(make: detector_files.Maker, tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"shares of the picture.*--size 1920x1080"):
        read(make(tmp_path))


def test_what_fits_no_set_is_refused_and_can_be_told(tmp_path: Path) -> None:
    cloud_FK3 = np.random.default_rng(0).uniform(100, 400, (FRAMES, 17, 3))
    cloud_FK3[..., 2] = 0.9
    people = [{"image_id": frame, "keypoints": one.ravel().tolist()} for frame, one in enumerate(cloud_FK3)]
    path = tmp_path / "result.json"
    path.write_text(json.dumps(people))
    with pytest.raises(FormatError, match=r"do not lie on a body.*--points NAME.*COCO-17, Human3.6M-17"):
        read(path)
    for asked in ("coco17", "COCO-17", "coco_17"):
        rec = read(path, points=asked)
        assert rec.points == points_of("COCO-17") and any("as asked" in note for note in rec.source.notes)
    assert read(path, points="unnamed").points[0] == "P1"
    with pytest.raises(FormatError, match=r"no keypoint set called 'coco'.*BODY_25B"):
        read(path, points="coco")
    with pytest.raises(FormatError, match="has 25"):
        read(path, points="BODY_25")


def test_a_few_points_are_not_enough_to_tell(tmp_path: Path) -> None:
    take_FK3 = walker("COCO-17")
    take_FK3[:, 5:] = 0
    path = tmp_path / "result.json"
    path.write_text(json.dumps([{"image_id": frame, "keypoints": one.ravel().tolist()} for frame, one in enumerate(take_FK3)]))
    with pytest.raises(FormatError, match="no person shows enough of their 17 points"):
        read(path)
    assert np.isfinite(read(path, points="COCO-17").xyz_FPD[:, :5]).all()


def test_a_data_set_of_several_takes_has_one_named(tmp_path: Path) -> None:
    poses = {"S9": {"Walking 1": [walker("COCO-17")[..., :2], walker("COCO-17", 250)[..., :2]]}}
    np.savez(tmp_path / "data_2d.npz", positions_2d=poses, metadata={"layout_name": "coco"})
    with pytest.raises(FormatError, match=r"holds 2 takes.*--person, such as S9/Walking 1/0"):
        read(tmp_path / "data_2d.npz")
    np.testing.assert_allclose(read(tmp_path / "data_2d.npz", person="S9/Walking 1/1").xyz_FPD, walker("COCO-17", 250)[..., :2], atol=1e-3)
    with pytest.raises(FormatError, match="'S1' names 0 of its 2 takes"):
        read(tmp_path / "data_2d.npz", person="S1")


def test_individuals_are_read_by_name(tmp_path: Path) -> None:
    one, two = walker("COCO-17"), walker("COCO-17", 300)
    names = points_of("COCO-17")
    heads = [["scorer", *["DLC"] * 102], ["individuals", *["anna"] * 51, *["ben"] * 51]]
    heads += [["bodyparts", *[name for name in names for _ in range(3)] * 2], ["coords", *["x", "y", "likelihood"] * 34]]
    rows = [[str(frame), *map(str, one[frame].ravel()), *map(str, two[frame].ravel())] for frame in range(FRAMES)]
    rows[7][1:52] = [""] * 51
    path = tmp_path / "two.csv"
    path.write_text("\n".join(map(",".join, [*heads, *rows])) + "\n")
    ben = read(path, person="ben")
    np.testing.assert_allclose(ben.xyz_FPD, two[..., :2], atol=1e-3)
    anna = read(path, person="anna")
    assert np.flatnonzero(~anna.visible_FP.any(axis=1)).tolist() == [7]
    assert any(note.startswith("person anna: seen in 39 of the frames 0 to 39") for note in anna.source.notes)
    with pytest.raises(FormatError, match=r"no person 'carl'.*ben, anna"):
        read(path, person="carl")


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("a.json", '[{"frame_id": 0, "instances": [{"bbox": [[1, 2, 3, 4]]}]}]', "no keypoints.*pose model"),
        ("a.json", '[{"frame_id": "x", "instances": []}]', "does not number"),
        ("a.json", '{"instance_info": 3, "meta_info": {"dataset_name": "x"}}', "no list of frames"),
        ("a.json", '{"0.jpg": {"version": "AlphaPose", "joints": []}}', "no list of bodies"),
        ("a.json", '{"frame": 1, "predictions": 3}', "no list of people"),
        ("a.json", '{"frame": 1, "predictions": []}', "no person"),
        ("a.json", '{"frames": [{"pose_world_landmarks": [{"x": 0, "y": 0, "z": 0, "visibility": 1}]}]}', "world landmarks only"),
        ("a.json", '[{"landmarks": [{"x": "a", "y": 1, "visibility": 1}]}]', "not numbers"),
        ("a.txt", "0 0.5 0.5 0.2 0.2 " + "0.1 " * 15 + "\n0 1 1 x\n", "numbers alone"),
        ("a.csv", "scorer,a,a\nbodyparts,b,b\ncoords,x,likelihood\n0,1,1\n", "no x and y"),
        ("a.csv", "scorer,a\nbodyparts,b\n", "scorer, bodyparts, coords"),
    ],
)
def test_files_that_make_no_sense_are_refused(name: str, text: str, told: str, tmp_path: Path) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(FormatError, match=told):
        read(tmp_path / name)


def test_world_landmarks_are_no_picture(tmp_path: Path) -> None:
    take_FK3 = walker("MediaPipe-33")
    around = (take_FK3[..., :2] - take_FK3[:, 23:25, :2].mean(axis=1, keepdims=True)) / 180
    frames = [{"pose_landmarks": [{"x": x, "y": y, "z": 0.0, "visibility": 1.0} for x, y in one]} for one in around.tolist()]
    (tmp_path / "world.json").write_text(json.dumps(frames))
    with pytest.raises(FormatError, match="world landmarks, around the hips"):
        read(tmp_path / "world.json")
    np.save(tmp_path / "world.npy", np.concatenate([around, np.zeros((FRAMES, 33, 1))], axis=2))
    assert read(tmp_path / "world.npy").dims == 3


def test_several_people_in_an_array(tmp_path: Path) -> None:
    both_FMK3 = np.stack([walker("COCO-17"), walker("COCO-17", 420) * [1, 1, 0.5]], axis=1)
    np.save(tmp_path / "two.npy", both_FMK3)
    rec = read(tmp_path / "two.npy")
    np.testing.assert_allclose(rec.xyz_FPD, both_FMK3[:, 0, :, :2], atol=1e-3)
    np.testing.assert_allclose(read(tmp_path / "two.npy", person="2").xyz_FPD, both_FMK3[:, 1, :, :2], atol=1e-3)


def test_hdf5_without_its_package_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = detector_files.sleap_analysis(tmp_path)
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(FormatError, match=r"h5py is not installed.*mpm-studio\[hdf5\]"):
        read(path)


def test_hdf5_of_others_and_damaged_is_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    with h5py.File(tmp_path / "other.h5", "w") as file:
        file["temperature"] = np.zeros(3)
    with pytest.raises(FormatError, match=r"another program.*temperature"):
        read(tmp_path / "other.h5")
    with h5py.File(tmp_path / "huge.h5", "w") as file:
        file.create_dataset("tracks", (1, 2, 17, 1 << 40), "f8", chunks=(1, 2, 17, 1024))
        file["node_names"] = np.array(points_of("COCO-17"), "S")
    with pytest.raises(FormatError, match="declares"):
        read(tmp_path / "huge.h5")
    path = detector_files.deeplabcut_h5(True)(tmp_path)
    data = path.read_bytes()
    for length in range(8, len(data) - 1, len(data) // 40):
        (tmp_path / "cut.h5").write_bytes(data[:length])
        with pytest.raises(FormatError):
            read(tmp_path / "cut.h5")


def test_a_pickle_in_hdf5_is_never_run(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = detector_files.deeplabcut_h5(True)(tmp_path)
    with h5py.File(path, "r+") as file:
        file["df_with_missing/table"].attrs["values_block_0_kind"] = np.bytes_(b"cos\nsystem\n(S'true'\ntR.")
    with pytest.raises(FormatError, match=r"os\.system"):
        read(path)


def test_a_real_sleap_project(samples_dir: Path) -> None:
    path = samples_dir / "2d" / "sleap" / "tests" / "data" / "slp_hdf5" / "dance.mp4.labels.slp"
    pytest.importorskip("sleap_io")
    rec = read(path)
    assert (rec.frames, rec.points, rec.source.first_frame) == (450, points_of("COCO-17"), 0)
    assert rec.visible_FP.mean() > 0.98


def test_an_option_is_refused_where_it_has_no_meaning(tmp_path: Path) -> None:
    path = detector_files.sports2d(tmp_path)
    assert {"points", "person", "image_wh"} <= set(open_options(detect(detector_files.coco_results("COCO-17")(tmp_path))))
    with pytest.raises(DataError, match="--points does not apply"):
        read(path, points="COCO-17")
    (tmp_path / "a.bvh").write_text("HIERARCHY\n")
    with pytest.raises(DataError, match="--size does not apply"):
        read(tmp_path / "a.bvh", image_wh=(640, 480))
