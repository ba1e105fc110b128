"""What a reader's hands do: drop a file, choose, press, write, double-click."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QItemSelectionModel, QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QAbstractSpinBox, QApplication, QComboBox, QWidget

from tests.mpm_studio.found_by_text import LEFT, plain


def drop(window: QWidget, path: Path) -> None:
    dragged = QMimeData()
    dragged.setUrls([QUrl.fromLocalFile(str(path))])
    place, copied, none = window.rect().center(), Qt.DropAction.CopyAction, Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place, copied, dragged, LEFT, none))
    QApplication.sendEvent(window, QDropEvent(QPointF(place), copied, dragged, LEFT, none))


def pick(box: QComboBox, text: str) -> None:
    place = next(n for n in range(box.count()) if plain(box.itemText(n)) == text)
    box.setFocus()
    QTest.keyClick(box, Qt.Key.Key_Home)
    for _ in range(place):
        QTest.keyClick(box, Qt.Key.Key_Down)
    assert box.currentIndex() == place


def press(widget: QWidget, keys: str) -> None:
    key = QKeySequence(keys)[0]
    QTest.keyClick(widget, key.key(), key.keyboardModifiers())


def write(found: QWidget, text: str) -> None:
    QTest.mouseClick(found, LEFT)
    QTest.keyClick(found, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(found, text)
    if isinstance(found, QAbstractSpinBox):
        QTest.keyClick(found, Qt.Key.Key_Tab)


def double_click(view: QAbstractItemView, index: Any) -> None:
    view.scrollTo(index)
    view.selectionModel().setCurrentIndex(index, QItemSelectionModel.SelectionFlag.NoUpdate)
    at = view.visualRect(index).center()
    QTest.mouseClick(view.viewport(), LEFT, pos=at)
    QTest.mouseDClick(view.viewport(), LEFT, pos=at)
