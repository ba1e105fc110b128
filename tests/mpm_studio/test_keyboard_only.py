"""Everything can be reached, seen and pressed by keys alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QListWidget, QPushButton, QSpinBox, QTableView, QToolButton

from mpm_core.errors import DataError
from mpm_studio import palette
from mpm_studio.jobs import failure
from mpm_studio.operations import marking
from mpm_studio.take import Take
from mpm_studio.views import banner
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child, press


@pytest.fixture
def opened(qtbot: Any, window: Window) -> Window:
    rec = with_gap(smooth_take(200, 4), 1, 100, 130)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    press(qtbot, window, Qt.Key.Key_Home)
    window.workspace.timeline.setFocus()
    return window


def tab(window: Window) -> str:
    QTest.keyClick(QApplication.focusWidget() or window, Qt.Key.Key_Tab)
    focused = QApplication.focusWidget()
    return "" if focused is None else focused.objectName()


def test_tab_goes_round_through_timeline_graph_and_all_panels_and_shows_them(opened: Window) -> None:
    opened.session.select((1,), 100, 130)
    reached, hidden = list[str](), list[str]()
    for _ in range(60):
        reached.append(tab(opened))
        QTest.qWait(0)
        docks = [dock for dock in opened.workspace.docks if dock.isAncestorOf(QApplication.focusWidget() or opened)]
        hidden += [dock.objectName() for dock in docks if dock.visibleRegion().isEmpty()]
    assert {
        "timeline",
        "graph_area",
        "graph_position",
        "graph_lanes",
        "graph_compare",
        "point_table",
        "gap_filter",
        "gap_table",
        "suspects_look",
        "history_list",
    } <= {*reached}
    assert hidden == []


def test_timeline_and_graph_are_framed_while_they_have_the_focus(opened: Window) -> None:
    rows, curves = opened.workspace.timeline, opened.workspace.graph.area

    def framed() -> list[bool]:
        QTest.qWait(0)
        pictures = [view.grab().toImage() for view in (rows.viewport(), curves)]
        edges = [[(1, 1), (1, each.height() // 2), (each.width() - 2, each.height() // 2), (9, each.height() - 2)] for each in pictures]
        return [all(each.pixelColor(*at).name() == palette.ACCENT for at in places) for each, places in zip(pictures, edges, strict=True)]

    assert framed() == [True, False]
    curves.setFocus()
    opened.resize(opened.width() - 60, opened.height() - 40)
    assert framed() == [False, True]
    opened.workspace.gaps.filter.setFocus()
    assert framed() == [False, False]


def test_space_presses_the_button_that_was_reached_by_tab(qtbot: Any, opened: Window) -> None:
    button = child(opened, QToolButton, "graph_lanes")
    button.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(button, Qt.Key.Key_Space)
    assert not button.isChecked() and not opened.workspace.graph.area.apart and not opened.playback.playing
    button.click()
    opened.workspace.timeline.setFocus()
    press(qtbot, opened, Qt.Key.Key_Space)
    assert opened.playback.playing


def test_a_key_shows_other_curves(qtbot: Any, opened: Window) -> None:
    shown = []
    for _ in range(3):
        press(qtbot, opened, Qt.Key.Key_V, Qt.KeyboardModifier.ShiftModifier)
        shown.append(opened.workspace.graph.area.mode)
    assert shown == ["speed", "acceleration", "position"], "a take of points has no rotations"


def test_a_click_on_a_button_leaves_space_to_playing(qtbot: Any, opened: Window) -> None:
    opened.workspace.timeline.setFocus()
    for name, kind in (("graph_lanes", QToolButton), ("graph_lanes", QToolButton), ("suspects_look", QPushButton)):
        qtbot.mouseClick(child(opened, kind, name), Qt.MouseButton.LeftButton)
        assert QApplication.focusWidget() is opened.workspace.timeline, name
    qtbot.waitUntil(lambda: not opened.session.jobs.busy, timeout=60_000)


def test_a_frame_is_typed(qtbot: Any, opened: Window) -> None:
    press(qtbot, opened, Qt.Key.Key_J, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    field = child(opened, QSpinBox, "frame_field")
    assert QApplication.focusWidget() is field
    qtbot.keyClicks(field, "77")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert opened.session.frame == 76 and QApplication.focusWidget() is opened.workspace.timeline


def test_a_frame_is_typed_where_the_field_is_seen(qtbot: Any, opened: Window) -> None:
    workspace = opened.workspace
    time, gaps = workspace.docks[-1], workspace.side.docks[workspace.gaps]
    workspace.tabifyDockWidget(time, gaps)
    gaps.raise_()
    QTest.qWait(50)
    assert time.visibleRegion().isEmpty()
    opened.actions_by_id["go_to_frame"].trigger()
    QTest.qWait(50)
    assert not time.visibleRegion().isEmpty()
    workspace.reset()


def test_a_panel_comes_to_the_front_by_tab_and_not_when_the_focus_comes_back(qtbot: Any, opened: Window) -> None:
    side, history = opened.workspace.side, child(opened, QListWidget, "history_list")
    assert side.currentWidget() is opened.workspace.gaps
    before = history.previousInFocusChain()
    while not (before.isEnabled() and before.focusPolicy() & Qt.FocusPolicy.TabFocus):
        before = before.previousInFocusChain()
    before.setFocus()
    assert side.currentWidget() is opened.workspace.gaps
    assert tab(opened) == "history_list" and side.currentWidget() is opened.workspace.history
    child(opened, QTableView, "gap_table").setFocus()
    QTest.qWait(20)
    assert side.currentWidget() is opened.workspace.history, "the user looks at another panel"
    side.setCurrentWidget(opened.workspace.gaps)


def test_no_button_of_the_window_takes_the_focus_by_a_click(qtbot: Any, opened: Window) -> None:
    buttons = [each for each in opened.findChildren(QAbstractButton) if each.window() is opened]
    clicked = [each for each in buttons if each.focusPolicy().value & Qt.FocusPolicy.ClickFocus.value]
    assert [each.objectName() for each in clicked if not opened.start_page.isAncestorOf(each)] == []
    opened.session.failed.emit(failure("Filtering", DataError("no cutoff")))
    details = child(opened, QPushButton, "banner_details")
    details.setFocus(Qt.FocusReason.TabFocusReason)
    qtbot.keyClick(details, Qt.Key.Key_Space)
    assert details.isChecked() and not opened.playback.playing


def test_a_notice_is_read_while_a_failure_is_shown(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(banner, "NOTICE_MS", 50)
    opened.session.failed.emit(failure("Filtering", DataError("no cutoff")))
    opened.session.notice.emit("Saved take.mpm")
    text = opened.banner.text
    assert "no cutoff" in text.text() and "Saved take.mpm" in text.text()
    QTest.qWait(200)
    assert "no cutoff" in text.text() and "Saved" not in text.text() and opened.banner.isVisible()


def test_a_failure_goes_once_it_was_read_and_the_take_is_changed_and_a_fault_stays(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    session = opened.session

    def change() -> None:
        session.do(marking.mark(session.document.recording, (0,), 10, 20))
        session.undo()

    opened.session.failed.emit(failure("Filtering", DataError("no cutoff")))
    change()
    assert opened.banner.isVisible(), "nobody can have read it yet"
    monkeypatch.setattr(banner, "READ_MS", -1)
    opened.session.failed.emit(failure("Filtering", ValueError("a fault")))
    change()
    assert opened.banner.isVisible()
    opened.session.failed.emit(failure("Filtering", DataError("no cutoff")))
    change()
    assert not opened.banner.isVisible()
