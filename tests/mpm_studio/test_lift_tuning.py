"""A proposed lift whose camera is told by sliders and the level's handle: live, settled, taken back, and kept raw."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QPushButton, QRadioButton, QSlider, QToolButton

import mpm_core as mpm
from mpm_core.edit.patch import Replace
from mpm_core.lift import lift_take
from mpm_core.resources import resource
from mpm_core.world_fit.options import LiftOptions
from mpm_studio.flows import file, repair
from mpm_studio.operations import lifting
from mpm_studio.take import Take
from mpm_studio.views import dialogs
from tests.mpm_studio.driving import child

JOB_MS = 60_000
OPTIONS = LiftOptions(fps=30.0, size=(1920, 1080))


@pytest.fixture(scope="module")
def flat() -> mpm.Recording:
    rec = mpm.read(resource("sample/walk_reach_sit_openpose"))
    return rec.with_samples(rec.samples.at(np.arange(150)))


@pytest.fixture(scope="module")
def first(shared_window, flat) -> lifting.LiftResult:
    """The lift of the take before anything is told."""
    request = lifting.LiftRequest(flat, OPTIONS, networks=shared_window.settings.networks())
    return lifting.lift(request, lambda: False, lambda share, text: None)


@pytest.fixture
def lifted(qtbot, window, flat, first):
    """The window with a proposed lift, which was worked out once for all tests."""
    window.session.open(Take(Path("take"), flat, flat, {}))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lifting, "lift", lambda request, cancel, progress: first)
        repair.run_lift(window, first.request)
        qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    return window


def idle(qtbot, window) -> None:
    tuning = window.workspace.tuning
    qtbot.waitUntil(lambda: not tuning.busy, timeout=JOB_MS)


def pitch_of(window) -> float:
    return lifting.figures(window.session.shown).pitch


def test_gaps_of_the_keypoints_are_none_of_the_lift(lifted, flat):
    """The panel's rows are of what is shown: the lifted joints, which all have a value."""
    gaps, session = lifted.workspace.gaps, lifted.session
    session.turns.finish()
    assert not flat.visible_FP.all() and {row.state for row in gaps.model.all} <= {"filled"}
    assert gaps.model.rec is session.shown and all(row.point < len(session.shown.points) for row in gaps.model.all)
    assert lifted.workspace.side.docks[gaps].windowTitle() == "Gaps"
    session.reject()
    session.turns.finish()
    assert lifted.workspace.side.docks[gaps].windowTitle() != "Gaps" and gaps.model.rec is session.document.recording


def test_the_panel_says_what_was_found(lifted):
    panel = lifted.workspace.lift
    assert lifted.workspace.side.currentWidget() is panel
    found = lifting.figures(lifted.session.shown)
    assert panel.rows["pitch"].value.text() == f"{found.pitch:.1f}° down" and "found" in panel.rows["pitch"].how.text()
    assert panel.rows["focal"].how.text() == "assumed"
    assert panel.floor.text() == "found" and panel.feet.text() == str(found.contacts) and "mm" in panel.sure.text()
    notes = child(lifted, QLabel, "lift_notes").text()
    assert all(note in notes for note in lifted.session.shown.source.notes)


def test_a_slider_fits_at_once_and_lifts_when_it_is_let_go(qtbot, lifted, flat):
    before = lifted.session.shown
    slider = child(lifted, QSlider, "lift_slider_pitch")
    slider.setSliderDown(True)
    slider.setValue(2 * 14)
    idle(qtbot, lifted)
    live = lifted.session.shown
    assert live is not before and pitch_of(lifted) == pytest.approx(14, abs=2), "the floor may correct it by its uncertainty"
    slider.setSliderDown(False)
    idle(qtbot, lifted)
    settled = lifted.session.shown
    command = lift_take(flat, LiftOptions(fps=30.0, size=(1920, 1080), pitch=14.0)).recording
    np.testing.assert_array_equal(settled.xyz_FPD, command.xyz_FPD)
    assert lifted.workspace.lift.rows["pitch"].how.text() == "as given"
    child(lifted, QToolButton, "lift_find_pitch").click()
    idle(qtbot, lifted)
    np.testing.assert_allclose(lifted.session.shown.xyz_FPD, before.xyz_FPD, atol=1e-6)
    assert "found" in lifted.workspace.lift.rows["pitch"].how.text()


def test_the_handle_of_the_level_tells_pitch_and_roll(qtbot, lifted):
    plane, found = lifted.workspace.stage.plane, lifting.figures(lifted.session.shown)
    qtbot.waitUntil(lambda: plane.isVisible() and plane.handle() is not None)
    start = QPoint(*np.round(plane.handle()).astype(int).tolist())
    tilt_2 = plane.tilt(np.array([20.0, -30.0]) / plane.framing.scale)
    assert tilt_2.min() > 0, "up looks down more, to the right rolls clockwise"
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(plane, start + QPoint(20, -30))
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=start + QPoint(20, -30))
    idle(qtbot, lifted)
    told = lifted.workspace.tuning.result.request.options
    assert told.pitch == pytest.approx(found.pitch + tilt_2[0], abs=0.5) and told.roll == pytest.approx(found.roll + tilt_2[1], abs=0.5)
    assert (lifting.figures(lifted.session.shown).roll - found.roll) * tilt_2[1] > 0


def test_a_selected_keypoint_is_no_other_joint_of_the_lift(qtbot, lifted, flat):
    session = lifted.session
    session.reject()
    session.select((flat.index("LWrist"),), 3, 9)
    session.redo()
    assert session.shown.dims == 3 and session.selection.points == ()


def test_what_comes_after_the_proposal_was_decided_is_dropped(qtbot, lifted, flat):
    tuning, session = lifted.workspace.tuning, lifted.session
    tuning.set_options(LiftOptions(fps=30.0, size=(1920, 1080), pitch=30.0), True)
    session.reject()
    idle(qtbot, lifted)
    assert session.proposal is None and session.document.recording is flat and tuning.result is None
    assert not child(lifted, QSlider, "lift_slider_pitch").isEnabled()


def test_a_change_that_was_rejected_with_its_lift_does_not_come_back_by_redo(qtbot, lifted):
    tuning, session = lifted.workspace.tuning, lifted.session
    proposed = session.shown
    child(lifted, QSlider, "lift_slider_pitch").setValue(2 * 30)
    assert tuning.busy
    session.reject()
    session.redo()
    assert tuning.options.pitch is None
    idle(qtbot, lifted)
    qtbot.wait(50)
    assert session.shown is proposed
    child(lifted, QSlider, "lift_slider_height_m").setValue(160)
    idle(qtbot, lifted)
    options = tuning.result.request.options
    assert (options.pitch, options.height_m) == (None, 1.6)


def test_a_lift_that_is_still_being_fitted_is_not_accepted_by_closing(qtbot, lifted, flat, monkeypatch):
    session, notices, closed = lifted.session, [], []
    session.notice.connect(notices.append)
    monkeypatch.setattr(dialogs, "ask_proposed", lambda parent, name, summary: "accept")
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda parent, name: "discard")
    child(lifted, QSlider, "lift_slider_pitch").setValue(2 * 30)
    assert lifted.workspace.tuning.busy
    file.settle(lifted, lambda: closed.append(True))
    session.notice.disconnect(notices.append)
    assert session.document.recording is flat and session.proposal is not None and not closed
    assert "being fitted" in notices[-1]
    idle(qtbot, lifted)
    file.settle(lifted, lambda: closed.append(True))
    assert closed and session.document.recording.dims == 3


def test_accepting_keeps_notes_camera_and_contacts(lifted):
    session = lifted.session
    proposed = session.shown
    child(lifted, QPushButton, "proposal_accept").click()
    rec = session.document.recording
    assert rec is proposed and rec.source.camera is not None and any(span.name == "contact" for span in rec.spans)
    assert lifted.workspace.lift.notes.text().count("·") == len(rec.source.notes) + 1


def test_the_raw_lift_may_be_kept(lifted):
    raw = lifted.workspace.tuning.result.lifted.raw
    child(lifted, QPushButton, "lift_raw").click()
    proposal = lifted.session.proposal
    assert isinstance(proposal.edit, Replace) and proposal.preview is raw
    lifted.session.accept()
    assert lifted.workspace.lift.floor.text() == "not fitted"


def test_a_picture_size_that_does_not_fit_is_said_at_once(qtbot, window, flat):
    session, notices = window.session, []
    session.open(Take(Path("take"), flat, flat, {}))
    session.notice.connect(notices.append)
    repair.run_lift(window, lifting.LiftRequest(flat, LiftOptions(fps=30.0, size=(640, 480)), networks=window.settings.networks()))
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    session.notice.disconnect(notices.append)
    doubts = window.workspace.tuning.result.lifted.doubts
    assert len(notices) == 1 and "keypoints reach" in notices[0] and doubts == session.shown.source.notes[:1]
    assert window.workspace.lift.notes.text().startswith("! image 640x480")


def test_another_take_has_no_bar_and_no_lift_of_the_last(qtbot, lifted, flat):
    tuning, session = lifted.workspace.tuning, lifted.session
    tuning.set_options(LiftOptions(fps=30.0, size=(1920, 1080), pitch=30.0), True)
    session.open(Take(Path("other"), flat, flat, {}))
    lifted.session.turns.finish()
    assert lifted.proposal_bar.isHidden()
    assert tuning.result is None and not tuning.busy
    assert session.proposal is None and session.shown is flat


def test_two_sliders_moved_quickly_both_count(qtbot, lifted):
    child(lifted, QSlider, "lift_slider_pitch").setValue(2 * 14)
    child(lifted, QSlider, "lift_slider_height_m").setValue(160)
    idle(qtbot, lifted)
    options = lifted.workspace.tuning.result.request.options
    assert (options.pitch, options.height_m) == (14.0, 1.6)


def test_the_panel_stays_when_the_layout_is_reset(lifted):
    workspace = lifted.workspace
    state = workspace.layout_state()
    workspace.reset()
    assert not workspace.side.docks[workspace.lift].isHidden()
    assert lifted.focusWidget() is workspace.timeline
    lifted.session.reject()
    workspace.restore(state)
    assert workspace.side.docks[workspace.lift].isHidden(), "the saved layout had a lift"


def test_arrows_move_a_slider_and_not_the_frame(qtbot, lifted):
    slider, frame = child(lifted, QSlider, "lift_slider_height_m"), lifted.session.frame
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Right)
    told = lifted.workspace.tuning.options
    assert told is not None and told.height_m is not None and lifted.session.frame == frame
    idle(qtbot, lifted)


def test_accept_leaves_the_focus_where_it_was(qtbot, lifted):
    lifted.workspace.timeline.setFocus()
    qtbot.mouseClick(child(lifted, QPushButton, "proposal_accept"), Qt.MouseButton.LeftButton)
    assert lifted.session.proposal is None and lifted.focusWidget() is lifted.workspace.timeline


def test_raw_poses_are_compared_with_the_fitted_lift_and_back(qtbot, lifted):
    tuning, raw, slider = lifted.workspace.tuning, child(lifted, QPushButton, "lift_raw"), child(lifted, QSlider, "lift_slider_pitch")
    fitted = lifted.session.proposal.edit
    raw.click()
    assert raw.isChecked() and slider.isEnabled() and lifted.session.shown is tuning.result.lifted.raw
    slider.setValue(2 * 14)
    idle(qtbot, lifted)
    assert pitch_of(lifted) == pytest.approx(14, abs=2) and tuning.is_raw, "the camera of the raw poses can be changed, too"
    raw.click()
    assert not raw.isChecked() and lifted.session.shown is tuning.result.lifted.recording
    assert lifted.session.proposal.edit is not fitted and "floor" in lifted.workspace.lift.notes.text()


def test_a_lift_that_redo_brings_back_can_be_changed_and_accepted(qtbot, lifted):
    session, slider = lifted.session, child(lifted, QSlider, "lift_slider_pitch")
    session.reject()
    assert not slider.isEnabled()
    session.redo()
    assert slider.isEnabled() and child(lifted, QPushButton, "proposal_accept").isEnabled()
    slider.setValue(2 * 14)
    idle(qtbot, lifted)
    assert pitch_of(lifted) == pytest.approx(14, abs=2)
    child(lifted, QPushButton, "proposal_accept").click()
    assert session.document.recording.dims == 3 and session.proposal is None


@pytest.mark.parametrize(("frame", "width"), [(0, 1400), (120, 900)])
def test_a_proposed_lift_is_in_view_at_once(qtbot, window, flat, frame, width):
    before = window.size()
    window.resize(width, 600 if width == 900 else 900)
    window.session.open(Take(Path("take"), flat, flat, {}))
    window.session.set_frame(frame)
    repair.run_lift(window, lifting.LiftRequest(flat, OPTIONS, networks=window.settings.networks()))
    qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    viewer = window.workspace.stage.viewer
    qtbot.waitUntil(lambda: viewer.isVisible() and viewer.width() >= 160)
    qtbot.wait(50)
    at_P2 = viewer.on_screen()
    assert ((at_P2 > 0) & (at_P2 < [viewer.width(), viewer.height()])).all()
    assert np.ptp(at_P2[:, 1]) > 0.4 * viewer.height() or np.ptp(at_P2[:, 0]) > 0.4 * viewer.width(), "and large"
    window.resize(before)


def test_enter_and_escape_in_the_panel_decide_on_the_lift(qtbot, lifted):
    slider, raw = child(lifted, QSlider, "lift_slider_pitch"), child(lifted, QPushButton, "lift_raw")
    with qtbot.waitActive(lifted, timeout=10_000):
        lifted.activateWindow()
    raw.setFocus()
    qtbot.keyClick(raw, Qt.Key.Key_Return)
    assert lifted.workspace.tuning.is_raw and lifted.session.proposal is not None, "Enter presses the button that has the focus"
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Escape)
    assert lifted.session.proposal is None
    lifted.session.redo()
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Return)
    assert lifted.session.proposal is None and lifted.session.document.recording.dims == 3


def test_who_shows_no_legs_is_said_to_stand_or_to_sit_beside_the_proposed_lift(qtbot, window, flat):
    legs = [flat.index(point) for point in flat.points if point.endswith(("Knee", "Ankle", "Toe", "Heel"))]
    xy_FP2 = flat.xyz_FPD[:60].copy()
    xy_FP2[:, legs] = np.nan
    rec = mpm.make_recording(flat.points, 30.0, xy_FP2, source=flat.source)
    window.session.open(Take(Path("take"), rec, rec, {}))
    repair.run_lift(window, lifting.LiftRequest(rec, OPTIONS, networks=window.settings.networks()))
    qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    stands, sits = (child(window, QRadioButton, name) for name in ("lift_stands", "lift_sits"))
    qtbot.waitUntil(sits.isVisible)
    assert stands.isChecked() and not sits.isChecked()
    standing, predicted = window.session.shown, window.workspace.tuning.result.predicted
    assert standing.source.notes[-1].endswith("right ankle; if the person sits, say --seated")
    notes = child(window, QLabel, "lift_notes").text()
    assert notes.endswith("right ankle"), "the question beside it is not asked twice"
    sits.click()
    idle(qtbot, window)
    seated = window.session.shown
    command = lift_take(rec, LiftOptions(fps=30.0, size=(1920, 1080), seated=True)).recording
    np.testing.assert_allclose(seated.xyz_FPD, command.xyz_FPD, atol=1e-6)
    assert window.workspace.tuning.result.predicted is predicted, "no network is asked again"
    assert np.median(seated.xyz_FPD[:, 0, 2]) < np.median(standing.xyz_FPD[:, 0, 2]) - 0.2
    stands.click()
    idle(qtbot, window)
    np.testing.assert_allclose(window.session.shown.xyz_FPD, standing.xyz_FPD, atol=1e-6)
    sits.click()
    idle(qtbot, window)
    window.session.accept()
    assert not sits.isVisible()
    np.testing.assert_array_equal(window.session.document.recording.xyz_FPD, seated.xyz_FPD)


def test_whose_legs_are_seen_is_not_asked_about(lifted):
    assert not child(lifted, QRadioButton, "lift_sits").isVisible()
