"""The floor and background of a 3D view, drawn before everything else."""

from __future__ import annotations

from typing import Any

from pyqtgraph.opengl.GLGraphicsItem import GLGraphicsItem

from mpm_studio.render.shapes import Shapes, joined


class GridItem(GLGraphicsItem):
    """Background, grid of metres that fades away, and soft shadows. Its view has `camera`, `aspect`, `floor` and `guarded`."""

    def __init__(self) -> None:
        super().__init__()
        self.setDepthValue(-10)
        self.shadows: Shapes = joined(())

    def paint(self) -> None:
        view: Any = self.view()
        view.guarded(lambda stage: stage.ground(view.camera, view.aspect, view.floor, self.shadows))
