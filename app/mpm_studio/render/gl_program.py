"""A linked shader program from resources/shaders, with its uniforms by name."""

from __future__ import annotations

from collections.abc import Sequence
from types import TracebackType

import numpy as np
from OpenGL import GL

from mpm_core.resources import resource
from mpm_core.typing import Floating
from mpm_studio.render.gl_error import RenderError

SOFTWARE = ("llvmpipe", "softpipe", "swrast", "swiftshader", "software", "gdi generic", "microsoft basic")


def is_software() -> bool:
    """Whether the current context draws with the processor instead of graphics hardware."""
    name = (GL.glGetString(GL.GL_RENDERER) or b"").decode("utf-8", "replace").lower()
    return any(word in name for word in SOFTWARE)


class Program:
    """`<name>.vert` and `<name>.frag`, linked in the current context. Use it as `with program:`; `set` works inside."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._id = GL.glCreateProgram()
        stages = [_compile(f"{name}.vert", GL.GL_VERTEX_SHADER), _compile(f"{name}.frag", GL.GL_FRAGMENT_SHADER)]
        for stage in stages:
            GL.glAttachShader(self._id, stage)
        GL.glLinkProgram(self._id)
        for stage in stages:
            GL.glDeleteShader(stage)
        if not GL.glGetProgramiv(self._id, GL.GL_LINK_STATUS):
            raise RenderError("the graphics driver could not link a shader", where=name, hint=_text(GL.glGetProgramInfoLog(self._id)))
        self._places: dict[str, int] = {}

    def __enter__(self) -> Program:
        GL.glUseProgram(self._id)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        GL.glUseProgram(0)

    def set(self, name: str, value: float | Sequence[float] | Floating) -> None:
        """A float, a vector of 2 or 3, or a row-major 3 x 3 or 4 x 4 matrix."""
        if name not in self._places:
            self._places[name] = GL.glGetUniformLocation(self._id, name)
        place = self._places[name]
        data = np.asarray(value, np.float32)
        if data.ndim == 2:
            (GL.glUniformMatrix4fv if len(data) == 4 else GL.glUniformMatrix3fv)(place, 1, True, np.ascontiguousarray(data))
        elif data.ndim == 1:
            (GL.glUniform3fv if len(data) == 3 else GL.glUniform2fv)(place, 1, data)
        else:
            GL.glUniform1f(place, float(data))


def _compile(file: str, kind: int) -> int:
    path = resource(f"shaders/{file}")
    if not path.is_file():
        raise RenderError("a shader file is missing", where=str(path), hint="install the program again")
    shader = int(GL.glCreateShader(kind))
    GL.glShaderSource(shader, path.read_text(encoding="utf-8"))
    GL.glCompileShader(shader)
    if not GL.glGetShaderiv(shader, GL.GL_COMPILE_STATUS):
        raise RenderError("the graphics driver could not compile a shader", where=file, hint=_text(GL.glGetShaderInfoLog(shader)))
    return shader


def _text(log: bytes | str) -> str:
    text = log.decode("utf-8", "replace") if isinstance(log, bytes) else log
    return " ".join(text.split())[:300]
