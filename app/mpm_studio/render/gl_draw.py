"""Drawing with plain OpenGL 3.3, in whatever context is current: the window's and the off-screen one alike. N instances.

A `Stage` belongs to one context. Per frame: `ground` (background, grid, shadows), then `bodies` once per look. All state that a stage
changes is put back, so that a QPainter can draw over it.
"""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import c_void_p

import numpy as np
from OpenGL import GL

from mpm_core.typing import Float, Float32
from mpm_studio import palette
from mpm_studio.render.camera import FLAT_REACH, Camera
from mpm_studio.render.gl_backdrop import Backdrop
from mpm_studio.render.gl_program import Program
from mpm_studio.render.mesh import split_sphere
from mpm_studio.render.shapes import Floor, Shapes

SHADOW = 0.85
GHOST_OPACITY, GHOST_SWELL = 0.46, 0.92  # a little thinner, so that it hides inside a body that is the same
HALO_OPACITY = 0.3
CORNERS_42 = np.array([[-1, -1], [1, -1], [-1, 1], [1, 1]], np.float32)
CAPSULE_BYTES, SPHERE_BYTES = 64, 32


class Stage:
    """The programs, meshes and instance buffers of one OpenGL context. mesh: segments around and rings up of every capsule and sphere.

    Raises RenderError when a shader does not compile. keep_ground: remember the floor while the camera rests; worth it on software OpenGL.
    """

    def __init__(self, mesh: tuple[int, int], *, keep_ground: bool = False) -> None:
        self._shape, self._shadow, self._darken, self._ground = (Program(name) for name in ("shape", "shadow", "darken", "ground"))
        self._backdrop = Backdrop() if keep_ground else None
        vertices, triangles = split_sphere(*mesh)
        self._indices = triangles.size
        mesh_data, triangle_data, corner_data = (int(name) for name in GL.glGenBuffers(3))
        self._capsule_data, self._sphere_data = (int(name) for name in GL.glGenBuffers(2))
        arrays = [int(name) for name in GL.glGenVertexArrays(5)]
        self._empty, self._capsules, self._spheres, self._capsule_shadows, self._sphere_shadows = arrays
        _upload(mesh_data, vertices)
        _upload(corner_data, CORNERS_42)
        instances = ((self._capsule_data, CAPSULE_BYTES, (0, 16, 32, 48)), (self._sphere_data, SPHERE_BYTES, (0, 0, 16, 16)))
        for array, (data, stride, starts) in zip((self._capsules, self._spheres), instances, strict=True):
            GL.glBindVertexArray(array)
            _attributes(mesh_data, 4, data, stride, starts)
            GL.glBindBuffer(GL.GL_ELEMENT_ARRAY_BUFFER, triangle_data)
        GL.glBufferData(GL.GL_ELEMENT_ARRAY_BUFFER, triangles.nbytes, triangles, GL.GL_STATIC_DRAW)
        for array, (data, stride, starts) in zip((self._capsule_shadows, self._sphere_shadows), instances, strict=True):
            GL.glBindVertexArray(array)
            _attributes(corner_data, 2, data, stride, starts[:2])
        GL.glBindVertexArray(0)

    def ground(self, camera: Camera, aspect: float, floor: Floor, shadows: Shapes) -> None:
        """Background and grid over the whole view with the shadows of `shadows`, alpha 1; clears depth."""
        GL.glColorMask(True, True, True, True)
        GL.glDepthMask(True)
        GL.glClear(GL.GL_DEPTH_BUFFER_BIT)
        GL.glDisable(GL.GL_DEPTH_TEST)
        GL.glDisable(GL.GL_BLEND)
        if self._backdrop is None:
            self._draw_ground(camera, aspect, floor)
        elif not self._backdrop.show((camera, aspect, floor)):
            self._draw_ground(camera, aspect, floor)
            self._backdrop.keep((camera, aspect, floor))
        if camera.eye_3[2] > floor.height:
            self._draw_shadows(camera, aspect, floor, shadows)
        self._rest()

    def bodies(self, camera: Camera, aspect: float, floor: Floor, shapes: Shapes, *, opacity: float = 1.0, swell: float = 1.0) -> None:
        """Lit capsules and spheres. Below opacity 1 only the nearest surface of all of them shows, so overlaps do not add up."""
        GL.glEnable(GL.GL_DEPTH_TEST)
        GL.glDepthMask(True)
        GL.glEnable(GL.GL_CULL_FACE)
        self._load(shapes)
        with self._shape as shape:
            shape.set("view_projection", camera.projection_44(aspect) @ camera.view_44)
            shape.set("eye", camera.eye_3)
            shape.set("key", floor.key_3)
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

    def _draw_ground(self, camera: Camera, aspect: float, floor: Floor) -> None:
        right, up, back = camera.axes_33
        x, y = camera.spans(aspect)
        with self._ground as ground:
            across_33 = np.stack([right * x, up * y, -back], axis=1)
            ground.set("camera", across_33 * [0, 0, 1] if camera.flat else across_33)
            ground.set("start", across_33 * [camera.distance, camera.distance, 0] if camera.flat else 0 * across_33)
            ground.set("eye", camera.eye_3 + (FLAT_REACH * camera.distance * back if camera.flat else 0))
            ground.set("ground", floor.height)
            ground.set("middle", floor.middle)
            ground.set("radius", floor.radius)
            ground.set("cell", floor.cell)
            for name, colour in (
                ("top", palette.VIEW_TOP),
                ("bottom", palette.VIEW_BOTTOM),
                ("line", palette.GRID),
                ("axis_x", palette.AXIS_X),
                ("axis_y", palette.AXIS_Y),
            ):
                ground.set(name, palette.rgb(colour))
            GL.glBindVertexArray(self._empty)
            GL.glDrawArrays(GL.GL_TRIANGLES, 0, 3)

    def _draw_shadows(self, camera: Camera, aspect: float, floor: Floor, shapes: Shapes) -> None:
        """The least light that any shadow leaves at a pixel goes to its alpha, then colours are multiplied by it and alpha is 1 again."""
        area = _shadow_area(shapes, floor)
        if area is None:
            return
        self._load(shapes)
        view_projection = camera.projection_44(aspect) @ camera.view_44
        GL.glEnable(GL.GL_BLEND)
        GL.glBlendEquation(GL.GL_MIN)
        GL.glColorMask(False, False, False, True)
        with self._shadow as shadow:
            shadow.set("view_projection", view_projection)
            shadow.set("key", floor.key_3)
            shadow.set("ground", floor.height)
            shadow.set("strength", SHADOW)
            for array, count in ((self._capsule_shadows, len(shapes.capsules_N16)), (self._sphere_shadows, len(shapes.spheres_N8))):
                if count:
                    GL.glBindVertexArray(array)
                    GL.glDrawArraysInstanced(GL.GL_TRIANGLE_STRIP, 0, 4, count)
        GL.glColorMask(True, True, True, True)
        GL.glBlendEquation(GL.GL_FUNC_ADD)
        GL.glBlendFuncSeparate(GL.GL_ZERO, GL.GL_DST_ALPHA, GL.GL_ONE, GL.GL_ZERO)
        with self._darken as darken:
            darken.set("view_projection", view_projection)
            darken.set("low", area[0])
            darken.set("high", area[1])
            darken.set("ground", floor.height)
            GL.glBindVertexArray(self._empty)
            GL.glDrawArrays(GL.GL_TRIANGLE_STRIP, 0, 4)

    def _draw_shapes(self, shapes: Shapes) -> None:
        for array, count in ((self._capsules, len(shapes.capsules_N16)), (self._spheres, len(shapes.spheres_N8))):
            if count:
                GL.glBindVertexArray(array)
                GL.glDrawElementsInstanced(GL.GL_TRIANGLES, self._indices, GL.GL_UNSIGNED_SHORT, c_void_p(0), count)

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


def _shadow_area(shapes: Shapes, floor: Floor) -> tuple[Float, Float] | None:
    """Lowest and highest x and y of all shadows on the floor; None when nothing casts one. The sizes are those of shadow.vert."""
    balls = np.concatenate([shapes.capsules_N16[:, 0:4], shapes.capsules_N16[:, 4:8], shapes.spheres_N8[:, 0:4]]).astype(np.float64)
    if not len(balls):
        return None
    high = np.maximum(0, balls[:, 2] - floor.height)
    at = balls[:, :2] - high[:, None] * floor.key_3[:2] / floor.key_3[2]
    reach = (1.5 * balls[:, 3] + 0.05 * high)[:, None] * np.sqrt(2)
    return (at - reach).min(axis=0), (at + reach).max(axis=0)


def _upload(buffer: int, data: Float32) -> None:
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
