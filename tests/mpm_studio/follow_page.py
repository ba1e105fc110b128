"""Follows a documentation page in the real window, by mouse and keys, and takes the pictures that it shows.

`python -m tests.mpm_studio.follow_page docs/tutorial.md docs/tasks/*.md` writes the pictures where the pages have them.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QItemSelectionModel, QMimeData, QPoint, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QAction, QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QDialog,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QTabBar,
    QTableView,
    QWidget,
)

import mpm_core as mpm
from mpm_core.resources import resource
from tests.mpm_studio.page_steps import Step, files_of, other_files_of, steps_of

WAIT_S, TICK_MS, SETTLE_S = 60.0, 30, 0.4
LISTS = {"gap table": "gap_table", "list of points": "point_table", "list of suspects": "suspects_table"}
LEFT = Qt.MouseButton.LeftButton


@dataclass(frozen=True, slots=True)
class Act:
    """find: what to act on, or None while it is not there. do: the act itself, which may open a dialog and return when that is closed."""

    text: str
    find: Callable[[], Any]
    do: Callable[[Any], None] = lambda _: None


class Follower:
    """Acts one after the other, in the window's own event loop; so it goes on while a dialog is open."""

    def __init__(self, window: Any, folder: Path, pictures: bool = False) -> None:
        """folder: in which the pages' pictures lie. pictures: take them."""
        self.window, self.folder, self.pictures = window, folder, pictures
        self.taken: list[Path] = []
        self._acts: list[Act] = []
        self._at, self._since = 0, 0.0
        self._failure: BaseException | None = None
        self._loop = QEventLoop()

    def follow(self, page: str) -> int:
        """Do what the page says. Returns the number of its steps; raises what stopped it."""
        steps = steps_of(page)
        self._acts = [act for step in steps for act in self._acts_of(step)]
        self._at, self._since = 0, time.monotonic()
        QTimer.singleShot(0, self._tick)
        self._loop.exec()
        if self._failure is not None:
            raise self._failure
        return len(steps)

    def _tick(self) -> None:
        if self._failure is not None:
            return
        if self._at == len(self._acts):
            self._loop.quit()
            return
        act = self._acts[self._at]
        try:
            target = act.find() if not self._busy() else None
            if target is None:
                assert time.monotonic() - self._since < WAIT_S, f"{act.text!r} cannot be followed; the window shows:\n{shown_text()}"
            else:
                self._at, self._since = self._at + 1, time.monotonic()
                QTimer.singleShot(TICK_MS, self._tick)
                act.do(target)
                return
        except BaseException as error:  # noqa: BLE001 - raised again where the page is followed
            self._fail(error)
            return
        QTimer.singleShot(TICK_MS, self._tick)

    def _busy(self) -> bool:
        return bool(self.window.findChild(QAction, "action_cancel").isEnabled())

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.reject()
        self._loop.quit()

    def _acts_of(self, step: Step) -> Iterator[Act]:
        words, text = step.words, step.text
        match step.verb:
            case "click" | "tick":
                yield Act(text, lambda: button(words[0]), lambda found: found())
            case "open":
                yield Act(text, front, lambda widget: _drop(widget, Path(words[0]).absolute()))
                yield Act(text, lambda: words[0] in self.window.windowTitle() or None)
            case "column":
                yield Act(text, lambda: header(words[0]), lambda found: found())
            case "choose":
                for name in words[0].split(" > "):
                    yield Act(text, lambda name=name: menu_entry(self.window, name), lambda found: found())
            case "pick":
                yield Act(text, lambda: field(words[1], QComboBox), lambda box: _pick(box, words[0]))
            case "press":
                yield Act(text, focused, lambda widget: _press(widget, words[0]))
            case "write":
                yield Act(text, lambda: field(words[1], QLineEdit, QAbstractSpinBox), lambda found: _write(found, words[0]))
            case "row":
                yield Act(text, lambda: row(LISTS[words[1]], words[0]), lambda found: _double_click(*found))
            case "drag":
                yield Act(text, lambda: self._timeline_row(words[0]), lambda y: self._drag(y, int(words[1]), int(words[2])))
            case "see":
                yield Act(text, lambda: plain(words[0]) in shown_text() or None)
            case "picture":
                yield Act(text, self._settled, lambda _: self._take(words[0]))

    def _settled(self) -> bool | None:
        return True if time.monotonic() - self._since > SETTLE_S else None

    def _take(self, name: str) -> None:
        path = self.folder / name
        if self.pictures:
            path.parent.mkdir(parents=True, exist_ok=True)
            assert front().grab().save(str(path), "webp", 82), path
            self.taken.append(path)
        else:
            assert path.is_file(), f"there is no picture {path}"

    def _timeline_row(self, name: str) -> int | None:
        """Height of a point's or a group's row in the timeline, if it is in sight."""
        timeline = self.window.workspace.timeline
        for y in range(0, timeline.viewport().height(), 4):
            line = timeline.lines[timeline.row_at(y)] if timeline.lines and y > 30 else None
            if line is not None and line.text == name:
                return y + 6
        return None

    def _drag(self, y: int, first: int, last: int) -> None:
        timeline = self.window.workspace.timeline
        begin = timeline.shown.source.first_frame
        start, end = (QPoint(round(timeline.x_of(frame - begin + 0.5)), y) for frame in (first, last))
        rows = timeline.viewport()
        QTest.mousePress(rows, LEFT, pos=start)
        for share in (0.2, 0.6, 1.0):
            QTest.mouseMove(rows, start + (end - start) * share)
        QTest.mouseRelease(rows, LEFT, pos=end)


def prepare_files(page: str, folder: Path) -> None:
    """Put the files that the page speaks of into a folder."""
    for name, source, without_labels in files_of(page):
        target, sample = folder / name, resource("sample") / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if without_labels:
            rec = mpm.read(sample)
            names = tuple(f"M{number + 1:02}" for number in range(len(rec.points)))
            mpm.write(mpm.make_recording(names, rec.rate_hz, rec.xyz_FPD), target)
        elif sample.is_dir():
            shutil.copytree(sample, target)
        else:
            shutil.copyfile(sample, target)
    for name, text in other_files_of(page):
        (folder / name).write_text(text)


def front() -> QWidget:
    """The dialog in front, else the window."""
    return QApplication.activeModalWidget() or next(top for top in QApplication.topLevelWidgets() if top.objectName() == "window")


def focused() -> QWidget | None:
    """What keys go to, once what is in front is active."""
    if QApplication.activeWindow() is not front():
        front().activateWindow()
        return None
    return QApplication.focusWidget() or front()


def plain(text: str) -> str:
    """Text without tags, menu keys, dots at its end and doubled blanks."""
    text = re.sub(r"<[^>]+>", "", text).replace("&nbsp;", " ").replace("&", "").replace("…", "")
    return re.sub(r"\s+", " ", text).strip()


def inside(kind: type[Any] | tuple[type[Any], ...]) -> Iterator[Any]:
    """The visible widgets of a kind in what is in front."""
    return (widget for widget in front().findChildren(QWidget) if isinstance(widget, kind) and widget.isVisible())


def button(text: str) -> Callable[[], None] | None:
    """How to click what has this text: an entry of the open menu, a button, a tab, or an item of a list."""
    if QApplication.activePopupWidget() is not None:
        return popup_entry(text)
    for found in inside(QAbstractButton):
        if text in (plain(found.text()), found.accessibleName(), plain(found.toolTip()).partition(" (")[0]) and found.isEnabled():
            at = QPoint(8, found.height() // 2) if isinstance(found, QCheckBox) else found.rect().center()
            return lambda: QTest.mouseClick(found, LEFT, pos=at)
    for tabs in inside(QTabBar):
        for tab in range(tabs.count()):
            if re.fullmatch(rf"{re.escape(text)}( [\d,]+)?", plain(tabs.tabText(tab))):
                return lambda tabs=tabs, tab=tab: QTest.mouseClick(tabs, LEFT, pos=tabs.tabRect(tab).center())
    for tiles in inside(QListWidget):
        for number in range(tiles.count()):
            if tiles.item(number).text() == text:
                return lambda tiles=tiles, number=number: _click_item(tiles, number)
    return None


def menu_entry(window: Any, text: str) -> Callable[[], None] | None:
    """How to click a menu of the menu bar, or an entry of the open one."""
    if QApplication.activePopupWidget() is not None:
        return popup_entry(text)
    bar = window.menuBar()
    action = next((each for each in bar.actions() if plain(each.text()) == text), None)
    return None if action is None else lambda: QTest.mouseClick(bar, LEFT, pos=bar.actionGeometry(action).center())


def popup_entry(text: str) -> Callable[[], None] | None:
    """How to click an entry of the open menu: all of its text, or what stands before a colon."""
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return None
    for action in menu.actions():
        if text in (plain(action.text()), plain(action.text()).partition(":")[0]) and action.isEnabled():
            return lambda: QTest.mouseClick(menu, LEFT, pos=menu.actionGeometry(action).center())
    return None


def field(name: str, *kinds: type[QWidget]) -> QWidget | None:
    """The field with this text in it while it is empty, with this spoken name, or to the right of this text."""
    fields = [found for found in inside(kinds) if found.isEnabled() and not isinstance(found.parent(), QAbstractSpinBox | QComboBox)]
    for found in fields:
        if name in (getattr(found, "placeholderText", str)(), found.accessibleName()):
            return found
    for label in inside((QLabel, QCheckBox)):
        if plain(label.text()) != name:
            continue
        at = label.mapToGlobal(label.rect().center())
        beside = [(found.mapToGlobal(found.rect().center()), found) for found in fields]
        right = [(place.x(), found) for place, found in beside if abs(place.y() - at.y()) < label.height() and place.x() > at.x()]
        if right:
            return min(right, key=lambda pair: pair[0])[1]
    return None


def row(view_name: str, text: str) -> tuple[QAbstractItemView, Any] | None:
    """A view and the place of its first row with this text in the first column."""
    for view in inside(QAbstractItemView):
        if view.objectName() == view_name:
            for number in range(view.model().rowCount()):
                if view.model().index(number, 0).data() == text:
                    return view, view.model().index(number, 0)
    return None


def header(text: str) -> Callable[[], None] | None:
    """How to click the head of a table's column."""
    for head in inside(QHeaderView):
        for column in range(head.count() if head.orientation() == Qt.Orientation.Horizontal else 0):
            if head.model().headerData(column, Qt.Orientation.Horizontal) == text:
                at = QPoint(head.sectionViewportPosition(column) + head.sectionSize(column) // 2, head.height() // 2)
                return lambda head=head, at=at: QTest.mouseClick(head.viewport(), LEFT, pos=at)
    return None


def shown_text() -> str:
    """All text in front that can be read now."""
    parts: list[str] = []
    for widget in inside(QWidget):
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit):
            parts.append(widget.text())
        elif isinstance(widget, QComboBox):
            parts.append(widget.currentText())
        elif isinstance(widget, QTabBar):
            parts += [widget.tabText(tab) for tab in range(widget.count())]
        elif isinstance(widget, QAbstractItemView):
            parts += _rows_of(widget)
    return "\n".join(plain(part) for part in parts if part)


def _rows_of(view: QAbstractItemView) -> Iterator[str]:
    """The text of a list's or a table's first rows."""
    model = view.model()
    columns = model.columnCount() if isinstance(view, QTableView) else 1
    for number in range(min(model.rowCount(), 200)):
        cells = (model.index(number, column).data() for column in range(columns))
        yield " ".join(str(cell) for cell in cells if cell is not None)


def _drop(window: QWidget, path: Path) -> None:
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    place, copied, none = window.rect().center(), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place, copied, dragged, LEFT, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copied, dragged, LEFT, none))


def _pick(box: QComboBox, text: str) -> None:
    place = next(n for n in range(box.count()) if plain(box.itemText(n)) == text)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(place):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentIndex() == place


def _press(widget: QWidget, keys: str) -> None:
    key = QKeySequence(keys)[0]
    QTest.keyClick(widget, key.key(), key.keyboardModifiers())


def _write(found: QWidget, text: str) -> None:
    QTest.mouseClick(found, LEFT)
    QTest.keyClick(found, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(found, text)
    if isinstance(found, QAbstractSpinBox):
        QTest.keyClick(found, Qt.Key.Key_Tab)


def _click_item(items: QListWidget, number: int) -> None:
    items.scrollToItem(items.item(number))
    QTest.mouseClick(items.viewport(), LEFT, pos=items.visualItemRect(items.item(number)).center())


def _double_click(view: QAbstractItemView, index: Any) -> None:
    view.scrollTo(index)
    view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
    at = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=at)
    QTest.mouseDClick(view.viewport(), LEFT, pos=at)


def main(pages: list[Path]) -> None:
    from mpm_studio import theme
    from mpm_studio.render.surface import prepare
    from mpm_studio.settings import Settings
    from mpm_studio.window import Window

    prepare()
    application = QApplication([])
    theme.apply(application)
    for page in [page.absolute() for page in pages]:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            os.environ["XDG_CONFIG_HOME"] = folder  # no map that an earlier page saved
            prepare_files(page.read_text(), Path(folder))
            window = Window(Settings(Path(folder) / "settings.ini"))
            window.resize(1400, 900)
            window.show()
            assert QTest.qWaitForWindowExposed(window, 10_000)
            window.activateWindow()
            follower = Follower(window, page.parent, pictures=True)
            steps = follower.follow(page.read_text())
            sys.stdout.write(f"{page}: {steps} steps\n" + "".join(f"  {path}\n" for path in follower.taken))
            if window.session.document is not None:
                window.session.document.saved()
            window.close()
            window.deleteLater()
            os.chdir("/")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
