"""All bodies of a 3D view: every capsule and sphere in a few instanced calls."""

from __future__ import annotations

from typing import Any

from pyqtgraph.opengl.GLGraphicsItem import GLGraphicsItem

from mpm_studio.render.gl_draw import GHOST_OPACITY, GHOST_SWELL, HALO_OPACITY, Stage
from mpm_studio.render.shapes import Shapes, joined


class BodyItem(GLGraphicsItem):
    """The solid shapes, and after them the translucent ghost and halos. Its view has `camera`, `aspect`, `floor` and `guarded`."""

    def __init__(self) -> None:
        super().__init__()
        self.solid: Shapes = joined(())
        self.ghost: Shapes | None = None
        self.halos: Shapes | None = None

    def paint(self) -> None:
        view: Any = self.view()
        view.guarded(self._draw)

    def _draw(self, stage: Stage) -> None:
        view: Any = self.view()
        stage.bodies(view.camera, view.aspect, view.floor, self.solid)
        if self.ghost is not None:
            stage.bodies(view.camera, view.aspect, view.floor, self.ghost, opacity=GHOST_OPACITY, swell=GHOST_SWELL)
        if self.halos is not None:
            stage.bodies(view.camera, view.aspect, view.floor, self.halos, opacity=HALO_OPACITY)
