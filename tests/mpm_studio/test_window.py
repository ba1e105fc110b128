"""The window as a user meets it: empty, with a take, with an error, with questions; by mouse and keys."""

from __future__ import annotations

import re
import threading
import time
from pathlib import Path
from typing import get_args, get_type_hints

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, QRect, Qt, QUrl
from PySide6.QtGui import QAction, QDropEvent, QGuiApplication
from PySide6.QtWidgets import QLabel, QLineEdit, QMenu, QPushButton, QTableView, QToolButton, QWidget

import mpm_core as mpm
from mpm_core.complete import METHODS
from mpm_core.edit.patch import Replace
from mpm_core.recording import Origin
from mpm_studio.actions import ACTIONS
from mpm_studio.commands.clean_arguments import Clean
from mpm_studio.flows import file, repair
from mpm_studio.operations import completing, opening
from mpm_studio.playback import frame_after
from mpm_studio.take import Take
from mpm_studio.views import dialogs
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child, nameless, press


def take(tmp_path, frames=300, points=5):
    """A written take with one gap, as the window opens it."""
    path = tmp_path / "take.npz"
    mpm.write(with_gap(smooth_take(frames=frames, points=points), 1, 100, 130), path)
    return path


@pytest.fixture
def loaded(qtbot, window, tmp_path):
    return open_take(qtbot, window, tmp_path)


def open_take(qtbot, window, tmp_path):
    with qtbot.waitSignal(window.session.opened):
        window.open_path(take(tmp_path))
    return window


def test_an_empty_window_offers_the_first_step(fresh_window):
    assert fresh_window.pages.currentWidget() is fresh_window.start_page
    assert child(fresh_window, QPushButton, "start_open").isVisible()
    for action in ACTIONS:
        if action is not None and action.menu in ("&Edit", "&Repair", "&Gaps", "&Play") and action.id != "loop":
            assert not fresh_window.actions_by_id[action.id].isEnabled(), action.id


def test_opening_shows_the_take_and_remembers_it(loaded, tmp_path):
    assert loaded.pages.currentWidget() is loaded.workspace
    facts = child(loaded, QLabel, "status_facts").text()
    for fact in ("5 points", "300 frames", "60 Hz", "5.00 s", "2.0 % missing"):
        assert fact in facts
    assert loaded.settings.recent_files() == [tmp_path / "take.npz"]
    assert "take.npz" in loaded.windowTitle()


def test_what_the_status_bar_says_of_the_file_leads_to_how_it_was_read(loaded, monkeypatch):
    asked = []
    monkeypatch.setattr(file, "ask_import", lambda _window, name, _options, _notes: asked.append(name))
    child(loaded, QToolButton, "status_notes").click()
    assert asked == ["take.npz"]


def test_every_widget_has_a_name_and_says_what_it_is(loaded):
    assert nameless(loaded, shown=True) == []


def test_no_key_does_two_things_at_once(loaded):
    used: dict[str, str] = {}
    for action in ACTIONS:
        for key in action.keys if action is not None else ():
            assert key not in used, f"{key}: {action.id} and {used[key]}"
            used[key] = action.id


def test_escape_rejects_and_nothing_else(loaded):
    assert [action.id for action in ACTIONS if action is not None and "Esc" in action.keys] == ["reject"]


def test_the_keys_step_jump_and_play(qtbot, loaded):
    session = loaded.session
    press(qtbot, loaded, Qt.Key.Key_Right)
    assert session.frame == 1
    press(qtbot, loaded, Qt.Key.Key_N)
    assert (session.frame, session.selection.points, session.selection.stop) == (100, (1,), 130)
    press(qtbot, loaded, Qt.Key.Key_End)
    assert session.frame == 299
    press(qtbot, loaded, Qt.Key.Key_Home)
    press(qtbot, loaded, Qt.Key.Key_Space)
    assert loaded.playback.playing
    qtbot.waitUntil(lambda: session.frame > 3)
    press(qtbot, loaded, Qt.Key.Key_Space)
    assert not loaded.playback.playing


def test_typing_in_the_filter_is_no_command(qtbot, loaded):
    loaded.session.select((0,), 10, 20)
    field = child(loaded, QLineEdit, "point_filter")
    field.setFocus()
    qtbot.keyClicks(field, "mg n")
    assert field.text() == "mg n"
    assert not loaded.session.document.unsaved
    assert child(loaded, QLabel, "point_filter_empty").isVisible()


def test_the_list_sorts_by_gap_and_the_timeline_follows(qtbot, loaded):
    table = child(loaded, QTableView, "point_table")
    table.sortByColumn(1, Qt.SortOrder.DescendingOrder)
    assert loaded.workspace.points.order[0] == 1
    assert loaded.workspace.timeline.order == loaded.workspace.points.order
    table.selectRow(0)
    assert loaded.session.selection.points == (1,)
    loaded.session.select((3,))
    assert [index.data() for index in table.selectionModel().selectedRows()] == ["P3"]


def test_mark_and_unmark_leave_the_measured_values(qtbot, loaded):
    before = loaded.session.document.recording
    loaded.session.select((0, 1), 95, 110)
    press(qtbot, loaded, Qt.Key.Key_M)
    rec = loaded.session.document.recording
    assert (rec.origin_FP[95:110, 0] == Origin.MARKED).all()
    assert (rec.origin_FP[100:110, 1] == Origin.MISSING).all()
    assert np.array_equal(rec.xyz_FPD, before.xyz_FPD, equal_nan=True)
    assert loaded.windowTitle().startswith("take.npz*")
    press(qtbot, loaded, Qt.Key.Key_M, Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(loaded.session.document.recording.origin_FP, before.origin_FP)


def test_a_file_that_cannot_be_read_says_so_once_with_details_to_copy(qtbot, loaded, tmp_path):
    broken = tmp_path / "broken.c3d"
    broken.write_bytes(b"\x01\x02 not a motion")
    shown = loaded.session.shown
    with qtbot.waitSignal(loaded.session.failed):
        loaded.open_path(broken)
    assert loaded.banner.isVisible()
    assert "broken.c3d" in loaded.banner.text.text()
    assert loaded.session.shown is shown, "the take on show must stay"
    qtbot.mouseClick(loaded.banner.details_button, Qt.MouseButton.LeftButton)
    assert loaded.banner.details.isVisible()
    qtbot.mouseClick(loaded.banner.copy_button, Qt.MouseButton.LeftButton)
    copied = QGuiApplication.clipboard().text()
    assert "Traceback" in copied
    assert "<b>" not in copied
    qtbot.mouseClick(loaded.banner.close_button, Qt.MouseButton.LeftButton)
    assert not loaded.banner.isVisible()


def test_a_dropped_file_opens(qtbot, window, tmp_path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(take(tmp_path)))])
    event = QDropEvent(QPointF(50, 50), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    with qtbot.waitSignal(window.session.opened):
        window.dropEvent(event)
    assert window.session.path == tmp_path / "take.npz"


def test_closing_with_changes_asks_first(qtbot, monkeypatch, fresh_window, tmp_path):
    loaded = open_take(qtbot, fresh_window, tmp_path)
    loaded.session.select((0,), 5, 9)
    repair.mark(loaded)
    answers = iter(["cancel", "save"])
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda parent, name: next(answers))
    monkeypatch.setattr(dialogs, "ask_project_path", lambda parent, suggested: tmp_path / "kept.mpm")
    loaded.close()
    assert loaded.isVisible(), "Cancel keeps the window"
    loaded.close()
    qtbot.waitUntil(lambda: not loaded.isVisible())
    kept = opening.open_as(opening.ReadRequest(tmp_path / "kept.mpm"), lambda: False, lambda share, text: None)
    assert (kept.recording.origin_FP[5:9, 0] == Origin.MARKED).all()
    assert kept.original.origin_FP[5, 0] == Origin.MEASURED


def test_a_project_comes_back_as_it_was_left(qtbot, loaded, tmp_path):
    loaded.session.select((0,), 5, 9)
    repair.mark(loaded)
    loaded.session.set_frame(77)
    loaded.session.project_path = tmp_path / "p.mpm"
    file.save(loaded)
    qtbot.waitUntil(lambda: not loaded.session.jobs.busy)
    assert not loaded.session.document.unsaved
    camera = loaded.workspace.stage.viewer.camera
    loaded.workspace.stage.viewer.look("top")
    with qtbot.waitSignal(loaded.session.opened):
        loaded.open_path(tmp_path / "p.mpm")
    assert loaded.session.frame == 77
    assert loaded.workspace.stage.viewer.camera == camera
    assert not loaded.session.document.unsaved
    loaded.session.undo()
    assert loaded.session.shown.origin_FP[5, 0] == Origin.MEASURED, "the history came back with the project"
    loaded.session.redo()
    assert not loaded.session.document.unsaved
    loaded.session.select((0,), 0, 300)
    repair.restore(loaded)
    assert loaded.session.shown.origin_FP[5, 0] == Origin.MEASURED


def test_cancelling_a_job_changes_nothing(qtbot, loaded):
    before, release = loaded.session.document.recording, threading.Event()
    loaded.session.run("Waiting", lambda snapshot, cancel, progress: release.wait(5), None, pytest.fail)
    job = loaded.workspace.stage.job
    assert job.isVisible()
    assert not loaded.actions_by_id["complete"].isEnabled()
    qtbot.mouseClick(job.cancel, Qt.MouseButton.LeftButton)
    assert not job.isVisible()
    assert loaded.actions_by_id["complete"].isEnabled()
    assert loaded.session.document.recording is before
    release.set()


def test_a_take_of_another_shape_replaces_everything_and_undo_brings_the_old_one_back(qtbot, loaded):
    session, workspace = loaded.session, loaded.workspace
    before = session.document.recording
    session.select((4,), 250, 280)
    session.set_frame(290)
    session.propose(Replace("Shorter", before, smooth_take(frames=40, points=2)), "shorter")
    assert len(workspace.timeline.order) == 2
    press(qtbot, loaded, Qt.Key.Key_Return)
    assert session.frame == 39
    assert not session.selection.points
    assert "2 points" in child(loaded, QLabel, "status_facts").text()
    assert workspace.stage.viewer.rec.frames == 40
    press(qtbot, loaded, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert session.document.recording is before
    assert len(workspace.timeline.order) == 5
    assert workspace.stage.viewer.rec is before


def test_the_viewer_and_the_list_agree_on_what_is_picked(loaded):
    loaded.workspace.stage.viewer.picked.emit(4)
    assert loaded.session.selection.points == (4,)
    loaded.workspace.stage.viewer.picked.emit(-1)
    assert loaded.session.selection.points == ()


def test_a_take_without_frames_or_points_does_no_harm(qtbot, window):
    for shape in ((0, 3, 3), (10, 0, 3)):
        names = tuple(f"P{i}" for i in range(shape[1]))
        rec = mpm.make_recording(names, 100.0, np.zeros(shape))
        window.session.open(Take(Path("empty.c3d"), rec, rec, {}))
        for name in ("play", "next_frame", "next_gap", "complete", "frame", "select_all"):
            window.actions_by_id[name].trigger()
        qtbot.mouseClick(window.workspace.timeline.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, 60))
        qtbot.wait(30)
        assert window.banner.property("role") != "error", window.banner.text.text()


@pytest.mark.parametrize("width", [900, 1100, 1400])
def test_a_proposal_can_be_read_whole(qtbot, loaded, width):
    before = loaded.size()
    loaded.resize(width, 700)
    text = "1 gap of 1 point: 1 classical"
    loaded.session.propose(mpm.complete_patch(loaded.session.shown, mpm.CompleteOptions(method="linear")).patch, "a summary")
    loaded.session.turns.finish()
    proposal = loaded.proposal_bar
    qtbot.waitUntil(lambda: loaded.centralWidget().rect().contains(proposal.geometry()))
    qtbot.waitUntil(lambda: proposal.text.height() >= proposal.text.heightForWidth(proposal.text.width()))  # once laid out
    assert text in proposal.text.text()
    assert not proposal.text.geometry().intersects(proposal.reject.geometry())
    assert proposal.rect().contains(proposal.text.geometry())
    assert proposal.rect().contains(proposal.accept.geometry())
    loaded.resize(before)


def test_a_message_moves_nothing_below_it(qtbot, loaded):
    before = loaded.workspace.mapTo(loaded, QPoint(0, 0)), loaded.workspace.size()
    loaded.session.notice.emit("A notice that is long enough to be read.")
    qtbot.waitUntil(lambda: loaded.banner.isVisible() and loaded.banner.height() > 20)
    assert (loaded.workspace.mapTo(loaded, QPoint(0, 0)), loaded.workspace.size()) == before
    assert loaded.workspace.rect().contains(loaded.banner.geometry())
    loaded.banner.hide()


def test_in_the_smallest_window_every_button_of_the_view_is_there(qtbot, loaded):
    before = loaded.size()
    loaded.resize(900, 600)
    bar = loaded.workspace.stage.findChild(QWidget, "view_bar")
    qtbot.waitUntil(lambda: loaded.width() == 900 and bar.rect().contains(bar.findChild(QToolButton, "button_follow").geometry()))
    buttons = [button for button in bar.findChildren(QToolButton) if button.isVisible()]
    assert {"view_choice", "button_frame", "button_ghost", "button_follow"} <= {button.objectName() for button in buttons}
    assert all(bar.rect().contains(button.geometry()) for button in buttons)
    viewer = loaded.workspace.stage.viewer
    at_P2, _ = viewer._screen()
    tall = np.ptp(at_P2[np.isfinite(at_P2[:, 0]), 1])
    assert tall > 0.4 * viewer.height() or np.ptp(at_P2[:, 0]) > 0.4 * viewer.width(), "the body is large at first view"
    loaded.resize(before)


def test_what_is_grey_says_why(loaded):
    loaded.session.select(())
    mark = loaded.actions_by_id["mark"]
    assert not mark.isEnabled() and "no range is selected" in mark.toolTip()
    flat = mpm.make_recording(("nose",), 30.0, np.ones((10, 1, 2)))
    loaded.session.open(Take(Path("flat.json"), flat, flat, {}))
    donors = loaded.actions_by_id["donors"]
    assert not donors.isEnabled() and "lift them to 3D first" in donors.toolTip()


def test_a_method_has_one_name_everywhere(loaded):
    in_commands = get_args(get_type_hints(Clean)["method"])
    assert tuple(completing.METHODS) == METHODS == in_commands
    for name in METHODS:
        assert loaded.findChild(QAction, f"method_{name}").text().startswith(f"{name}: ")


def test_the_list_starts_at_its_top_and_edits_do_not_move_it(qtbot, window, tmp_path):
    rec = with_gap(smooth_take(frames=100, points=80), 70, 10, 20)
    window.session.select(())
    window.session.open(Take(tmp_path / "a.npz", rec, rec, {}))
    bar = child(window, QTableView, "point_table").verticalScrollBar()
    qtbot.waitUntil(lambda: bar.maximum() > 50)
    assert bar.value() == 0
    window.session.select((2, 5), 30, 40)
    bar.setValue(50)
    press(qtbot, window, Qt.Key.Key_M)
    assert bar.value() == 50
    window.session.select((60,), 30, 40)
    bar.setValue(0)
    press(qtbot, window, Qt.Key.Key_M)
    assert bar.value() == 0, "marking scrolls nothing"


def test_the_first_click_on_missing_shows_the_worst_and_a_filter_keeps_the_order(window, tmp_path):
    rec = smooth_take(frames=100, points=12)
    for point, frames in ((3, 5), (7, 50), (9, 20)):
        rec = with_gap(rec, point, 10, 10 + frames)
    window.session.open(Take(tmp_path / "b.npz", rec, rec, {}))
    points = window.workspace.points
    points.table.horizontalHeader().sectionClicked.emit(1)
    assert points.order[:3] == [7, 9, 3]
    before = points.order
    points.filter.setText("9")
    points.filter.clear()
    assert points.order == before == window.workspace.timeline.order


def test_a_loop_repeats_the_selected_range():
    assert frame_after(40, 0.2, 100.0, 1.0, 300, True, (40, 60)) == pytest.approx((40, True))
    assert frame_after(40, 0.25, 100.0, 1.0, 300, True, (40, 60)) == pytest.approx((45, True))
    assert frame_after(295, 0.2, 100.0, 1.0, 300, False, (40, 60)) == (299.0, False)


def test_playing_with_loop_stays_in_the_selection(qtbot, loaded):
    loaded.playback.set_loop(True)
    loaded.session.select((1,), 50, 56)
    seen = []
    loaded.playback.frame.connect(seen.append)
    press(qtbot, loaded, Qt.Key.Key_Space)
    qtbot.waitUntil(lambda: len({*seen}) >= 4)
    press(qtbot, loaded, Qt.Key.Key_Space)
    loaded.playback.frame.disconnect(seen.append)
    loaded.playback.set_loop(False)
    assert {*seen} <= set(range(50, 56))


def test_a_take_that_starts_empty_opens_where_it_begins(window, tmp_path):
    rec = smooth_take(frames=100, points=3)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[:40] = np.nan
    late = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)
    window.session.open(Take(tmp_path / "late.npz", late, late, {}))
    assert window.session.frame == 40
    viewer = window.workspace.stage.viewer
    at_P2, _ = viewer._screen()
    assert ((at_P2 > 0) & (at_P2 < [viewer.width(), viewer.height()])).all()


def test_the_hint_names_the_points_of_the_take_that_is_shown(window, tmp_path):
    rec = smooth_take(frames=50, points=3)
    window.session.open(Take(tmp_path / "a.npz", rec, rec, {}))
    window.session.select((1,), 5, 9)
    renamed = mpm.make_recording(("A", "B", "C"), rec.rate_hz, rec.xyz_FPD)
    window.session.do(Replace("Rename", rec, renamed))
    assert child(window, QLabel, "selection_hint").text().startswith("B, frames")


def test_a_frame_change_paints_the_whole_timeline(qtbot, loaded):
    """A part of it would leave a second playhead behind."""
    timeline, painted = loaded.workspace.timeline, []
    original = timeline.paintEvent
    timeline.paintEvent = lambda event: (painted.append(event.region().boundingRect().width()), original(event))
    try:
        loaded.session.set_frame(20)
        qtbot.waitUntil(lambda: bool(painted))
        loaded.session.set_frame(250)
        qtbot.waitUntil(lambda: len(painted) > 1)
    finally:
        del timeline.paintEvent
    assert painted[-1] == timeline.viewport().width()


def test_each_letter_of_a_menu_opens_one_thing(loaded):
    menus = [menu for menu in loaded.findChildren(QMenu) if menu.objectName().startswith("menu_")]
    assert len(menus) > 8
    for menu in [loaded.menuBar(), *menus]:
        letters = [match[1].lower() for action in menu.actions() if (match := re.search("&([^&])", action.text()))]
        assert len(letters) == len(set(letters)), f"{menu.objectName()}: {sorted(letters)}"


def test_what_only_the_3d_view_does_is_not_offered_for_keypoints(loaded):
    flat = mpm.make_recording(("nose", "neck"), 30.0, np.random.default_rng(0).uniform(0, 100, (10, 2, 2)))
    loaded.session.open(Take(Path("flat.json"), flat, flat, {}))
    for name in ("picture", "turntable", "view_front", "view_side", "view_top", "view_persp", "flat"):
        action = loaded.actions_by_id[name]
        assert not action.isEnabled() and "lift them to 3D first" in action.toolTip(), name
    assert loaded.actions_by_id["fit"].isEnabled() and loaded.actions_by_id["frame"].isEnabled()


def propose_fill(window):
    window.session.propose(mpm.complete_patch(window.session.shown, mpm.CompleteOptions(method="linear")).patch, "a summary")


def test_a_proposal_is_not_lost_without_a_question(qtbot, monkeypatch, loaded, tmp_path):
    session, before = loaded.session, loaded.session.document
    propose_fill(loaded)
    answers = iter(["cancel", "reject"])
    monkeypatch.setattr(dialogs, "ask_proposed", lambda parent, name, summary: next(answers))
    loaded.open_path(tmp_path / "take.npz")
    assert session.proposal is not None and not session.jobs.busy and session.document is before
    with qtbot.waitSignal(session.opened):
        loaded.open_path(tmp_path / "take.npz")
    assert session.document is not before


def test_closing_with_a_proposal_asks_and_accepts_it_into_what_is_saved(qtbot, monkeypatch, fresh_window, tmp_path):
    loaded = open_take(qtbot, fresh_window, tmp_path)
    propose_fill(loaded)
    answers = iter(["cancel", "accept"])
    monkeypatch.setattr(dialogs, "ask_proposed", lambda parent, name, summary: next(answers))
    monkeypatch.setattr(dialogs, "ask_unsaved", lambda parent, name: "save")
    monkeypatch.setattr(dialogs, "ask_project_path", lambda parent, suggested: tmp_path / "kept.mpm")
    loaded.close()
    assert loaded.isVisible() and loaded.session.proposal is not None, "Cancel keeps the window"
    loaded.close()
    qtbot.waitUntil(lambda: not loaded.isVisible())
    kept = opening.open_as(opening.ReadRequest(tmp_path / "kept.mpm"), lambda: False, lambda share, text: None)
    assert (kept.recording.origin_FP == Origin.FILLED).any()


def test_a_closed_window_is_gone_though_a_job_takes_long_to_stop(qtbot, fresh_window, tmp_path):
    loaded = open_take(qtbot, fresh_window, tmp_path)
    seen = []

    def work(_snapshot, cancel, _progress):
        while not cancel():
            time.sleep(0.01)
        time.sleep(0.2)
        seen.append(loaded.isVisible())

    loaded.session.run("Slow", work, None, lambda _value: None)
    loaded.close()
    assert seen == [False]


def test_a_proposal_covers_nothing_of_the_body(qtbot, loaded):
    before = loaded.size()
    loaded.resize(900, 600)
    propose_fill(loaded)
    stage, bar = loaded.workspace.stage, loaded.proposal_bar
    qtbot.waitUntil(lambda: bar.isVisible() and bar.height() > 20)
    top = bar.mapTo(loaded, QPoint(0, 0)).y()
    assert stage.mapTo(loaded, QPoint(0, stage.height())).y() <= top
    assert not loaded.statusBar().isVisible()
    loaded.session.reject()
    loaded.session.turns.finish()
    assert loaded.statusBar().isVisible() and not bar.isVisible()
    loaded.resize(before)


@pytest.mark.parametrize(("width", "height"), [(900, 600), (1400, 900)])
def test_a_message_covers_no_panel(qtbot, loaded, width, height):
    before = loaded.size()
    loaded.resize(width, height)
    loaded.session.notice.emit("A notice that is long enough to need some lines in a window as small as the smallest that there is.")
    stage, banner = loaded.workspace.stage, loaded.banner

    def inside():
        split = QRect(stage.split.mapToGlobal(QPoint(0, 0)), stage.split.size())
        return split.contains(QRect(banner.mapToGlobal(QPoint(0, 0)), banner.size()))

    qtbot.waitUntil(lambda: banner.isVisible() and loaded.width() == width and inside())
    assert banner.text.height() >= banner.text.heightForWidth(banner.text.width()), "and all of it can be read"
    banner.hide()
    loaded.resize(before)
