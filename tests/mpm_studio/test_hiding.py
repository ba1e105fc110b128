"""Points that are hidden in the view, and only there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

from mpm_studio.take import Take
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import press

SHIFT, CTRL = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.ControlModifier
JOB_MS = 60_000


@pytest.fixture
def shown(window: Window) -> Window:
    rec = with_gap(smooth_take(frames=200, points=5), 1, 100, 130)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.session.select((1, 2), 0, 0)
    return window


def drawn(window: Window) -> list[int]:
    return np.flatnonzero(np.isfinite(window.workspace.stage.viewer.on_screen()[:, 0])).tolist()


def listed_hidden(window: Window) -> list[int]:
    model = window.workspace.points.model
    rows = [model.index(row, 0) for row in range(model.rowCount())]
    struck = [index.row() for index in rows if (font := model.data(index, Qt.ItemDataRole.FontRole)) is not None and font.strikeOut()]
    assert struck == [index.row() for index in rows if "hidden" in model.data(index, Qt.ItemDataRole.ToolTipRole)]
    return struck


def test_hidden_points_are_not_drawn_picked_or_boxed_and_the_list_says_so(qtbot, shown: Window) -> None:
    viewer, rec, notices = shown.workspace.stage.viewer, shown.session.document.recording, []
    shown.session.notice.connect(notices.append)
    at_2 = viewer.on_screen()[2]
    press(qtbot, shown, Qt.Key.Key_H, SHIFT)
    assert drawn(shown) == [0, 3, 4] and listed_hidden(shown) == [1, 2] and len(viewer._body.solid.spheres_N8) == 3
    assert viewer.pick(*at_2) != 2 and shown.session.document.recording is rec
    assert "repaired and exported all the same" in notices[0] and "Ctrl+Shift+H" in notices[0]
    press(qtbot, shown, Qt.Key.Key_H, SHIFT)
    assert drawn(shown) == [0, 1, 2, 3, 4] and not listed_hidden(shown)


def test_the_selected_points_alone_and_all_again(qtbot, shown: Window) -> None:
    press(qtbot, shown, Qt.Key.Key_H, CTRL)
    assert drawn(shown) == [1, 2] and listed_hidden(shown) == [0, 3, 4]
    press(qtbot, shown, Qt.Key.Key_H, CTRL)
    assert drawn(shown) == [0, 1, 2, 3, 4]
    press(qtbot, shown, Qt.Key.Key_H, CTRL)
    press(qtbot, shown, Qt.Key.Key_H, CTRL | SHIFT)
    assert drawn(shown) == [0, 1, 2, 3, 4] and not shown.actions_by_id["show_all"].isEnabled()


def test_a_hidden_point_is_filled_and_stays_hidden_and_a_project_remembers_it(qtbot, shown: Window) -> None:
    session = shown.session
    shown.use_method("linear")
    press(qtbot, shown, Qt.Key.Key_H, SHIFT)
    press(qtbot, shown, Qt.Key.Key_G)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    session.accept()
    assert session.document.recording.visible_FP.all() and drawn(shown) == [0, 3, 4]
    state = shown.view_state()
    rec = session.document.recording
    assert state["hidden"] == sorted(rec.points[point] for point in (1, 2))
    session.document.saved()
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    assert drawn(shown) == [0, 1, 2, 3, 4]
    session.open(Take(Path("take.c3d"), rec, rec, {**state, "hidden": [*state["hidden"], 7]}))
    assert drawn(shown) == [0, 3, 4] and listed_hidden(shown) == [1, 2]
    session.hide(())
