"""An OpenGL 3.3 core context without any display, and pictures from it. Import it in a process that has PYOPENGL_PLATFORM=egl."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from OpenGL import EGL, GL
from OpenGL.error import Error as OpenGLError

from mpm_core.typing import UInt8
from mpm_studio.render.gl_error import RenderError

SURFACELESS, DEVICE = 0x31DD, 0x313F  # EGL_PLATFORM_SURFACELESS_MESA, EGL_PLATFORM_DEVICE_EXT
FEWEST_LIBRARIES = "on Debian and Ubuntu: apt-get install libegl1 libgl1-mesa-dri"


def make_context() -> None:
    """Make a context and make it current. Raises RenderError when there is no EGL, or none that can do without a display."""
    display = next((display for display in map(_display, (SURFACELESS, DEVICE, None)) if display is not None), None)
    if display is None:
        raise RenderError("there is no OpenGL that works without a display", hint=FEWEST_LIBRARIES)
    EGL.eglBindAPI(EGL.EGL_OPENGL_API)
    wanted = [
        EGL.EGL_CONTEXT_MAJOR_VERSION,
        3,
        EGL.EGL_CONTEXT_MINOR_VERSION,
        3,
        EGL.EGL_CONTEXT_OPENGL_PROFILE_MASK,
        EGL.EGL_CONTEXT_OPENGL_CORE_PROFILE_BIT,
        EGL.EGL_NONE,
    ]
    context = EGL.eglCreateContext(display, None, EGL.EGL_NO_CONTEXT, wanted)
    if not context or not EGL.eglMakeCurrent(display, EGL.EGL_NO_SURFACE, EGL.EGL_NO_SURFACE, context):
        raise RenderError("this machine's OpenGL cannot do version 3.3 without a display", hint=FEWEST_LIBRARIES)


def picture(width: int, height: int, draw: Callable[[], None], samples: int = 8) -> UInt8:
    """(height, width, 4) what `draw` draws in the current context, top row first."""
    samples = min(samples, int(GL.glGetIntegerv(GL.GL_MAX_SAMPLES)))
    many, single = (int(name) for name in GL.glGenFramebuffers(2))
    buffers = [int(name) for name in GL.glGenRenderbuffers(3)]
    for buffer, kind, count in zip(buffers, (GL.GL_RGBA8, GL.GL_DEPTH_COMPONENT24, GL.GL_RGBA8), (samples, samples, 0), strict=True):
        GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, buffer)
        GL.glRenderbufferStorageMultisample(GL.GL_RENDERBUFFER, count, kind, width, height)
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, single)
    GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_RENDERBUFFER, buffers[2])
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, many)
    GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_RENDERBUFFER, buffers[0])
    GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, GL.GL_DEPTH_ATTACHMENT, GL.GL_RENDERBUFFER, buffers[1])
    if GL.glCheckFramebufferStatus(GL.GL_FRAMEBUFFER) != GL.GL_FRAMEBUFFER_COMPLETE:
        raise RenderError(
            "this machine's OpenGL cannot draw into a picture of this size", where=f"{width} x {height}", hint="try a smaller one"
        )
    GL.glViewport(0, 0, width, height)
    draw()
    GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, many)
    GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, single)
    GL.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
    GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, single)
    data = GL.glReadPixels(0, 0, width, height, GL.GL_RGBA, GL.GL_UNSIGNED_BYTE)
    GL.glDeleteRenderbuffers(len(buffers), buffers)
    GL.glDeleteFramebuffers(2, [many, single])
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)[::-1]


def _display(platform: int | None) -> object | None:
    """An initialised display of a platform (None: the default one), or None when there is no such thing here."""
    major, minor = EGL.EGLint(), EGL.EGLint()
    try:
        if platform is None:
            display = EGL.eglGetDisplay(EGL.EGL_DEFAULT_DISPLAY)
        else:
            display = EGL.eglGetPlatformDisplay(platform, EGL.EGL_DEFAULT_DISPLAY, None)
        return display if display and EGL.eglInitialize(display, major, minor) else None
    except (OpenGLError, AttributeError):
        return None
