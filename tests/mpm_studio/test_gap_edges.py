"""The edges of gaps moved by keys and by the mouse in the real window, and the fill that follows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

import mpm_core as mpm
from mpm_core.edit.mark import region, restore
from mpm_core.edit.trim import trim
from mpm_core.recording import Origin
from mpm_studio.flows import repair
from mpm_studio.operations import marking
from mpm_studio.take import Take
from mpm_studio.views import timeline_paint as paint
from tests.makers import person_bvh, rigid_take, smooth_take, with_gap
from tests.mpm_studio.driving import press

JOB_MS = 60_000
ALT, SHIFT = Qt.KeyboardModifier.AltModifier, Qt.KeyboardModifier.ShiftModifier
LEFT, RIGHT = Qt.Key.Key_Left, Qt.Key.Key_Right


@pytest.fixture
def take(qtbot, window):
    """A take with the second point marked in frames 100..129, which are selected."""
    rec = smooth_take(frames=300, points=5)
    session = window.session
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.do(marking.mark(rec, (1,), 100, 130))
    session.select((1,), 100, 130)
    window.workspace.timeline.show_range(100, 130)
    window.use_method("pchip")
    qtbot.waitUntil(lambda: window.workspace.graph.area.height() > 60)
    return rec


def filled(qtbot, window):
    press(qtbot, window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    settled(qtbot, window)


def settled(qtbot, window):
    qtbot.waitUntil(lambda: window.session.proposal is not None and not window.session.jobs.busy, timeout=JOB_MS)
    window.session.turns.finish()


def marked(window, point=1):
    return np.flatnonzero(window.session.document.recording.origin_FP[:, point] == Origin.MARKED).tolist()


def gaps(window):
    return [(row.point, row.start, row.stop, row.state) for row in window.session.gap_rows]


def test_keys_move_either_edge_and_the_proposed_fill_follows(qtbot, window, take):
    session = window.session
    filled(qtbot, window)
    for key, held in ((LEFT, ALT), (LEFT, ALT), (LEFT, ALT), (RIGHT, ALT), (RIGHT, ALT | SHIFT), (LEFT, ALT | SHIFT), (LEFT, ALT | SHIFT)):
        press(qtbot, window, key, held)
    settled(qtbot, window)
    assert marked(window) == [*range(98, 129)]
    assert gaps(window) == [(1, 98, 129, "proposed")] and session.selected_gaps[0].method == "pchip"
    assert (session.selection.start, session.selection.stop) == (98, 129)
    rec = session.document.recording
    assert rec.xyz_FPD.tobytes() == take.xyz_FPD.tobytes(), "every value is kept under its mark, or measured again"
    expected = mpm.complete_patch(rec, mpm.CompleteOptions("pchip", region(rec, [1], 98, 129))).patch
    np.testing.assert_array_equal(session.shown.xyz_FPD[98:129, 1], expected.xyz_ND)
    press(qtbot, window, Qt.Key.Key_Return)
    for _ in range(4):
        session.undo()
    assert not session.document.recording.samples.differs(take.samples).any(), "mark, moves of the start, of the end, and a fill are undone"
    assert not session.undo_label


def test_a_made_fill_is_made_anew_and_what_is_given_back_is_measured_to_the_bit(qtbot, window, take):
    session = window.session
    filled(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Return)
    session.select((1,), 100, 130)
    press(qtbot, window, RIGHT, ALT)
    press(qtbot, window, RIGHT, ALT)
    settled(qtbot, window)
    rec = session.document.recording
    assert (rec.origin_FP[100:102, 1] == Origin.MEASURED).all() and rec.xyz_FPD[100:102].tobytes() == take.xyz_FPD[100:102].tobytes()
    assert gaps(window) == [(1, 102, 130, "proposed")]


def test_an_open_gap_stays_open_and_what_was_never_measured_is_not_given_back(qtbot, window):
    rec = with_gap(smooth_take(frames=300, points=5), 1, 100, 130)
    session, failures = window.session, []
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.select((1,), 100, 130)
    press(qtbot, window, LEFT, ALT)
    assert gaps(window) == [(1, 99, 130, "open")] and session.proposal is None and marked(window) == [99]
    session.failed.connect(failures.append)
    press(qtbot, window, LEFT, ALT | SHIFT)
    session.failed.disconnect(failures.append)
    assert "frame 130: no measured value" in str(failures[0].error) and gaps(window) == [(1, 99, 130, "open")]


def drag(qtbot, widget, start, stop):
    qtbot.mouseMove(widget, start)
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(widget, start + (stop - start) * share)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=stop)


def test_presses_on_one_edge_are_one_step_that_says_where_it_is(qtbot, window, take):
    session = window.session
    for key, held in ((LEFT, ALT), (LEFT, ALT), (RIGHT, ALT | SHIFT), (LEFT, ALT)):
        press(qtbot, window, key, held)
    labels = [edit.label for edit in session.document.done]
    assert [label.rpartition("frames ")[2] for label in labels[1:]] == ["99 to 130", "99 to 131", "98 to 131"]
    session.undo()
    assert marked(window) == [*range(98, 131)]
    session.redo()
    press(qtbot, window, LEFT, ALT)
    assert marked(window) == [*range(96, 131)] and len(session.document.done) == 4, "goes on with the move that was made again"
    session.undo()
    session.undo()
    session.undo()
    assert marked(window) == [*range(100, 130)]
    assert not session.document.recording.samples.differs(marking.mark(take, (1,), 100, 130).apply(take)[0].samples).any()


def escaped(qtbot, widget, keys_go_to, start, stop):
    """A drag that Esc takes back."""
    qtbot.mouseMove(widget, start)
    qtbot.mousePress(widget, Qt.MouseButton.LeftButton, pos=start)
    for share in (0.5, 1.0):
        qtbot.mouseMove(widget, start + (stop - start) * share)
    qtbot.keyClick(keys_go_to, Qt.Key.Key_Escape)
    qtbot.mouseRelease(widget, Qt.MouseButton.LeftButton, pos=stop)


def test_esc_takes_a_drag_back_and_leaves_the_proposal(qtbot, window, take):
    session, timeline, area = window.session, window.workspace.timeline, window.workspace.graph.area
    filled(qtbot, window)
    proposal, selection, steps = session.proposal, session.selection, len(session.document.done)
    row = next(place for place, line in enumerate(timeline.lines) if line.kind == "point" and line.points == (1,))
    y = paint.RULER + row * paint.ROW + paint.ROW // 2 - timeline.verticalScrollBar().value()
    curves = [lane.y(float(session.shown.xyz_FPD[129, 1, axis])) for axis, lane in enumerate(area.lanes())]
    edge, low = round(timeline.x_of(130)), max(range(area.height()), key=lambda y: min(abs(y - curve) for curve in curves))
    escaped(qtbot, timeline.viewport(), timeline, QPoint(edge, y), QPoint(edge + 40, y))
    escaped(qtbot, area, area, QPoint(edge, low), QPoint(edge + 40, low))
    lane, middle = area.lanes()[0], 115
    at = QPoint(round(lane.x(middle)), round(lane.y(float(session.shown.xyz_FPD[middle, 1, 0]))))
    escaped(qtbot, area, area, at, at - QPoint(0, 30))
    assert (session.proposal, session.selection, len(session.document.done)) == (proposal, selection, steps)
    assert gaps(window) == [(1, 100, 130, "proposed")]
    drag(qtbot, area, QPoint(edge, low), QPoint(round(timeline.x_of(133)), low))
    settled(qtbot, window)
    assert marked(window) == [*range(100, 133)], "the next drag works"
    press(qtbot, window, Qt.Key.Key_Escape)
    assert session.proposal is None, "without a drag, Esc rejects"


def test_the_answers_come_again_after_an_edge_moved(qtbot, window, take):
    session, graph = window.session, window.workspace.graph
    press(qtbot, window, Qt.Key.Key_E)
    settled(qtbot, window)
    before = {answer.method for answer in graph.area.answers}
    for _ in range(3):
        press(qtbot, window, LEFT, ALT)
    qtbot.waitUntil(lambda: {answer.method for answer in graph.area.answers} == before and not session.jobs.busy, timeout=JOB_MS)
    assert all((answer.patch.frames_N.min(), answer.patch.frames_N.max()) == (97, 129) for answer in graph.area.answers)
    assert gaps(window) == [(1, 97, 130, "proposed")] and graph.proposed_answer(session.selected_gaps) in before


def test_edges_are_dragged_on_the_timeline(qtbot, window, take):
    session, timeline = window.session, window.workspace.timeline
    filled(qtbot, window)
    row = next(place for place, line in enumerate(timeline.lines) if line.kind == "point" and line.points == (1,))
    y = paint.RULER + row * paint.ROW + paint.ROW // 2 - timeline.verticalScrollBar().value()
    drag(qtbot, timeline.viewport(), QPoint(round(timeline.x_of(130)), y), QPoint(round(timeline.x_of(136)), y))
    settled(qtbot, window)
    assert marked(window) == [*range(100, 136)] and gaps(window) == [(1, 100, 136, "proposed")]
    session.select((2,), 100, 130)
    drag(qtbot, timeline.viewport(), QPoint(round(timeline.x_of(136)), y), QPoint(round(timeline.x_of(140)), y))
    assert marked(window) == [*range(100, 136)] and session.selection.points == (1,), "of a gap that is not selected, a drag selects"


def test_edges_are_dragged_in_the_graph_those_of_several_gaps_together(qtbot, window, take):
    session, area = window.session, window.workspace.graph.area
    session.do(marking.mark(session.document.recording, (2,), 100, 120))
    session.select((1, 2), 100, 130)
    session.turns.finish()
    y = area.height() - 3
    drag(qtbot, area, QPoint(round(area.timeline.x_of(100)), y), QPoint(round(area.timeline.x_of(95)), y))
    assert marked(window) == [*range(95, 130)] and marked(window, 2) == [*range(95, 120)]
    assert session.undo_label.startswith("Move the edges of the gap of 2 points")
    session.select((1,), 95, 130)
    drag(qtbot, area, QPoint(round(area.timeline.x_of(130)), y), QPoint(round(area.timeline.x_of(126)), y))
    assert marked(window) == [*range(95, 126)] and marked(window, 2) == [*range(95, 120)]


def test_where_an_edge_and_a_filled_sample_are_the_drags_direction_says_which_is_held(qtbot, window, take):
    session, area = window.session, window.workspace.graph.area
    filled(qtbot, window)

    def on_both(frame):
        at = QPoint(round(area.timeline.x_of(frame)) + 2, round(area.lane(0).y(float(session.shown.xyz_FPD[frame, 1, 0]))))
        qtbot.mouseMove(area, at)
        assert area.cursor().shape() == Qt.CursorShape.SizeAllCursor
        return at

    at, by = on_both(100), round(area.timeline.x_of(96)) - round(area.timeline.x_of(100))
    drag(qtbot, area, at, at + QPoint(by, 2))
    settled(qtbot, window)
    assert marked(window) == [*range(96, 130)] and gaps(window) == [(1, 96, 130, "proposed")]
    at = on_both(96)
    with qtbot.waitSignal(area.dragged_key) as dragged:
        drag(qtbot, area, at, at + QPoint(2, 15))
    assert dragged.args[:3] == [1, 96, 0]


def test_a_gap_whose_edge_cannot_be_there_stays_selected_as_it_is(qtbot, window):
    rec = with_gap(smooth_take(frames=300, points=5), 1, 100, 130)
    session, area = window.session, window.workspace.graph.area
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.select((1,), 100, 130)
    window.workspace.timeline.show_range(100, 130)
    session.turns.finish()
    with qtbot.waitSignal(session.failed):
        drag(qtbot, area, QPoint(round(area.timeline.x_of(100)), 5), QPoint(round(area.timeline.x_of(110)), 5))
    assert (session.selection.points, session.selection.start, session.selection.stop) == ((1,), 100, 130)


def test_in_a_hierarchy_what_hangs_on_the_joint_goes_along_and_bones_keep_their_length(qtbot, window, tmp_path):
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    rec = mpm.read(path)
    session, wrist = window.session, rec.index("LeftHand")
    session.open(Take(path, rec, rec, {}))
    window.use_method("pchip")
    session.do(marking.mark(rec, (wrist,), 20, 40))
    session.select((wrist,), 20, 40)
    filled(qtbot, window)
    press(qtbot, window, RIGHT, ALT)
    press(qtbot, window, RIGHT, ALT | SHIFT)
    settled(qtbot, window)
    now, shown, along = session.document.recording, session.shown, session.document.recording.origin_FP[30] == Origin.MARKED
    assert along.sum() > 1 and np.flatnonzero((now.origin_FP[:, along] == Origin.MARKED).all(axis=1)).tolist() == [*range(21, 41)]
    assert (now.origin_FP[20] == Origin.MEASURED).all() and shown.visible_FP.all()
    measured = now.origin_FP == Origin.MEASURED
    assert shown.xyz_FPD[measured].tobytes() == rec.xyz_FPD[measured].tobytes()
    parents = np.array(rec.rig.parents)
    length_FJ = np.linalg.norm(shown.xyz_FPD[:, 1:] - shown.xyz_FPD[:, parents[1:]], axis=2)
    assert np.ptp(length_FJ, axis=0).max() < 1e-4


def test_only_the_chosen_gaps_move_however_often_and_not_those_between_them(qtbot, window, take):
    session = window.session
    for start in (150, 180):
        session.do(marking.mark(session.document.recording, (1,), start, start + 10))
    session.select((1,), 100, 190, gaps=((1, 100, 130), (1, 180, 190)))
    for _ in range(2):
        press(qtbot, window, LEFT, ALT)
    assert [row[1:3] for row in gaps(window)] == [(98, 130), (150, 160), (178, 190)]
    assert [(row.start, row.stop) for row in session.selected_gaps] == [(98, 130), (178, 190)]


def test_a_fill_that_was_taken_out_is_not_made_again(qtbot, window, take):
    session = window.session
    filled(qtbot, window)
    press(qtbot, window, Qt.Key.Key_Return)
    wide_FP = region(take, [1], 100, 130)
    session.do(restore(session.document.recording, take, wide_FP))
    session.do(marking.mark(session.document.recording, (1,), 100, 130))
    session.select((1,), 100, 130)
    press(qtbot, window, LEFT, ALT)
    assert not session.jobs.busy and session.proposal is None and gaps(window) == [(1, 99, 130, "open")]


def test_a_fill_follows_after_a_trim_and_no_fill_of_other_frames_is_taken_for_it(qtbot, window, take):
    session = window.session
    session.do(marking.mark(session.document.recording, (1,), 15, 25))
    for start, stop, method in ((100, 130, "pchip"), (15, 25, "linear")):
        session.select((1,), start, stop)
        window.use_method(method)
        filled(qtbot, window)
        press(qtbot, window, Qt.Key.Key_Return)
    session.do(trim(session.document.recording, 90, 250))
    assert [(row.start, row.stop, row.method) for row in session.gap_rows] == [(10, 40, "classical")], "not linear, which filled 15 to 24"
    session.select((1,), 10, 40)
    press(qtbot, window, LEFT, ALT)
    settled(qtbot, window)
    assert gaps(window) == [(1, 9, 40, "proposed")] and session.proposal.edit.requests[-1].settings["method"] == "auto"


def test_the_points_that_a_fill_follows_stay_those_that_were_chosen(qtbot, window):
    rec = rigid_take(bodies=2, frames=300)
    session, donors = window.session, rec.points[2:5]
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.do(marking.mark(rec, (1,), 100, 130))
    session.select((1,), 100, 130)
    repair.run_complete(window, repair.within(replace(repair.complete_request(window, "rigid"), donors=donors), session.selection))
    settled(qtbot, window)
    press(qtbot, window, LEFT, ALT)
    settled(qtbot, window)
    assert gaps(window) == [(1, 99, 130, "proposed")]
    assert [each.settings["donors"] for each in session.proposal.edit.requests][-1:] == [list(donors)]
