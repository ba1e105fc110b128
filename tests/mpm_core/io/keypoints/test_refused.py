"""What looks like a detector's file and is something else, or more than one person's, is refused or read as what it is."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy as np
import pytest

from mpm_core.errors import DataError, FormatError
from mpm_core.io.keypoints import csv2d, hdf5, sleap
from mpm_core.io.keypoints.take import KeypointFile, KeypointOptions, take_of
from mpm_core.io.registry import detect, read
from tests.mpm_core.io.keypoints import detector_files
from tests.mpm_core.io.keypoints.detector_files import FRAMES, HEIGHT, WIDTH, points_of, walker

SIZE = (WIDTH, HEIGHT)


class Instance(SimpleNamespace):
    """An instance of a SLEAP project as sleap-io gives it."""

    def numpy(self) -> np.ndarray:
        return np.asarray(self.xy)


def sleap_project(monkeypatch: pytest.MonkeyPatch, instances: dict[int, list[tuple[str, np.ndarray]]]) -> None:
    """Let sleap-io give a project with these tracks and (K, 2) points in these frames."""
    frames = [
        SimpleNamespace(
            video=None,
            frame_idx=frame,
            user_instances=[Instance(track=SimpleNamespace(name=name), points=np.zeros(17), xy=xy_K2) for name, xy_K2 in listed],
            unused_predictions=[],
        )
        for frame, listed in instances.items()
    ]
    skeleton = SimpleNamespace(node_names=points_of("COCO-17"))
    package = ModuleType("sleap_io")
    package.load_slp = lambda path, open_videos: SimpleNamespace(labeled_frames=frames, skeletons=[skeleton])  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "sleap_io", package)


@pytest.mark.parametrize("step", [1, 2, 10])
def test_sleap_tracks_keep_their_points_however_few_frames_are_labelled(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    anna, ben = walker("COCO-17")[..., :2], walker("COCO-17", 400)[..., :2]
    shown = {
        100 + step * frame: [("anna", anna[frame]), ("ben", ben[frame])] if frame % 2 else [("ben", ben[frame])] for frame in range(FRAMES)
    }
    sleap_project(monkeypatch, dict(reversed(shown.items())))
    file = sleap.labels_file(Path("a.slp"))
    for name, xy_FK2 in (("anna", anna), ("ben", ben)):
        rec = take_of(file, KeypointOptions(person=name))
        seen_F = np.flatnonzero(rec.visible_FP.any(axis=1))
        labelled = range(1, FRAMES, 2) if name == "anna" else range(FRAMES)
        assert seen_F.tolist() == [frame if step == 10 else step * frame for frame in labelled]
        np.testing.assert_allclose(rec.xyz_FPD[seen_F], xy_FK2[labelled], atol=1e-3)


def test_names_that_are_not_of_the_people_are_refused() -> None:
    people = [[person_K3] for person_K3 in walker("COCO-17")]
    with pytest.raises(FormatError, match="do not belong to their frames"):
        take_of(KeypointFile("sleap", "a.slp", people, whose=[["anna", "ben"], [], *[["anna"]] * (FRAMES - 2)]), KeypointOptions())


@pytest.mark.parametrize("depth", [False, True])
def test_a_table_with_two_people_a_frame_is_refused(depth: bool, tmp_path: Path) -> None:
    if depth:
        head, *rows = detector_files.mediapipe_csv(tmp_path).read_text().splitlines()
    else:
        head = ",".join(["frame", *(f"{name}_{axis}" for name in points_of("COCO-17") for axis in "xy")])
        rows = [",".join(map(str, [frame, *one.ravel()])) for frame, one in enumerate(walker("COCO-17")[..., :2])]
    path = tmp_path / "two.csv"
    path.write_text("\n".join([head, *(row for row in rows for _ in range(2))]) + "\n")
    with pytest.raises(FormatError, match="a frame has more than one row"):
        read(path, image_wh=SIZE)


def test_a_table_with_an_endless_cell_is_no_table_of_points(tmp_path: Path) -> None:
    path = tmp_path / "long.csv"
    path.write_text('frame,"' + "x" * 140_000 + '"\n1,2\n')
    assert not csv2d.sniff(path, path.read_bytes()[:4096])
    with pytest.raises(FormatError):
        read(path)


def in_space(points: int, columns: int) -> np.ndarray:
    """(F, K, C) someone who walks along x at z = 0, in millimetres, Y up."""
    take_FK3 = walker("MediaPipe-33")
    xyz_FK3 = np.stack([5 * take_FK3[..., 0], 5 * (take_FK3[..., 1].max() - take_FK3[..., 1]), np.zeros(take_FK3.shape[:2])], axis=2)
    xyz_FK3[:, :, 2] = np.random.default_rng(0).normal(0, 40, xyz_FK3.shape[:2])
    xyz_FK3[:, 24, 2] = -xyz_FK3[:, 23, 2]
    more_FK3 = np.concatenate([xyz_FK3, *[xyz_FK3[:, :1]] * (points - 33)], axis=1)
    return np.concatenate([more_FK3, np.ones((*more_FK3.shape[:2], columns - 3))], axis=2)


@pytest.mark.parametrize("columns", [3, 4])
def test_millimetres_with_y_up_are_no_picture(columns: int, tmp_path: Path) -> None:
    np.save(tmp_path / "space.npy", in_space(33, columns))
    assert read(tmp_path / "space.npy").dims == 3
    around_FKC = in_space(33, columns) * np.array([1, -1, 1, 1])[:columns] + np.array([-2000.0, 0, 0, 0])[:columns]
    np.save(tmp_path / "around.npy", around_FKC)
    assert read(tmp_path / "around.npy").dims == 3


def test_points_of_another_count_have_no_hips(tmp_path: Path) -> None:
    pixels_FK4 = in_space(40, 4)
    pixels_FK4[..., 1] = pixels_FK4[..., 1].max() - pixels_FK4[..., 1]
    np.save(tmp_path / "forty.npy", pixels_FK4)
    assert read(tmp_path / "forty.npy", points="unnamed").dims == 3


def test_someone_on_their_hands_is_still_in_the_picture(tmp_path: Path) -> None:
    take_FK3 = walker("MediaPipe-33")
    take_FK3[..., 1] = HEIGHT - take_FK3[..., 1]
    frames = [{"frame": frame, "pose_landmarks": one} for frame, one in enumerate(detector_files.landmarks(take_FK3))]
    (tmp_path / "hands.json").write_text(json.dumps(frames))
    np.save(tmp_path / "hands.npy", [[[*point.values()] for point in frame["pose_landmarks"]] for frame in frames])  # type: ignore[attr-defined]
    for name in ("hands.json", "hands.npy"):
        rec = read(tmp_path / name, image_wh=SIZE)
        np.testing.assert_allclose(rec.xyz_FPD, take_FK3[..., :2], atol=2e-3)


def test_a_depth_that_is_left_out_is_said(tmp_path: Path) -> None:
    notes = read(detector_files.mediapipe_csv(tmp_path), image_wh=SIZE).source.notes
    assert "read as picture landmarks; depth is not used" in notes


@pytest.mark.parametrize("shape", [(2, 4, 17), (2, 17, 4), (2, 3, 5, 17), ()])
def test_detections_of_another_shape_are_refused(shape: tuple[int, ...], tmp_path: Path) -> None:
    keypoints = np.ones((FRAMES, *shape)) if shape else np.array(1.0)
    np.savez(tmp_path / "walk.npz", boxes=np.zeros(3), keypoints=keypoints)
    with pytest.raises(FormatError, match=r"not 4 rows of numbers|not a list of frames"):
        read(tmp_path / "walk.npz")


def test_landmarks_in_many_lists_are_refused(tmp_path: Path) -> None:
    pose: Any = detector_files.landmarks(walker("MediaPipe-33"))[0]
    path = tmp_path / "pose.json"
    path.write_text(json.dumps([{"pose_landmarks": {"landmarks": [pose]}}] * 2))
    assert read(path, image_wh=SIZE).frames == 2
    for wrap in (lambda inner: [inner], lambda inner: {"pose_landmarks": inner}):
        deep = pose
        for _ in range(600):
            deep = wrap(deep)
        path.write_text(json.dumps([{"pose_landmarks": deep}]))
        with pytest.raises(FormatError, match="more than 4 objects and lists"):
            read(path)


def mmpose_file(folder: Path, instances: list[list[dict[str, Any]]]) -> Path:
    path = folder / "results.json"
    path.write_text(json.dumps([{"frame_id": frame, "instances": listed} for frame, listed in enumerate(instances)]))
    return path


def test_results_in_space_are_no_picture(tmp_path: Path) -> None:
    people = [[{"keypoints": one.tolist(), "keypoint_scores": [0.9] * 17}] for one in walker("COCO-17")]
    with pytest.raises(FormatError, match=r"a keypoint has 3 numbers beside its score \(give the results in the picture"):
        read(mmpose_file(tmp_path, people))


@pytest.mark.parametrize("scored", [False, True])
def test_someone_without_keypoints_is_nobody(scored: bool, tmp_path: Path) -> None:
    take_FK3 = walker("COCO-17")
    nobody: dict[str, Any] = {"keypoints": [], "keypoint_scores": []} if scored else {"keypoints": []}
    people = [[nobody, {"keypoints": one[:, :2].tolist(), "keypoint_scores": one[:, 2].tolist()}] for one in take_FK3]
    people[5] = [nobody]
    rec = read(mmpose_file(tmp_path, people))
    assert np.flatnonzero(~rec.visible_FP.any(axis=1)).tolist() == [5]


@pytest.mark.parametrize("kind", ["f8", "i1"])
def test_hdf5_that_declares_more_than_a_take_needs_is_refused(kind: str, tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = tmp_path / "large.h5"
    with h5py.File(path, "w") as file:
        file.create_dataset("tracks", (1, 2, 17, 1 << 22), kind, chunks=(1, 2, 17, 1024))
        file["node_names"] = np.array(points_of("COCO-17"), "S")
    with pytest.raises(FormatError, match="tracks declares"):
        hdf5.read(path)


def test_images_in_a_project_may_be_large(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = detector_files.sleap_analysis(tmp_path)
    with h5py.File(path, "r+") as file:
        file.create_dataset("video0/video", (1000, 1 << 20), "i1", chunks=(1, 1 << 20))
    assert read(path).frames == FRAMES


def test_deeplabcut_columns_without_a_name_are_refused(tmp_path: Path) -> None:
    h5py = pytest.importorskip("h5py")
    path = detector_files.deeplabcut_h5(False)(tmp_path)
    with h5py.File(path, "r+") as file:
        file["df_with_missing/block0_items_label1"][3:6] = -1
    with pytest.raises(FormatError, match="a column of the table has no name"):
        read(path)


def test_options_that_a_trc_leaves_no_place_for_are_refused(tmp_path: Path) -> None:
    path = detector_files.sports2d(tmp_path)
    assert read(path, image_wh=SIZE, zero_is_missing=True).source.image_wh == SIZE
    with pytest.raises(DataError, match="--zero-is-missing no does not apply"):
        read(path, zero_is_missing=False)
    with pytest.raises(DataError, match="--size does not apply: the table holds positions in space"):
        read(path, image_wh=SIZE, unit="mm")


def test_an_error_names_the_image_of_coco_results(tmp_path: Path) -> None:
    entries = [{"image_id": 1000 * frame, "keypoints": one.ravel().tolist()} for frame, one in enumerate(walker("COCO-17"))]
    entries[6]["keypoints"] = [1.0] * 48
    path = tmp_path / "results.json"
    path.write_text(json.dumps(entries))
    assert detect(path).name == "coco"
    with pytest.raises(FormatError, match=r"frame 6000: a person here has 16 points, others 17"):
        read(path)


@pytest.mark.parametrize("maker", [detector_files.mediapipe_csv, detector_files.mediapipe_long_csv, detector_files.deeplabcut_csv])
def test_a_row_of_keypoints_that_lost_a_cell_is_refused(maker: detector_files.Maker, tmp_path: Path) -> None:
    path = maker(tmp_path)
    lines = path.read_text().splitlines()
    cells = lines[7].split(",")
    path.write_text("\n".join([*lines[:7], ",".join(cells[:4] + cells[5:]), *lines[8:]]) + "\n")
    with pytest.raises(FormatError, match=f"line 8: the row has {len(cells) - 1} cells, most others have {len(cells)}"):
        read(path)
