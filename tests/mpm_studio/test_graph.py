"""The graph: what it draws, and what mouse and keys do in it."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication, QToolButton, QVBoxLayout, QWidget

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Replace
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.recording import Origin
from mpm_studio import palette
from mpm_studio.flows import graph as graph_flow
from mpm_studio.operations import answers
from mpm_studio.operations.graph_series import decimated, nice_step, series, with_edges
from mpm_studio.operations.hand import pin
from mpm_studio.take import Take
from mpm_studio.views.answer_chips import AnswerChips
from mpm_studio.views.timeline_paint import NAMES
from tests.makers import person_bvh, smooth_take, with_gap
from tests.mpm_studio.driving import child, press
from tests.mpm_studio.viewing import like, pixels

JOB_MS = 60_000


@pytest.fixture
def graph(qtbot, window):
    rec = with_gap(smooth_take(frames=300, points=5), 1, 100, 130)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.session.select((1,), 100, 130)
    window.workspace.timeline.show_range(100, 130)
    window.workspace.graph.area.set_mode("position")
    qtbot.waitUntil(lambda: window.workspace.graph.area.height() > 60)
    return window.workspace.graph


def test_speed_and_acceleration_are_those_of_the_motion():
    rec = smooth_take(frames=600, rate_hz=200.0)
    xyz_FD = rec.xyz_FPD[:, 0].astype(np.float64)
    speed_F = series(rec, 0, "speed").value_FC[:, 0]
    truth_F = np.linalg.norm(np.gradient(xyz_FD, 1 / 200, axis=0), axis=1)
    np.testing.assert_allclose(speed_F[1:-1], truth_F[1:-1], rtol=1e-6)
    assert np.isnan(speed_F[[0, -1]]).all()
    gap_F = series(with_gap(rec, 0, 50, 60), 0, "acceleration").value_FC[:, 0]
    assert np.isnan(gap_F[49:61]).all() and np.isfinite(gap_F[61])


@given(st.lists(st.one_of(st.floats(-5, 5), st.just(float("nan"))), min_size=1, max_size=400), st.integers(1, 40))
def test_a_decimated_curve_keeps_every_peak(values, columns):
    value_N = np.array(values)
    frame_N = np.arange(len(values), dtype=float)
    _, few_N = decimated(frame_N, value_N, columns)
    per = len(values) // columns
    whole = value_N if per < 3 else value_N[: len(value_N) // per * per]
    if np.isfinite(whole).any():
        assert np.nanmin(few_N) == np.nanmin(whole) and np.nanmax(few_N) == np.nanmax(whole)


@given(st.floats(1e-6, 1e6), st.integers(1, 30))
def test_a_nice_step_is_the_least_that_fits(span, most):
    step = nice_step(span, most)
    assert span / step <= most * (1 + 1e-6)
    assert f"{step:.0e}"[0] in "125"


def test_runs_are_widened_by_one_frame():
    assert with_edges(np.array([False, False, True, False, False])).tolist() == [False, True, True, True, False]


def colours(area):
    """(height, width, 3)."""
    image = area.grab().toImage().convertToFormat(area.grab().toImage().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def near(picture, colour, within=40):
    rgb = np.array(QColor(colour).getRgb()[:3])
    return int((np.abs(picture - rgb).max(axis=2) < within).sum())


def test_each_axis_has_a_lane_and_a_fill_its_colour_and_its_sigma(graph):
    session, area = graph.session, graph.area
    picture = colours(area)
    tall = picture.shape[0] // 3
    for lane, colour in enumerate(palette.CURVES_XYZ):
        own = picture[lane * tall : (lane + 1) * tall, round(NAMES * area.devicePixelRatioF()) :]
        assert near(own, colour) > 100
        assert all(near(own, other) < near(own, colour) / 4 for other in palette.CURVES_XYZ if other != colour)
    before = near(picture, palette.TIMELINE_ORIGIN[Origin.FILLED])
    session.propose(fill_gaps(session.shown, np.ones(session.shown.origin_FP.shape, bool), "linear").patch, "")
    session.turns.finish()
    assert near(colours(area), palette.TIMELINE_ORIGIN[Origin.FILLED]) > before + 60


def wheel(area, at, notches, modifier=Qt.KeyboardModifier.NoModifier):
    spot, none = QPointF(at), Qt.MouseButton.NoButton
    event = QWheelEvent(spot, spot, QPoint(), QPoint(0, 120 * notches), none, modifier, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(area, event)


def test_the_wheel_zooms_time_and_with_shift_values_and_a_double_click_fits(qtbot, graph):
    area, timeline = graph.area, graph.area.timeline
    at = QPoint(NAMES + 200, 30)
    frame, lane = timeline.frame_at(at.x()), area.lanes()[0]
    wheel(area, at, 1)
    assert timeline.frame_at(at.x()) == frame
    scale = timeline.pixels_per_frame
    value = area.lanes()[0].value(30)
    wheel(area, at, 1, Qt.KeyboardModifier.ShiftModifier)
    closer = area.lanes()[0]
    assert closer.high - closer.low < 0.9 * (lane.high - lane.low) and closer.value(30) == pytest.approx(value)
    assert timeline.pixels_per_frame == scale
    qtbot.mouseDClick(area, Qt.MouseButton.LeftButton, pos=at)
    assert timeline.visible_frames[0] == 0 and timeline.visible_frames[1] >= 299


def test_a_click_goes_to_a_frame_and_other_frames_show_their_values(qtbot, graph):
    timeline = graph.area.timeline
    qtbot.mouseClick(graph.area, Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(95.5)), 20))
    assert graph.session.frame == 95


def test_the_modes_have_their_units_and_lanes(qtbot, graph):
    for mode, lanes in (("speed", 1), ("acceleration", 1), ("position", 3)):
        child(graph.window(), QToolButton, f"graph_{mode}").click()
        assert len(graph.area.lanes()) == lanes
    graph.session.select((0, 1, 2), 100, 130)
    assert "and 2 more" in graph.title.text()


def test_other_answers_are_compared_and_one_is_picked(qtbot, window, graph):
    graph.ask.click()
    qtbot.waitUntil(lambda: bool(graph.area.answers) and not window.session.jobs.busy, timeout=JOB_MS)
    methods = [answer.method for answer in graph.area.answers]
    assert {"linear", "pchip"} & {*methods} and len(methods) == len({*methods})
    sigmas = [answer.sigma for answer in graph.area.answers]
    assert sigmas == sorted(sigmas)
    child(window, QToolButton, f"answer_{methods[1]}").click()
    assert [row.method for row in window.session.gap_rows if row.state == "proposed"] == [methods[1]]
    assert window.session.document.recording.origin_FP[110, 1] == Origin.MISSING, "proposed, not made"


def test_a_key_dragged_inside_a_gap_is_pinned_and_the_rest_is_filled_around_it(qtbot, window, graph):
    session, area = window.session, graph.area
    window.use_method("pchip")
    before = session.document.recording
    session.propose(fill_gaps(before, np.ones(before.origin_FP.shape, bool), "pchip").patch, "")
    area.refresh()
    lane = area.lanes()[2]
    value = float(session.shown.xyz_FPD[115, 1, 2])
    at = QPoint(round(lane.x(115)), round(lane.y(value)))
    qtbot.mousePress(area, Qt.MouseButton.LeftButton, pos=at)
    to = QPoint(at.x(), at.y() - 12 if at.y() - 12 > lane.top else at.y() + 12)
    qtbot.mouseMove(area, to)
    qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, pos=to)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    rec = session.document.recording
    assert rec.origin_FP[115, 1] == Origin.HAND
    assert rec.xyz_FPD[115, 1, 2] == pytest.approx(lane.value(to.y()), abs=2e-3)
    assert rec.xyz_FPD[115, 1, :2] == pytest.approx(session.shown.xyz_FPD[115, 1, :2])
    assert session.shown.visible_FP[100:130, 1].all()
    assert abs(session.shown.xyz_FPD[114, 1, 2] - rec.xyz_FPD[115, 1, 2]) < abs(value - rec.xyz_FPD[115, 1, 2]), "the fill passes the key"
    session.accept()
    session.undo()
    session.undo()
    assert session.document.recording.origin_FP[115, 1] == Origin.MISSING, "two steps back: fill and key"


def test_with_several_curves_the_nearest_filled_sample_is_dragged(qtbot, window, graph):
    session, area = window.session, graph.area
    window.use_method("pchip")
    before = session.document.recording
    session.propose(fill_gaps(before, np.ones(before.origin_FP.shape, bool), "pchip").patch, "")
    session.select((0, 1, 2), 100, 130)
    session.turns.finish()
    lane = area.lanes()[2]
    at = QPoint(round(lane.x(115)), round(lane.y(float(session.shown.xyz_FPD[115, 1, 2]))))
    qtbot.mousePress(area, Qt.MouseButton.LeftButton, pos=at)
    qtbot.mouseMove(area, at - QPoint(0, 12))
    qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, pos=at - QPoint(0, 12))
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    assert np.argwhere(session.document.recording.origin_FP == Origin.HAND).tolist() == [[115, 1]]
    assert "by hand" in window.workspace.history.list.item(1).text()


def test_all_axes_share_one_lane_when_the_user_wants(graph):
    graph.lanes.setChecked(False)
    try:
        (lane,) = graph.area.lanes()
        xyz_FD = graph.session.shown.xyz_FPD[95:135, 1]
        assert lane.low <= np.nanmin(xyz_FD) and lane.high >= np.nanmax(xyz_FD)
        picture = colours(graph.area)
        assert all(near(picture, colour) > 100 for colour in palette.CURVES_XYZ)
    finally:
        graph.lanes.setChecked(True)
    assert len(graph.area.lanes()) == 3


def test_nothing_is_pinned_while_a_job_runs(qtbot, window, graph):
    session, may_end, notices = window.session, threading.Event(), []
    session.notice.connect(notices.append)
    before = session.document.recording
    try:
        session.run("Waiting", lambda snapshot, cancel, progress: may_end.wait(30), None, lambda value: None)
        graph_flow.pin(window, 1, 115, np.zeros(3, np.float32))
        assert session.document.recording is before and len(notices) == 1
    finally:
        may_end.set()
        session.notice.disconnect(notices.append)
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)


def test_a_proposed_lift_cannot_be_dragged(window):
    session = window.session
    flat = smooth_take(frames=40, points=2)
    flat = mpm.make_recording(flat.points, flat.rate_hz, flat.xyz_FPD[..., :2])
    session.open(Take(Path("take.json"), flat, flat, {}))
    lifted = smooth_take(frames=80, points=5)
    lifted = lifted.with_samples(lifted.samples.having(origin=np.full(lifted.origin_FP.shape, np.uint8(Origin.PREDICTED))))
    session.propose(Replace("Lift to 3D", flat, lifted), "lifted")
    failures = []
    session.failed.connect(failures.append)
    window.workspace.stage.viewer.dragged.emit(4, 70, np.ones(3))
    session.failed.disconnect(failures.append)
    assert failures == [] and session.proposal is not None and session.document.recording is flat


def test_gaps_of_a_proposed_lift_are_neither_compared_nor_filled(window):
    """They are of points that the keypoints do not have."""
    flat, lifted, session = smooth_take(points=2), with_gap(smooth_take(points=4), 3, 20, 40), window.session
    compare, fill = window.workspace.graph.ask, window.workspace.gaps.buttons.fill_button
    session.open(Take(Path("take.c3d"), lifted, lifted, {}))
    session.select((3,), 20, 40)
    session.turns.finish()
    assert compare.isEnabled() and fill.isEnabled()
    session.open(Take(Path("keypoints.json"), flat, flat, {}))
    session.propose(Replace("Lift", flat, lifted), "")
    session.select((3,), 20, 40)
    session.turns.finish()
    assert session.selected_gaps and not compare.isEnabled() and not fill.isEnabled()
    session.reject()


@pytest.fixture
def hierarchy(window, tmp_path):
    """A BVH with the left arm marked as wrong over some frames, at one of them."""
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    rec = mpm.read(path)
    window.session.open(Take(path, rec, rec, {}))
    arm = [rec.index(name) for name in ("LeftForeArm", "LeftHand")]
    window.session.do(mark(rec, region(rec, arm, 20, 40)))
    window.session.set_frame(30)
    return window


def test_a_joint_dragged_in_the_view_bends_the_limb_and_the_rest_of_the_gap_follows(qtbot, hierarchy):
    session, viewer = hierarchy.session, hierarchy.workspace.stage.viewer
    hierarchy.use_method("pchip")
    before = session.document.recording
    hand = before.index("LeftHand")
    session.select((hand,))
    viewer.fit()
    x, y = (round(value) for value in viewer.on_screen()[hand])
    qtbot.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    at = QPointF(x + 14, y - 10)
    none = Qt.KeyboardModifier.NoModifier
    left = Qt.MouseButton.LeftButton
    QApplication.sendEvent(viewer, QMouseEvent(QEvent.Type.MouseMove, at, viewer.mapToGlobal(at), left, left, none))
    assert like(pixels(viewer), palette.ORIGIN[Origin.HAND]) > 60, "the limb as it will be"
    qtbot.mouseRelease(viewer, left, pos=at.toPoint())
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    rec = session.document.recording
    by_hand_J = rec.origin_FP[30] == Origin.HAND
    assert by_hand_J[hand] and by_hand_J[rec.index("LeftForeArm")] and not by_hand_J[rec.index("LeftArm")]
    assert np.linalg.norm(rec.xyz_FPD[30, hand] - before.xyz_FPD[30, hand]) > 0.01
    assert "by hand" in rec.log[-1]
    shown, parents = session.shown, np.array(rec.rig.parents)
    length_FJ = np.linalg.norm(shown.xyz_FPD[:, 1:] - shown.xyz_FPD[:, parents[1:]], axis=2)
    assert np.ptp(length_FJ, axis=0).max() < 1e-4, "bones keep their length, in the fill too"
    measured = before.origin_FP == Origin.MEASURED
    assert shown.xyz_FPD[measured].tobytes() == before.xyz_FPD[measured].tobytes()
    assert shown.visible_FP.all()
    session.accept()
    session.undo()
    session.undo()
    assert session.document.recording.origin_FP[30, hand] == Origin.MARKED


def test_rotations_are_those_of_the_file_and_follow_a_fill(qtbot, hierarchy):
    session, graph = hierarchy.session, hierarchy.workspace.graph
    rec = session.document.recording
    elbow = rec.index("LeftForeArm")
    session.select((elbow,), 20, 40)
    child(hierarchy, QToolButton, "graph_rotation").click()
    shown = graph.area.series[elbow]
    assert shown.lanes == ("X", "Y", "Z") and shown.unit == "°" and len(graph.area.lanes()) == 3
    names = [name[0] for name in rec.rig.channels[elbow]]
    for lane, axis in enumerate("XYZ"):
        file_F = rec.rig.values_FC[:, rec.rig.columns(elbow)][:, names.index(axis)]
        assert np.allclose((shown.value_FC[:, lane] - file_F + 180) % 360 - 180, 0, atol=1e-9)
        assert np.abs(np.diff(shown.value_FC[:, lane])).max() < 180
    assert shown.origin_F[30] == Origin.MARKED and shown.origin_F[10] == Origin.MEASURED
    session.do(mpm.complete_patch(rec, mpm.CompleteOptions("pchip", ~rec.visible_FP)).patch)
    session.turns.finish()
    qtbot.waitUntil(lambda: elbow in graph.area.series, timeout=JOB_MS)
    filled = graph.area.series[elbow]
    assert filled.origin_F[30] == Origin.FILLED
    outside = np.r_[0:19, 41 : rec.frames]
    assert np.allclose(filled.value_FC[outside] - filled.value_FC[0], shown.value_FC[outside] - shown.value_FC[0], atol=1e-6)
    assert np.abs(filled.value_FC[25:35] - shown.value_FC[25:35]).max() > 0.1
    session.select((rec.index("LeftThumb_end"),))
    assert graph.area.lanes() == [] and "end of the hierarchy" in graph.area._why_empty()
    markers = smooth_take()
    session.document.saved()
    session.open(Take(Path("take.c3d"), markers, markers, {}))
    assert graph.area.mode == "position" and not child(hierarchy, QToolButton, "graph_rotation").isVisible()


def test_answers_are_gone_through_by_a_key_and_one_is_kept(qtbot, window, graph):
    session = window.session
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)

    def proposed() -> list[str]:
        return [row.method for row in session.gap_rows if row.state == "proposed"]

    methods = [answer.method for answer in graph.area.answers]
    assert proposed() == methods[:1] and [*graph.chips.buttons] == methods and len(methods) > 5, "every method that has an answer"
    seen = [methods[0]]
    for _ in methods[1:]:
        press(qtbot, window, Qt.Key.Key_E)
        seen += proposed()
    assert seen == methods
    press(qtbot, window, Qt.Key.Key_E)
    assert proposed() == methods[:1], "after the last the first again"
    press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ShiftModifier)
    assert proposed() == methods[-1:]
    session.turns.finish()
    assert [name for name, chip in graph.chips.buttons.items() if chip.isChecked()] == methods[-1:]
    expected = graph.area.answers[-1].patch
    press(qtbot, window, Qt.Key.Key_Return)
    assert session.proposal is None
    np.testing.assert_array_equal(session.document.recording.xyz_FPD[expected.frames_N, expected.points_N], expected.xyz_ND)


def test_a_filled_gap_is_filled_anew_and_what_was_set_by_hand_stays(qtbot, window, graph):
    session = window.session
    rec = session.document.recording
    session.do(fill_gaps(rec, np.ones(rec.origin_FP.shape, bool), "linear").patch)
    set_by_hand = session.document.recording.xyz_FPD[115, 1] + np.float32(0.05)
    session.do(pin(session.document.recording, 1, 115, set_by_hand))
    row = next(row for row in session.gap_rows if row.point == 1 and row.start <= 115 < row.stop)
    session.select((1,), row.start, row.stop)
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    shown = session.shown
    assert shown.origin_FP[115, 1] == Origin.HAND
    np.testing.assert_array_equal(shown.xyz_FPD[115, 1], set_by_hand)
    proposed = {row.method for row in session.gap_rows if row.state == "proposed"}
    press(qtbot, window, Qt.Key.Key_E)
    assert {row.method for row in session.gap_rows if row.state == "proposed"} not in (proposed, set())
    assert np.linalg.norm(session.shown.xyz_FPD[114, 1] - set_by_hand) < 0.05
    parts = [(row.start, row.stop) for row in session.gap_rows if row.state == "proposed"]
    assert parts == [(100, 115), (116, 130)], "what lies before the sample and what lies after it"


def test_every_answer_can_be_read_in_a_narrow_window(qtbot, window, graph):
    graph.ask.click()
    qtbot.waitUntil(lambda: bool(graph.area.answers) and not window.session.jobs.busy, timeout=JOB_MS)
    assert graph.chips.isVisible() and len(graph.area.answers) > 2
    around, chips = QWidget(), AnswerChips()
    qtbot.addWidget(around)
    QVBoxLayout(around).addWidget(chips)
    chips.show_answers(graph.area.answers, 3)
    around.layout().setContentsMargins(0, 0, 0, 0)
    around.show()
    for width in (1200, 360, 640):
        around.resize(width, 300)
        qtbot.waitUntil(lambda wide=width: chips.width() == wide)
        QApplication.processEvents()
        for button in chips.buttons.values():
            assert button.width() >= button.sizeHint().width() and button.geometry().right() <= width, (width, button.text())
    graph.session.do(mark(graph.session.document.recording, region(graph.session.document.recording, [0], 5, 9)))
    assert not graph.chips.isVisible(), "what was asked of the take before is gone"


def test_gaps_at_the_same_time_are_answered_together(qtbot, window, graph):
    rec = with_gap(with_gap(smooth_take(frames=300, points=5), 1, 100, 130), 3, 110, 140)
    rec = with_gap(rec, 4, 200, 210)
    session = window.session
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.select((1, 3, 4), 100, 210)
    with qtbot.waitSignal(session.notice) as said:
        press(qtbot, window, Qt.Key.Key_E)
    assert said.args == ["Answers are for 2 of the 3 selected gaps: those at the time of the first."]
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    rows = [row for row in session.gap_rows if row.state == "proposed"]
    assert [(row.point, row.start, row.stop) for row in rows] == [(1, 100, 130), (3, 110, 140)]
    assert len({row.method for row in rows}) == 1
    session.reject()
    session.select((1,), 100, 130)
    graph.ask.click()
    qtbot.waitUntil(lambda: len(graph.asked) == 1 and not session.jobs.busy, timeout=JOB_MS)
    session.select((1, 3), 100, 140)
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    assert sum(row.state == "proposed" for row in session.gap_rows) == 2, "one of them was not asked about before"


def test_the_model_s_answer_is_proposed_where_no_other_method_has_one(qtbot, window, graph, monkeypatch):
    def linear(request, cancel, progress):
        return [each for each in answers.other_answers(request, cancel, progress) if each.method == "linear"]

    monkeypatch.setattr(answers, "JOBS", (lambda *_: [], linear))
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    assert [row.method for row in window.session.gap_rows if row.state == "proposed"] == ["linear"]
    window.session.reject()
    graph.show_answers([])
    press(qtbot, window, Qt.Key.Key_E)
    window.session.select((0,), 10, 20)
    qtbot.waitUntil(lambda: bool(graph.area.answers), timeout=JOB_MS)
    assert window.session.proposal is None, "another gap is selected now"


@pytest.fixture
def others_wait(monkeypatch):
    """All methods but the first answer only once this event is set."""
    seen = threading.Event()

    def others(request, cancel, progress):
        assert seen.wait(JOB_MS / 1000)
        return answers.other_answers(request, cancel, progress)

    monkeypatch.setattr(answers, "JOBS", (answers.first_answer, others))
    return seen


def test_the_first_answer_is_proposed_while_other_methods_are_asked(qtbot, window, graph, others_wait):
    session, seen = window.session, others_wait
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    assert session.jobs.busy and [answer.method for answer in graph.area.answers] == [answers.FIRST]
    with qtbot.waitSignal(session.notice) as said:
        press(qtbot, window, Qt.Key.Key_E)
    assert said.args == ["The other methods are still being asked."]
    seen.set()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    found = graph.area.answers
    assert len(found) > 5 and found[0].method != answers.FIRST
    assert [row.method for row in session.gap_rows if row.state == "proposed"] == [found[0].method], "the most certain"


def test_an_answer_that_was_chosen_stays_and_an_accepted_one_ends_the_asking(qtbot, window, graph, others_wait):
    session, seen = window.session, others_wait
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    graph.chips.buttons[answers.FIRST].click()
    seen.set()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    assert graph.area.answers[0].method != answers.FIRST, "another is more certain"
    assert [row.method for row in session.gap_rows if row.state == "proposed"] == [answers.FIRST]
    session.reject()
    seen.clear()
    graph.show_answers([])
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    session.accept()
    assert not session.jobs.busy, "undo and the next gap need not wait"
    seen.set()


def test_comparing_proposes_nothing_in_the_place_of_an_accepted_fill_of_the_first_method(qtbot, window, graph, monkeypatch):
    session = window.session
    monkeypatch.setattr(answers, "JOBS", (answers.first_answer, answers.other_answers))
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    session.accept()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    accepted = session.document.recording
    assert [row.method for row in session.selected_gaps] == [answers.FIRST]
    graph_flow.compare(window)
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    assert graph.area.answers[0].method != answers.FIRST
    assert session.proposal is None and session.document.recording is accepted


def test_once_the_take_changes_no_further_method_is_asked(qtbot, window, graph, monkeypatch):
    asked = list[str]()
    monkeypatch.setattr(answers, "JOBS", (answers.first_answer, answers.other_answers, lambda *_: asked.append("third") or []))
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: window.session.proposal is not None, timeout=JOB_MS)
    window.session.accept()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=JOB_MS)
    assert not asked and not graph.area.answers


def test_chosen_gaps_alone_can_be_deselected(window, graph):
    window.session.select((), gaps=((1, 100, 130),))
    action = window.actions_by_id["deselect"]
    assert action.isEnabled()
    action.trigger()
    assert not window.session.selection.gaps and not action.isEnabled()
