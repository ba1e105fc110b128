"""A user of the real window: acts by mouse and keys only, waits for what is to be seen, and counts every action.

The user is a thread of its own, so that a task reads from top to bottom while dialogs are open: each act is posted to the window's event
loop, and the user goes on once that loop, or a dialog's, takes events again.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QEvent, QEventLoop, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QApplication, QDialog, QWidget

from mpm_studio.views import timeline_paint as paint
from mpm_studio.window import Window
from tests.mpm_studio import found_by_text as found
from tests.mpm_studio.mouse_and_keys import press

WAIT_S, LOOK_S = 120.0, 0.03
SHIFT, NONE = Qt.KeyboardModifier.ShiftModifier, Qt.KeyboardModifier.NoModifier
T = TypeVar("T")


class Stopped(AssertionError):
    """What the user wanted to act on, or to see, did not come."""


class _Loop(QObject):
    """Runs on the main thread what another thread posts."""

    posted = Signal(object)

    def __init__(self) -> None:
        super().__init__()
        self.posted.connect(lambda act: act(), Qt.ConnectionType.QueuedConnection)


class User:
    """actions: what was done, one text for each click, double click, drag, key, menu choice or typed value."""

    def __init__(self, window: Window, after: Callable[[QWidget, str], None] = lambda widget, text: None) -> None:
        """after: called with what is in front, and the action's text, after each action."""
        self.window, self.actions = window, list[str]()
        self._loop, self._after = _Loop(), after

    def perform(self, task: Callable[[User], T]) -> T:
        """Run a task while the window's event loop runs here, on the main thread. Raises what stopped it."""
        results: list[T] = []
        failures: list[BaseException] = []
        here = QEventLoop()

        def end() -> None:
            left = _close_dialogs()
            if left and not failures:
                failures.append(Stopped(f"{', '.join(left)} is still open"))

        def act() -> None:
            try:
                results.append(task(self))
            except BaseException as error:  # noqa: BLE001 - raised again on the main thread
                failures.append(error)
            self._loop.posted.emit(end)
            self._loop.posted.emit(here.quit)

        thread = threading.Thread(target=act, name="user", daemon=True)
        thread.start()
        here.exec()
        thread.join()
        if failures:
            raise failures[0]
        return results[0]

    # what is seen: no actions

    def look(self, at: Callable[[], T]) -> T:
        """What something is now, as the main thread has it."""
        done, values, failures = threading.Event(), list[T](), list[BaseException]()

        def read() -> None:
            try:
                values.append(at())
            except BaseException as error:  # noqa: BLE001 - raised again in the user's thread
                failures.append(error)
            done.set()

        self._loop.posted.emit(read)
        if not done.wait(WAIT_S):
            raise Stopped("the window takes no events")
        if failures:
            raise failures[0]
        return values[0]

    def wait_for(self, what: str, seen: Callable[[], T | None]) -> T:
        """Until something is there and no job runs."""
        until = time.monotonic() + WAIT_S
        while time.monotonic() < until:
            value = self.look(lambda: None if self._busy() else seen())
            if value:
                return value
            time.sleep(LOOK_S)
        raise Stopped(f"{what!r} did not come; the window shows:\n{self.look(found.shown_text)}")

    def see(self, text: str) -> None:
        """Wait for a text."""
        self.wait_for(text, lambda: found.plain(text) in found.shown_text())

    # what is done: one action each

    def key(self, keys: str) -> None:
        self._act(f"press {keys}", found.focused, lambda widget: press(widget, keys))

    def type(self, text: str) -> None:
        """Into what has the focus, in place of what is in it."""
        self._act(f"type {text}", found.focused, lambda widget: _type(widget, text))

    def click(self, text: str) -> None:
        """A button, a tab, a picture of a file."""
        self._act(f"click {text}", lambda: found.button(text), lambda act: act())

    def menu(self, path: str) -> None:
        """An entry of the menu bar: opening it and choosing is one action."""
        *first, last = path.split(" > ")
        for name in first:
            self._act("", lambda name=name: found.menu_entry(self.window, name), lambda act: act())
        self._act(f"choose {path}", lambda: found.menu_entry(self.window, last), lambda act: act())

    def head(self, text: str) -> None:
        """The head of a table's column."""
        self._act(f"click the column {text}", lambda: found.header(text), lambda act: act())

    def row(self, view: str, row: int | str, double: bool = False) -> None:
        """A row that is in sight: by its number, or the text of its first cell."""
        kind = "double-click" if double else "click"
        self._act(f"{kind} row {row}", lambda: _row(view, row), lambda target: _press_row(*target, double=double))

    def drag(
        self, widget: QWidget, start: Callable[[], QPoint | None], end: Callable[[], QPoint], held: Any = NONE, text: str = ""
    ) -> None:
        """From one place in a widget to another."""

        def do(begin: QPoint) -> None:
            target = end()
            assert found.on_top(widget, begin), "what is to be dragged is covered"
            QTest.mousePress(widget, found.LEFT, held, begin)
            for share in (0.1, 0.5, 1.0):
                QTest.mouseMove(widget, begin + (target - begin) * share)
            QTest.mouseRelease(widget, found.LEFT, held, target)

        self._act(text, start, do)

    def drag_over(self, line: str, first: int, last: int, held: Any = NONE) -> None:
        """Over the frames `first` to `last` of the timeline's row with this text, as the timeline shows them."""
        rows = self.window.workspace.timeline.viewport()
        text = f"{'Shift+drag' if held == SHIFT else 'drag'} over {line}, frames {first} to {last}"
        self.drag(rows, lambda: self._place(line, first), lambda: self._place(line, last) or QPoint(), held, text)

    def drag_key(self, pixels: int) -> None:
        """The sample in the middle of the selected gap, up in the graph by some pixels."""
        area = self.window.workspace.graph.area

        def key() -> QPoint | None:
            selection, shown = self.window.session.selection, self.window.session.shown
            middle = (selection.start + selection.stop) // 2
            if shown is None or not area.lanes():
                return None
            lane = area.lanes()[0]
            at = QPoint(round(lane.x(middle)), round(lane.y(float(shown.xyz_FPD[middle, selection.points[0], 0]))))
            return at if area.rect().contains(at) else None

        self.drag(area, key, lambda: (key() or QPoint()) - QPoint(0, pixels), text="drag a sample of the fill in the graph")

    # inside

    def _act(self, text: str, find: Callable[[], T | None], do: Callable[[T], Any]) -> None:
        target = self.wait_for(text, find)
        failures: list[BaseException] = []

        def act() -> None:
            try:
                do(target)
            except BaseException as error:  # noqa: BLE001 - raised again in the user's thread
                failures.append(error)

        self._loop.posted.emit(act)
        self.look(lambda: None)  # the act returned, or opened a dialog that takes events
        if failures:
            raise failures[0]
        if text:
            self.actions.append(text)
            self.look(lambda: self._after(found.front(), text))

    def _busy(self) -> bool:
        cancel = self.window.findChild(QAction, "action_cancel")
        return cancel is not None and cancel.isEnabled()

    def _height(self, line: str) -> int | None:
        """Of the middle of a row, while it is in sight."""
        timeline = self.window.workspace.timeline
        for row, each in enumerate(timeline.lines):
            y = paint.RULER + row * paint.ROW - timeline.verticalScrollBar().value() + paint.ROW // 2
            if each.text == line and paint.RULER < y < timeline.viewport().height():
                return y
        return None

    def _place(self, line: str, frame: int) -> QPoint | None:
        timeline = self.window.workspace.timeline
        y = paint.RULER // 2 if line == "the ruler" else self._height(line)
        if y is None or timeline.shown is None:
            return None
        x = round(timeline.x_of(frame - timeline.shown.source.first_frame + 0.5))
        return QPoint(x, y) if paint.NAMES <= x < timeline.viewport().width() else None


def _type(widget: QWidget, text: str) -> None:
    QTest.keyClick(widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(widget, text)


def _row(name: str, row: int | str) -> tuple[QAbstractItemView, Any] | None:
    for view in found.inside(QAbstractItemView):
        if view.objectName() == name:
            model = view.model()
            rows = range(model.rowCount()) if isinstance(row, str) else [row] if row < model.rowCount() else []
            for number in rows:
                index = model.index(number, 0)
                in_sight = view.viewport().rect().contains(view.visualRect(index).center())
                if in_sight and (not isinstance(row, str) or index.data() == row):
                    return view, index
    return None


def _press_row(view: QAbstractItemView, index: Any, *, double: bool) -> None:
    at = view.visualRect(index).center()
    assert found.on_top(view.viewport(), at), "the row is covered"
    QTest.mouseClick(view.viewport(), found.LEFT, pos=at)
    if double:
        QTest.mouseDClick(view.viewport(), found.LEFT, pos=at)


def _close_dialogs() -> list[str]:
    """The titles of those that were open."""
    closed = []
    while (popup := QApplication.activePopupWidget()) is not None:
        closed.append("a menu")
        popup.close()
    while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
        closed.append(repr(dialog.windowTitle()))
        dialog.reject()
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    return closed
