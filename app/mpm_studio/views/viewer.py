"""The 3D view: a recording as a lit body on a floor, its ghost, and names. P points; pixels from the top left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QWidget

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.palette import VIEW_ERROR
from mpm_studio.render.body_item import BodyItem
from mpm_studio.render.camera import Camera
from mpm_studio.render.grid_item import GridItem
from mpm_studio.render.overlay import EMPTY, clock, draw_axes, draw_corner, draw_labels, draw_legend, draw_message, draw_rings
from mpm_studio.render.scene import Scene, build_scene, frame_instances, rebased, trail_instances
from mpm_studio.render.shapes import Floor, joined
from mpm_studio.views.framed_view import FramedView
from mpm_studio.views.viewer_mouse import ViewerMouse

PICK_PX = 12.0


class Viewer(FramedView):
    """Shows one frame of a recording. `picked` carries the index of the point under a click, -1 for none; `dragged` a point, its
    frame and where it is dragged to; `boxed` the points in a box; `menu_asked` the global position of a right click.

    samples: per pixel, for smooth edges; None takes 4 on graphics hardware and 0 on software OpenGL.
    """

    picked = Signal(int)
    dragged = Signal(int, int, object)
    boxed = Signal(list)
    menu_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent, samples=samples)
        self.setObjectName("viewer")
        self.setAccessibleName("3D view")
        self.setMinimumSize(160, 120)
        self._ghost: tuple[Recording, Scene] | None = None
        self._selected: tuple[int, ...] = ()
        self._labels, self._trail, self._follow = False, False, False
        self._mapping: Mapping[str, str] = {}
        self._origins: frozenset[Origin] = frozenset()
        self._grid, self._body = GridItem(), BodyItem()
        self.addItem(self._grid)
        self.addItem(self._body)
        self._mouse = ViewerMouse(self)
        self.clicked.connect(lambda x, y: self.picked.emit(self.pick(x, y)))

    # What is shown

    def set_recording(self, rec: Recording | None, mapping: Mapping[str, str] | None = None) -> None:
        """Show another take from its first frame, with the camera on the body there; None shows none.

        mapping: the user's, of body joints.
        """
        self.rec, self.frame, self._ghost, self._selected, self._mapping = rec, 0, None, (), mapping or {}
        self.scene = None if rec is None else build_scene(rec, self._mapping)
        self.floor, self.camera = Floor() if self.scene is None else self.scene.floor, Camera()
        if self.scene is not None:
            self.look("persp")
            self.fit_first(self.scene)
        self._origins = _origins(rec)
        self._rebuild()

    def set_mapping(self, mapping: Mapping[str, str]) -> None:
        """Draw the body that a mapping of body joints makes; camera, frame and selection stay."""
        self._mapping = mapping
        if self.rec is not None:
            self.scene = build_scene(self.rec, mapping)
            if self._ghost is not None:
                self._ghost = (self._ghost[0], build_scene(self._ghost[0], mapping))
        self._rebuild()

    def update_recording(self, rec: Recording, mapping: Mapping[str, str] | None = None) -> None:
        """The same take after an edit: camera, frame and selection stay. A take with other points is a new one, with this mapping."""
        if self.scene is None or rec.points != self.scene.points or self.rec is None or rec.dims != self.rec.dims:
            self.set_recording(rec, self._mapping if mapping is None else mapping)
            return
        self.rec, self.scene, self._origins = rec, rebased(self.scene, rec), _origins(rec)
        self.frame = min(self.frame, max(0, rec.frames - 1))
        self._rebuild()

    def set_ghost(self, rec: Recording | None) -> None:
        """Show a translucent body as well: the original, or what is proposed. None hides it."""
        if rec is None:
            self._ghost = None
        elif self._ghost is None or self._ghost[0] is not rec:
            same = self.scene is not None and self.rec is not None and rec.points == self.rec.points and rec.dims == self.rec.dims
            self._ghost = (rec, rebased(self.scene, rec) if same and self.scene is not None else build_scene(rec, self._mapping))
        self._rebuild()

    def set_frame(self, index: int) -> None:
        """Show a frame, 0-based; one outside the take becomes its nearest."""
        if self.rec is None or self.scene is None:
            return
        index = max(0, min(index, self.rec.frames - 1))
        if self._follow or self.leaves(index):
            step_3 = self.anchor(index) - self.anchor(self.frame)
            self.camera = self.camera.moved(np.asarray(self.camera.center) + step_3 * [1, 1, 0])
        self.frame = index
        self._rebuild()

    def set_selected(self, points: Sequence[int]) -> None:
        """Draw rings around these points, and their names."""
        self._selected = tuple(int(point) for point in points)
        self._rebuild()

    def set_labels_visible(self, visible: bool) -> None:
        """Name all points, not only the selected ones."""
        self._labels = visible
        self.update()

    def set_trail(self, visible: bool) -> None:
        """Draw the path of the selected points, a second back and a second ahead."""
        self._trail = visible
        self._rebuild()

    def set_follow(self, follow: bool) -> None:
        """Keep the camera beside the body as it moves over the floor, instead of only when it leaves the view."""
        self._follow = follow
        if follow and self.scene is not None and len(self.scene.extent.anchor_F3):
            at_3 = self.scene.extent.anchor_F3[min(self.frame, len(self.scene.extent.anchor_F3) - 1)]
            self.set_camera(self.camera.moved(np.array([at_3[0], at_3[1], self.camera.center[2]])))

    # Drawing

    def _rebuild(self) -> None:
        rec, scene = self.rec, self.scene
        if rec is None or scene is None or not rec.frames:
            self._body.solid, self._body.ghost = joined(()), None
        else:
            solid = frame_instances(scene, rec, self.frame)
            self._grid.shadows = solid
            trail = trail_instances(scene, rec, self._selected, self.frame) if self._trail else None
            self._body.solid = solid if trail is None else joined((solid, trail))
            self._body.ghost = None
            if self._ghost is not None and self._ghost[0].frames:
                ghost, ghost_scene = self._ghost
                self._body.ghost = frame_instances(ghost_scene, ghost, min(self.frame, ghost.frames - 1), ghost=True)
        if rec is None:
            self._grid.shadows = joined(())
        self.update()

    def draw_overlay(self, painter: QPainter) -> None:
        width, height = float(self.width()), float(self.height())
        if self.problem:
            draw_message(painter, self.problem, width, height, VIEW_ERROR)
            return
        draw_axes(painter, self.camera, height)
        self._mouse.draw(painter)
        if self.rec is None or self.scene is None:
            draw_message(painter, EMPTY, width, height)
            return
        if not self.rec.frames:
            draw_message(painter, "This take has no frames", width, height)
            return
        draw_legend(painter, width, self._origins)
        draw_corner(painter, clock(self.frame, self.rec.source.first_frame, self.rec.frames, self.rec.rate_hz))
        strong = [point for point in self._selected if 0 <= point < len(self.rec.points)]
        named = strong + [point for point in range(len(self.rec.points)) if self._labels and point not in set(strong)]
        if named:
            at_P2, radius_P = self._screen()
            draw_rings(painter, at_P2[strong], radius_P[strong] + 4)
            draw_labels(painter, [self.rec.points[point] for point in named], at_P2[named], radius_P[named] + 4, len(strong))

    # The mouse

    @property
    def selected(self) -> tuple[int, ...]:
        return self._selected

    def on_screen(self) -> Float:
        """(P, 2) where this frame's points are in the view, NaN when missing or behind."""
        return self._screen()[0]

    def place(self, point: int) -> Float:
        """(3,) where a point of this frame is, metres."""
        assert self.rec is not None and self.scene is not None
        return np.asarray(self.scene.positions(self.rec, self.frame)[point], np.float64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._mouse.release(event):
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = self.pick(event.x(), event.y())
        if point >= 0 and point not in self._selected:
            self.picked.emit(point)
        self.menu_asked.emit(event.globalPos())

    # Picking

    def _screen(self) -> tuple[np.ndarray, np.ndarray]:
        """(P, 2) where this frame's points are in the view, NaN when missing or behind; (P,) their radii there."""
        assert self.rec is not None and self.scene is not None
        xyz_P3 = self.scene.positions(self.rec, self.frame)
        at_P2 = self.camera.project(xyz_P3, self.width(), self.height())
        depth_P = np.maximum((self.camera.eye_3 - xyz_P3) @ self.camera.axes_33[2], 1e-6)
        per_metre_P = self.camera.distance / depth_P / self.camera.metres_per_pixel(self.width(), self.height())
        return at_P2, self.scene.radius_P * per_metre_P

    def pick(self, x: float, y: float) -> int:
        """The point under a pixel, or the nearest within a few pixels; -1 for none."""
        if self.rec is None or self.scene is None or not self.rec.frames:
            return -1
        at_P2, radius_P = self._screen()
        away_P = np.linalg.norm(at_P2 - [x, y], axis=1) / np.maximum(radius_P, PICK_PX)
        away_P[~(away_P <= 1)] = np.inf
        return int(np.argmin(away_P)) if np.isfinite(away_P).any() else -1


def _origins(rec: Recording | None) -> frozenset[Origin]:
    """The origins that samples of a recording have."""
    if rec is None:
        return frozenset()
    return frozenset(Origin(int(value)) for value in np.flatnonzero(np.bincount(rec.origin_FP.ravel(), minlength=len(Origin))))
