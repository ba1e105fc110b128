"""The picture of a 2D take and the 3D viewer, with the bar of views and switches, following the session, and what floats over them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, replace
from typing import Any

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QSplitter, QVBoxLayout, QWidget

from mpm_core.edit.patch import Replace
from mpm_core.recording import Recording
from mpm_studio.operations.hidden_points import HiddenPoints
from mpm_studio.operations.keypoints import in_step, keypoints_of
from mpm_studio.render.camera import Camera
from mpm_studio.render.layers import Layers
from mpm_studio.render.sticks import Sticks
from mpm_studio.session import Session
from mpm_studio.views.held_key import WhileHeld
from mpm_studio.views.image_plane import ImagePlane
from mpm_studio.views.naming import named
from mpm_studio.views.running_job import JobFloat, Placed
from mpm_studio.views.view_bar import ViewBar
from mpm_studio.views.viewer import Viewer


class Stage(QWidget):
    """Draws what the session shows: keypoints in their picture, a 3D take in the 3D view, a lifted one in both.

    The ghost is what a proposal would replace, else the original. samples: as the Viewer's.
    """

    def __init__(self, session: Session, actions: dict[str, QAction], samples: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "stage", "Picture and 3D view")
        self.session, self.actions_by_id = session, actions
        self.viewer = Viewer(self, samples=samples)
        self.viewer.scenes.failed.connect(session.failed)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.before = WhileHeld(self.show_before, self)
        self.sticks: frozenset[tuple[str, str]] = frozenset()
        bar = ViewBar(actions)
        bar.before_held.connect(self.show_before)
        layout.addWidget(bar)
        self.plane = ImagePlane()
        self._hidden = HiddenPoints()
        self._step: tuple[object, Recording, Recording] | None = None  # what the keypoints were made for, from which, and they
        self.split = named(QSplitter(Qt.Orientation.Horizontal), "stage_split", "Picture and 3D view")
        self.split.setHandleWidth(1)
        self.split.setChildrenCollapsible(False)
        for widget in (self.plane, self.viewer):
            self.split.addWidget(widget)
        self.split.setSizes([400, 600])
        self.plane.hide()
        layout.addWidget(self.split, 1)
        self.job = JobFloat(session, self)
        self.placed = Placed(self, self.job)
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._update())
        session.proposal_changed.connect(self._update)
        session.mapping_changed.connect(lambda: self.viewer.set_mapping(session.overrides))
        session.mapping_changed.connect(self._show_picture)
        for view in (self.viewer, self.plane):
            session.frame_changed.connect(view.set_frame)
            view.picked.connect(self._on_picked)
            view.added.connect(self._on_added)
            view.boxed.connect(lambda points: session.select(tuple(points), session.selection.start, session.selection.stop))
        session.selection_changed.connect(self._show_selection)
        session.hidden_changed.connect(self._show_hidden)
        self.show_switches()

    def show_switches(self) -> None:
        """Names, follow and the layers as their actions say."""
        trail, halos, contacts, sticks = (self.actions_by_id[name].isChecked() for name in ("trail", "halos", "contacts", "sticks"))
        for view in (self.viewer, self.plane):
            view.set_labels_visible(self.actions_by_id["labels"].isChecked())
        self.viewer.set_layers(Layers(trail, halos, contacts, sticks, self._joined()))
        self.viewer.set_follow(self.actions_by_id["follow"].isChecked())

    def set_sticks(self, sticks: Collection[tuple[str, str]]) -> None:
        """Join pairs of points, by name, and no others."""
        self.sticks = frozenset(sticks)
        self.show_switches()

    def _joined(self) -> Sticks:
        """The pairs that the take has."""
        row = {} if self.session.shown is None else {name: place for place, name in enumerate(self.session.shown.points)}
        pairs = [(row[a], row[b]) for a, b in sorted(self.sticks) if a in row and b in row]
        return np.array(pairs, np.intp).reshape(-1, 2)

    def show_ghost(self) -> None:
        """The other body to compare with, if it is wanted and there is a difference."""
        self.viewer.set_ghost(self._ghost() if self.actions_by_id["ghost"].isChecked() else None)

    def show_before(self, before: bool) -> None:
        """The take as it was before the proposal, or as it was read, in place of the present one."""
        self.viewer.set_before(self._ghost() if before else None)

    def fit(self) -> None:
        """Bring the body of this frame into view."""
        self.viewer.fit()
        self.plane.fit_body()

    def frame_selection(self) -> None:
        """Bring the selected points into view, or the body."""
        self.viewer.frame_selection()
        selected = self.session.selection.points
        if selected:
            self.plane.show_point(selected[0])
        else:
            self.plane.fit_body()

    def show_point(self, point: int) -> None:
        """Bring a point into view."""
        self.viewer.show_points([point])
        self.plane.show_point(point)

    def camera_state(self) -> dict[str, Any]:
        """Where the camera is, as plain values."""
        return asdict(self.viewer.camera)

    def _restore_camera(self) -> None:
        """Restore a project's camera; an invalid state is ignored, because it only changes the view."""
        state = self.session.view.get("camera")
        center = state.get("center") if isinstance(state, dict) else None
        if not isinstance(state, dict) or not isinstance(center, list):
            return
        values = [*center, *(state.get(name) for name in ("distance", "azimuth", "elevation", "fov"))]
        if len(values) == 7 and all(isinstance(value, int | float) for value in values):
            self.viewer.camera = replace(Camera((values[0], values[1], values[2]), *values[3:]), flat=state.get("flat") is True)
            self.viewer.update()

    def _ghost(self) -> Recording | None:
        document, shown = self.session.document, self.session.shown
        if document is None or shown is None:
            return None
        other = document.recording if self.session.proposal is not None else self.session.original
        alike = other is not None and other.dims == shown.dims and other.points == shown.points and other.frames == shown.frames
        return other if alike and other is not shown else None

    def _on_opened(self) -> None:
        self.viewer.set_recording(self.session.shown, self.session.overrides, self.session.frame)
        self._restore_camera()
        kept = self.session.view.get("sticks")
        pairs = kept if isinstance(kept, list) else []
        self.set_sticks({(str(pair[0]), str(pair[1])) for pair in pairs if isinstance(pair, list | tuple) and len(pair) == 2})
        self._hidden = HiddenPoints(self.session.hidden)
        self.viewer.set_hidden(self._hidden)
        self._show_picture(new=True)
        self._show_selection()
        self.show_ghost()

    def _update(self) -> None:
        shown = self.session.shown
        if shown is not None:
            self.viewer.update_recording(shown, self.session.overrides, self.session.frame)
            self.viewer.set_layers(replace(self.viewer.layers, joined_S2=self._joined()))
            self._show_picture()
            self._show_selection()
            self.show_ghost()

    def _show_picture(self, *, new: bool = False) -> None:
        """The picture where there are keypoints, the 3D view where there is something in 3D."""
        document, shown, proposal = self.session.document, self.session.shown, self.session.proposal
        if document is None or shown is None:
            return
        edit = None if proposal is None else proposal.edit
        flat = self._in_step(shown if shown.dims == 2 else keypoints_of(document, edit), shown)
        self.plane.setVisible(flat is not None)
        self.viewer.setVisible(shown.dims == 3)
        lifted = self._hidden.drawn(shown) if shown.dims == 3 and flat is not None else None
        self.plane.show_take(None if flat is None else self._hidden.drawn(flat), lifted, self.session.overrides, new=new)
        self.plane.set_frame(self.session.frame)
        self.plane.set_level(isinstance(edit, Replace) and shown.dims == 3)

    def _in_step(self, flat: Recording | None, shown: Recording) -> Recording | None:
        """The keypoints in the frames of the take; the same object as long as nothing of that changed."""
        if flat is None or not flat.frames:
            return flat
        key = (id(flat), shown.source.part, shown.frames)
        if self._step is None or self._step[0] != key:
            self._step = key, flat, in_step(flat, shown)
        return self._step[2]

    def _show_hidden(self) -> None:
        self._hidden = HiddenPoints(self.session.hidden)
        self.viewer.set_hidden(self._hidden)
        self._show_picture()

    def _show_selection(self) -> None:
        for view in (self.viewer, self.plane):
            view.set_selected(self.session.selection.points)

    def _on_picked(self, point: int) -> None:
        selection = self.session.selection
        self.session.select((point,) if point >= 0 else (), selection.start, selection.stop)

    def _on_added(self, point: int) -> None:
        """Select a point with those that are selected, or no more."""
        selection = self.session.selection
        others = tuple(each for each in selection.points if each != point)
        if point >= 0:
            self.session.select(others if len(others) < len(selection.points) else (*others, point), selection.start, selection.stop)
