"""A picture as a PNG file."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage, QImageWriter

from mpm_core.files.atomic import write_bytes
from mpm_studio.render.gl_error import RenderError


def save_png(image: QImage, path: str | Path) -> None:
    """Write a PNG, whole or not at all. Raises RenderError when it cannot be packed, FormatError when it cannot be written."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    if not QImageWriter(buffer, b"png").write(image):
        raise RenderError("the picture could not be packed as PNG", where=str(path))
    write_bytes(path, bytes(buffer.data().data()))
