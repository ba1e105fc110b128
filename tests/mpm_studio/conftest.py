"""One window, or one 3D view, for all tests of a module, tidy before each; `fresh_window` for those that need one nobody has used."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtTest import QTest

from mpm_studio import theme
from mpm_studio.render.layers import Layers
from mpm_studio.settings import Settings
from mpm_studio.views.viewer import Viewer
from mpm_studio.window import Window
from tests.mpm_studio.driving import forget_changes, tidy
from tests.mpm_studio.viewing import opened

# Pixels, of windows unless a test resizes its own: on software OpenGL each repaint of anything in it costs by the whole window's.
SIZE = (1000, 668)


@pytest.fixture(autouse=True)
def own_settings(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> None:
    """No test sees the maps that this machine's user saved."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path_factory.getbasetemp() / "config"))


@pytest.fixture(scope="session")
def themed(qapp: Any) -> None:
    """The application with its theme, given once: every widget is polished anew each time."""
    theme.apply(qapp)


@pytest.fixture(scope="module")
def shared_window(themed: None, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Window]:
    """The module's window. Ask for `window`."""
    made = _open(tmp_path_factory.mktemp("window"))
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
def fresh_window(qtbot: Any, themed: None, tmp_path: Path) -> Iterator[Window]:
    """A window nobody has used; closing it may leave no thread."""
    before = set(threading.enumerate())
    made = _open(tmp_path)
    yield made
    _close(made)
    assert set(threading.enumerate()) <= before, "closing the window left a thread behind"


@pytest.fixture(scope="module")
def shared_viewer(qapp: Any) -> Iterator[Viewer]:
    """The module's view. Ask for `viewer`."""
    made = opened(0)
    yield made
    made.close()
    made.deleteLater()


@pytest.fixture
def viewer(qtbot: Any, shared_viewer: Viewer) -> Viewer:
    """The module's view as a new one: no take, no switches, the first camera."""
    shared_viewer.set_recording(None)
    shared_viewer.set_follow(False)
    shared_viewer.set_layers(Layers())
    shared_viewer.set_labels_visible(False)
    assert shared_viewer.problem == ""
    return shared_viewer


def _open(folder: Path) -> Window:
    made = Window(Settings(folder / "settings.ini"))
    made.resize(*SIZE)
    made.show()
    assert QTest.qWaitForWindowExposed(made, 10_000)
    return made


def _close(window: Window) -> None:
    forget_changes(window)
    window.close()
    window.deleteLater()
    QTest.qWait(0)
