"""Drawing with plain OpenGL 3.3, in whatever context is current: the window's and the off-screen one alike. N instances.

A `Stage` belongs to one context. Per frame: `ground` (background, grid, shadows), then `bodies` once per look. All state that a stage
changes is put back, so that a QPainter can draw over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_void_p

import numpy as np
from numpy.typing import NDArray
from OpenGL import GL

from app.render import palette
from app.render.camera import Camera
from app.render.gl_program import Program
from app.render.mesh import split_sphere
from app.render.shapes import Floor, Shapes

KEY_3 = np.array([0.42, -0.30, 0.86]) / np.linalg.norm([0.42, -0.30, 0.86])  # towards the light
SHADOW = 0.85
GHOST_OPACITY, GHOST_SWELL = 0.46, 0.92  # a little thinner, so that it hides inside a body that is the same
CORNERS_42 = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)


class Stage:
    """The programs, meshes and instance buffers of one OpenGL context. Raises RenderError when a shader does not compile."""

    def __init__(self) -> None:
        self._shape = Program("shape")
        self._shadow = Program("shadow")
        self._ground = Program("ground")
        vertices, triangles = split_sphere()
        self._indices = triangles.size
        self._mesh, self._triangles, self._corners = (int(name) for name in GL.glGenBuffers(3))
        self._capsule_data, self._sphere_data = (int(name) for name in GL.glGenBuffers(2))
        self._empty, *made = (int(name) for name in GL.glGenVertexArrays(5))
        self._capsules, self._spheres, self._capsule_shadows, self._sphere_shadows = made
        _upload(self._mesh, vertices)
        _upload(self._corners, CORNERS_42)
        for array, data, starts in (
            (self._capsules, self._capsule_data, (0, 16, 32, 48)),
            (self._spheres, self._sphere_data, (0, 0, 16, 16)),
        ):
            GL.glBindVertexArray(array)
            _attributes(self._mesh, 4, data, 64 if data == self._capsule_data else 32, starts)
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, self._triangles)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STATIC_DRAW)
        for array, data, stride, starts in (
            (self._capsule_shadows, self._capsule_data, 64, (0, 16)),
            (self._sphere_shadows, self._sphere_data, 32, (0, 0)),
        ):
            GL.glBindVertexArray(array)
            _attributes(self._corners, 2, data, stride, starts)
        GL.glBindVertexArray(0)

    def ground(self, camera: Camera, aspect: float, floor: Floor, shadows: Shapes | None) -> None:
        """Clear, then background and grid, with the shadows of `shadows`. Leaves alpha 1 everywhere."""
        GL.glColorMask(True, True, True, True)
        GL.glDepthMask(True)
        GL.glClearColor(0, 0, 0, 0)
        GL.glClear(GL.GL_COLOR_BUFFER_BIT | GL.GL_DEPTH_BUFFER_BIT)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glEnable(GL.GL_BLEND)
        if shadows is not None and camera.eye_3[2] > floor.height:
            self._draw_shadows(camera, aspect, floor, shadows)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFuncSeparate(GL.GL_ONE_MINUS_DST_ALPHA, GL.GL_ZERO, GL.GL_ONE, GL.GL_ZERO)
        right, up, back = camera.axes_33
        x, y = camera.spans(aspect)
        with self._ground as ground:
            ground.set("camera", np.stack([right * x, up * y, -back], axis=1))
            ground.set("eye", camera.eye_3)
            ground.set("ground", floor.height)
            ground.set("middle", floor.middle)
            ground.set("radius", floor.radius)
            ground.set("cell", floor.cell)
            for name, colour in (
                ("top", palette.BACKGROUND_TOP),
                ("bottom", palette.BACKGROUND_BOTTOM),
                ("line", palette.GRID),
                ("axis_x", palette.AXIS_X),
                ("axis_y", palette.AXIS_Y),
            ):
                ground.set(name, palette.rgb(colour))
            GL.glBindVertexArray(self._empty)
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)
        self._rest()

    def bodies(self, camera: Camera, aspect: float, shapes: Shapes, *, opacity: float = 1.0, swell: float = 1.0) -> None:
        """Lit capsules and spheres. Below opacity 1 only the nearest surface of all of them shows, so overlaps do not add up."""
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(True)
        GL.glEnable(GL.GL_CULL_FACE)
        self._load(shapes)
        with self._shape as shape:
            shape.set("view_projection", camera.projection_44(aspect) @ camera.view_44)
            shape.set("eye", camera.eye_3)
            shape.set("key", KEY_3)
            shape.set("opacity", opacity)
            shape.set("swell", swell)
            if opacity < 1.0:
                GL.glColorMask(False, False, False, False)
                self._draw_shapes(shapes)
                GL.glColorMask(True, True, True, False)
                GL.glDepthFunc(GL.GL_EQUAL)
                GL.glEnable(GL.GL_BLEND)
                GL.glBlendFunc(GL.GL_SRC_ALPHA, GL.GL_ONE_MINUS_SRC_ALPHA)
            self._draw_shapes(shapes)
        self._rest()

    def _draw_shapes(self, shapes: Shapes) -> None:
        for array, count in ((self._capsules, len(shapes.capsules_N16)), (self._spheres, len(shapes.spheres_N8))):
            if count:
                GL.glBindVertexArray(array)
                GL.glDrawElementsInstanced(GL.GL_TRIANGLES, self._indices, GL.GL_UNSIGNED_SHORT, c_void_p(0), count)

    def _draw_shadows(self, camera: Camera, aspect: float, floor: Floor, shapes: Shapes) -> None:
        """The darkest shadow at each pixel goes to the alpha of an empty picture."""
        self._load(shapes)
        GL.glBlendEquation(GL.GL_MAX)
        GL.glColorMask(False, False, False, True)
        with self._shadow as shadow:
            shadow.set("view_projection", camera.projection_44(aspect) @ camera.view_44)
            shadow.set("key", KEY_3)
            shadow.set("ground", floor.height)
            shadow.set("strength", SHADOW)
            for array, count in ((self._capsule_shadows, len(shapes.capsules_N16)), (self._sphere_shadows, len(shapes.spheres_N8))):
                if count:
                    GL.glBindVertexArray(array)
                    GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 4, count)
        GL.glColorMask(True, True, True, True)

    def _load(self, shapes: Shapes) -> None:
        _upload(self._capsule_data, shapes.capsules_N16)
        _upload(self._sphere_data, shapes.spheres_N8)

    @staticmethod
    def _rest() -> None:
        GL.glBindVertexArray(0)
        GL.glBindBuffer(GL.GL_ARRAY_BUFFER, 0)
        GL.glColorMask(True, True, True, True)
        GL.glDepthFunc(GL.GL_LESS)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFunc(GL.GL_ONE, GL.GL_ZERO)
        for state in (GL.GL_DEPTH_TEST, GL.GL_BLEND, GL.GL_CULL_FACE):
            GL.glDisable(state)


def _upload(buffer: int, data: NDArray[np.float32]) -> None:
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, buffer)
    GL.glBufferData(GL.GL_ARRAY_BUFFER, data.nbytes, np.ascontiguousarray(data), GL.GL_STREAM_DRAW)


def _attributes(mesh: int, size: int, instances: int, stride: int, starts: Sequence[int]) -> None:
    """Attribute 0 from the mesh, then four floats per instance from each byte offset of `starts`."""
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, mesh)
    GL.glEnableVertexAttribArray(0)
    GL.glVertexAttribPointer(0, size, GL.GL_FLOAT, False, 4 * size, c_void_p(0))
    GL.glBindBuffer(GL.GL_ARRAY_BUFFER, instances)
    for place, start in enumerate(starts, 1):
        GL.glEnableVertexAttribArray(place)
        GL.glVertexAttribPointer(place, 4, GL.GL_FLOAT, False, stride, c_void_p(start))
        GL.glVertexAttribDivisor(place, 1)
