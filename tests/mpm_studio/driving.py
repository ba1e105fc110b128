"""The window under a test's hands: found widgets, pressed keys, and a state that one test leaves clean for the next."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QPoint, Qt, QTimer
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractScrollArea, QApplication, QDialog, QLabel, QWidget

from mpm_studio.window import Window

T = TypeVar("T", bound=QObject)
NONE = Qt.KeyboardModifier.NoModifier
OF_QT = {"qt_scrollarea_viewport", "qt_spinbox_lineedit", "qt_toolbar_ext_button", "ScrollLeftButton", "ScrollRightButton"}


def child(window: Window, kind: type[T], name: str) -> T:
    """The widget or action of that objectName."""
    found = window.findChild(kind, name)
    assert found is not None, f"there is no {name}"
    return found


def press(qtbot: Any, window: Window, key: Qt.Key, modifier: Qt.KeyboardModifier = NONE) -> None:
    """A key, with the window in front: keys of an inactive window go nowhere."""
    if QApplication.activeWindow() is not window:
        with qtbot.waitActive(window, timeout=10_000):
            window.activateWindow()
    qtbot.keyClick(window.workspace.timeline, key, modifier)


def right_click(widget: QWidget, at: QPoint, by_key: bool = False) -> None:
    """A right click, or the key that asks for the menu while that place is in the middle."""
    inner = widget.viewport() if isinstance(widget, QAbstractScrollArea) else widget
    if not by_key:
        QTest.mouseClick(inner, Qt.MouseButton.RightButton, pos=at)
    reason = QContextMenuEvent.Reason.Keyboard if by_key else QContextMenuEvent.Reason.Mouse
    QApplication.sendEvent(inner, QContextMenuEvent(reason, at, inner.mapToGlobal(at)))


def forget_changes(window: Window) -> None:
    """So that closing does not ask."""
    window.session.reject()
    window.session.rejected = None
    if window.session.document is not None:
        window.session.document.saved()


def tidy(window: Window) -> None:
    """Jobs ended, proposal gone, nothing unsaved, playback, filter, order, method and messages as in a new window. The take stays."""
    assert window.session.jobs.close(), "a job's thread did not end"
    assert window.workspace.graph.area.rotations.jobs.close(), "the graph's thread did not end"
    window.video.close()
    assert window.workspace.tuning.jobs.close(), "a lift that was fitted again did not end"
    forget_changes(window)
    window.session.turns.finish()
    window.playback.pause()
    window.banner.hide()
    window.workspace.points.filter.clear()
    window.workspace.points.table.sortByColumn(0, Qt.SortOrder.AscendingOrder)
    window.actions_by_id["deselect"].trigger()
    window.set_method("auto")
    window.forget_recent()
    assert window.workspace.stage.viewer.scenes.jobs.close(), "the 3D view's thread did not end"


def answer(kind: type[QDialog], fill_in: Callable[[Any], None]) -> None:
    """Fill in the next dialog of a kind and press its button, as soon as it is on the screen. It is closed if that fails."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if not isinstance(dialog, kind):
            QTimer.singleShot(20, look)
            return
        try:
            fill_in(dialog)
        except BaseException:
            dialog.reject()
            raise

    QTimer.singleShot(20, look)


def nameless(parent: QWidget, *, shown: bool = False) -> list[str]:
    """Where in a window are controls without objectName or accessibleName; of labels the text is read. shown: only visible ones."""
    ours = [
        w
        for w in parent.findChildren(QWidget)
        if type(w).__module__.startswith("mpm_studio.") or w.focusPolicy() != Qt.FocusPolicy.NoFocus
        if w.window() is parent.window() and w.objectName() not in OF_QT and type(w) is not QLabel and (w.isVisible() or not shown)
    ]
    return [f"{type(w).__name__} in {w.parent().objectName()}" for w in ours if not (w.objectName() and w.accessibleName())]
