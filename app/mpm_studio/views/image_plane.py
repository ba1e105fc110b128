"""The picture that a camera took: keypoints in their frame, a lift projected onto them, a video behind. P points; pixels from the top left.

Wheel zooms, drag pans; a click selects; the one selected keypoint is dragged. While a lift is proposed, a handle tells which way is up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from mpm_core.typing import Float
from mpm_studio import palette
from mpm_studio.render import image_paint
from mpm_studio.render.extent import there
from mpm_studio.render.overlay import clock, draw_corner, draw_labels, draw_legend, draw_message, draw_rings
from mpm_studio.views.cancelled_drag import CancelledDrag
from mpm_studio.views.framed_picture import FramedPicture
from mpm_studio.views.image_mouse import ImageMouse
from mpm_studio.views.mouse_events import MouseEvents
from mpm_studio.views.naming import named

RING_PX = 8.0
HANDLE_PX = 7.0
WORDS_PX = 46  # from the top
BODY_JOINTS = 17  # the first points of a lift


class ImagePlane(MouseEvents[ImageMouse], FramedPicture):
    """`picked` carries the point under a click, -1 for none, `added` of one with Shift; `boxed` the points in a box; `dragged` a keypoint,
    its frame and where it is dragged to; `levelled` the pitch and roll, degrees, by which the handle was moved since it was pressed, and
    whether it was let go of.

    Points are those of the take that is shown: the keypoints', or the lift's.
    """

    picked = Signal(int)
    added = Signal(int)
    boxed = Signal(list)
    dragged = Signal(int, int, object)
    levelled = Signal(object, bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "image_plane", "Picture")
        self.setMinimumSize(160, 120)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)  # so that Esc is heard during a drag
        self.level = False
        self.image: QImage | None = None
        self.caption = ""
        self.selected: tuple[int, ...] = ()
        self._labels = False
        self._mouse = ImageMouse(self)
        CancelledDrag(self, self._mouse)

    # What is shown

    def set_selected(self, points: Sequence[int]) -> None:
        self.selected = tuple(points)
        self.update()

    def set_labels_visible(self, visible: bool) -> None:
        self._labels = visible
        self.update()

    def set_level(self, on: bool) -> None:
        """Show the floor and the handle that says which way is up."""
        self.level = on
        self.update()

    def set_image(self, image: QImage | None, caption: str = "") -> None:
        """The video's picture of this frame, and what is to be said about it."""
        self.image, self.caption = image, caption
        self.update()

    def draggable(self, point: int) -> bool:
        """Whether the mouse may move a point: a keypoint that is selected alone; joints of a lift are moved in the 3D view."""
        return self.lifted is None and self.selected == (point,)

    def handle(self) -> Float | None:
        """(2,) where the handle of the level is in the view; None when it is not shown."""
        plumb_22 = self._plumb()
        return None if plumb_22 is None or not np.isfinite(plumb_22).all() else self.framing.to_view(plumb_22[1])

    def tilt(self, step_2: Float) -> Float:
        """(2,) degrees of pitch and roll for a way of the handle, pixels of the picture: up opens the floor, to the side rolls."""
        plumb_22, camera = self._plumb(), self.camera
        if plumb_22 is None or camera is None:
            return np.zeros(2)
        long = max(float(np.linalg.norm(plumb_22[1] - plumb_22[0])), 1.0)
        return np.degrees([-step_2[1] / camera.focal_px, step_2[0] / long])

    def _root(self) -> Float | None:
        """(2,) where on the floor the body is in this frame."""
        if self.lifted is None or not self.level:
            return None
        known_N3 = there(self.lifted.xyz_FPD[min(self.frame, self.lifted.frames - 1)])
        return known_N3[:, :2].mean(axis=0).astype(np.float64) if len(known_N3) else None

    def _plumb(self) -> Float | None:
        root_2, camera = self._root(), self.camera
        return None if root_2 is None or camera is None else image_paint.plumb_line(camera, root_2)

    # Drawing

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(palette.VIEW_BOTTOM))
        if self.flat is None or self.scene is None:
            painter.end()
            return
        image_paint.draw_frame(painter, self.framing, self.image_wh, self.image)
        if self.flat.frames:
            self._paint_body(painter)
        else:
            draw_message(painter, "This take has no frames", self.width(), self.height())
        self._mouse.draw(painter)
        self._paint_words(painter)
        painter.end()

    def _paint_body(self, painter: QPainter) -> None:
        assert self.flat is not None and self.scene is not None
        scene, row, P = self.scene, self.row, len(self.flat.points)
        radius = image_paint.point_radius(P, self.framing.scale * scene.body_px)
        root_2, camera = self._root(), self.camera
        if root_2 is not None and camera is not None:
            plumb_22 = self.framing.to_view(image_paint.plumb_line(camera, root_2))
            image_paint.draw_level(painter, self.framing.to_view(image_paint.floor_lines(camera, root_2)), plumb_22, HANDLE_PX)
        if self.lifted is not None:
            image_paint.draw_lift(painter, self.framing.to_view(self.lift_P2()), self.lift_bones, radius)
        at_R2 = self.framing.to_view(scene.xy_FR2[row])
        sure_R = image_paint.confidence(None if self.flat.confidence_FP is None else self.flat.confidence_FP[row], len(at_R2))
        image_paint.draw_bones(painter, at_R2, scene.bones.pairs_B2, scene.side_R, sure_R, radius)
        between_P2 = self.framing.to_view(scene.between_FP2[row])
        image_paint.draw_points(painter, at_R2[:P], between_P2, self.flat.origin_FP[row], scene.side_R[:P], sure_R[:P], radius)
        names = (self.lifted or self.flat).points
        strong = [point for point in self.selected if 0 <= point < len(names)]
        shown = strong + [point for point in range(len(names)) if self._labels and point not in set(strong)]
        if shown:
            at_P2, ring_P = self.on_screen(), np.full(len(names), RING_PX)
            draw_rings(painter, at_P2[strong], ring_P[strong])
            draw_labels(painter, [names[point] for point in shown], at_P2[shown], ring_P[shown], len(strong))

    def _paint_words(self, painter: QPainter) -> None:
        assert self.flat is not None and self.scene is not None
        draw_legend(painter, float(self.width()), self.origins if self.lifted is None else frozenset())
        draw_corner(painter, clock(self.frame, self.flat.source.first_frame, self.flat.frames, self.flat.rate_hz))
        wide, high = self.image_wh
        size_known = self.scene.size_known or self.lifted is not None
        parts = [f"{wide} × {high}{'' if size_known else ', guessed'}", self.caption, self._off()]
        words = "   ·   ".join(part for part in parts if part)
        painter.drawText(14, WORDS_PX, painter.fontMetrics().elidedText(words, Qt.TextElideMode.ElideRight, self.width() - 28))

    def _off(self) -> str:
        """How far the lift is from its keypoints in this frame, in words."""
        if self.lifted is None or self.flat is None or not self.flat.frames or self.scene is None:
            return ""
        if self.scene.joints_FJ2 is None:
            return ""
        off_J = np.linalg.norm(self.scene.joints_FJ2[self.row] - self.lift_P2()[:BODY_JOINTS], axis=1)
        return f"lift {np.nanmedian(off_J):.1f} px off" if np.isfinite(off_J).any() else ""

    # Qt's own events

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self.pick(event.position().x(), event.position().y()) < 0:
            self.fit()
