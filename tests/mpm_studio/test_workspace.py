"""The panels around the 3D view: moved, closed, remembered, and put back; a narrow window leaves room for the view."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QPoint, QRect, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QMenu

from mpm_studio.settings import Settings
from mpm_studio.take import Take
from mpm_studio.window import Window
from tests.makers import smooth_take
from tests.mpm_studio.driving import forget_changes


def opened(window: Window) -> None:
    rec = smooth_take(60, 4)
    window.session.open(Take(Path("take.npz"), rec, rec, {}))
    window.actions_by_id["reset_layout"].trigger()
    QTest.qWait(50)


def test_a_panel_is_moved_only_while_panels_are_arranged(window: Window) -> None:
    opened(window)
    workspace = window.workspace
    dock = workspace.side.docks[workspace.history]
    assert dock.features() == dock.DockWidgetFeature.DockWidgetClosable
    window.actions_by_id["arrange"].trigger()
    assert dock.features() & dock.DockWidgetFeature.DockWidgetMovable and dock.titleBarWidget() is None
    window.actions_by_id["arrange"].trigger()
    assert dock.features() == dock.DockWidgetFeature.DockWidgetClosable and dock.titleBarWidget() is not None


def test_a_moved_panel_is_where_it_was_in_the_next_window(qtbot, window: Window, tmp_path) -> None:
    opened(window)
    workspace = window.workspace
    dock = workspace.side.docks[workspace.history]
    workspace.addDockWidget(Qt.DockWidgetArea.LeftDockWidgetArea, dock)
    workspace.docks[0].hide()
    window.settings.set_shape("panels", workspace.layout_state())
    other = Window(Settings(tmp_path / "settings.ini"))
    other.settings.set_shape("panels", workspace.layout_state())
    other._restore_shape()
    there = other.workspace.side.docks[other.workspace.history]
    assert other.workspace.dockWidgetArea(there) == Qt.DockWidgetArea.LeftDockWidgetArea
    assert other.workspace.docks[0].isHidden() and not there.isHidden()
    other.actions_by_id["reset_layout"].trigger()
    assert other.workspace.dockWidgetArea(there) == Qt.DockWidgetArea.RightDockWidgetArea
    assert not other.workspace.docks[0].isHidden()
    forget_changes(other)
    other.close()
    other.deleteLater()


def test_every_panel_is_in_the_menu_and_comes_back_by_it(window: Window) -> None:
    opened(window)
    menu = window.findChild(QMenu, "menu_panels")
    names = [action.text() for action in menu.actions()]
    assert [name.split()[0] for name in names if name][:6] == ["Points", "Gaps", "Suspects", "History", "Lift", "Time"]
    menu.actions()[0].trigger()
    assert not window.workspace.points.isVisible()
    menu.actions()[0].trigger()
    assert window.workspace.points.isVisible()


def test_a_narrow_window_leaves_room_for_the_view(qtbot, window: Window) -> None:
    opened(window)
    before = window.size()
    window.resize(1400, 900)
    qtbot.waitUntil(lambda: window.workspace.width() == 1400)
    window.actions_by_id["reset_layout"].trigger()
    QTest.qWait(100)
    wide, tall = window.workspace.gaps.width(), window.workspace.stage.height()
    window.resize(900, 600)
    qtbot.waitUntil(lambda: window.workspace.width() == 900)
    QTest.qWait(100)
    assert window.workspace.gaps.width() <= 0.36 * 900 and window.workspace.stage.width() >= 340
    assert window.workspace.stage.height() > 0.35 * window.workspace.height()
    window.resize(1400, 900)
    qtbot.waitUntil(lambda: abs(window.workspace.gaps.width() - wide) <= 2 and abs(window.workspace.stage.height() - tall) <= 2)
    window.resize(before)


def test_at_twice_the_scale_of_a_usual_screen_nothing_is_cut_off(window: Window) -> None:
    """1920 x 1080 pixels at 200 %, less a title bar; the gap table has the room of the quality below it."""
    opened(window)
    before, gaps = window.size(), window.workspace.gaps
    window.resize(960, 500)
    QTest.qWait(200)
    assert (window.width(), window.height()) == (960, 500)
    assert window.rect().contains(window.statusBar().geometry()) and window.statusBar().isVisible()
    assert not gaps.quality.isVisible() and gaps.table.height() >= 100
    area = window.workspace.graph.area
    assert window.rect().contains(QRect(area.mapTo(window, QPoint()), area.size())) and area.height() >= 60
    window.resize(1400, 900)
    QTest.qWait(200)
    assert gaps.quality.isVisible()
    window.resize(before)


def test_sizes_are_remembered_and_a_state_that_is_none_is_ignored(window: Window) -> None:
    opened(window)
    workspace = window.workspace
    workspace._left, workspace._side, workspace._share = 260, 300, 0.4
    workspace._size()
    QTest.qWait(50)
    kept = workspace.layout_state()
    workspace.reset()
    QTest.qWait(50)
    assert workspace.points.width() != 260
    window.pages.setCurrentWidget(window.start_page)
    workspace.restore(QByteArray(b"no state"))
    workspace.restore(QByteArray(b"\x00\xff\n1"))
    workspace.restore(kept)
    window.pages.setCurrentWidget(workspace)
    QTest.qWait(100)
    assert abs(workspace.points.width() - 260) <= 2 and abs(workspace.gaps.width() - 300) <= 2
    workspace.reset()
