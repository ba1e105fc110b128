"""The process behind picture.py: `python -m mpm_studio.render.offscreen TASK.npz OUT.png`. Panels by EGL, text by Qt's painter."""

from __future__ import annotations

import os

from mpm_core.typing import UInt8

os.environ["PYOPENGL_PLATFORM"] = "egl"
os.environ["QT_QPA_PLATFORM"] = "offscreen"

import json
import sys
from typing import Any

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QGuiApplication, QImage, QPainter

from mpm_core.errors import MpmError
from mpm_core.recording import Origin
from mpm_core.samples import FILLERS
from mpm_studio import palette
from mpm_studio.render import egl
from mpm_studio.render.camera import Camera
from mpm_studio.render.gl_draw import GHOST_OPACITY, GHOST_SWELL, Stage
from mpm_studio.render.png import save_png
from mpm_studio.render.shapes import Floor, Shapes

SMOOTH = (36, 9)  # mesh of a sphere
FINER = 2  # drawn this much larger, then made smaller
LEGEND = {Origin.MARKED: "marked", **FILLERS, Origin.FILTERED: "filtered"}


def main(task_path: str, out_path: str) -> None:
    """Draw a task written by picture.py."""
    with np.load(task_path, allow_pickle=False) as arrays:
        task = json.loads(str(arrays["task"]))
        width, height = task["size"]
        palette.use(task["theme"])
        egl.make_context()
        stage = Stage(SMOOTH)
        application = QGuiApplication([])
        image = QImage(width, height, QImage.Format.Format_RGB32)
        painter = QPainter(image)
        painter.setRenderHints(QPainter.RenderHint.Antialiasing | QPainter.RenderHint.SmoothPixmapTransform)
        for index, panel in enumerate(task["panels"]):
            shapes = {name: Shapes(arrays[f"{index}_{name}_capsules"], arrays[f"{index}_{name}_spheres"]) for name in ("solid", "ghost")}
            area = _area(index, len(task["panels"]), task["rows"], width, height)
            _draw_panel(painter, area, stage, panel, shapes["solid"], shapes["ghost"], task["words"])
            if index:
                rule = QRectF(area.x(), area.y() - 1, area.width(), 2) if task["rows"] > 1 else QRectF(area.x() - 1, 0, 2, height)
                painter.fillRect(rule, QColor(palette.VIEW_LINE))
        painter.end()
    save_png(image, out_path)
    application.shutdown()


def _area(index: int, count: int, rows: int, width: int, height: int) -> QRectF:
    whole = height if rows > 1 else width
    low, high = round(whole * index / count), round(whole * (index + 1) / count)
    return QRectF(0, low, width, high - low) if rows > 1 else QRectF(low, 0, high - low, height)


def _draw_panel(painter: QPainter, area: QRectF, stage: Stage, panel: dict[str, Any], solid: Shapes, ghost: Shapes, words: bool) -> None:
    """The panel into its area of the picture; words: with its title, captions and legend."""
    panel["floor"]["middle"] = tuple(panel["floor"]["middle"])
    camera, floor = Camera(**panel["camera"]), Floor(**panel["floor"])
    aspect = area.width() / area.height()

    def draw() -> None:
        stage.ground(camera, aspect, floor, solid)
        stage.bodies(camera, aspect, floor, solid)
        if len(ghost.capsules_N16) or len(ghost.spheres_N8):
            stage.bodies(camera, aspect, floor, ghost, opacity=GHOST_OPACITY, swell=GHOST_SWELL)

    drawn = egl.picture(int(area.width()) * FINER, int(area.height()) * FINER, draw)
    painter.drawImage(area, _image(drawn))
    if not words:
        return
    unit = min(area.height() / 560, area.width() / 800)
    _text(
        painter,
        panel["title"],
        QPointF(area.x() + 28 * unit, area.y() + 48 * unit),
        round(25 * unit),
        palette.VIEW_TEXT,
        QFont.Weight.DemiBold,
    )
    _captions(painter, area, camera, panel["captions"], round(15 * unit))
    _legend(painter, area, _entries(panel, bool(len(ghost.spheres_N8))), unit)


def _entries(panel: dict[str, Any], ghost: bool) -> list[tuple[str, str]]:
    origins = [Origin(value) for value in panel["origins"]]
    out = [("left", palette.LEFT), ("right", palette.RIGHT)] if panel["sided"] else [("measured", palette.MIDDLE)]
    out += [(LEGEND[origin], palette.ORIGIN[origin]) for origin in origins if origin in LEGEND]
    return out + ([("original", palette.GHOST)] if ghost else [])


def _captions(painter: QPainter, area: QRectF, camera: Camera, captions: list[tuple[str, list[float]]], pixels: int) -> None:
    """Frame numbers in a row under the feet."""
    at = camera.project(np.array([place for _, place in captions]), area.width(), area.height())
    line = area.y() + min(float(np.nanmax(at[:, 1])) + 3.2 * pixels, area.height() - 4.5 * pixels)
    for (text, _), (x, _y) in zip(captions, at, strict=True):
        if np.isfinite(x):
            _text(painter, text, QPointF(area.x() + x, line), pixels, palette.VIEW_DIM, centred=True)


def _legend(painter: QPainter, area: QRectF, entries: list[tuple[str, str]], unit: float) -> None:
    x, y = area.x() + 28 * unit, area.bottom() - 24 * unit
    for text, colour in entries:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawEllipse(QPointF(x + 6 * unit, y - 5 * unit), 6 * unit, 6 * unit)
        x += 20 * unit + _text(painter, text, QPointF(x + 20 * unit, y), round(15 * unit), palette.VIEW_TEXT) + 24 * unit


def _text(
    painter: QPainter,
    text: str,
    at: QPointF,
    pixels: int,
    colour: str,
    weight: QFont.Weight = QFont.Weight.Normal,
    centred: bool = False,
) -> float:
    """Write on a baseline; returns the width in pixels."""
    font = QFont()
    font.setPixelSize(max(8, pixels))
    font.setWeight(weight)
    painter.setFont(font)
    painter.setPen(QColor(colour))
    wide = painter.fontMetrics().horizontalAdvance(text)
    painter.drawText(QPointF(at.x() - wide / 2, at.y()) if centred else at, text)
    return float(wide)


def _image(rgba: UInt8) -> QImage:
    height, width, _ = rgba.shape
    return QImage(np.ascontiguousarray(rgba).tobytes(), width, height, 4 * width, QImage.Format.Format_RGBX8888).copy()


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except MpmError as error:
        sys.exit(str(error))
