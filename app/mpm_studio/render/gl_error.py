"""The one error of the drawing code."""

from __future__ import annotations

from mpm_core.errors import MpmError


class RenderError(MpmError):
    """Something that keeps a 3D view or a picture from being drawn: no usable OpenGL, a shader that does not compile."""
