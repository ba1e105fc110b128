"""A view of one frame of a recording: a lit body on a floor, its ghost, and names. P points; pixels from the top left."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QWidget

from mpm_core.recording import Origin, Recording
from mpm_core.typing import Float
from mpm_studio.operations.hidden_points import HiddenPoints
from mpm_studio.operations.origin_runs import origins_of
from mpm_studio.palette import VIEW_ERROR
from mpm_studio.render.body_item import BodyItem
from mpm_studio.render.camera import Camera
from mpm_studio.render.grid_item import GridItem
from mpm_studio.render.layers import Layers, beside_body, translucent
from mpm_studio.render.overlay import EMPTY, draw_axes, draw_message
from mpm_studio.render.scene import Scene, build_scene, frame_instances
from mpm_studio.render.shapes import Floor, joined
from mpm_studio.render.take_overlay import TakeOverlay, draw_take, screen
from mpm_studio.views.framed_view import CLOSE, FramedView
from mpm_studio.views.scenes import Scenes

MOVED = 0.2  # of a body's size: a body that is shown elsewhere after an edit


class TakeView(FramedView):
    """Draws a recording, another beside or instead of it, and what is selected. samples: as the Viewer's."""

    def __init__(self, parent: QWidget | None = None, *, samples: int | None = None) -> None:
        super().__init__(parent, samples=samples)
        self._ghost: tuple[Recording, Scene] | None = None
        self._selected: tuple[int, ...] = ()
        self._labels, self._follow = False, False
        self.layers = Layers()
        self._before: tuple[Recording, Scene] | None = None  # what is shown instead while it is compared
        self._mapping: Mapping[str, str] = {}
        self._hidden = HiddenPoints()
        self._origins: frozenset[Origin] = frozenset()
        self._grid, self._body = GridItem(), BodyItem()
        self.addItem(self._grid)
        self.addItem(self._body)
        self.scenes = Scenes(self)
        self.scenes.ready.connect(self._on_joints)

    # What is shown

    @property
    def selected(self) -> tuple[int, ...]:
        return self._selected

    def set_recording(self, rec: Recording | None, mapping: Mapping[str, str] | None = None, frame: int = 0) -> None:
        """Show another take at a frame, with the camera on the body there; None shows none.

        mapping: the user's, of body joints.
        """
        frame = 0 if rec is None else max(0, min(frame, rec.frames - 1))
        self.rec, self.frame, self._ghost, self._selected, self._mapping = rec, frame, None, (), mapping or {}
        self._before = None
        self.scene = None if rec is None else self._build_scene(rec, frame)
        self.floor, self.camera = Floor() if self.scene is None else self.scene.floor, Camera()
        if self.scene is not None:
            self.look("persp")
            self.fit_first(self.scene)
        self._origins = origins_of(rec)
        self._rebuild()

    def set_mapping(self, mapping: Mapping[str, str]) -> None:
        """Draw the body that a mapping of body joints makes; camera, frame and selection stay."""
        self._mapping = mapping
        if self.rec is not None:
            self.scene = self._build_scene(self.rec, self.frame)
            self._ghost, self._before = (None if each is None else self._with_scene(each[0]) for each in (self._ghost, self._before))
        self._rebuild()

    def update_recording(self, rec: Recording, mapping: Mapping[str, str] | None = None, frame: int | None = None) -> None:
        """The same take after an edit: camera and selection stay. A take with other points is a new one, with this mapping.

        frame: the one to show from now on, None: the present one.
        """
        frame = max(0, min(self.frame if frame is None else frame, rec.frames - 1))
        same = self.rec is not None and rec.points == self.rec.points and rec.dims == self.rec.dims
        if self.scene is None or self.rec is None or not same or not rec.frames or not self.rec.frames:
            self.set_recording(rec, self._mapping if mapping is None else mapping, frame)
            return
        if (rec.frames, rec.source.part) == (self.rec.frames, self.rec.source.part):
            self.rec, self.scene, self._origins = rec, self.scenes.of(rec, self.scene), origins_of(rec)
            self.set_frame(frame)
            return
        before_3 = self.anchor(self.frame)
        self.rec, self.scene, self._origins, self.frame = rec, self._build_scene(rec, frame), origins_of(rec), frame
        step_3 = (self.anchor(frame) - before_3) * [1, 1, 0]
        if np.linalg.norm(step_3) > MOVED * self.scene.extent.size:  # the moment that was shown is not in the take any more
            self.camera = self.camera.moved(np.asarray(self.camera.center) + step_3)
        self._rebuild()

    def set_ghost(self, rec: Recording | None) -> None:
        """Show a translucent body as well: the original, or what is proposed. None hides it."""
        if rec is None:
            self._ghost = None
        elif self._ghost is None or self._ghost[0] is not rec:
            self._ghost = self._with_scene(rec)
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

    def set_hidden(self, hidden: HiddenPoints) -> None:
        """Draw all points but these, and no bones that end at them."""
        self._hidden = hidden
        self._rebuild()

    def set_layers(self, layers: Layers) -> None:
        """What is drawn besides the body."""
        self.layers = layers
        self._rebuild()

    def set_before(self, rec: Recording | None) -> None:
        """Show another recording of the same points in place of this one, until None is given."""
        self._before = self._with_scene(rec) if rec is not None and self._alike(rec) else None
        self._rebuild()

    def set_follow(self, follow: bool) -> None:
        """Keep the camera beside the body as it moves over the floor, instead of only when it leaves the view."""
        self._follow = follow
        if follow and self.scene is not None and len(self.scene.extent.anchor_F3):
            at_3 = self.scene.extent.anchor_F3[min(self.frame, len(self.scene.extent.anchor_F3) - 1)]
            self.set_camera(self.camera.moved(np.array([at_3[0], at_3[1], self.camera.center[2]])))

    def frame_selection(self) -> None:
        """Fill the view with the selected points, with the body when none or all are selected."""
        if self.rec is None or not 0 < len(self._selected) < len(self.rec.points):
            self.fit()
        else:
            self.show_points(self._selected, CLOSE)

    def _build_scene(self, rec: Recording, frame: int) -> Scene:
        """The scene of a recording, with the joints of a frame, of a long take before those of all others."""
        scene = build_scene(rec, self._mapping, soon=frame)
        self.scenes.begin(scene)
        return self.scenes.of(rec, scene)

    def _alike(self, rec: Recording) -> bool:
        return self.rec is not None and rec.points == self.rec.points and rec.xyz_FPD.shape == self.rec.xyz_FPD.shape

    def _with_scene(self, rec: Recording) -> tuple[Recording, Scene]:
        """Another recording that is drawn with this one, or instead of it."""
        if self.scene is None or not self._alike(rec):
            return rec, build_scene(rec, self._mapping)
        return rec, self.scenes.of(rec, self.scene)

    def _on_joints(self) -> None:
        """Draw the joints that are known now."""
        if self.rec is not None and self.scene is not None:
            self.scene = self.scenes.of(self.rec, self.scene)
        self._ghost, self._before = (None if each is None else self._with_scene(each[0]) for each in (self._ghost, self._before))
        self._rebuild()

    def show_joints(self, scene: Scene) -> None:
        """Draw the joints of a scene, if they are of this recording."""
        if scene.joints_of is self.rec:
            self.scene = scene
            self._rebuild()

    # Drawing

    def _rebuild(self) -> None:
        rec, scene = self._drawn()
        if rec is None or scene is None or not rec.frames:
            self._body.solid, self._body.ghost, self._body.halos = joined(()), None, None
        else:
            body = frame_instances(scene, rec, self.frame)
            self._grid.shadows = body
            self._body.solid = joined((body, beside_body(self.layers, scene, rec, self.frame, self._selected)))
            self._body.halos = translucent(self.layers, scene, rec, self.frame, self._selected)
            self._body.ghost = None
            if self._ghost is not None and self._ghost[0].frames and self._before is None:
                ghost, ghost_scene = self._hidden.drawn(self._ghost[0]), self._ghost[1]
                self._body.ghost = frame_instances(ghost_scene, ghost, min(self.frame, ghost.frames - 1), ghost=True)
        if rec is None:
            self._grid.shadows = joined(())
        self.update()

    def _drawn(self) -> tuple[Recording, Scene] | tuple[None, None]:
        """What the view shows: the take, or what it is compared with."""
        if self.rec is None or self.scene is None:
            return None, None
        rec, scene = (self.rec, self.scene) if self._before is None else self._before
        return self._hidden.drawn(rec), scene

    def draw_overlay(self, painter: QPainter) -> None:
        width, height = float(self.width()), float(self.height())
        if self.problem:
            draw_message(painter, self.problem, width, height, VIEW_ERROR)
            return
        draw_axes(painter, self.camera, height)
        rec, scene = self._drawn()
        if rec is None or scene is None:
            draw_message(painter, EMPTY, width, height)
            return
        before, hidden = self._before is not None, self._hidden.names & {*rec.points}
        over = TakeOverlay(
            rec,
            scene,
            self.frame,
            origins_of(rec) if before else self._origins,
            self._selected,
            self._labels,
            self._body.halos is not None,
            ", ".join(["before"] * before + [f"{len(hidden)} hidden"] * bool(hidden)),
        )
        draw_take(painter, over, self.camera, width, height)

    # Where points are

    def on_screen(self) -> Float:
        """(P, 2) where this frame's points are in the view, NaN when missing or behind."""
        return self._screen()[0]

    def place(self, point: int) -> Float:
        """(3,) where a point of this frame is, metres."""
        assert self.rec is not None and self.scene is not None
        return np.asarray(self.scene.positions(self.rec, self.frame)[point], np.float64)

    def _screen(self) -> tuple[np.ndarray, np.ndarray]:
        """(P, 2) where this frame's points are in the view, NaN when missing or behind; (P,) their radii there."""
        rec, scene = self._drawn()
        assert rec is not None and scene is not None
        return screen(rec, scene, self.frame, self.camera, self.width(), self.height())
