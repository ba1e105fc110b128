"""One window for all tests of a module, tidy before each; `fresh_window` for those that need one nobody has used."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest

from app import theme
from app.settings import Settings
from app.window import Window
from tests.app.driving import forget_changes, tidy


@pytest.fixture(scope="module")
def shared_window(qapp: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """The module's window. Ask for `window`."""
    made = _open(qapp, tmp_path_factory.mktemp("window"))
    yield made
    _close(made)


@pytest.fixture
def window(qtbot: Any, shared_window: Window) -> Iterator[Window]:
    """The module's window as a test may expect it; afterwards no thread may be left."""
    before = set(threading.enumerate())
    yield shared_window
    tidy(shared_window)
    assert set(threading.enumerate()) <= before, "the test's jobs left a thread behind"


@pytest.fixture
def fresh_window(qtbot: Any, qapp: Any, tmp_path: Path) -> Iterator[Window]:
    """A window nobody has used; closing it may leave no thread."""
    before = set(threading.enumerate())
    made = _open(qapp, tmp_path)
    yield made
    _close(made)
    assert set(threading.enumerate()) <= before, "closing the window left a thread behind"


def _open(qapp: Any, folder: Path) -> Window:
    theme.apply(qapp)
    made = Window(Settings(folder / "settings.ini"))
    made.show()
    assert QTest.qWaitForWindowExposed(made, 10_000)
    return made


def _close(window: Window) -> None:
    forget_changes(window)
    window.close()
    window.deleteLater()
    QTest.qWait(0)
