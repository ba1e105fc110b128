"""The floor and background of a 3D view, drawn before everything else."""

from __future__ import annotations

from typing import Any

from pyqtgraph.opengl.GLGraphicsItem import GLGraphicsItem

from app.render.shapes import Floor, Shapes, joined


class GridItem(GLGraphicsItem):
    """Background, grid of metres that fades away, and soft shadows. Its view has a `stage`, a `camera`, an `aspect` and `guarded`."""

    def __init__(self) -> None:
        super().__init__()
        self.setDepthValue(-10)
        self.floor = Floor()
        self.shadows: Shapes = joined(())

    def paint(self) -> None:
        view: Any = self.view()
        view.guarded(lambda stage: stage.ground(view.camera, view.aspect, self.floor, self.shadows))
