"""The 3D view in its window: what is held, switched and joined there."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton

import mpm_core as mpm
from mpm_core.edit.annotate import Annotate
from mpm_core.fill.to_patch import fill_gaps
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.operations.saving import save_project, save_request
from mpm_studio.take import Take
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child, press
from tests.mpm_studio.viewing import differing, pixels


@pytest.fixture
def filled(window):
    """A take with a gap that is filled, at a frame within it."""
    rec = with_gap(smooth_take(frames=300, points=5), 1, 100, 130)
    window.session.open(Take(Path("take.c3d"), rec, rec, {}))
    window.session.do(fill_gaps(rec, ~rec.visible_FP, "linear").patch)
    window.session.set_frame(115)
    window.actions_by_id["ghost"].setChecked(False)
    return window


def test_holding_a_shows_the_take_as_it_was_read(qtbot, filled):
    viewer, timeline = filled.workspace.stage.viewer, filled.workspace.timeline
    press(qtbot, filled, Qt.Key.Key_Home)  # brings the window to the front
    filled.session.set_frame(115)
    now = pixels(viewer)
    qtbot.keyPress(timeline, Qt.Key.Key_A)
    before = pixels(viewer)
    assert differing(now, before) > 20, "the filled point is gone"
    assert viewer.pick(*viewer.camera.project(viewer.rec.xyz_FPD[115, 1:2], viewer.width(), viewer.height())[0]) != 1
    qtbot.keyRelease(timeline, Qt.Key.Key_B)
    assert differing(before, pixels(viewer)) == 0, "another key was let go"
    qtbot.keyRelease(timeline, Qt.Key.Key_A)
    assert differing(now, pixels(viewer)) == 0


def test_the_button_shows_it_while_it_is_pressed(qtbot, filled):
    viewer, button = filled.workspace.stage.viewer, child(filled, QToolButton, "button_before")
    now = pixels(viewer)
    qtbot.mousePress(button, Qt.MouseButton.LeftButton)
    assert differing(now, pixels(viewer)) > 20
    qtbot.mouseRelease(button, Qt.MouseButton.LeftButton)
    assert differing(now, pixels(viewer)) == 0


def test_two_points_are_joined_and_parted_and_a_project_keeps_it(qtbot, filled, tmp_path):
    session, stage = filled.session, filled.workspace.stage
    session.select((0, 2))
    filled.actions_by_id["join"].trigger()
    assert stage.sticks == {("P0", "P2")} and stage.viewer.layers.joined_S2.tolist() == [[0, 2]]
    path = tmp_path / "joined.mpmproj"
    save_project(save_request(session.document, path, filled.view_state()), lambda: False, lambda share, text: None)
    filled.actions_by_id["join"].trigger()
    assert not stage.sticks
    session.document.saved()
    session.open(open_as(ReadRequest(path), lambda: False, lambda share, text: None))
    assert stage.viewer.layers.joined_S2.tolist() == [[0, 2]]


def test_the_switches_of_the_view_draw_and_leave_out_halos(qtbot, filled):
    viewer, rec = filled.workspace.stage.viewer, filled.session.document.recording
    low = viewer.height()
    filled.resize(1400, 868)
    qtbot.waitUntil(lambda: viewer.height() > low)
    sigma_FP = rec.sigma_FP.copy()
    sigma_FP[100:130, 1] = 0.15
    known = rec.with_samples(rec.samples.having(sigma=sigma_FP))
    viewer.update_recording(known)
    with_halos = pixels(viewer)
    filled.actions_by_id["halos"].trigger()
    assert differing(with_halos, pixels(viewer)) > 100
    filled.actions_by_id["halos"].trigger()
    assert np.array_equal(with_halos, pixels(viewer))


def test_contacts_are_drawn_where_a_span_says_so(filled):
    viewer, rec = filled.workspace.stage.viewer, filled.session.document.recording
    filled.session.do(Annotate("Contact", spans=(mpm.Span("contact", 110, 120, (rec.points[3],)),)))
    viewer.fit()
    touching = pixels(viewer)
    filled.actions_by_id["contacts"].trigger()
    assert differing(touching, pixels(viewer)) > 10
    filled.actions_by_id["contacts"].trigger()
