"""Views for the tests, and what their pixels show."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtTest import QTest

from mpm_core.recording import Recording
from mpm_studio import palette
from mpm_studio.views.viewer import Viewer


def opened(samples: int) -> Viewer:
    made = Viewer(samples=samples)
    made.resize(480, 360)
    made.show()
    assert QTest.qWaitForWindowExposed(made, 10_000)
    return made


def shown(qtbot, samples: int = 0) -> Viewer:
    """A view of the test's own."""
    made = opened(samples)
    qtbot.addWidget(made)
    return made


def pixels(viewer: Viewer) -> np.ndarray:
    """(height, width, 3) what the view shows, 0..255."""
    image = viewer.grabFramebuffer().convertToFormat(viewer.grabFramebuffer().Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def differing(a: np.ndarray, b: np.ndarray) -> int:
    """Pixels that clearly differ."""
    return int((np.abs(a - b).max(axis=2) > 24).sum())


def like(picture: np.ndarray, colour: str) -> int:
    """Pixels with about the hue of a colour."""
    wanted = np.array(palette.rgb(colour))
    unit = picture / np.maximum(np.linalg.norm(picture, axis=2, keepdims=True), 1)
    return int(((unit @ (wanted / np.linalg.norm(wanted)) > 0.985) & (picture.max(axis=2) > 90)).sum())


def without(rec: Recording, name: str, move: tuple[float, float, float]) -> Recording:
    """The same take with one point elsewhere."""
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[:, rec.index(name)] += np.float32(move)
    return replace(rec, xyz_FPD=xyz_FPD)
