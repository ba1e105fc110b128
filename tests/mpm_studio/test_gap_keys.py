"""Keys of an editor who goes through many gaps: short ones filled at once, the longest first, answers beside the gap that they are for."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt

from mpm_core.recording import Origin
from mpm_core.suspect.kinds import Suspect
from mpm_studio.operations.answers import Answer
from mpm_studio.take import Take
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import press

JOB_MS = 60_000
CTRL, SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def take(qtbot, window):
    """A take at 60 Hz with gaps of 6, 15, 16 and 90 frames."""
    rec = smooth_take(frames=400, points=5)
    for point, start, stop in ((0, 20, 110), (1, 50, 56), (2, 200, 215), (1, 300, 316)):
        rec = with_gap(rec, point, start, stop)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.use_method("pchip")
    yield rec
    window.settings.set_choice("short_gap", "0.25")


def proposed(qtbot, window):
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=JOB_MS)
    return [(row.point, row.start, row.stop) for row in window.session.gap_rows if row.state == "proposed"]


def test_s_fills_the_short_gaps_and_leaves_the_long_ones_open(qtbot, window, take):
    session = window.session
    press(qtbot, window, Qt.Key.Key_S)
    assert proposed(qtbot, window) == [(1, 50, 56), (2, 200, 215)], "0.25 s are 15 frames"
    press(qtbot, window, Qt.Key.Key_Return)
    rec = session.document.recording
    assert (rec.origin_FP[50:56, 1] == Origin.FILLED).all() and not rec.visible_FP[20:110, 0].any() and not rec.visible_FP[300:316, 1].any()
    said = []
    session.notice.connect(said.append)
    press(qtbot, window, Qt.Key.Key_S)
    session.notice.disconnect(said.append)
    assert said == ["No open gap is at most 0.25 s long. File, Settings, says which gaps are short."] and session.proposal is None
    window.settings.set_choice("short_gap", "0.5")
    press(qtbot, window, Qt.Key.Key_S)
    assert proposed(qtbot, window) == [(1, 300, 316)]


def test_s_keeps_to_the_frames_that_are_worked_on(qtbot, window, take):
    window.session.set_work(100, 400)
    press(qtbot, window, Qt.Key.Key_S)
    assert proposed(qtbot, window) == [(2, 200, 215)]


def test_the_longest_gap_comes_first(qtbot, window, take):
    session, found = window.session, []
    for key in (CTRL, CTRL, CTRL, CTRL, CTRL, CTRL | SHIFT, CTRL | SHIFT):
        press(qtbot, window, Qt.Key.Key_N, key)
        found.append(session.selection.stop - session.selection.start)
    assert found == [90, 16, 15, 6, 90, 6, 15]


def test_a_gap_has_its_panel_and_the_keys_also_after_the_list_of_suspects(qtbot, window, take):
    session, workspace = window.session, window.workspace
    workspace.suspects.show_found(take, [Suspect("spike", (3,), 10, 12, 2.0, "why"), Suspect("spike", (4,), 30, 32, 1.0, "why")])
    qtbot.waitUntil(lambda: window.focusWidget() is workspace.suspects.table)
    qtbot.keyClick(workspace.suspects.table, Qt.Key.Key_Down)
    assert workspace.side.currentWidget() is workspace.suspects
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_N)
    qtbot.waitUntil(lambda: workspace.side.currentWidget() is workspace.gaps)
    assert window.focusWidget() is workspace.timeline and session.selection.points == (1,)
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_G, CTRL)
    assert proposed(qtbot, window) == [(1, 50, 56)]
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return, SHIFT)
    assert session.proposal is None and (session.document.recording.origin_FP[50:56, 1] == Origin.FILLED).all()


def test_return_accepts_also_where_the_focus_was_in_the_list_of_suspects(qtbot, window, take):
    session, workspace = window.session, window.workspace
    workspace.suspects.show_found(take, [Suspect("spike", (3,), 10, 12, 2.0, "why"), Suspect("spike", (4,), 30, 32, 1.0, "why")])
    qtbot.waitUntil(lambda: window.focusWidget() is workspace.suspects.table)
    qtbot.keyClick(workspace.suspects.table, Qt.Key.Key_Down)
    qtbot.keyClick(workspace.suspects.table, Qt.Key.Key_S)
    assert proposed(qtbot, window) and workspace.side.currentWidget() is workspace.suspects, "the list stays in sight"
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Return)
    assert session.proposal is None and (session.document.recording.origin_FP[50:56, 1] == Origin.FILLED).all()
    workspace.points.filter.setFocus()
    window.actions_by_id["complete"].trigger()
    proposed(qtbot, window)
    assert window.focusWidget() is workspace.points.filter, "who types is not disturbed"


def test_z_shows_the_selected_frames(qtbot, window, take):
    session, timeline = window.session, window.workspace.timeline
    session.select((1,), 200, 260)
    press(qtbot, window, Qt.Key.Key_Z)
    first, last = timeline.visible_frames
    assert first == pytest.approx(197, abs=0.5) and last == pytest.approx(263, abs=0.5)
    session.select(())
    assert not window.actions_by_id["zoom_to_selection"].isEnabled()
    session.set_work(100, 300)
    press(qtbot, window, Qt.Key.Key_Z)
    assert timeline.visible_frames == pytest.approx((90, 310), abs=0.5)
    session.set_work(0, 0)


def test_answers_are_shown_beside_their_gap_in_a_low_window_in_one_row(qtbot, window, take):
    session, graph = window.session, window.workspace.graph
    session.select((1,), 50, 56)
    press(qtbot, window, Qt.Key.Key_G, CTRL)
    proposed(qtbot, window)
    patch, names = session.proposal.edit, ["spline", "linear", "quintic", "hermite", "kalman", "relational", "pattern", "pchip"]
    graph.show_answers([Answer(name, patch, 0.001 * place) for place, name in enumerate(names)], tuple(session.selected_gaps))
    assert graph.chips.isVisible() and graph.proposed_answer(session.selected_gaps) == "pchip"
    session.select((2,), 200, 215)
    session.turns.finish()
    assert not graph.chips.isVisible() and graph.area.answers, "kept for the gap that was asked about"
    session.select((1,), 50, 56)
    assert graph.chips.isVisible()
    chips = graph.chips
    chips.set_in_one_row(True)
    shown = [name for name, button in chips.buttons.items() if not button.isHidden()]
    assert chips.height() < 2 * chips.more.sizeHint().height() and shown[0] == "spline" and shown[-1] == "pchip", "the proposed one, too"
    assert chips.more.text() == f"{len(names) - len(shown)} more" and 2 < len(shown) < len(names)
    rights = [button.geometry().right() for button in (*chips.buttons.values(), chips.more) if not button.isHidden()]
    assert max(rights) <= chips.width()
    chips.more.click()
    assert [name for name, button in chips.buttons.items() if not button.isHidden()] == names and chips.more.text() == "Fewer"
    chips.set_in_one_row(False)
    assert chips.more.isHidden()
