"""The 3D viewer with its bar of views and switches, following the session, and what floats over it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QVBoxLayout, QWidget

from mpm_core.recording import Recording
from mpm_studio.render.camera import Camera
from mpm_studio.session import Session
from mpm_studio.views.floats import JobFloat, Placed, ProposalFloat
from mpm_studio.views.naming import named
from mpm_studio.views.view_bar import ViewBar
from mpm_studio.views.viewer import Viewer


class Stage(QWidget):
    """Draws what the session shows. The ghost is what a proposal would replace, else the original. samples: as the Viewer's."""

    def __init__(self, session: Session, actions: dict[str, QAction], samples: int | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        named(self, "stage", "3D view with its views")
        self.session, self.actions_by_id = session, actions
        self.viewer = Viewer(self, samples=samples)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ViewBar(actions))
        layout.addWidget(self.viewer, 1)
        self.job = JobFloat(session, self)
        self.proposal = ProposalFloat(session, actions, self)
        self.placed = Placed(self, [self.job, self.proposal])
        session.opened.connect(self._on_opened)
        session.changed.connect(lambda _edit: self._update())
        session.proposal_changed.connect(self._update)
        session.mapping_changed.connect(lambda: self.viewer.set_mapping(session.overrides))
        session.frame_changed.connect(self.viewer.set_frame)
        session.selection_changed.connect(lambda: self.viewer.set_selected(session.selection.points))
        self.viewer.picked.connect(self._on_picked)
        self.viewer.boxed.connect(lambda points: session.select(tuple(points), session.selection.start, session.selection.stop))
        self.show_switches()

    def show_switches(self) -> None:
        """Names, trail and follow as their actions say."""
        self.viewer.set_labels_visible(self.actions_by_id["labels"].isChecked())
        self.viewer.set_trail(self.actions_by_id["trail"].isChecked())
        self.viewer.set_follow(self.actions_by_id["follow"].isChecked())

    def show_ghost(self) -> None:
        """The other body to compare with, if it is wanted and there is a difference."""
        self.viewer.set_ghost(self._ghost() if self.actions_by_id["ghost"].isChecked() else None)

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
            self.viewer.camera = Camera((values[0], values[1], values[2]), *values[3:])
            self.viewer.update()

    def _ghost(self) -> Recording | None:
        document, shown = self.session.document, self.session.shown
        if document is None or shown is None:
            return None
        other = document.recording if self.session.proposal is not None else self.session.original
        alike = other is not None and other.dims == shown.dims and other.points == shown.points and other.frames == shown.frames
        return other if alike and other is not shown else None

    def _on_opened(self) -> None:
        self.viewer.set_recording(self.session.shown, self.session.overrides)
        self._restore_camera()
        self.viewer.set_selected(self.session.selection.points)
        self.show_ghost()

    def _update(self) -> None:
        shown = self.session.shown
        if shown is not None:
            self.viewer.update_recording(shown, self.session.overrides)
            self.viewer.set_frame(self.session.frame)
            self.viewer.set_selected(self.session.selection.points)
            self.show_ghost()

    def _on_picked(self, point: int) -> None:
        selection = self.session.selection
        self.session.select((point,) if point >= 0 else (), selection.start, selection.stop)
