"""The picture of a 2D take in a view: zoom, pan, picking, and a lift projected onto it. P points; pixels from the top left."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from PySide6.QtGui import QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QWidget

from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.operations.origin_runs import origins_of
from mpm_studio.render.body_rows import find_bones
from mpm_studio.render.extent import there
from mpm_studio.render.flat_scene import FlatScene, flat_scene
from mpm_studio.render.picture_framing import PictureFraming, fitted

WORDS_PX = 40.0  # room for words at the top
MARGIN_PX = 14.0
BODY_MARGIN_PX = 60.0
PICK_PX = 12.0
NO_BONES = np.zeros((0, 2), np.intp)


class FramedPicture(QWidget):
    """Points are those of the take that is shown: the keypoints', or the lift's. The wheel zooms."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.flat: Recording | None = None
        self.scene: FlatScene | None = None
        self.origins: frozenset[Origin] = frozenset()  # of the keypoints
        self.lifted: Recording | None = None
        self.lift_bones = NO_BONES
        self.frame = 0
        self.framing = PictureFraming()
        self._own_framing = False  # the user's: not fitted again when the view changes its size
        self._overrides: Mapping[str, str] = {}

    def show_take(self, flat: Recording | None, lifted: Recording | None, overrides: Mapping[str, str], *, new: bool = False) -> None:
        """Keypoints, and the take lifted from them, if there is one. new: fit the picture into the view."""
        mapped = dict(overrides) == dict(self._overrides)
        if flat is not self.flat or not mapped:
            same = flat is not None and self.flat is not None and flat.points == self.flat.points and mapped and not new
            self.scene = None if flat is None else flat_scene(flat, overrides, self.scene if same else None)
            self.flat, self.origins, self._overrides = flat, origins_of(flat), dict(overrides)
        if lifted is not self.lifted:
            known = lifted is not None and self.lifted is not None and lifted.points == self.lifted.points
            if not known:
                self.lift_bones = NO_BONES if lifted is None else find_bones(lifted).pairs_B2
            self.lifted = lifted
        if new or not self._own_framing:
            self.fit()
        self.update()

    def set_frame(self, frame: int) -> None:
        """The view follows a body that leaves it."""
        before = self._middle()
        self.frame = frame
        after = self._middle()
        if self._own_framing and before is not None and after is not None and self._holds(before) and not self._holds(after):
            self.set_framing(self.framing.moved(*(self.framing.scale * (before - after))))
        self.update()

    def _middle(self) -> Float | None:
        """(2,) the middle of this frame's keypoints, pixels of the picture."""
        if self.flat is None or not self.flat.frames:
            return None
        known_N2 = there(self.flat.xyz_FPD[self.row])
        return known_N2.mean(axis=0).astype(np.float64) if len(known_N2) else None

    def _holds(self, xy_2: Float) -> bool:
        """Whether a place of the picture is in the view."""
        x, y = self.framing.to_view(xy_2)
        return self.rect().contains(round(x), round(y))

    def fit(self) -> None:
        """The whole picture in the view."""
        self._own_framing = False
        if self.scene is not None:
            self.framing = self._below_words(self.image_wh, MARGIN_PX)
        self.update()

    def fit_body(self) -> None:
        """The keypoints of this frame in the view; the whole picture when there are none, or when they are there already."""
        if self.flat is None or not self.flat.frames:
            return
        known_N2 = there(self.flat.xyz_FPD[self.row]).astype(np.float64)
        if len(known_N2) < 2:
            self.fit()
            return
        low_2, high_2 = known_N2.min(axis=0), known_N2.max(axis=0)
        wide, high = (max(float(side), 1.0) for side in high_2 - low_2)
        body = self._below_words((wide, high), min(BODY_MARGIN_PX, 0.2 * self.height()))
        framing = body.moved(*(-body.scale * low_2))
        if self._own_framing and framing == self.framing:
            self.fit()
        else:
            self.set_framing(framing)

    def _below_words(self, size_wh: tuple[float, float], margin: float) -> PictureFraming:
        return fitted(size_wh, (self.width(), self.height() - WORDS_PX), margin).moved(0, WORDS_PX)

    def show_point(self, point: int) -> None:
        """Bring a keypoint, or where it was last known, into the middle of the view."""
        if self.flat is None or self.lifted is not None:
            return
        known_F = np.flatnonzero(self.flat.origin_FP[:, point] != Origin.MISSING)
        if len(known_F):
            x, y = self.framing.to_view(self.flat.xyz_FPD[known_F[np.abs(known_F - self.frame).argmin()], point])
            if not self.rect().adjusted(20, 20, -20, -20).contains(round(x), round(y)):
                self.set_framing(self.framing.moved(self.width() / 2 - x, self.height() / 2 - y))

    def set_framing(self, framing: PictureFraming) -> None:
        self.framing, self._own_framing = framing, True
        self.update()

    @property
    def image_wh(self) -> tuple[int, int]:
        camera = self.camera
        assert self.scene is not None
        return camera.image_wh if camera is not None else self.scene.image_wh

    @property
    def camera(self) -> LiftCamera | None:
        """The lift's."""
        return None if self.lifted is None else self.lifted.source.camera

    # Places

    def on_screen(self) -> Float:
        """(P, 2) where the points of the shown take are in the view, NaN where missing; missing keypoints where they are drawn."""
        return self.framing.to_view(self.lift_P2() if self.lifted is not None else self._flat_P2())

    def pick(self, x: float, y: float) -> int:
        """The nearest point within a few pixels; -1 for none."""
        if self.flat is None or not self.flat.frames:
            return -1
        away_P = np.nan_to_num(np.linalg.norm(self.on_screen() - [x, y], axis=1), nan=np.inf)
        return int(away_P.argmin()) if len(away_P) and away_P.min() <= PICK_PX else -1

    def _flat_P2(self) -> Float:
        assert self.flat is not None and self.scene is not None
        at_P2, between_P2 = self.flat.xyz_FPD[self.row], self.scene.between_FP2[self.row]
        return np.asarray(np.where(np.isfinite(at_P2), at_P2, between_P2), np.float64)

    def lift_P2(self) -> Float:
        assert self.lifted is not None and self.camera is not None
        return self.camera.project(self.lifted.xyz_FPD[min(self.frame, self.lifted.frames - 1)])

    @property
    def row(self) -> int:
        assert self.flat is not None
        return min(self.frame, self.flat.frames - 1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if not self._own_framing:
            self.fit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        at = event.position()
        self.set_framing(self.framing.zoomed(1.2 ** (event.angleDelta().y() / 120), at.x(), at.y()))
        event.accept()
