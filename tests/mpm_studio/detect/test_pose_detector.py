"""What is done around BlazePose's networks, with stand-ins for these that answer what they are told: places, turns, following, files."""

from __future__ import annotations

import zipfile
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.errors import DataError, FormatError, ModelError
from mpm_studio.__main__ import main
from mpm_studio.detect import pose_detector
from mpm_studio.detect.model_files import PoseModels, load_models
from mpm_studio.detect.pose_detector import LANDMARK_PX, PERSON_PX, PoseDetector
from mpm_studio.detect.regions import Region, cut_out, whole
from mpm_studio.operations.detecting import detect_person, point_names
from mpm_studio.operations.video import Video
from tests.mpm_studio.videos import frame_of, write_video

IMAGE = np.zeros((480, 640, 3), np.uint8)
MIDDLE_2, RIM_2 = np.array([300.0, 220.0]), np.array([300.0, 100.0])


def test_a_region_is_cut_out_as_it_is_turned():
    rng = np.random.default_rng(0)
    image = rng.integers(0, 255, (64, 64, 3), dtype=np.uint8)
    plain = cut_out(image, whole(image), 64)
    np.testing.assert_allclose(plain, image / 255, atol=1e-6)
    turned = cut_out(image, Region(32, 32, 64, np.pi / 2), 64)
    np.testing.assert_allclose(turned, np.rot90(image) / 255, atol=1e-5)
    outside = cut_out(image, Region(-100, 0, 50), 8)
    assert not outside.any(), "black outside the picture"
    wide = cut_out(np.full((20, 60, 3), 255, np.uint8), whole(np.zeros((20, 60, 3), np.uint8)), 60)
    assert wide[:19].max() == 0 and wide[25:35].min() == pytest.approx(1), "bars above and below"


class Networks:
    """Two networks that see a person whose middle and rim are where they are told, with every landmark in a known place of its square."""

    def __init__(self) -> None:
        self.middle_2, self.rim_2 = MIDDLE_2, RIM_2
        self.score, self.is_person = 3.0, 0.9
        self.share_K2 = np.random.default_rng(1).uniform(0.2, 0.8, (39, 2))
        self.heat_HWK = np.full((64, 64, 39), -100.0, np.float32)
        self.asked: list[str] = []

    def make(self, model: bytes, source: str, pixels: int, outputs: tuple[tuple[int, ...], ...]) -> Networks:
        made = Networks.__new__(Networks)
        made.__dict__ = self.__dict__ | {"run": self.find if pixels == PERSON_PX else self.landmarks}
        return made

    def find(self, image_HW3: np.ndarray) -> list[np.ndarray]:
        assert image_HW3.shape == (PERSON_PX, PERSON_PX, 3) and image_HW3.min() >= -1
        self.asked.append("find")
        box_A12, score_A1 = np.zeros((2254, 12), np.float32), np.full((2254, 1), -9.0, np.float32)
        anchor = 1600
        score_A1[anchor] = self.score
        for place, at_2 in enumerate((self.middle_2, self.rim_2)):
            share_2 = (at_2 - [0, -80]) / 640  # the picture is in the middle of a square
            box_A12[anchor, 4 + 2 * place : 6 + 2 * place] = (share_2 - pose_detector._anchors()[anchor]) * PERSON_PX
        return [box_A12, score_A1]

    def landmarks(self, image_HW3: np.ndarray) -> list[np.ndarray]:
        assert image_HW3.shape == (LANDMARK_PX, LANDMARK_PX, 3) and image_HW3.min() >= 0
        self.asked.append("landmarks")
        row_K5 = np.zeros((39, 5), np.float32)
        row_K5[:, :2], row_K5[:, 3] = self.share_K2 * LANDMARK_PX, np.linspace(-4, 4, 39)
        return [row_K5.ravel(), np.array([self.is_person], np.float32), self.heat_HWK]


@pytest.fixture
def networks(monkeypatch) -> Networks:
    made = Networks()
    monkeypatch.setattr(pose_detector, "_Network", made.make)
    return made


def detector() -> PoseDetector:
    return PoseDetector(PoseModels(b"", b"", "test"))


def test_landmarks_are_where_the_network_sees_them_in_its_square(networks):
    found = detector().person(IMAGE)
    square = Region(300, 220, 2 * 1.25 * 120)
    np.testing.assert_allclose(found[:, :2], square.to_picture(networks.share_K2[:33]), atol=1e-3)
    np.testing.assert_allclose(found[:, 2], 1 / (1 + np.exp(-np.linspace(-4, 4, 39)[:33])), atol=1e-6)
    networks.rim_2 = np.array([420.0, 220.0])  # the head to the right: the square is turned clockwise by a quarter
    lying = detector().person(IMAGE)
    np.testing.assert_allclose(lying[:, :2], Region(300, 220, 300, np.pi / 2).to_picture(networks.share_K2[:33]), atol=1e-3)


def test_the_person_is_followed_and_looked_for_again_when_lost(networks):
    one = detector()
    assert one.person(IMAGE) is not None and networks.asked == ["find", "landmarks"]
    first = one._followed
    one.person(IMAGE)
    assert networks.asked == ["find", "landmarks", "landmarks"] and one._followed != first
    networks.is_person = 0.1
    assert one.person(IMAGE) is None and networks.asked[3:] == ["landmarks", "find", "landmarks"]
    networks.score, networks.asked = -3.0, []
    assert one.person(IMAGE) is None and networks.asked == ["find"]


def test_heat_makes_a_landmark_more_exact(networks):
    networks.share_K2[5] = [0.5, 0.5]
    networks.heat_HWK[33, 30, 5] = 20.0
    found = detector().person(IMAGE)
    np.testing.assert_allclose(found[5, :2], Region(300, 220, 300).to_picture(np.array([[30, 33]]) / 64)[0], atol=0.1)


def test_the_networks_are_taken_from_wheel_task_or_folder(tmp_path: Path):
    wheel, folder = tmp_path / "mediapipe.whl", tmp_path / "models"
    names = ("modules/pose_landmark/pose_landmark_lite.tflite", "modules/pose_landmark/pose_landmark_full.tflite")
    with zipfile.ZipFile(wheel, "w") as archive:
        for name in (*names, "modules/pose_detection/pose_detection.tflite", "modules/hand_landmark/hand_landmark_full.tflite"):
            archive.writestr(name, name)
    found = load_models(wheel)
    assert (found.person, found.landmarks) == (b"modules/pose_detection/pose_detection.tflite", names[1].encode())
    folder.mkdir()
    (folder / "pose_detector.tflite").write_bytes(b"a")
    with pytest.raises(ModelError, match="pose_landmark"):
        load_models(folder)
    (folder / "pose_landmarks_detector.tflite").write_bytes(b"b")
    assert load_models(folder) == PoseModels(b"a", b"b", str(folder))
    (tmp_path / "text.task").write_text("none")
    for wrong in (tmp_path / "text.task", tmp_path / "missing"):
        with pytest.raises(ModelError, match="pip download"):
            load_models(wrong)


@pytest.mark.parametrize("damage", ["data", "encrypted", "method", "cut", "place"])
def test_a_damaged_archive_of_networks_is_refused(damage: str, tmp_path: Path):
    path = tmp_path / "pose.task"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
            archive.writestr(name, np.random.default_rng(0).integers(0, 9, 4000).tobytes())
    data = bytearray(path.read_bytes())
    listed = data.index(b"PK\x01\x02")
    if damage == "data":
        data[60:1000] = b"\xff" * 940
    elif damage == "encrypted":
        data[6] |= 1
        data[listed + 8] |= 1
    elif damage == "method":
        data[8] = data[listed + 10] = 99
    elif damage == "cut":
        data = data[: len(data) // 2]
    else:
        data[listed + 42 : listed + 46] = (10**6).to_bytes(4, "little")
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"pose\.task: this is not a wheel"):
        load_models(path)


def test_a_network_that_is_another_is_refused(tmp_path: Path):
    pytest.importorskip("ai_edge_litert")
    with pytest.raises(ModelError, match="cannot be run"):
        PoseDetector(PoseModels(b"no network", b"no network", "file.task"))


def test_a_take_has_the_videos_rate_size_and_absent_frames(tmp_path: Path):
    path = write_video(tmp_path / "v.mp4", 20, rate=25)

    def detect(image: np.ndarray) -> np.ndarray | None:
        frame = round(frame_of(image))
        return None if 5 <= frame < 9 else np.column_stack([np.full((33, 2), float(frame)), np.full(33, 0.7)])

    rec = detect_person(path, detect, "test", lambda: False, lambda share, text: None)
    assert (rec.frames, rec.rate_hz, rec.source.image_wh, rec.points) == (20, 25.0, (640, 360), point_names())
    assert (rec.origin_FP == mpm.Origin.MISSING).all(axis=1).nonzero()[0].tolist() == [5, 6, 7, 8]
    assert rec.xyz_FPD[12, 3].tolist() == [12, 12] and rec.confidence_FP[12, 3] == pytest.approx(0.7)
    mpm.write(rec, tmp_path / "v.json")
    again = mpm.read(tmp_path / "v.json")
    assert again.points == rec.points and again.source.image_wh == (640, 360)
    with pytest.raises(DataError, match="nobody"):
        detect_person(path, lambda image: None, "test", lambda: False, lambda share, text: None)


@pytest.mark.parametrize("number", [-1, 10**6, 2**40])
def test_a_video_whose_frame_numbers_cannot_be_is_refused(number: int, tmp_path: Path, monkeypatch):
    path = write_video(tmp_path / "v.mp4", 3)
    monkeypatch.setattr(Video, "pictures", lambda video: iter([(0, IMAGE), (number, IMAGE)]))
    with pytest.raises(FormatError, match=r"v\.mp4: picture 2 of this video is said to be frame"):
        detect_person(path, lambda image: np.ones((33, 3)), "test", lambda: False, lambda share, text: None)


def test_frames_that_a_video_leaves_out_are_missing(tmp_path: Path, monkeypatch):
    path = write_video(tmp_path / "v.mp4", 3)
    monkeypatch.setattr(Video, "pictures", lambda video: iter([(2, IMAGE), (150, IMAGE)]))
    rec = detect_person(path, lambda image: np.ones((33, 3)), "test", lambda: False, lambda share, text: None)
    assert rec.frames == 151 and np.flatnonzero(rec.visible_FP.any(axis=1)).tolist() == [2, 150]


def test_the_command_says_what_is_missing(tmp_path: Path, capsys, monkeypatch):
    path = write_video(tmp_path / "v.mp4", 3)
    monkeypatch.setattr("mpm_studio.detect.model_files.find_spec", lambda name: None)
    assert main(["detect", str(path), "-o", str(tmp_path / "v.json")]) == 1
    assert "pip download --no-deps mediapipe==" in capsys.readouterr().err
    assert main(["detect", str(path), "-o", str(tmp_path / "v.bvh")]) == 1
    assert "3D only" in capsys.readouterr().err
    assert not (tmp_path / "v.json").exists()


def test_the_command_writes_what_was_found(tmp_path: Path, networks, monkeypatch, capsys):
    path, folder = write_video(tmp_path / "v.mp4", 4), tmp_path / "models"
    folder.mkdir()
    for name in ("pose_detector.tflite", "pose_landmarks_detector.tflite"):
        (folder / name).write_bytes(b"")
    assert main(["detect", str(path), "-o", str(tmp_path / "v.json"), "--model", str(folder)]) == 0
    assert "somebody is seen in 4 of 4 frames" in capsys.readouterr().out
    assert mpm.read(tmp_path / "v.json").visible_FP.all()
