"""What the camera of the 3D view is turned to: the body, a point, the whole take."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QWidget

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.render.camera import Camera
from mpm_studio.render.extent import corners, there
from mpm_studio.render.orbit_view import OrbitView
from mpm_studio.render.scene import Scene

FIRST = 0.8  # share of the view that a body fills when its take is opened
AROUND, CLOSE = 0.45, 0.18  # of a body's size that is shown around a gap's point, and around selected ones
BODY_REACH, MOST_REACH = 0.5, 0.45  # how near to the view's edge a body's middle may come: of its size, at most of the view's
MARGIN = 0.06  # around what the camera is fitted to, in body sizes: heads are rounder than their points
VIEWS = {"front": (0.0, 0.0), "side": (90.0, 0.0), "top": (0.0, 90.0), "persp": (35.0, 14.0)}  # degrees from the front, and up


class FramedView(OrbitView):
    """A view of a recording's scene with ways to turn to it. scene: None without a recording."""

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent, samples=samples)
        self.rec: Recording | None = None
        self.frame = 0
        self.scene: Scene | None = None
        self._untouched: Camera | None = None  # the camera as fitted to a new take; it is fitted again until the user moves it

    def fit(self) -> None:
        """Fill the view with the body of this frame; with the whole take when the frame is empty."""
        if self.rec is not None and self.scene is not None and self.rec.frames:
            self._fit_frame(self.scene, self.frame, 0.92)

    def show_points(self, points: Sequence[int], share: float = AROUND) -> None:
        """Fill the view with some points of this frame, or where they were last known, and a share of the body's size around them."""
        if self.rec is None or self.scene is None or not self.rec.frames:
            return
        at_N3 = np.array([at_3 for point in points if (at_3 := self._last_known(self.rec, self.scene, point)) is not None])
        if len(at_N3):
            around = share * self.scene.extent.size
            self.set_camera(self.camera.fitted(np.concatenate([at_N3 - around, at_N3 + around]), self.aspect))

    def _last_known(self, rec: Recording, scene: Scene, point: int) -> Float | None:
        known_F = np.flatnonzero(rec.origin_FP[:, point] != Origin.MISSING)
        if not len(known_F):
            return None
        return np.asarray(scene.positions(rec, int(known_F[np.abs(known_F - self.frame).argmin()]))[point], np.float64)

    def turn_flat(self) -> None:
        """From perspective to orthographic, or back."""
        self.set_camera(replace(self.camera, flat=not self.camera.flat))

    def look(self, view: str) -> None:
        """Turn to 'front', 'side' or 'top', orthographic, or to 'persp', as seen from the body in the take's first frame."""
        turn, up = VIEWS[view]
        front = 0.0 if self.scene is None else self.scene.extent.front
        if self.rec is not None and self.rec.dims == 2 and view == "persp":
            turn, up = 12.0, 6.0
        self.set_camera(self.camera.turned(front + turn, up, flat=view != "persp"))

    def fit_first(self, scene: Scene) -> None:
        """Fit the body of this frame into the view, or of the first that shows one."""
        assert self.rec is not None
        several_F = (self.rec.origin_FP != Origin.MISSING).sum(axis=1) >= min(2, len(self.rec.points))
        first = int(several_F.argmax()) if several_F.any() else -1
        self._fit_frame(scene, self.frame if several_F[self.frame : self.frame + 1].any() else first, FIRST)
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

    def anchor(self, frame: int) -> Float:
        """Where the body is in a frame."""
        assert self.scene is not None
        anchor_F3 = self.scene.extent.anchor_F3
        return np.asarray(anchor_F3[min(frame, len(anchor_F3) - 1)])

    def leaves(self, frame: int) -> bool:
        """Whether the body, whose middle is in the view in the present frame, is further out of the view in another one."""
        if self.scene is None or not len(self.scene.extent.anchor_F3):
            return False
        view_2 = np.array([self.width(), self.height()], float)
        at_22 = self.camera.project(np.stack([self.anchor(self.frame), self.anchor(frame)]), *view_2)
        if not ((at_22[0] > 0) & (at_22[0] < view_2)).all():
            return False
        reach = BODY_REACH * self.scene.extent.size / self.camera.metres_per_pixel(*view_2)
        inner_2 = np.minimum(reach, MOST_REACH * view_2)
        before, after = np.nan_to_num(np.maximum(inner_2 - at_22, at_22 - (view_2 - inner_2)).max(axis=1), nan=np.inf)
        return bool(after > max(before, 0))

    def resizeEvent(self, event: QResizeEvent) -> None:
        self.setUpdatesEnabled(False)  # Qt would draw each size that layouts go through; what is drawn at the end is enough
        super().resizeEvent(event)
        self.setUpdatesEnabled(True)
        if self.scene is not None and self.camera is self._untouched:
            self.fit_first(self.scene)
