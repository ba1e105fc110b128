"""The OpenGL format that Qt is asked for."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QOffscreenSurface, QOpenGLContext, QSurfaceFormat

from mpm_studio.render.gl_program import is_software

SMOOTH = 4  # samples per pixel


def prepare() -> None:
    """Say, before there is a QApplication, that views share their contexts (the second view of a process draws black otherwise)."""
    QCoreApplication.setAttribute(Qt.ApplicationAttribute.AA_ShareOpenGLContexts)
    QSurfaceFormat.setDefaultFormat(surface_format(0))


def surface_format(samples: int) -> QSurfaceFormat:
    """OpenGL 3.3 core with a 24 bit depth buffer. samples: 0 for none; 4 smooths edges and costs two to three times on software OpenGL."""
    wanted = QSurfaceFormat()
    wanted.setVersion(3, 3)
    wanted.setProfile(QSurfaceFormat.OpenGLContextProfile.CoreProfile)
    wanted.setDepthBufferSize(24)
    wanted.setAlphaBufferSize(8)
    wanted.setSamples(samples)
    return wanted


@cache
def default_samples() -> int:
    """SMOOTH on graphics hardware, 0 when OpenGL is done by the processor or cannot be tried. Needs a QGuiApplication."""
    context = QOpenGLContext()
    context.setFormat(surface_format(0))
    if not context.create():
        return 0
    surface = QOffscreenSurface()
    surface.setFormat(context.format())
    surface.create()
    if not context.makeCurrent(surface):
        return 0
    samples = 0 if is_software() else SMOOTH
    context.doneCurrent()
    return samples
