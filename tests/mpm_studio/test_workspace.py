"""The panels around the 3D view: moved, closed, remembered, and put back; a narrow window leaves room for the view."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
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
    window.settings.set_shape("panels", workspace.saveState())
    other = Window(Settings(tmp_path / "settings.ini"))
    other.settings.set_shape("panels", workspace.saveState())
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
    assert [name.split()[0] for name in names if name][:5] == ["Points", "Gaps", "Suspects", "History", "Time"]
    menu.actions()[0].trigger()
    assert not window.workspace.points.isVisible()
    menu.actions()[0].trigger()
    assert window.workspace.points.isVisible()


def test_a_narrow_window_leaves_room_for_the_view(window: Window) -> None:
    opened(window)
    before = window.size()
    window.resize(1400, 900)
    QTest.qWait(100)
    wide, tall = window.workspace.gaps.width(), window.workspace.stage.height()
    window.resize(900, 600)
    QTest.qWait(100)
    assert window.workspace.gaps.width() <= 0.36 * 900 and window.workspace.stage.width() >= 340
    assert window.workspace.stage.height() > 0.35 * window.workspace.height()
    window.resize(1400, 900)
    QTest.qWait(100)
    assert abs(window.workspace.gaps.width() - wide) <= 2 and abs(window.workspace.stage.height() - tall) <= 2
    window.resize(before)
