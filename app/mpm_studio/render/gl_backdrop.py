"""A copy of what was drawn first, shown again by a plain memory copy while nothing in it changes."""

from __future__ import annotations

from collections.abc import Hashable

from OpenGL import GL


class Backdrop:
    """One kept picture of the current framebuffer, with the key that says what it shows. Framebuffers without multisampling only."""

    def __init__(self) -> None:
        self._framebuffer = int(GL.glGenFramebuffers(1))
        self._colours = int(GL.glGenRenderbuffers(1))
        self._size = (0, 0)
        self._kept: tuple[Hashable, tuple[int, int]] | None = None
        self._asked: tuple[Hashable, tuple[int, int]] | None = None

    def show(self, key: Hashable) -> bool:
        """Put the kept picture into the current framebuffer; False when there is none for this key and the viewport's size."""
        size = _viewport_size()
        if self._kept != (key, size):
            return False
        target = int(GL.glGetIntegerv(GL.GL_DRAW_FRAMEBUFFER_BINDING))
        self._copy(self._framebuffer, target, size)
        return True

    def keep(self, key: Hashable) -> None:
        """Copy the current framebuffer, once the same key was asked for twice: a camera that moves is not worth a copy."""
        size = _viewport_size()
        if self._asked != (key, size):
            self._asked = (key, size)
            return
        source = int(GL.glGetIntegerv(GL.GL_DRAW_FRAMEBUFFER_BINDING))
        if GL.glGetIntegerv(GL.GL_SAMPLE_BUFFERS):
            return
        if self._size != size:
            GL.glBindRenderbuffer(GL.GL_RENDERBUFFER, self._colours)
            GL.glRenderbufferStorage(GL.GL_RENDERBUFFER, GL.GL_RGBA8, *size)
            GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, self._framebuffer)
            GL.glFramebufferRenderbuffer(GL.GL_FRAMEBUFFER, GL.GL_COLOR_ATTACHMENT0, GL.GL_RENDERBUFFER, self._colours)
            self._size = size
        self._copy(source, self._framebuffer, size)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, source)
        self._kept = (key, size)

    @staticmethod
    def _copy(source: int, target: int, size: tuple[int, int]) -> None:
        width, height = size
        GL.glBindFramebuffer(GL.GL_READ_FRAMEBUFFER, source)
        GL.glBindFramebuffer(GL.GL_DRAW_FRAMEBUFFER, target)
        GL.glBlitFramebuffer(0, 0, width, height, 0, 0, width, height, GL.GL_COLOR_BUFFER_BIT, GL.GL_NEAREST)
        GL.glBindFramebuffer(GL.GL_FRAMEBUFFER, target)


def _viewport_size() -> tuple[int, int]:
    _, _, width, height = GL.glGetIntegerv(GL.GL_VIEWPORT)
    return int(width), int(height)
