"""The 3D view: a recording as a lit body on a floor, its ghost, and names. P points; pixels from the top left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtGui import QContextMenuEvent, QMouseEvent, QPainter, QResizeEvent
from PySide6.QtWidgets import QWidget

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.palette import VIEW_ERROR
from mpm_studio.render.body_item import BodyItem
from mpm_studio.render.camera import Camera
from mpm_studio.render.extent import corners, there
from mpm_studio.render.grid_item import GridItem
from mpm_studio.render.orbit_view import OrbitView
from mpm_studio.render.overlay import EMPTY, clock, draw_axes, draw_corner, draw_labels, draw_legend, draw_message, draw_rings
from mpm_studio.render.scene import Scene, build_scene, frame_instances, rebased, trail_instances
from mpm_studio.render.shapes import Floor, joined
from mpm_studio.views.viewer_hands import Hands

PICK_PX = 12.0
FIRST = 0.8  # share of the view that a body fills when its take is opened
AROUND = 0.45  # of a body's size that is shown around a point
LEFT_PX = 12.0  # from the edge: the body has left the view
MARGIN = 0.06  # around what the camera is fitted to, in body sizes: heads are rounder than their points
VIEWS = {"front": (0.0, 4.0), "side": (90.0, 4.0), "top": (0.0, 90.0), "persp": (35.0, 14.0)}  # degrees from the front, and up


class Viewer(OrbitView):
    """Shows one frame of a recording. `picked` carries the index of the point under a click, -1 for none; `dragged` a point and where it is
    dragged to; `boxed` the points in a box; `menu_asked` the global position of a right click.

    samples: per pixel, for smooth edges; None takes 4 on graphics hardware and 0 on software OpenGL.
    """

    picked = Signal(int)
    dragged = Signal(int, object)
    boxed = Signal(list)
    menu_asked = Signal(object)

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent, samples=samples)
        self.setObjectName("viewer")
        self.setAccessibleName("3D view")
        self.setMinimumSize(160, 120)
        self.rec: Recording | None = None
        self.frame = 0
        self._scene: Scene | None = None
        self._ghost: tuple[Recording, Scene] | None = None
        self._selected: tuple[int, ...] = ()
        self._untouched: Camera | None = None  # the camera as a new take got it, fitted again while nobody has moved it
        self._labels, self._trail, self._follow = False, False, False
        self._mapping: Mapping[str, str] = {}
        self._origins: frozenset[Origin] = frozenset()
        self._grid, self._body = GridItem(), BodyItem()
        self.addItem(self._grid)
        self.addItem(self._body)
        self._hands = Hands(self)
        self.clicked.connect(lambda x, y: self.picked.emit(self.pick(x, y)))

    # What is shown

    def set_recording(self, rec: Recording | None, mapping: Mapping[str, str] | None = None) -> None:
        """Show another take from its first frame, with the camera on the body there; None shows none.

        mapping: the user's, of body joints.
        """
        self.rec, self.frame, self._ghost, self._selected, self._mapping = rec, 0, None, (), mapping or {}
        self._scene = None if rec is None else build_scene(rec, self._mapping)
        self.floor, self.camera = Floor() if self._scene is None else self._scene.floor, Camera()
        if self._scene is not None:
            self.look("persp")
            self._fit_first(self._scene)
        self._origins = _origins(rec)
        self._rebuild()

    def set_mapping(self, mapping: Mapping[str, str]) -> None:
        """Draw the body that a mapping of body joints makes; camera, frame and selection stay."""
        self._mapping = mapping
        if self.rec is not None:
            self._scene = build_scene(self.rec, mapping)
            if self._ghost is not None:
                self._ghost = (self._ghost[0], build_scene(self._ghost[0], mapping))
        self._rebuild()

    def update_recording(self, rec: Recording) -> None:
        """The same take after an edit: camera, frame and selection stay. A take with other points is a new one."""
        if self._scene is None or rec.points != self._scene.points or self.rec is None or rec.dims != self.rec.dims:
            self.set_recording(rec, self._mapping)
            return
        self.rec, self._scene, self._origins = rec, rebased(self._scene, rec), _origins(rec)
        self.frame = min(self.frame, max(0, rec.frames - 1))
        self._rebuild()

    def set_ghost(self, rec: Recording | None) -> None:
        """Show a translucent body as well: the original, or what is proposed. None hides it."""
        if rec is None:
            self._ghost = None
        elif self._ghost is None or self._ghost[0] is not rec:
            same = self._scene is not None and self.rec is not None and rec.points == self.rec.points and rec.dims == self.rec.dims
            self._ghost = (rec, rebased(self._scene, rec) if same and self._scene is not None else build_scene(rec, self._mapping))
        self._rebuild()

    def set_frame(self, index: int) -> None:
        """Show a frame, 0-based; one outside the take becomes its nearest."""
        if self.rec is None or self._scene is None:
            return
        index = max(0, min(index, self.rec.frames - 1))
        if self._follow or self._leaves(index):
            step_3 = self._anchor(index) - self._anchor(self.frame)
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
        if follow and self._scene is not None and len(self._scene.extent.anchor_F3):
            at_3 = self._scene.extent.anchor_F3[min(self.frame, len(self._scene.extent.anchor_F3) - 1)]
            self.set_camera(self.camera.moved(np.array([at_3[0], at_3[1], self.camera.center[2]])))

    # The camera

    def fit(self) -> None:
        """Fill the view with the body of this frame; with the whole take when the frame is empty."""
        if self.rec is not None and self._scene is not None and self.rec.frames:
            self._fit_frame(self._scene, self.frame, 0.92)

    def show_point(self, point: int) -> None:
        """Bring a point of this frame, or where it was last known, into the middle of the view, with the part of the body around it."""
        if self.rec is None or self._scene is None or not self.rec.frames:
            return
        known_F = np.flatnonzero(self.rec.origin_FP[:, point] != Origin.MISSING)
        if not len(known_F):
            return
        nearest = int(known_F[np.abs(known_F - self.frame).argmin()])
        at_3 = self._scene.positions(self.rec, nearest)[point].astype(np.float64)
        around = AROUND * self._scene.extent.size
        self.set_camera(self.camera.fitted(np.stack([at_3 - around, at_3 + around]), self.aspect))

    def look(self, view: str) -> None:
        """Turn to 'front', 'side', 'top' or 'persp', as seen from the body in the take's first frame."""
        turn, up = VIEWS[view]
        front = 0.0 if self._scene is None else self._scene.extent.front
        if self.rec is not None and self.rec.dims == 2 and view == "persp":
            turn, up = 12.0, 6.0
        self.set_camera(self.camera.turned(front + turn, up))

    def _fit_first(self, scene: Scene) -> None:
        """Fit the body of the first frame that shows one into the view."""
        assert self.rec is not None
        several_F = (self.rec.origin_FP != Origin.MISSING).sum(axis=1) >= min(2, len(self.rec.points))
        self._fit_frame(scene, int(several_F.argmax()) if several_F.any() else -1, FIRST)
        self._untouched = self.camera

    def _fit_frame(self, scene: Scene, frame: int, share: float) -> None:
        """Fill a share of the view with the body of a frame; with the whole take when that frame shows none."""
        around_P3 = there(scene.positions(self.rec, frame)) if self.rec is not None and frame >= 0 else np.zeros((0, 3))
        if len(around_P3) < 2:
            self._fit_take(scene)
            return
        margin = MARGIN * scene.extent.size
        self.set_camera(self.camera.fitted(np.concatenate([around_P3 - margin, around_P3 + margin]), self.aspect, share))

    def _fit_take(self, scene: Scene) -> None:
        """Fit the whole take into the view, but keep the body large enough to see."""
        low_3, high_3 = scene.extent.low_3, scene.extent.high_3
        most_2 = 1.1 * scene.extent.size
        start_2 = np.clip(scene.extent.anchor_F3[0, :2] if len(scene.extent.anchor_F3) else low_3[:2], low_3[:2], high_3[:2])
        low_3, high_3 = low_3 - MARGIN * scene.extent.size, high_3 + MARGIN * scene.extent.size
        low_3[:2], high_3[:2] = np.maximum(low_3[:2], start_2 - most_2), np.minimum(high_3[:2], start_2 + most_2)
        self.set_camera(self.camera.fitted(corners(low_3, high_3), self.aspect))

    def _anchor(self, frame: int) -> Float:
        """Where the body is in a frame."""
        assert self._scene is not None
        anchor_F3 = self._scene.extent.anchor_F3
        return np.asarray(anchor_F3[min(frame, len(anchor_F3) - 1)])

    def _leaves(self, frame: int) -> bool:
        """Whether the body is in the view in this frame and not in the other one."""
        if self._scene is None or not len(self._scene.extent.anchor_F3):
            return False
        at_22 = self.camera.project(np.stack([self._anchor(self.frame), self._anchor(frame)]), self.width(), self.height())
        before, after = (LEFT_PX < x < self.width() - LEFT_PX and LEFT_PX < y < self.height() - LEFT_PX for x, y in at_22)
        return before and not after

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._scene is not None and self.camera is self._untouched:
            self._fit_first(self._scene)

    # Drawing

    def _rebuild(self) -> None:
        rec, scene = self.rec, self._scene
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
        self._hands.draw(painter)
        if self.rec is None or self._scene is None:
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
        assert self.rec is not None and self._scene is not None
        return np.asarray(self._scene.positions(self.rec, self.frame)[point], np.float64)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if not self._hands.press(event):
            super().mousePressEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._hands.move(event):
            super().mouseMoveEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if not self._hands.release(event):
            super().mouseReleaseEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        point = self.pick(event.x(), event.y())
        if point >= 0 and point not in self._selected:
            self.picked.emit(point)
        self.menu_asked.emit(event.globalPos())

    # Picking

    def _screen(self) -> tuple[np.ndarray, np.ndarray]:
        """(P, 2) where this frame's points are in the view, NaN when missing or behind; (P,) their radii there."""
        assert self.rec is not None and self._scene is not None
        xyz_P3 = self._scene.positions(self.rec, self.frame)
        at_P2 = self.camera.project(xyz_P3, self.width(), self.height())
        depth_P = np.maximum((self.camera.eye_3 - xyz_P3) @ self.camera.axes_33[2], 1e-6)
        per_metre_P = self.camera.distance / depth_P / self.camera.metres_per_pixel(self.width(), self.height())
        return at_P2, self._scene.radius_P * per_metre_P

    def pick(self, x: float, y: float) -> int:
        """The point under a pixel, or the nearest within a few pixels; -1 for none."""
        if self.rec is None or self._scene is None or not self.rec.frames:
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
