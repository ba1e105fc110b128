"""Widgets found by the text that a reader sees, and how to click them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any

from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractItemView,
    QAbstractSpinBox,
    QApplication,
    QCheckBox,
    QComboBox,
    QHeaderView,
    QLabel,
    QLineEdit,
    QListWidget,
    QMenu,
    QTabBar,
    QTableView,
    QWidget,
)

LEFT = Qt.MouseButton.LeftButton


def front() -> QWidget:
    """The dialog in front, else the window."""
    return QApplication.activeModalWidget() or next(
        top for top in QApplication.topLevelWidgets() if top.objectName() == "window" and top.isVisible()
    )


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


def on_top(widget: QWidget, at: QPoint) -> bool:
    """Whether a click there goes to the widget."""
    return QApplication.widgetAt(widget.mapToGlobal(at)) is widget


def click_at(widget: QWidget, at: QPoint) -> Callable[[], None] | None:
    """How to click a place in a widget, while it is in sight with nothing over it."""
    return (lambda: QTest.mouseClick(widget, LEFT, pos=at)) if on_top(widget, at) else None


def button(text: str) -> Callable[[], None] | None:
    """How to click what has this text: an entry of the open menu, a button, a tab, or an item of a list."""
    if QApplication.activePopupWidget() is not None:
        return popup_entry(text)
    for found in inside(QAbstractButton):
        if text in (plain(found.text()), found.accessibleName(), plain(found.toolTip()).partition(" (")[0]) and found.isEnabled():
            at = QPoint(8, found.height() // 2) if isinstance(found, QCheckBox) else found.rect().center()
            if (act := click_at(found, at)) is not None:
                return act
    for tabs in inside(QTabBar):
        for tab in range(tabs.count()):
            if re.fullmatch(rf"{re.escape(text)}( [\d,]+)?", plain(tabs.tabText(tab))):
                return click_at(tabs, tabs.tabRect(tab).center())
    for tiles in inside(QListWidget):
        for number in range(tiles.count()):
            if tiles.item(number).text() == text:
                return click_at(tiles.viewport(), tiles.visualItemRect(tiles.item(number)).center())
    return None


def menu_entry(window: Any, text: str) -> Callable[[], None] | None:
    """How to click a menu of the menu bar, or an entry of the open one."""
    if QApplication.activePopupWidget() is not None:
        return popup_entry(text)
    bar = window.menuBar()
    action = next((each for each in bar.actions() if plain(each.text()) == text), None)
    return None if action is None else click_at(bar, bar.actionGeometry(action).center())


def popup_entry(text: str) -> Callable[[], None] | None:
    """How to click an entry of the open menu: all of its text, or what stands before a colon."""
    menu = QApplication.activePopupWidget()
    if not isinstance(menu, QMenu):
        return None
    for action in menu.actions():
        if text in (plain(action.text()), plain(action.text()).partition(":")[0]) and action.isEnabled():
            return click_at(menu, menu.actionGeometry(action).center())
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
                return click_at(head.viewport(), at)
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
