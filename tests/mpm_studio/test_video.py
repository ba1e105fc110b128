"""A video behind the picture: the right frame, its offset, what does not fit, and files that are no video."""

from __future__ import annotations

import sys
from pathlib import Path

import av
import numpy as np
import pytest
from PySide6.QtGui import QImage

import mpm_core as mpm
from mpm_core.edit.trim import trim
from mpm_core.errors import DataError, FormatError
from mpm_core.recording import FilePart, Source
from mpm_studio.flows import video as flow
from mpm_studio.operations.camera_motion import camera_motion
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.operations.saving import save_project, save_request
from mpm_studio.operations.video import Video, VideoFacts, check_offset, facts, misfits, usual_offset
from mpm_studio.take import Take
from tests.mpm_studio.videos import frame_of, write_scene, write_video

JOB_MS = 60_000


@pytest.fixture(scope="module")
def path(tmp_path_factory) -> Path:
    return write_video(tmp_path_factory.mktemp("video") / "walk.mp4")


def keypoints(frames: int = 40, source: Source | None = None, rate_hz: float = 30.0) -> mpm.Recording:
    xy_FP2 = np.random.default_rng(0).uniform(50, 300, (frames, 3, 2))
    return mpm.make_recording(("nose", "neck", "hip"), rate_hz, xy_FP2, source=source or Source())


def test_each_frame_is_the_right_one_in_any_order(path):
    with Video(path) as video:
        assert video.facts == VideoFacts(path, 30.0, (640, 360), 60)
        for frame in (0, 1, 2, 50, 10, 59, 11, 58):
            assert frame_of(video.at(frame)) == pytest.approx(frame, abs=0.2)
        assert video.at(60) is None and video.at(-1) is None
        assert video.at(3, 320).shape == (180, 320, 3)
        assert [number for number, _ in video.pictures()] == list(range(60))


def test_what_is_no_video_is_refused(path, tmp_path, monkeypatch):
    cut = tmp_path / "cut.mp4"
    cut.write_bytes(path.read_bytes()[:3000])
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    for wrong in (cut, text, tmp_path / "none.mp4"):
        with pytest.raises(FormatError, match=wrong.name):
            facts(wrong)
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(FormatError, match=r"mpm-studio\[video\]"):
        facts(path)


def test_what_does_not_fit_is_said(path):
    video = facts(path)
    assert misfits(video, (1280, 720), 30.0, 40, 0) == ()
    assert misfits(video, None, 30.0, 60, 0) == ()
    assert "pictures are 640 × 360, those of the keypoints 360 × 640" in misfits(video, (360, 640), 30.0, 40, 0)[0]
    assert "30 frames a second, the take 25" in misfits(video, None, 25.0, 40, 0)[0]
    assert "60 frames, the take needs 65" in misfits(video, None, 30.0, 40, 25)[0]
    assert (usual_offset(video, 1, 40), usual_offset(video, 15, 40), usual_offset(video, 1150, 40)) == (0, 15, 0)
    with pytest.raises(DataError):
        check_offset(60, video)
    with pytest.raises(DataError):
        check_offset(10**30, VideoFacts(path, 30.0, (640, 360), 0))


def test_frames_beyond_any_video_are_not_in_it(path):
    with Video(path) as video:
        assert all(video.at(frame) is None for frame in (2**31 - 1, 2**63, 10**30, -(10**30)))


def test_a_picture_that_cannot_be_converted_is_a_clear_error(path, monkeypatch):
    def refuse(*_: object, **__: object) -> None:
        raise ValueError("Conversion to numpy array with format `x` is not supported")

    with Video(path) as video:
        monkeypatch.setattr(av.VideoFrame, "to_ndarray", refuse)
        with pytest.raises(FormatError, match=path.name) as caught:
            video.at(3)
        assert "numpy" not in str(caught.value)
        with pytest.raises(FormatError, match=path.name):
            next(video.pictures())


@pytest.mark.parametrize("offset", [10**30, -(10**30), 2**31, True, 1.5, "3"])
def test_an_offset_of_a_project_that_no_video_has_is_passed_over(window, path, offset):
    rec = keypoints()
    window.session.open(Take(Path("take.json"), rec, rec, {"video": {"path": str(path), "offset": offset}}))
    assert window.video.path is None


def test_a_take_from_far_beyond_a_video_shows_none_of_it(qtbot, window, path):
    plane = window.workspace.stage.plane
    rec = keypoints(source=Source(part=FilePart(start=1e18)))
    window.session.open(Take(Path("take.json"), rec, rec, {"video": {"path": str(path), "offset": 0}}))
    qtbot.waitUntil(lambda: "does not show" in plane.caption, timeout=JOB_MS)
    window.video.close()


def test_whatever_breaks_while_a_video_is_decoded_is_said(qtbot, window, path, monkeypatch):
    def break_down(*_: object) -> None:
        raise RuntimeError("an internal error")

    monkeypatch.setattr(Video, "at", break_down)
    notices, rec = [], keypoints()
    window.session.open(Take(Path("take.json"), rec, rec, {}))
    window.session.notice.connect(notices.append)
    window.video.show(path, 0)
    qtbot.waitUntil(lambda: bool(notices), timeout=JOB_MS)
    window.session.notice.disconnect(notices.append)
    assert path.name in notices[0] and "internal" not in notices[0] and window.video.path is None


def shown_frame(plane) -> float:
    image = plane.image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return frame_of(rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3))


def test_the_video_is_in_step_and_gives_its_size(qtbot, window, path, tmp_path):
    session, plane = window.session, window.workspace.stage.plane
    rec = keypoints(source=Source(notes=("image size unknown",)))
    session.open(Take(tmp_path / "take.json", rec, rec, {}))
    session.set_frame(7)
    flow.show(window, path)
    qtbot.waitUntil(lambda: plane.image is not None, timeout=JOB_MS)
    assert shown_frame(plane) == pytest.approx(7, abs=0.2) and plane.caption == "walk.mp4, frame 7"
    source = session.document.recording.source
    assert source.image_wh == plane.image_wh == (640, 360) and source.notes == ("image size 640x360 by the video",)
    session.set_frame(30)
    qtbot.waitUntil(lambda: plane.caption.endswith("frame 30"), timeout=JOB_MS)
    assert shown_frame(plane) == pytest.approx(30, abs=0.2)
    window.video.show(path, 25)
    session.set_frame(39)
    qtbot.waitUntil(lambda: "does not show" in plane.caption, timeout=JOB_MS)
    assert plane.image is None
    session.set_frame(5)
    qtbot.waitUntil(lambda: plane.caption.endswith("frame 30"), timeout=JOB_MS)
    project = tmp_path / "take.mpm"
    save_project(save_request(session.document, project, window.view_state()), lambda: False, lambda share, text: None)
    session.do(trim(session.document.recording, 5, 20))
    session.set_frame(2)
    qtbot.waitUntil(lambda: plane.caption.endswith("frame 32"), timeout=JOB_MS)
    window.video.close()
    assert plane.image is None
    session.open(open_as(ReadRequest(project), lambda: False, lambda share, text: None))
    qtbot.waitUntil(lambda: plane.image is not None, timeout=JOB_MS)
    assert (window.video.path, window.video.offset, session.frame) == (path, 25, 5)
    window.video.close()


def test_another_peoples_video_is_shown_with_a_word(qtbot, window, path):
    session, plane, notices = window.session, window.workspace.stage.plane, []
    rec = keypoints(source=Source(image_wh=(360, 640)))
    session.open(Take(Path("take.json"), rec, rec, {}))
    session.notice.connect(notices.append)
    flow.show(window, path)
    qtbot.waitUntil(lambda: plane.image is not None, timeout=JOB_MS)
    session.notice.disconnect(notices.append)
    assert "may not be the video of these keypoints" in notices[0]
    assert session.document.recording is rec, "its size is not taken"
    assert window.actions_by_id["video"].isEnabled()
    session.open(Take(Path("other.json"), rec, rec, {}))
    assert plane.image is None and window.video.path is None, "another take has another video"


def test_an_opened_video_is_shown_behind_keypoints_and_refused_without(qtbot, window, path):
    session, failures, solid = window.session, [], mpm.make_recording(("a", "b"), 30.0, np.zeros((5, 2, 3)))
    session.failed.connect(failures.append)
    session.open(Take(Path("solid.npz"), solid, solid, {}))
    window.open_path(path)
    session.failed.disconnect(failures.append)
    assert "this is a video" in str(failures[0].error) and session.document.recording is solid
    rec = keypoints()
    session.open(Take(Path("take.json"), rec, rec, {}))
    window.open_path(path)
    qtbot.waitUntil(lambda: window.workspace.stage.plane.image is not None, timeout=JOB_MS)
    window.video.close()


def test_a_camera_that_moves_is_noticed(tmp_path):
    found = {}
    for name, step_px, plain in (("still", 0, False), ("slow", 1, False), ("wall", 0, True)):
        with Video(write_scene(tmp_path / f"{name}.mp4", step_px, plain=plain)) as video:
            found[name] = camera_motion(video, lambda: False)
    assert {name: motion.moves for name, motion in found.items()} == {"still": False, "slow": True, "wall": False}
    assert found["slow"].shift_N == pytest.approx(15 / 480, abs=0.006), "in half a second"
    assert len(found["wall"].shift_N) == 0, "an empty wall says nothing"


def test_a_moving_camera_is_said_when_its_video_is_chosen(qtbot, window, tmp_path):
    session, plane, notices = window.session, window.workspace.stage.plane, []
    rec = keypoints(source=Source(image_wh=(480, 360)))
    session.open(Take(Path("take.json"), rec, rec, {}))
    session.notice.connect(notices.append)
    flow.show(window, write_scene(tmp_path / "pan.mp4", 2))
    qtbot.waitUntil(lambda: plane.image is not None, timeout=JOB_MS)
    session.notice.disconnect(notices.append)
    assert len(notices) == 1 and "The camera of pan.mp4 moves" in notices[0]


def test_a_video_that_breaks_is_taken_away(qtbot, window, tmp_path):
    session, notices = window.session, []
    rec = keypoints()
    session.open(Take(Path("take.json"), rec, rec, {}))
    session.notice.connect(notices.append)
    text = tmp_path / "text.mp4"
    text.write_text("no video")
    window.video.show(text, 0)
    qtbot.waitUntil(lambda: bool(notices), timeout=JOB_MS)
    session.notice.disconnect(notices.append)
    assert "text.mp4" in notices[0] and window.video.path is None
