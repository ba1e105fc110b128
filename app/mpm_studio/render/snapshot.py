"""A picture of a 3D view, larger than it is on the screen if wanted, with all that is written over it."""

from __future__ import annotations

from OpenGL import GL
from PySide6.QtGui import QImage, QPainter
from PySide6.QtOpenGL import QOpenGLFramebufferObject, QOpenGLFramebufferObjectFormat

from mpm_studio.render.gl_draw import Stage
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.orbit_view import OrbitView

SMOOTH, SAMPLES = (36, 9), 8


def snapshot(view: OrbitView, scale: int = 1) -> QImage:
    """What a view shows, each of its pixels `scale` pixels wide and high. Raises RenderError when it cannot be drawn."""
    ratio = scale * view.devicePixelRatioF()
    width, height = round(ratio * view.width()), round(ratio * view.height())
    view.makeCurrent()
    try:
        form = QOpenGLFramebufferObjectFormat()
        form.setAttachment(QOpenGLFramebufferObject.Attachment.Depth)
        form.setSamples(SAMPLES)
        buffer = QOpenGLFramebufferObject(width, height, form)
        if not buffer.bind():
            raise RenderError("this machine's OpenGL cannot draw a picture of this size", where=f"{width} x {height}")
        GL.glViewport(0, 0, width, height)
        view.draw_with(Stage(SMOOTH))
        buffer.release()
        image = buffer.toImage().convertToFormat(QImage.Format.Format_RGB32)
    finally:
        view.doneCurrent()
    if view.problem:
        raise RenderError(view.problem)
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.scale(ratio, ratio)
    view.draw_overlay(painter)
    painter.end()
    return image
