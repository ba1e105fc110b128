"""The Take menu, filters, limits and the range that is worked on, by the keys that a user presses; everything can be undone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QDialog, QMessageBox

import mpm_core as mpm
from mpm_core.check.verify import verify
from mpm_core.recording import Origin
from mpm_studio.flows import file
from mpm_studio.take import Take
from mpm_studio.window import Window
from tests.makers import smooth_take
from tests.mpm_studio import driving
from tests.mpm_studio.driving import press

CONTROL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def loaded(qtbot: Any, window: Window, tmp_path: Path) -> Window:
    """120 frames of four points; P3 goes on where P0 ends, with one frame in both; P1 has a gap from 30 to 39."""
    xyz_FPD = smooth_take().xyz_FPD.copy()
    xyz_FPD[61:, 0], xyz_FPD[:60, 3], xyz_FPD[30:40, 1] = np.nan, np.nan, np.nan
    mpm.write(mpm.make_recording(("P0", "P1", "P2", "P3"), 60.0, xyz_FPD), tmp_path / "take.npz")
    with qtbot.waitSignal(window.session.opened):
        window.open_path(tmp_path / "take.npz")
    return window


def recording(window: Window) -> mpm.Recording:
    assert window.session.document is not None
    return window.session.document.recording


def answer(button: str, prepare: Any = lambda dialog: None) -> None:
    """Press a button of the next dialog."""

    def fill_in(dialog: QDialog) -> None:
        prepare(dialog)
        found = dialog.findChild(QAbstractButton, button)
        assert found is not None and found.isEnabled(), dialog.objectName()
        found.click()

    driving.answer(QDialog, fill_in)


def test_in_and_out_set_the_range_for_loop_trim_and_export(qtbot: Any, loaded: Window, tmp_path: Path) -> None:
    session, before = loaded.session, recording(loaded)
    session.set_frame(20)
    press(qtbot, loaded, Qt.Key.Key_I)
    session.set_frame(79)
    press(qtbot, loaded, Qt.Key.Key_O)
    assert session.work == (20, 80) and loaded.view_state()["work"] == [20, 80]
    assert loaded.playback._part == (20, 80)
    with qtbot.waitSignal(session.notice, timeout=20_000):
        file.export_to(loaded, tmp_path / "part.npz")
    assert mpm.read(tmp_path / "part.npz").frames == 60 and verify(before, tmp_path / "part.npz").holds
    press(qtbot, loaded, Qt.Key.Key_T, CONTROL)
    assert recording(loaded).frames == 60 and recording(loaded).source.first_frame == 21 and session.work is None
    assert session.original is not None and not session.original.samples.differs(before.samples.at(slice(20, 80))).any()
    press(qtbot, loaded, Qt.Key.Key_Z, CONTROL)
    assert recording(loaded) is before
    press(qtbot, loaded, Qt.Key.Key_I, SHIFT)
    assert session.work is None


def test_the_original_comes_back_in_a_trimmed_take(qtbot: Any, loaded: Window) -> None:
    loaded.session.select((1, 2), 10, 60)
    press(qtbot, loaded, Qt.Key.Key_T, CONTROL)
    trimmed = recording(loaded)
    loaded.session.select((2,), 5, 15)
    press(qtbot, loaded, Qt.Key.Key_Backspace)
    assert (recording(loaded).origin_FP[5:15, 2] == Origin.MARKED).all()
    press(qtbot, loaded, Qt.Key.Key_R, SHIFT)
    assert not recording(loaded).samples.differs(trimmed.samples).any()


def test_a_point_is_renamed_and_two_are_merged(qtbot: Any, loaded: Window) -> None:
    loaded.session.set_mapping({"left_knee": "P1"})
    loaded.session.select((1,))
    answer("input_ok", lambda dialog: dialog.setTextValue("LKNE"))
    press(qtbot, loaded, Qt.Key.Key_F2)
    assert loaded.session.overrides == {"left_knee": "LKNE"}
    assert recording(loaded).points == ("P0", "LKNE", "P2", "P3")
    loaded.session.select((0, 3))
    answer("merge_first")
    press(qtbot, loaded, Qt.Key.Key_M, CONTROL)
    assert recording(loaded).points == ("P0", "LKNE", "P2") and (recording(loaded).origin_FP[:, 0] == Origin.MEASURED).all()
    assert loaded.session.selection.points == (0,)
    for _ in range(2):
        press(qtbot, loaded, Qt.Key.Key_Z, CONTROL)
    assert recording(loaded).points == ("P0", "P1", "P2", "P3") and loaded.session.overrides == {"left_knee": "P1"}


def test_a_cancelled_merge_changes_nothing(qtbot: Any, loaded: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QMessageBox, "exec", lambda box: 0)
    loaded.session.select((0, 3))
    press(qtbot, loaded, Qt.Key.Key_M, CONTROL)
    assert len(recording(loaded).points) == 4


def test_resampling_says_what_is_interpolated(qtbot: Any, loaded: Window) -> None:
    said = []

    def prepare(dialog: QDialog) -> None:
        dialog.findChild(object, "rate_field").setValue(90.0)
        said.append(dialog.findChild(object, "resample_text").text())

    answer("resample_do", prepare)
    loaded.actions_by_id["resample"].trigger()
    assert recording(loaded).rate_hz == 90.0 and "lie between frames" in said[0]
    assert (loaded.playback.take[0], loaded.playback.take[1]) == (recording(loaded).frames, 90.0)


def test_filter_needs_to_be_asked_for_measured_samples(qtbot: Any, loaded: Window, tmp_path: Path) -> None:
    before = recording(loaded)
    seen = []

    def prepare(dialog: QDialog) -> None:
        seen.append(dialog.findChild(object, "filter_do").isEnabled())
        dialog.findChild(object, "filter_measured").click()

    loaded.session.select((2,), 20, 60)
    answer("filter_do", prepare)
    with qtbot.waitSignal(loaded.session.notice, timeout=20_000) as heard:
        press(qtbot, loaded, Qt.Key.Key_F, CONTROL)
    assert seen == [False] and "40 samples filtered, 40 of them measured" in heard.args[0]
    after = recording(loaded)
    assert (after.origin_FP == Origin.FILTERED).sum() == 40
    assert loaded.workspace.history.list.item(1).text().splitlines()[1:] == [
        "measured samples too, a part of the take",
        "40 samples of P2",
    ]
    loaded.session.turns.finish()
    assert loaded.workspace.gaps.quality.cells[1, 1].text() == f"{40 / after.origin_FP.size:.1%}"
    with qtbot.waitSignal(loaded.session.notice, timeout=20_000) as heard:
        file.export_to(loaded, tmp_path / "out.csv")
    assert "40 filtered as asked" in heard.args[0]
    assert json.loads((tmp_path / "out.csv.proof.json").read_text())["filtered"]["samples"] == 40
    found = verify(before, tmp_path / "out.csv")
    assert found.holds and found.filtered == 40
    press(qtbot, loaded, Qt.Key.Key_R, SHIFT)
    assert not recording(loaded).samples.differs(before.samples).any()


def test_limits_hold_for_later_fills(qtbot: Any, loaded: Window) -> None:
    def prepare(dialog: QDialog) -> None:
        dialog.findChild(object, "complete_gap_limited").click()
        dialog.findChild(object, "complete_max_gap").setValue(0.1)

    answer("complete_do", prepare)
    with qtbot.waitSignal(loaded.session.job_finished, timeout=60_000):
        press(qtbot, loaded, Qt.Key.Key_G, CONTROL | SHIFT)
    assert loaded.limits.max_gap_s == 0.1
    assert any("longer than 0.1 s" in left.why for left in loaded.session.left)
    loaded.limits = mpm.Limits()
    loaded.use_method("auto")


def test_marks_grow_invert_and_are_painted(qtbot: Any, loaded: Window) -> None:
    loaded.session.select((2,), 50, 55)
    loaded.workspace.timeline.painted.emit(True)
    press(qtbot, loaded, Qt.Key.Key_BracketRight)
    assert np.flatnonzero(recording(loaded).origin_FP[:, 2] == Origin.MARKED).tolist() == list(range(49, 56))
    press(qtbot, loaded, Qt.Key.Key_BracketLeft)
    loaded.session.select((2,), 48, 52)
    press(qtbot, loaded, Qt.Key.Key_I, CONTROL)
    assert np.flatnonzero(recording(loaded).origin_FP[:, 2] == Origin.MARKED).tolist() == [48, 49, 52, 53, 54]
    loaded.session.select((2,), 0, 120)
    loaded.workspace.graph.area.painted.emit(False)
    assert not (recording(loaded).origin_FP == Origin.MARKED).any()


def test_keypoints_of_low_confidence_are_marked(qtbot: Any, window: Window, tmp_path: Path) -> None:
    confidence_FP = np.full((30, 2), 0.9, np.float32)
    confidence_FP[10:15, 1] = 0.1
    mpm.write(mpm.make_recording(("a", "b"), 30.0, np.ones((30, 2, 2)), confidence_FP=confidence_FP), tmp_path / "flat.npz")
    with qtbot.waitSignal(window.session.opened):
        window.open_path(tmp_path / "flat.npz")
    answer("confidence_do", lambda dialog: dialog.findChild(object, "confidence_field").setValue(0.5))
    window.actions_by_id["mark_unsure"].trigger()
    assert (recording(window).origin_FP == Origin.MARKED).sum() == 5


def test_j_k_and_l_play_back_stop_and_ahead(qtbot: Any, loaded: Window) -> None:
    loaded.session.set_frame(100)
    seen: list[int] = []
    loaded.playback.frame.connect(seen.append)
    press(qtbot, loaded, Qt.Key.Key_J)
    qtbot.waitUntil(lambda: len(seen) > 2)
    press(qtbot, loaded, Qt.Key.Key_K)
    assert not loaded.playback.playing and seen == sorted(seen, reverse=True)
    seen.clear()
    loaded.session.set_frame(0)
    press(qtbot, loaded, Qt.Key.Key_L)
    press(qtbot, loaded, Qt.Key.Key_L)
    assert loaded.playback._shuttle == 2
    qtbot.waitUntil(lambda: len(seen) > 2)
    press(qtbot, loaded, Qt.Key.Key_K)
    loaded.playback.frame.disconnect(seen.append)
    assert seen == sorted(seen)


def test_times_are_frames_seconds_or_time_code(qtbot: Any, loaded: Window) -> None:
    loaded.session.set_frame(75)
    kinds = []
    for _ in range(3):
        press(qtbot, loaded, Qt.Key.Key_T, SHIFT)
        kinds.append((loaded.session.time_kind, loaded.session.clock.text(75), loaded.workspace.transport.time.text()))
    assert kinds == [
        ("seconds", "1.250 s", "1.250 s"),
        ("smpte", "00:00:01:07.1", "00:00:01:07.1"),
        ("frames", "76", "1.250 s"),
    ]
    assert loaded.settings.choice("time", ("smpte", "frames")) == "frames"


def test_a_project_keeps_the_range_that_is_worked_on(qtbot: Any, loaded: Window, tmp_path: Path) -> None:
    rec = recording(loaded)
    for work, kept in (([20, 80], (20, 80)), ([20, 800], None), ("x", None)):
        loaded.session.open(Take(tmp_path / "take.npz", rec, rec, {"work": work}))
        assert loaded.session.work == kept


def test_a_trim_and_its_undo_stay_at_the_moment_that_is_shown(qtbot: Any, loaded: Window) -> None:
    session = loaded.session
    session.set_frame(50)
    session.select((1,), 45, 60)
    session.set_work(40, 80)
    loaded.actions_by_id["trim"].trigger()
    assert (session.frame, session.selection.start, session.selection.stop, session.work) == (10, 5, 20, None)
    session.undo()
    assert (session.frame, session.selection.start, session.selection.stop, session.work) == (50, 45, 60, (40, 80))
    assert session.selection.points == (1,)
    session.redo()
    assert (session.frame, session.work) == (10, None)
    session.set_work(5, 20)
    session.undo()
    assert session.work == (45, 60), "what was worked on then"


def test_a_trim_leaves_the_camera_on_the_body(qtbot: Any, window: Window) -> None:
    """The take walks away from where it began; the frame that is shown stays the same, and so does the view of it."""
    rec = smooth_take(frames=400, points=6)
    xyz_FPD = rec.xyz_FPD + np.linspace(0, 40, 400, dtype=np.float32)[:, None, None] * np.float32([1, 0, 0])
    rec = mpm.make_recording(rec.points, 60.0, xyz_FPD)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    viewer = window.workspace.stage.viewer
    window.session.set_frame(250)
    window.actions_by_id["fit"].trigger()
    before, at_P2 = viewer.camera, viewer.on_screen()
    window.session.set_work(200, 320)
    window.actions_by_id["trim"].trigger()
    assert viewer.camera == before and viewer.frame == 50
    np.testing.assert_allclose(viewer.on_screen(), at_P2)
    window.session.undo()
    np.testing.assert_allclose(viewer.on_screen(), at_P2)
    window.session.set_frame(10)
    window.session.set_work(200, 320)
    window.actions_by_id["trim"].trigger()
    on_P2 = viewer.on_screen()
    assert ((on_P2 > 0) & (on_P2 < [viewer.width(), viewer.height()])).all(), "the frame that was shown is not in the take any more"
