"""Files of 2D detectors as they write them, all of one person whose points are known: the rows of the table in docs/formats.md.

Each maker writes a file or folder into a folder and returns its path. F frames, K points.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from mpm_core.body.names import keypoint_set
from tests.makers import person_2d

FRAMES, WIDTH, HEIGHT = 40, 640, 480
Maker = Callable[[Path], Path]


def points_of(name: str) -> tuple[str, ...]:
    names = keypoint_set(name)
    assert names is not None
    return names.points


def walker(name: str, left: float = 200.0) -> np.ndarray:
    """(F, K, 3) someone who crosses a picture of WIDTH x HEIGHT."""
    return person_2d(points_of(name), FRAMES, left, 300.0, 4.0, 0.8).round(3)


def _flat(person_K3: np.ndarray) -> list[float]:
    return [float(value) for value in person_K3.ravel()]


def _shares(take_FK3: np.ndarray) -> np.ndarray:
    return take_FK3 / [WIDTH, HEIGHT, 1]


def _text(path: Path, text: str) -> Path:
    path.write_text(text)
    return path


def openpose(name: str) -> Maker:
    def make(folder: Path) -> Path:
        clip = folder / "cam01_json"
        clip.mkdir()
        for frame, person_K3 in enumerate(walker(name)):
            hand = [float(value) for point in range(21) for value in (person_K3[4, 0] + point, person_K3[4, 1], 0.5)]
            person = {"person_id": [-1], "pose_keypoints_2d": _flat(person_K3), "hand_right_keypoints_2d": hand, "face_keypoints_2d": []}
            _text(clip / f"cam01.{frame:04d}.json", json.dumps({"version": 1.3, "people": [person]}))
        return clip

    return make


def mmpose(name: str, about: bool = False) -> Maker:
    def make(folder: Path) -> Path:
        frames = [{"frame_id": frame, "instances": [_instance(person_K3)]} for frame, person_K3 in enumerate(walker(name))]
        value: Any = {"meta_info": {"dataset_name": "x", "keypoint_id2name": {}}, "instance_info": frames} if about else frames
        return _text(folder / "results.json", json.dumps(value))

    return make


def _instance(person_K3: np.ndarray) -> dict[str, Any]:
    return {"keypoints": person_K3[:, :2].tolist(), "keypoint_scores": person_K3[:, 2].tolist(), "bbox": [[0, 0, 1, 1]], "bbox_score": 0.9}


def mmpose_images(folder: Path) -> Path:
    clip = folder / "predictions"
    clip.mkdir()
    for frame, person_K3 in enumerate(walker("COCO-WholeBody")):
        _text(clip / f"{frame:06d}.json", json.dumps([_instance(person_K3)]))
    return clip


def alphapose_list(name: str) -> Maker:
    def make(folder: Path) -> Path:
        people = [
            {"image_id": f"{frame}.jpg", "category_id": 1, "keypoints": _flat(person_K3), "score": 2.9, "box": [1, 2, 3, 4], "idx": [0.0]}
            for frame, person_K3 in enumerate(walker(name))
        ]
        return _text(folder / "alphapose-results.json", json.dumps(people))

    return make


def alphapose_cmu(folder: Path) -> Path:
    frames = {
        f"{frame}.jpg": {"version": "AlphaPose v0.3", "bodies": [{"joints": _flat(one)}]} for frame, one in enumerate(walker("COCO-18"))
    }
    return _text(folder / "alphapose-results-forvis.json", json.dumps(frames))


def alphapose_frames(folder: Path) -> Path:
    clip = folder / "sep-json"
    clip.mkdir()
    for frame, person_K3 in enumerate(walker("COCO-18")):
        _text(clip / f"{frame}.json", json.dumps({"version": "AlphaPose v0.3", "bodies": [{"joints": _flat(person_K3)}]}))
    return clip


def coco_results(name: str) -> Maker:
    def make(folder: Path) -> Path:
        people = [{"image_id": frame, "category_id": 1, "keypoints": _flat(one), "score": 0.9} for frame, one in enumerate(walker(name))]
        return _text(folder / "results.json", json.dumps(people))

    return make


def openpifpaf_video(folder: Path) -> Path:
    lines = [
        json.dumps({"frame": frame + 1, "predictions": [{"keypoints": _flat(one), "bbox": [0, 0, 1, 1], "score": 0.8, "category_id": 1}]})
        for frame, one in enumerate(walker("COCO-17"))
    ]
    return _text(folder / "video.mp4.openpifpaf.json", "\n".join(lines) + "\n")


def openpifpaf_images(folder: Path) -> Path:
    clip = folder / "out"
    clip.mkdir()
    for frame, person_K3 in enumerate(walker("COCO-17")):
        person = {"keypoints": _flat(person_K3), "bbox": [0, 0, 1, 1], "score": 0.8, "category_id": 1}
        _text(clip / f"{frame:05d}.jpg.predictions.json", json.dumps([person]))
    return clip


def landmarks(take_FK3: np.ndarray) -> list[list[dict[str, float]]]:
    """MediaPipe's picture landmarks of each frame: shares of the picture, depth from the middle of the hips."""
    shares_FK3 = _shares(take_FK3)
    return [
        [
            {"x": float(x), "y": float(y), "z": 0.01 * (point % 2 * 2 - 1), "visibility": float(sure)}
            for point, (x, y, sure) in enumerate(one)
        ]
        for one in shares_FK3
    ]


def mediapipe_json(folder: Path) -> Path:
    frames = [{"frame": frame, "pose_landmarks": one} for frame, one in enumerate(landmarks(walker("MediaPipe-33")))]
    return _text(folder / "pose.json", json.dumps({"fps": 30, "width": WIDTH, "height": HEIGHT, "frames": frames}))


def mediapipe_csv(folder: Path) -> Path:
    names = points_of("MediaPipe-33")
    heads = ["frame", *(f"{name}_{column}" for name in names for column in ("x", "y", "z", "visibility"))]
    rows = [
        ",".join(map(repr, [frame, *(point[column] for point in one for column in ("x", "y", "z", "visibility"))]))
        for frame, one in enumerate(landmarks(walker("MediaPipe-33")))
    ]
    return _text(folder / "pose.csv", "\n".join([",".join(heads), *rows]) + "\n")


def mediapipe_long_csv(folder: Path) -> Path:
    rows = [
        f"{frame},{number},{point['x']!r},{point['y']!r},{point['z']!r},{point['visibility']!r}"
        for frame, one in enumerate(landmarks(walker("MediaPipe-33")))
        for number, point in enumerate(one)
    ]
    return _text(folder / "pose.csv", "\n".join(["frame,landmark,x,y,z,visibility", *rows]) + "\n")


def mediapipe_npy(folder: Path) -> Path:
    array = [[[point["x"], point["y"], point["z"], point["visibility"]] for point in one] for one in landmarks(walker("MediaPipe-33"))]
    np.save(folder / "pose.npy", np.array(array))
    return folder / "pose.npy"


def array_npy(name: str, columns: int = 3) -> Maker:
    def make(folder: Path) -> Path:
        np.save(folder / "take.npy", walker(name)[..., :columns])
        return folder / "take.npy"

    return make


def deeplabcut_csv(folder: Path) -> Path:
    names, take_FK3 = points_of("COCO-17"), walker("COCO-17")
    heads = [["scorer", *["DLC_resnet50"] * 51], ["bodyparts", *(name for name in names for _ in range(3))]]
    heads += [["coords", *("x", "y", "likelihood") * 17]]
    rows = [[str(frame), *map(repr, _flat(one))] for frame, one in enumerate(take_FK3)]
    return _text(folder / "videoDLC_resnet50.csv", "\n".join(map(",".join, [*heads, *rows])) + "\n")


def deeplabcut_h5(appendable: bool) -> Maker:
    """As pandas writes DeepLabCut's tables: appendable ('table') with pickled column names, or 'fixed' with levels and indices."""

    def make(folder: Path) -> Path:
        import pickle

        import h5py

        names, take_FK3 = points_of("COCO-17"), walker("COCO-17")
        columns = [("DLC_resnet50", name, axis) for name in names for axis in ("x", "y", "likelihood")]
        values_FW = take_FK3.reshape(FRAMES, -1)
        with h5py.File(folder / "video.h5", "w") as file:
            group = file.create_group("df_with_missing")
            group.attrs["pandas_type"] = np.bytes_("frame_table" if appendable else "frame")
            if appendable:
                rows = np.zeros(FRAMES, [("index", "<i8"), ("values_block_0", "<f8", (len(columns),))])
                rows["index"], rows["values_block_0"] = np.arange(FRAMES), values_FW
                table = group.create_dataset("table", data=rows)
                table.attrs["values_block_0_kind"] = np.bytes_(pickle.dumps(columns, 0))
                return folder / "video.h5"
            group.attrs["block0_items_nlevels"] = 3
            for level in range(3):
                words = sorted({column[level] for column in columns})
                group[f"block0_items_level{level}"] = np.array(words, "S")
                group[f"block0_items_label{level}"] = np.array([words.index(column[level]) for column in columns], np.int8)
            group["axis1"], group["block0_values"] = np.arange(FRAMES), values_FW
        return folder / "video.h5"

    return make


def sleap_analysis(folder: Path) -> Path:
    import h5py

    take_FK3 = walker("COCO-17")
    with h5py.File(folder / "video.analysis.h5", "w") as file:
        file["tracks"] = take_FK3[None, :, :, :2].transpose(0, 3, 2, 1)
        file["point_scores"] = take_FK3[None, :, :, 2].transpose(0, 2, 1)
        file["node_names"] = np.array(points_of("COCO-17"), "S")
        file["track_names"] = np.array(["track_0"], "S")
        file["track_occupancy"] = np.ones((FRAMES, 1), np.uint8)
    return folder / "video.analysis.h5"


def videopose3d(folder: Path) -> Path:
    positions = {"walk.mp4": {"custom": [walker("COCO-17")[..., :2].astype(np.float32)]}}
    about = {"layout_name": "coco", "num_joints": 17, "video_metadata": {"walk.mp4": {"w": WIDTH, "h": HEIGHT}}}
    np.savez_compressed(folder / "data_2d_custom_walk.npz", positions_2d=positions, metadata=about)
    return folder / "data_2d_custom_walk.npz"


def detectron(folder: Path) -> Path:
    people = [np.stack([one[:, 0], one[:, 1], np.zeros(17), one[:, 2]])[None] for one in walker("COCO-17")]
    boxes, keypoints, segments = (np.empty(FRAMES, object) for _ in range(3))
    for frame, person_1XK in enumerate(people):
        boxes[frame], keypoints[frame] = [[], np.ones((1, 5))], [[], person_1XK]
    np.savez_compressed(folder / "walk.mp4.npz", boxes=boxes, segments=segments, keypoints=keypoints, metadata={"w": WIDTH, "h": HEIGHT})
    return folder / "walk.mp4.npz"


def yolo(folder: Path) -> Path:
    labels = folder / "labels"
    labels.mkdir()
    for frame, person_K3 in enumerate(_shares(walker("COCO-17")), 1):
        _text(labels / f"walk_{frame}.txt", " ".join(map(repr, [0, 0.5, 0.5, 0.3, 0.8, *_flat(person_K3), 0.91])) + "\n")
    return labels


def sports2d(folder: Path) -> Path:
    names, take_FK3 = points_of("Halpe-26"), walker("Halpe-26")
    path = folder / "walk_Sports2D_px_person00.trc"
    lines = [f"PathFileType\t4\t(X/Y/Z)\t{path.name}"]
    lines += ["DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames"]
    lines += [f"30\t30\t{FRAMES}\t26\tm\t30\t0\t{FRAMES}", "Frame#\tTime\t" + "\t\t\t".join(names) + "\t\t"]
    lines += ["\t\t" + "\t".join(f"{axis}{number}" for number in range(1, 27) for axis in "XYZ"), ""]
    for frame, one in enumerate(take_FK3):
        cells = "\t".join(f"{x:.3f}\t{y:.3f}\t0.0" for x, y, _ in one)
        lines.append(f"{frame}\t{frame / 30:.5f}\t{cells}")
    return _text(path, "\n".join(lines) + "\n")


# what it is, how it is written, the format it is read as, its points, and whether its confidences come back
READ: tuple[tuple[str, Maker, str, str, bool], ...] = (
    ("OpenPose BODY_25, folder", openpose("BODY_25"), "openpose", "BODY_25", True),
    ("OpenPose BODY_25B, folder", openpose("BODY_25B"), "openpose", "BODY_25B", True),
    ("OpenPose COCO-18, folder", openpose("COCO-18"), "openpose", "COCO-18", True),
    ("MMPose, video", mmpose("COCO-17"), "mmpose", "COCO-17", True),
    ("MMPose, instance_info", mmpose("Halpe-26", about=True), "mmpose", "Halpe-26", True),
    ("MMPose Human3.6M, video", mmpose("Human3.6M-17"), "mmpose", "Human3.6M-17", True),
    ("RTMPose whole body, folder of images", mmpose_images, "mmpose", "COCO-WholeBody", True),
    ("AlphaPose, list", alphapose_list("Halpe-26"), "coco", "Halpe-26", True),
    ("AlphaPose Halpe-136, list", alphapose_list("Halpe-136"), "coco", "Halpe-136", True),
    ("AlphaPose cmu", alphapose_cmu, "alphapose", "COCO-18", True),
    ("AlphaPose cmu, a file for each frame", alphapose_frames, "alphapose", "COCO-18", True),
    ("COCO results", coco_results("COCO-17"), "coco", "COCO-17", True),
    ("COCO-WholeBody results", coco_results("COCO-WholeBody"), "coco", "COCO-WholeBody", True),
    ("OpenPifPaf, video", openpifpaf_video, "openpifpaf", "COCO-17", True),
    ("OpenPifPaf, folder of images", openpifpaf_images, "openpifpaf", "COCO-17", True),
    ("MediaPipe JSON", mediapipe_json, "mediapipe", "MediaPipe-33", True),
    ("MediaPipe CSV", mediapipe_csv, "csv2d", "MediaPipe-33", True),
    ("MediaPipe CSV, a row for each point", mediapipe_long_csv, "csv2d", "MediaPipe-33", True),
    ("MediaPipe NPY", mediapipe_npy, "npy", "MediaPipe-33", True),
    ("NPY of pixels and confidence, COCO", array_npy("COCO-17"), "npy", "COCO-17", True),
    ("NPY of pixels, Human3.6M", array_npy("Human3.6M-17", 2), "npy", "Human3.6M-17", False),
    ("DeepLabCut CSV", deeplabcut_csv, "deeplabcut", "COCO-17", True),
    ("DeepLabCut HDF5, appendable", deeplabcut_h5(True), "hdf5", "COCO-17", True),
    ("DeepLabCut HDF5, fixed", deeplabcut_h5(False), "hdf5", "COCO-17", True),
    ("SLEAP analysis HDF5", sleap_analysis, "hdf5", "COCO-17", True),
    ("VideoPose3D data set NPZ", videopose3d, "detectron", "COCO-17", False),
    ("VideoPose3D Detectron NPZ", detectron, "detectron", "COCO-17", True),
    ("YOLO-pose labels, folder", yolo, "yolo", "COCO-17", True),
    ("Sports2D TRC in pixels", sports2d, "trc", "Halpe-26", False),
)
