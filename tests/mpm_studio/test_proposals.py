"""Proposals and the gap table in the window: decided where they are looked at, gap by gap or whole, and never lost."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QLineEdit, QMenu, QPushButton, QSpinBox, QTableView

import mpm_core as mpm
from mpm_core.edit.annotate import Annotate
from mpm_core.edit.mark import mark, region
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.recording import Origin
from mpm_core.spans import Span
from mpm_studio.flows.gaps import chosen
from mpm_studio.operations.proposals import parted
from mpm_studio.take import Take
from mpm_studio.views import input_dialogs
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views.gap_model import STATE
from tests.makers import person_rig, smooth_take, with_gap
from tests.mpm_studio.driving import child, press, right_click

JOB_MS = 60_000


def three_gaps():
    rec = smooth_take(frames=300, points=5)
    for point, start, stop in ((1, 100, 130), (3, 100, 101), (2, 200, 240)):
        rec = with_gap(rec, point, start, stop)
    return rec


@pytest.fixture
def opened(window):
    rec = three_gaps()
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.use_method("linear")
    window.session.turns.finish()
    return window


@pytest.fixture
def proposed(qtbot, opened):
    press(qtbot, opened, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: opened.session.proposal is not None and not opened.session.jobs.busy, timeout=JOB_MS)
    opened.session.turns.finish()
    return opened


def states(window):
    return [(row.point, row.state) for row in window.session.gap_rows]


def test_enter_in_the_frame_field_goes_to_the_frame_and_decides_nothing(qtbot, proposed):
    field = child(proposed, QSpinBox, "frame_field")
    field.setFocus()
    field.selectAll()
    qtbot.keyClicks(field, "150")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert proposed.session.frame == 149 and proposed.session.proposal is not None
    qtbot.waitUntil(lambda: proposed.workspace.timeline.hasFocus())
    press(qtbot, proposed, Qt.Key.Key_Return)
    assert proposed.session.proposal is None and proposed.session.document.recording.visible_FP.all()


def test_a_click_on_accept_leaves_the_focus_where_it_was(qtbot, proposed):
    proposed.workspace.timeline.setFocus()
    qtbot.mouseClick(child(proposed, QPushButton, "proposal_accept_gap"), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(child(proposed, QPushButton, "proposal_accept"), Qt.MouseButton.LeftButton)
    assert proposed.session.proposal is None and proposed.workspace.timeline.hasFocus()


def test_escape_in_a_field_decides_nothing_and_a_rejected_proposal_comes_back(qtbot, proposed):
    session = proposed.session
    field = child(proposed, QLineEdit, "gap_filter")
    field.setFocus()
    qtbot.keyClick(field, Qt.Key.Key_Escape)
    assert session.proposal is not None
    proposal = session.proposal
    proposed.workspace.timeline.setFocus()
    press(qtbot, proposed, Qt.Key.Key_Escape)
    assert session.proposal is None
    assert "rejected proposal" in child(proposed, QAction, "action_redo").text()
    press(qtbot, proposed, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert session.proposal.edit is proposal.edit
    press(qtbot, proposed, Qt.Key.Key_Return)
    assert session.document.recording.visible_FP.all()


def test_a_rejected_proposal_does_not_come_back_to_another_state(qtbot, proposed):
    proposed.session.reject()
    proposed.session.select((0,), 5, 9)
    press(qtbot, proposed, Qt.Key.Key_M)
    assert proposed.session.redo_label == ""


def test_next_goes_through_the_gaps_of_a_proposal_and_zooms_there(qtbot, proposed):
    session, timeline = proposed.session, proposed.workspace.timeline
    seen = []
    for _ in range(3):
        press(qtbot, proposed, Qt.Key.Key_N)
        seen.append((session.frame, session.selection.points))
        low, high = timeline.visible_frames
        assert low <= session.selection.start and session.selection.stop <= high
        assert high - low < 300, "zoomed in"
    assert seen == [(100, (1,)), (100, (3,)), (200, (2,))]
    assert "3 of 3" in proposed.proposal_bar.place.text()


def test_gaps_are_accepted_and_rejected_one_by_one(qtbot, proposed):
    session = proposed.session
    press(qtbot, proposed, Qt.Key.Key_N)
    press(qtbot, proposed, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert states(proposed) == [(1, "filled"), (2, "proposed"), (3, "proposed")]
    rec = session.document.recording
    assert rec.visible_FP[100:130, 1].all() and not rec.visible_FP[200:240, 2].any()
    assert (session.frame, session.selection.points) == (100, (3,)), "the next gap that waits"
    press(qtbot, proposed, Qt.Key.Key_Delete)
    assert states(proposed) == [(1, "filled"), (2, "proposed"), (3, "open")]
    press(qtbot, proposed, Qt.Key.Key_Return)
    assert states(proposed) == [(1, "filled"), (2, "filled"), (3, "open")]
    session.undo()
    session.undo()
    assert np.array_equal(session.document.recording.xyz_FPD, three_gaps().xyz_FPD, equal_nan=True)


def test_the_table_lists_sorts_filters_and_goes_there(qtbot, opened):
    table, panel = child(opened, QTableView, "gap_table"), opened.workspace.gaps
    text = lambda row, column: table.model().index(row, column).data()  # noqa: E731
    assert [(text(row, 0), text(row, 1), text(row, 2), text(row, STATE)) for row in range(3)] == [
        ("P1", "101", "0.50 s", "open"),
        ("P3", "101", "0.02 s", "open"),
        ("P2", "201", "0.67 s", "open"),
    ]
    header = table.horizontalHeader()
    header.sectionClicked.emit(2)
    assert [text(row, 0) for row in range(3)] == ["P2", "P1", "P3"], "the longest first"
    panel.filter.setText("open >0.1s")
    assert [text(row, 0) for row in range(table.model().rowCount())] == ["P2", "P1"]
    panel.filter.setText("nothing like this")
    assert table.isHidden() and panel.empty.isVisible()
    panel.filter.clear()
    table.doubleClicked.emit(table.model().index(0, 0))
    header.sectionClicked.emit(1)
    table.selectRow(0)
    table.setFocus()
    qtbot.keyClick(table, Qt.Key.Key_Return)
    assert (opened.session.frame, opened.session.selection.points) == (100, (1,))


def test_selected_gaps_are_filled_by_another_method_beside_the_first(qtbot, proposed):
    panel, session = proposed.workspace.gaps, proposed.session
    table = child(proposed, QTableView, "gap_table")
    table.setFocus()
    table.selectRow(0)
    panel.buttons.method.setCurrentIndex(panel.buttons.method.findData("pchip"))
    child(proposed, QPushButton, "gap_fill").click()
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    assert [(row.point, row.method, row.state) for row in session.gap_rows] == [
        (1, "pchip", "proposed"),
        (2, "linear", "proposed"),
        (3, "linear", "proposed"),
    ]
    session.accept()
    assert [row.method for row in session.gap_rows] == ["pchip", "linear", "linear"]


def test_what_is_left_says_why_and_the_quality_says_what_is_better(qtbot, window):
    rec = with_gap(three_gaps(), 4, 0, 20)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.use_method("linear")
    press(qtbot, window, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: window.session.proposal is not None and not window.session.jobs.busy, timeout=JOB_MS)
    window.session.accept()
    window.session.turns.finish()
    row = window.session.gap_rows[-1]
    assert (row.point, row.state) == (4, "left") and "end of the take" in row.why
    cells = window.workspace.gaps.quality.cells
    assert [cells[2, column].text() for column in (0, 1)] == ["4", "1"]
    assert [cells[5, column].text() for column in (0, 1)] == ["0", "0"]


def test_joints_of_a_hierarchy_are_decided_together(window):
    rec = person_rig()
    arm = [rec.index("left_shoulder"), rec.index("left_elbow")]
    before = mark(rec, region(rec, arm, 10, 20)).apply(rec)[0]
    window.session.open(Take(Path("take.bvh"), before, rec, {}))
    window.session.propose(mpm.complete_patch(before, mpm.CompleteOptions(method="hermite")).patch, "")
    window.session.select((rec.index("left_elbow"),), 10, 20)
    window.actions_by_id["accept_gap"].trigger()
    assert window.session.proposal is not None, "several rows hang together"
    window.session.accept()
    assert (window.session.document.recording.origin_FP[10:20, rec.index("left_elbow")] == Origin.FILLED).all()


def test_the_history_lists_every_step_and_a_click_goes_there(qtbot, opened):
    session, history = opened.session, opened.workspace.history
    for start in (5, 15, 25):
        session.select((0,), start, start + 4)
        press(qtbot, opened, Qt.Key.Key_M)
    texts = [history.list.item(row).text() for row in range(history.list.count())]
    assert texts[0] == "As it was opened" and texts[2] == "Mark P0, frames 16 to 19\n4 samples of P0" and history.list.currentRow() == 3
    history.list.itemClicked.emit(history.list.item(1))
    assert (session.document.recording.origin_FP == Origin.MARKED).sum() == 4 and history.list.currentRow() == 1
    history.list.itemClicked.emit(history.list.item(3))
    assert (session.document.recording.origin_FP == Origin.MARKED).sum() == 12
    history.list.itemClicked.emit(history.list.item(0))
    assert np.array_equal(session.document.recording.origin_FP, three_gaps().origin_FP)


def test_a_fill_dragged_in_the_view_is_pinned_and_its_gap_filled_around_it(qtbot, proposed):
    session = proposed.session
    session.accept()
    session.set_frame(110)
    to = session.shown.xyz_FPD[110, 1].astype(float) + [0.02, 0, 0.03]
    session.set_frame(150)  # the frame when the mouse was pressed counts, not the present one
    proposed.workspace.stage.viewer.dragged.emit(1, 110, to)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    rec = session.document.recording
    assert rec.origin_FP[110, 1] == Origin.HAND and rec.xyz_FPD[110, 1] == pytest.approx(to, abs=1e-6)
    assert session.shown.visible_FP[100:130, 1].all() and session.shown.xyz_FPD[110, 1] == pytest.approx(to, abs=1e-6)


def test_a_range_gets_a_name_and_loses_it(opened, monkeypatch):
    session = opened.session
    session.select((1, 2), 20, 40)
    monkeypatch.setattr(input_dialogs, "ask_name", lambda *_: "contact")
    opened.actions_by_id["name_range"].trigger()
    assert session.document.recording.spans == (Span("contact", 20, 40, ("P1", "P2")),)
    assert opened.workspace.timeline.lines[0].text == "contact (P1, P2)"
    session.select((1,), 0, 100)
    opened.actions_by_id["remove_spans"].trigger()
    assert session.document.recording.spans == ()
    session.undo()
    assert len(session.document.recording.spans) == 1


def test_a_double_click_on_a_gap_of_the_timeline_goes_to_it_with_what_is_around_it(qtbot, opened):
    timeline, session = opened.workspace.timeline, opened.session
    row = next(row for row, line in enumerate(timeline.lines) if line.kind == "point" and line.points == (1,))
    timeline.verticalScrollBar().setValue(row * paint.ROW)
    y = paint.RULER + row * paint.ROW + paint.ROW // 2 - timeline.verticalScrollBar().value()
    whole = timeline.visible_frames
    qtbot.mouseDClick(timeline.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(round(timeline.x_of(115)), y))
    assert (session.selection.points, session.selection.start, session.selection.stop) == ((1,), 100, 130)
    first, last = timeline.visible_frames
    assert whole[0] <= first < 100 < 130 < last <= whole[1] and last - first < whole[1] - whole[0]
    assert session.frame == 100


def with_spans(opened):
    rec = opened.session.document.recording
    opened.session.do(Annotate("Spans", spans=(Span("step", 20, 60), Span("turn", 150, 190, ("P2",)))))
    return rec


def span_menu(opened, frame, text):
    """The menu of a right click on the row of spans with that text."""
    timeline = opened.workspace.timeline
    row = next(row for row, line in enumerate(timeline.lines) if line.text == text)
    timeline.verticalScrollBar().setValue(0)
    at = QPoint(round(timeline.x_of(frame)), paint.RULER + row * paint.ROW + paint.ROW // 2)
    right_click(timeline, at)
    menu = child(opened, QMenu, "context_span")
    menu.setObjectName("")  # the next one is another
    return menu, {action.text(): action for action in menu.actions()}


def test_a_right_click_on_a_span_goes_there_renames_and_removes_it(opened, monkeypatch):
    with_spans(opened)
    session, steps = opened.session, len(opened.session.document.done)
    menu, offered = span_menu(opened, 170, "turn (P2)")
    offered["Go there"].trigger()
    menu.close()
    assert (session.selection.points, session.selection.start, session.selection.stop, session.frame) == ((2,), 150, 190, 150)
    opened.workspace.timeline.fit()
    monkeypatch.setattr(input_dialogs, "ask_name", lambda *words: f"{words[-1]} left")
    menu, offered = span_menu(opened, 170, "turn (P2)")
    offered["Rename…"].trigger()
    menu.close()
    assert session.document.recording.spans == (Span("step", 20, 60), Span("turn left", 150, 190, ("P2",)))
    menu, offered = span_menu(opened, 30, "step")
    offered["Remove"].trigger()
    menu.close()
    assert [span.name for span in session.document.recording.spans] == ["turn left"]
    assert session.undo_label == "Remove step" and len(session.document.done) == steps + 2
    session.undo()
    session.undo()
    assert [span.name for span in session.document.recording.spans] == ["step", "turn"]
    menu, offered = span_menu(opened, 30, "step")
    offered["Work on its frames only"].trigger()
    menu.close()
    assert session.work == (20, 60)
    session.set_work(0, 0)


def test_a_span_is_not_changed_while_a_proposal_waits(proposed):
    proposed.session.reject()
    with_spans(proposed)
    rec = proposed.session.document.recording
    proposed.session.propose(fill_gaps(rec, ~rec.visible_FP, "linear").patch, "")
    menu, offered = span_menu(proposed, 30, "step")
    assert offered["Go there"].isEnabled() and not offered["Rename…"].isEnabled() and not offered["Remove"].isEnabled()
    menu.close()


def test_a_right_click_on_a_step_of_the_history_goes_there_or_before_it(qtbot, opened):
    session, history = opened.session, opened.workspace.history
    for start in (5, 15, 25):
        session.do(mark(session.document.recording, region(session.document.recording, [0], start, start + 4), f"Mark {start}"))
    opened.workspace.side.setCurrentWidget(history)
    qtbot.wait(20)

    def choose(number: int, text: str) -> bool:
        at = history.list.visualItemRect(history.list.item(number)).center()
        history.list.customContextMenuRequested.emit(at)
        menu = child(opened, QMenu, "history_menu")
        menu.setObjectName("")
        action = next(each for each in menu.actions() if each.text() == text)
        action.trigger()
        menu.close()
        return action.isEnabled()

    assert choose(1, "Go there") and len(session.document.done) == 1
    assert not choose(3, "Undo it and what is after it"), "it is undone already"
    assert choose(3, "Go there") and len(session.document.done) == 3
    assert choose(2, "Undo it and what is after it") and len(session.document.done) == 1
    assert choose(1, "Copy its text") and QApplication.clipboard().text().startswith("Mark 5")
    opened.workspace.side.setCurrentWidget(opened.workspace.gaps)


def test_buttons_are_for_the_selected_gaps_as_keys_are_and_for_all_that_are_listed_when_none_is(qtbot, opened):
    session, panel = opened.session, opened.workspace.gaps
    buttons = [child(opened, QPushButton, f"gap_{name}") for name in ("fill", "accept", "reject")]
    fill, accept, reject = buttons

    def texts():
        session.turns.finish()
        return [button.text() for button in buttons if button.isEnabled()]

    session.select(())
    assert texts() == ["Fill 3"] and "all that are listed" in panel.about.text()
    panel.filter.setText(session.shown.points[2])
    assert texts() == ["Fill 1"]
    panel.filter.clear()
    opened.use_method("linear")
    fill.click()
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    assert states(opened) == [(1, "proposed"), (2, "proposed"), (3, "proposed")]
    assert texts() == ["Fill 3", "Accept 3", "Reject 3"]
    session.select((1, 2), 0, session.shown.frames)
    assert texts() == ["Fill 2", "Accept 2", "Reject 2"] and panel.buttons.taken("proposed") == chosen(session, "proposed")
    accept.click()
    assert sorted(state for _, state in states(opened)) == ["filled", "filled", "proposed"]
    session.select(())
    assert texts() == ["Fill 1", "Accept 1", "Reject 1"]
    reject.click()
    assert session.proposal is None and texts() == ["Fill 1"]


def test_a_fill_started_by_a_button_can_be_decided_on_by_keys_at_once(qtbot, opened):
    opened.session.select((1,), 100, 130)
    button = child(opened, QPushButton, "gap_fill")
    button.setFocus()
    button.click()
    qtbot.waitUntil(lambda: opened.session.proposal is not None, timeout=JOB_MS)
    assert opened.workspace.timeline.hasFocus()
    qtbot.keyClick(opened.workspace.timeline, Qt.Key.Key_Return)
    assert opened.session.document.recording.visible_FP[100:130, 1].all()


def test_a_gap_that_was_rejected_comes_back_with_redo(qtbot, proposed):
    press(qtbot, proposed, Qt.Key.Key_N)
    press(qtbot, proposed, Qt.Key.Key_Delete)
    assert states(proposed) == [(1, "open"), (2, "proposed"), (3, "proposed")]
    press(qtbot, proposed, Qt.Key.Key_Y, Qt.KeyboardModifier.ControlModifier)
    assert states(proposed) == [(1, "proposed"), (2, "proposed"), (3, "proposed")]


def test_undone_edits_come_back_after_a_rejected_proposal(qtbot, proposed):
    session = proposed.session
    session.reject()
    session.select((0,), 5, 9)
    press(qtbot, proposed, Qt.Key.Key_M)
    session.undo()
    session.redo()
    assert session.proposal is None and (session.document.recording.origin_FP[5:9, 0] == Origin.MARKED).all()


def test_gaps_rejected_one_after_the_other_all_come_back_with_redo(qtbot, proposed):
    session = proposed.session
    before = session.proposal.preview
    for _ in range(2):
        press(qtbot, proposed, Qt.Key.Key_N)
        press(qtbot, proposed, Qt.Key.Key_Delete)
    assert [state for _, state in states(proposed)].count("proposed") == 1
    session.redo()
    assert [state for _, state in states(proposed)].count("proposed") == 3
    assert np.array_equal(session.shown.xyz_FPD, before.xyz_FPD) and session.redo_label == ""


def test_a_fill_proposed_after_a_rejection_is_not_lost(proposed):
    session = proposed.session
    rec = session.document.recording
    session.reject(region(rec, [1], 100, 130))
    session.propose(fill_gaps(rec, region(rec, [1], 100, 130), "pchip").patch, "")
    assert session.redo_label == ""
    session.reject(region(rec, [2], 200, 240))
    session.redo()
    pchip = fill_gaps(rec, region(rec, [1], 100, 130), "pchip").patch.apply(rec)[0]
    assert np.array_equal(session.shown.xyz_FPD[100:130, 1], pchip.xyz_FPD[100:130, 1]) and session.shown.visible_FP.all()


def test_a_part_of_a_fill_names_only_what_it_fills(proposed):
    rec = proposed.session.document.recording
    filled = proposed.session.proposal.edit.filled
    assert {(run.point, run.start, run.stop) for run in filled} == {(1, 100, 130), (2, 200, 240), (3, 100, 101)}
    part, rest = parted(proposed.session.proposal.edit, region(rec, [1], 100, 130) | region(rec, [2], 200, 220))
    assert {run.point for run in part.filled} == {1, 2} and {run.point for run in rest.filled} == {2, 3}


def test_the_keys_for_gaps_are_of_all_that_are_chosen_in_the_table(qtbot, opened):
    """Gaps of several points, which no one range of frames holds."""
    table = child(opened, QTableView, "gap_table")
    press(qtbot, opened, Qt.Key.Key_N)
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(opened.workspace.gaps.chosen()) == 3
    qtbot.keyClick(table, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: opened.session.proposal is not None and not opened.session.jobs.busy, timeout=JOB_MS)
    assert states(opened) == [(1, "proposed"), (2, "proposed"), (3, "proposed")]
    table.setFocus()
    qtbot.mouseClick(table.viewport(), Qt.MouseButton.LeftButton, pos=table.visualRect(table.model().index(0, 0)).center())
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert [row.point for row in opened.workspace.gaps.chosen()] == [1, 3]
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert sorted(state for _, state in states(opened)) == ["filled", "filled", "proposed"]
    assert opened.session.document.undo_label == "Fill (linear)", "without the number of samples of the whole proposal"


def test_the_graph_is_painted_at_one_height_when_something_is_proposed(qtbot, opened):
    area, heights = opened.workspace.graph.area, []

    class Paints(QObject):
        def eventFilter(self, watched, event):
            if event.type() == QEvent.Type.Paint:
                heights.append(area.height())
            return False

    opened.session.select((1,), 0, 0)
    qtbot.wait(100)
    before, paints = area.height(), Paints()
    area.installEventFilter(paints)
    rec = opened.session.document.recording
    opened.session.propose(fill_gaps(rec, ~rec.visible_FP, "linear").patch, "")
    qtbot.waitUntil(lambda: not opened.session.turns.busy)
    qtbot.wait(100)
    area.removeEventFilter(paints)
    assert before not in heights[-1:] and len({*heights} - {before}) == 1, heights


def gaps_of(window, *gaps):
    """A take of six points with these gaps (point, start, stop), in the window."""
    rec = smooth_take(frames=300, points=6)
    for gap in gaps:
        rec = with_gap(rec, *gap)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.session.turns.finish()
    window.session.set_work(0, 0)
    window.set_method("linear")


def proposed_gaps(qtbot, window):
    """What Ctrl+G proposes for."""
    press(qtbot, window, Qt.Key.Key_G, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.session.proposal is not None and not window.session.jobs.busy, timeout=JOB_MS)
    return [(row.point, row.start, row.stop) for row in window.session.gap_rows if row.state == "proposed"]


def test_every_gap_of_the_selection_is_filled_whichever_rows_of_the_table_are_like_it(qtbot, window):
    gaps = (1, 100, 130), (2, 100, 130), (3, 105, 120), (4, 90, 140)
    gaps_of(window, *gaps)
    window.session.select((1, 2, 3, 4), 100, 130)
    assert len(window.workspace.gaps.chosen()) == 2, "those whose frames are the selected ones"
    assert [(point, start, stop) for point, start, stop in proposed_gaps(qtbot, window) if point < 4] == [*gaps[:3]]
    assert any(point == 4 for point, _, _ in proposed_gaps(qtbot, window))


def test_all_gaps_are_filled_of_a_take_in_which_two_points_are_missing_throughout(qtbot, window):
    gaps_of(window, (1, 100, 130), (2, 200, 230), (4, 0, 300), (5, 0, 300))
    press(qtbot, window, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    assert {(1, 100, 130), (2, 200, 230)} <= {*proposed_gaps(qtbot, window)}


def choose_two(qtbot, window):
    """The first two rows of the table, as the user chooses them."""
    table = child(window, QTableView, "gap_table")
    window.session.turns.finish()
    table.setFocus()
    table.setCurrentIndex(table.model().index(0, 0))
    qtbot.keyClick(table, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert len(window.workspace.gaps.chosen()) == 2
    return table


def test_a_gap_that_is_gone_to_replaces_the_rows_chosen_before(qtbot, proposed):
    press(qtbot, proposed, Qt.Key.Key_Home)
    table = choose_two(qtbot, proposed)
    qtbot.keyClick(table, Qt.Key.Key_N)
    here = proposed.session.selection
    qtbot.keyClick(table, Qt.Key.Key_N)
    assert proposed.session.selection != here
    here = proposed.session.selection
    assert [(row.point, row.start, row.stop) for row in proposed.workspace.gaps.chosen()] == [(here.points[0], here.start, here.stop)]
    qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert [point for point, state in states(proposed) if state == "filled"] == [*here.points]


def test_rows_chosen_in_the_table_enable_what_acts_on_them(qtbot, proposed):
    press(qtbot, proposed, Qt.Key.Key_Home)
    accept = child(proposed, QAction, "action_accept_gap")
    proposed.session.select((0,), 5, 9)
    assert not accept.isEnabled()
    choose_two(qtbot, proposed)
    assert accept.isEnabled()
    proposed.workspace.gaps.table.sortByColumn(STATE, Qt.SortOrder.DescendingOrder)
    assert len(proposed.workspace.gaps.chosen()) == 2, "they stay chosen in another order"
    texts = [child(proposed, QPushButton, f"proposal_{name}_gap").text() for name in ("accept", "reject")]
    assert texts == ["Accept 2 gaps", "Reject 2 gaps"]
    kept, _ = proposed.workspace.gaps.chosen()
    proposed.workspace.gaps.filter.setText(proposed.workspace.gaps.model.names[kept.point])
    assert proposed.session.selected_gaps == [kept], "what is not listed any more is not chosen"
    assert child(proposed, QPushButton, "proposal_accept_gap").text() == "Accept gap"
    proposed.workspace.gaps.filter.clear()
