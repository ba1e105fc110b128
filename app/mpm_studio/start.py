"""The program with a window, from its start to its end."""

from __future__ import annotations

import gc
import importlib
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from mpm_core.progress import Cancel, Progress
from mpm_studio import palette
from mpm_studio.jobs import Jobs, failure
from mpm_studio.settings import Settings
from mpm_studio.window_signals import EndBySignal

if TYPE_CHECKING:
    from mpm_studio.window import Window

SHOWN_MS = 100  # after which the window has been drawn
FILLS_NEED = ("scipy.interpolate", "scipy.linalg", "scipy.signal", "scipy.spatial.transform", "scipy.special")  # and filters


def run(path: str | Path | None) -> int:
    """Open the window, with a file in it when one is given, until it is closed. Returns the exit code."""
    settings = Settings()
    palette.use(settings.choice("theme", palette.THEMES))
    from mpm_studio import theme  # these keep the colours that they read
    from mpm_studio.flows.help import offer_tour
    from mpm_studio.model_loading import ModelLoading
    from mpm_studio.recovery import state_folder
    from mpm_studio.render import surface
    from mpm_studio.thumbnails import Thumbnails, cache_folder
    from mpm_studio.window import Window

    surface.prepare()
    app = QApplication.instance() or QApplication(sys.argv[:1])
    assert isinstance(app, QApplication)
    app.setApplicationName("mpm-studio")
    app.setDesktopFileName("mpm-studio")  # by which a desktop finds the window's icon
    theme.apply(app)
    window = Window(settings, state=state_folder())
    EndBySignal(window.end, window)
    offer_tour(window)
    window.closing.connect(ModelLoading(window.session, settings.networks, window).close)
    if settings.switch("thumbnails", True):
        pictures = Thumbnails(cache_folder(), settings.choice("theme", palette.THEMES), window)
        window.closing.connect(pictures.close)
        window.start_page.show_pictures(pictures)

    def report(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        sys.__excepthook__(kind, error, trace)
        if isinstance(error, Exception):
            window.session.failed.emit(failure("The window", error))

    sys.excepthook = report
    window.show()
    QTimer.singleShot(SHOWN_MS, window, lambda: warm_up(window))
    if path is not None:
        window.open_path(Path(path))
    return app.exec()


def warm_up(window: Window) -> None:
    """Do beforehand what the first take would wait for: OpenGL's context, shaders and letters, in the view as it is before it is
    shown. In a job of its own, import what the first fill would wait for. What the program itself is made of is not looked through for
    garbage any more, which stops everything for a tenth of a second.
    """
    gc.freeze()
    viewer = window.workspace.stage.viewer
    if not viewer.isVisible():
        viewer.grabFramebuffer()
    imports = Jobs(window)
    window.closing.connect(imports.close)
    imports.run("Loading", import_modules, FILLS_NEED, lambda _none: None, window.session.failed.emit)


def import_modules(modules: Sequence[str], cancel: Cancel, progress: Progress) -> None:
    for module in modules:
        if not cancel():
            importlib.import_module(module)
