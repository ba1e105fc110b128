"""A right click acts on what is under the mouse, in the 3D view, the list of points, the timeline and the graph."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from mpm_core.recording import Origin
from mpm_studio.selection import Selection
from mpm_studio.take import Take
from mpm_studio.views import timeline_paint as paint
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child, press, right_click

GAP = 100, 130


@pytest.fixture
def opened(qtbot: Any, window: Window) -> Window:
    rec = with_gap(smooth_take(200, 4), 1, *GAP)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    window.session.set_work(0, 0)
    QTest.qWait(0)
    return window


def offered(window: Window, kind: str) -> set[str]:
    """The entries that can be used; the menu is closed."""
    menu = child(window, QMenu, f"context_{kind}")
    assert menu.isVisible()
    menu.close()
    return {action.text().replace("&", "").replace("…", "") for action in menu.actions() if action.isEnabled() and action.text()}


def on_timeline(window: Window, point: int, frame: int) -> QPoint:
    timeline = window.workspace.timeline
    row = next(row for row, line in enumerate(timeline.lines) if line.kind == "point" and line.points == (point,))
    y = paint.RULER + row * paint.ROW + paint.ROW // 2 - timeline.verticalScrollBar().value()
    return QPoint(round(timeline.x_of(frame + 0.5)), y)


def test_on_the_timeline_the_gap_under_the_mouse_is_filled(qtbot: Any, opened: Window) -> None:
    right_click(opened.workspace.timeline, on_timeline(opened, 1, 120))
    assert opened.session.selection == Selection((1,), *GAP)
    assert {"Fill the selected gaps", "Complete the selection", "Mark as wrong", "Name the range"} <= offered(opened, "time")
    opened.actions_by_id["fill_gap"].trigger()
    qtbot.waitUntil(lambda: opened.session.proposal is not None, timeout=60_000)
    right_click(opened.workspace.timeline, on_timeline(opened, 1, 101))
    assert {"Accept the selected gaps", "Reject the selected gaps"} <= offered(opened, "time")


def test_on_the_timeline_the_measured_stretch_under_the_mouse_is_selected(opened: Window) -> None:
    right_click(opened.workspace.timeline, on_timeline(opened, 1, 150))
    assert opened.session.selection == Selection((1,), GAP[1], 200)
    assert "Fill the selected gaps" not in offered(opened, "time")
    opened.actions_by_id["mark"].trigger()
    origin_F = opened.session.document.recording.origin_FP[:, 1]
    assert (origin_F[GAP[1] :] == Origin.MARKED).all() and (origin_F[: GAP[0]] == Origin.MEASURED).all()


def test_a_right_click_inside_the_selection_keeps_it(opened: Window) -> None:
    opened.session.select((1, 2), 110, 160)
    for point, frame in ((1, 120), (2, 115)):
        right_click(opened.workspace.timeline, on_timeline(opened, point, frame))
        offered(opened, "time")
    right_click(opened.workspace.graph.area, QPoint(round(opened.workspace.timeline.x_of(140.5)), 20))
    offered(opened, "time")
    assert opened.session.selection == Selection((1, 2), 110, 160)


def test_on_the_graph_the_gap_under_the_mouse_is_selected(opened: Window) -> None:
    opened.session.select((1,))
    right_click(opened.workspace.graph.area, QPoint(round(opened.workspace.timeline.x_of(120.5)), 20))
    assert opened.session.selection == Selection((1,), *GAP) and "Fill the selected gaps" in offered(opened, "time")


def test_in_the_list_the_whole_track_is_selected(opened: Window) -> None:
    table = opened.workspace.points.table
    right_click(table, table.visualRect(table.model().index(2, 0)).center())
    assert opened.session.selection == Selection((2,), 0, 200)
    assert {"Mark as wrong", "Delete the samples", "Rename the point"} <= offered(opened, "points")


def test_in_the_list_only_frames_that_are_worked_on_are_selected(opened: Window) -> None:
    table = opened.workspace.points.table
    opened.session.set_work(20, 50)
    right_click(table, table.visualRect(table.model().index(3, 0)).center())
    offered(opened, "points")
    assert opened.session.selection == Selection((3,), 20, 50)


def test_in_the_list_the_whole_track_of_another_row_is_marked_whatever_range_was_selected(qtbot: Any, opened: Window) -> None:
    press(qtbot, opened, Qt.Key.Key_N)
    table = opened.workspace.points.table
    right_click(table, table.visualRect(table.model().index(2, 0)).center())
    offered(opened, "points")
    opened.actions_by_id["mark"].trigger()
    assert (opened.session.document.recording.origin_FP[:, 2] == Origin.MARKED).all()
    opened.session.select((1, 2), 20, 50)
    right_click(table, table.visualRect(table.model().index(2, 0)).center())
    offered(opened, "points")
    assert opened.session.selection == Selection((1, 2), 20, 50)


def test_a_right_click_on_the_head_of_the_list_selects_nothing(opened: Window) -> None:
    opened.session.select((2,))
    right_click(opened.workspace.points.table.horizontalHeader(), QPoint(20, 8))
    assert opened.session.selection == Selection((2,)) and not child(opened, QMenu, "context_points").isVisible()


def test_a_right_click_below_the_last_row_keeps_the_selection(opened: Window) -> None:
    timeline = opened.workspace.timeline
    below = paint.RULER + len(timeline.lines) * paint.ROW + 3
    assert below < timeline.viewport().height()
    opened.session.select((1,), *GAP)
    right_click(timeline, QPoint(round(timeline.x_of(150.5)), below))
    assert opened.session.selection == Selection((1,), *GAP) and "Fill the selected gaps" in offered(opened, "time")


def test_a_right_click_beside_the_body_keeps_the_selection(opened: Window) -> None:
    opened.session.select((1,), *GAP)
    opened.session.set_frame(150)
    for view in (opened.workspace.stage.viewer, opened.workspace.stage.plane):
        beside = next(QPoint(x, y) for x in range(5, view.width(), 20) for y in range(5, view.height(), 20) if view.pick(x, y) < 0)
        right_click(view, beside)
        assert opened.session.selection == Selection((1,), *GAP) and "Fill the selected gaps" in offered(opened, "view")


def test_in_the_view_the_stretch_that_is_shown_is_selected(opened: Window) -> None:
    viewer = opened.workspace.stage.viewer
    opened.session.set_frame(150)
    at = next(QPoint(round(x), round(y)) for x, y in viewer.on_screen().tolist() if np.isfinite(x))
    right_click(viewer, at)
    selection = opened.session.selection
    assert len(selection.points) == 1 and (selection.start, selection.stop) in ((0, 200), (GAP[1], 200))
    assert "Mark as wrong" in offered(opened, "view")


def test_a_menu_asked_for_by_a_key_is_of_what_is_selected(opened: Window) -> None:
    opened.session.select((2,), 30, 40)
    opened.session.set_frame(150)
    viewer = opened.workspace.stage.viewer
    under = {
        viewer: next(
            QPoint(round(x), round(y)) for point, (x, y) in enumerate(viewer.on_screen().tolist()) if point != 2 and np.isfinite(x)
        )
    }
    for widget, kind in (
        (viewer, "view"),
        (opened.workspace.stage.plane, "view"),
        (opened.workspace.timeline, "time"),
        (opened.workspace.graph.area, "time"),
        (opened.workspace.points.table, "points"),
    ):
        right_click(widget, under.get(widget, on_timeline(opened, 1, 120)), by_key=True)
        assert "Mark as wrong" in offered(opened, kind) and opened.session.selection == Selection((2,), 30, 40)


def test_a_range_is_selected_and_marked_by_keys_alone(qtbot: Any, opened: Window) -> None:
    opened.session.select((2,))
    opened.session.set_frame(20)
    press(qtbot, opened, Qt.Key.Key_I)
    opened.session.set_frame(49)
    press(qtbot, opened, Qt.Key.Key_O)
    press(qtbot, opened, Qt.Key.Key_A, Qt.KeyboardModifier.ShiftModifier)
    assert opened.session.selection == Selection((2,), 20, 50)
    press(qtbot, opened, Qt.Key.Key_M)
    assert np.flatnonzero(opened.session.document.recording.origin_FP[:, 2] == Origin.MARKED).tolist() == list(range(20, 50))
