"""The picture of a 2D take: what is drawn in it, read from its own pixels, and what mouse, wheel and keys do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QImage, QWheelEvent
from PySide6.QtWidgets import QApplication

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.edit.patch import Replace
from mpm_core.edit.resample import resample
from mpm_core.edit.trim import trim
from mpm_core.lift_camera import LiftCamera
from mpm_core.recording import Origin, Source
from mpm_core.world_fit.camera import level_axes, up_of
from mpm_studio import palette
from mpm_studio.operations.keypoints import keypoints_of
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.operations.saving import save_project, save_request
from mpm_studio.render.flat_scene import flat_scene
from mpm_studio.render.scene import build_scene, frame_instances
from mpm_studio.take import Take
from tests.makers import standing

SIZE = (1000, 1000)
CAMERA = LiftCamera(level_axes(up_of(10, 0)), 850.0, SIZE, np.array([0.0, -4.0, 1.4]))
JOB_MS = 60_000


def lifted_take(frames: int = 40) -> mpm.Recording:
    """A body of which every sample is predicted, with the camera that saw it."""
    person = standing(frames)
    origin_FP = np.full(person.origin_FP.shape, np.uint8(Origin.PREDICTED))
    rec = person.with_samples(person.samples.having(origin=origin_FP))
    return mpm.Recording(rec.points, 30.0, rec.xyz_FPD, origin_FP, rec.sigma_FP, skeleton=rec.skeleton, source=Source(camera=CAMERA))


def keypoints(frames: int = 40) -> mpm.Recording:
    """The same body, as its camera sees it; the left wrist is missing in frames 10 to 19."""
    person = standing(frames)
    xy_FP2 = CAMERA.project(person.xyz_FPD)
    xy_FP2[10:20, person.index("left_wrist")] = np.nan
    confidence_FP = np.where(np.isfinite(xy_FP2[..., 0]), 0.9, np.nan).astype(np.float32)
    return mpm.make_recording(person.points, 30.0, xy_FP2, confidence_FP=confidence_FP, source=Source(image_wh=SIZE))


@pytest.fixture
def plane(qtbot, window):
    rec = keypoints()
    window.session.open(Take(Path("take.json"), rec, rec, {}))
    plane = window.workspace.stage.plane
    qtbot.waitUntil(lambda: plane.isVisible() and plane.width() > 300)
    plane.fit()
    return plane


def drawn(plane) -> np.ndarray:
    """(H, W, 3) what the widget shows."""
    image = plane.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def at(image: np.ndarray, plane, xy_2) -> np.ndarray:
    """The pixels around a place of the picture."""
    x, y = np.round(plane.framing.to_view(xy_2)).astype(int)
    return image[y - 7 : y + 8, x - 7 : x + 8].reshape(-1, 3)


def has(pixels_N3: np.ndarray, colour: str) -> bool:
    return bool((np.abs(pixels_N3 - QColor(colour).getRgb()[:3]).max(axis=1) < 40).any())


def view_point(plane, point: int) -> QPoint:
    return QPoint(*np.round(plane.on_screen()[point]).astype(int).tolist())


def test_keypoints_stand_in_their_picture_and_not_on_a_floor(window, plane):
    stage, rec = window.workspace.stage, window.session.shown
    assert plane.isVisible() and not stage.viewer.isVisible()
    assert plane.image_wh == SIZE
    image = drawn(plane)
    assert has(at(image, plane, rec.xyz_FPD[0, rec.index("left_knee")]), palette.LEFT)
    assert has(at(image, plane, rec.xyz_FPD[0, rec.index("right_knee")]), palette.RIGHT)
    corner_22 = plane.framing.to_view([[0, 0], SIZE])
    assert corner_22.min() > 0 and corner_22[1, 0] < plane.width() and corner_22[1, 1] < plane.height()


def test_a_gap_is_a_ring_where_the_point_may_be(window, plane):
    rec = window.session.shown
    wrist = rec.index("left_wrist")
    window.session.set_frame(15)
    between_2 = flat_scene(rec).between_FP2[15, wrist]
    assert between_2 == pytest.approx((rec.xyz_FPD[9, wrist] * 4 + rec.xyz_FPD[20, wrist] * 6 + rec.xyz_FPD[20, wrist]) / 11, abs=30)
    around = at(drawn(plane), plane, between_2)
    assert has(around, palette.TIMELINE_ORIGIN[Origin.MISSING])
    window.session.set_frame(25)
    assert not has(at(drawn(plane), plane, rec.xyz_FPD[25, wrist]), palette.TIMELINE_ORIGIN[Origin.MISSING])


def test_an_unsure_keypoint_is_fainter(window, plane):
    rec = window.session.shown
    knee = rec.index("left_knee")
    sure = at(drawn(plane), plane, rec.xyz_FPD[0, knee])
    confidence_FP = rec.confidence_FP.copy()
    confidence_FP[:, knee] = 0.05
    faint = rec.with_samples(rec.samples.having(confidence=confidence_FP))
    window.session.open(Take(Path("take.json"), faint, faint, {}))
    unsure = at(drawn(plane), plane, rec.xyz_FPD[0, knee])
    blue = np.array(QColor(palette.LEFT).getRgb()[:3])
    assert np.abs(sure - blue).sum(axis=1).min() + 60 < np.abs(unsure - blue).sum(axis=1).min()


def test_click_selects_drag_moves_and_undo_brings_back(qtbot, window, plane):
    session, rec = window.session, window.session.shown
    wrist = rec.index("right_wrist")
    start = view_point(plane, wrist)
    qtbot.mouseClick(plane, Qt.MouseButton.LeftButton, pos=start)
    assert session.selection.points == (wrist,)
    stop = start + QPoint(-40, -30)
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(plane, stop)
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=stop)
    moved = session.document.recording
    wanted_2 = plane.framing.to_picture([stop.x(), stop.y()])
    assert moved.origin_FP[0, wrist] == Origin.HAND
    assert moved.xyz_FPD[0, wrist] == pytest.approx(wanted_2, abs=0.01)
    assert (moved.origin_FP != rec.origin_FP).sum() == 1
    session.undo()
    assert not session.document.recording.samples.differs(rec.samples).any()


def test_esc_takes_a_drag_in_the_picture_back(qtbot, window, plane):
    session = window.session
    wrist = session.shown.index("right_wrist")
    window.workspace.timeline.setFocus()
    session.select((wrist,))
    start = view_point(plane, wrist)
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(plane, start + QPoint(-40, -30))
    qtbot.keyClick(window.focusWidget(), Qt.Key.Key_Escape)
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=start + QPoint(-40, -30))
    assert session.document.done == () and session.selection.points == (wrist,)


def test_a_point_that_is_not_selected_is_not_dragged(qtbot, window, plane):
    start = view_point(plane, 0)
    before = plane.framing
    qtbot.mousePress(plane, Qt.MouseButton.LeftButton, pos=start)
    qtbot.mouseMove(plane, start + QPoint(50, 20))
    qtbot.mouseRelease(plane, Qt.MouseButton.LeftButton, pos=start + QPoint(50, 20))
    assert window.session.document.undo_label == ""
    assert (plane.framing.left - before.left, plane.framing.top - before.top) == (50, 20), "the picture was moved instead"


def test_the_wheel_zooms_where_it_is_and_f_fits(qtbot, window, plane):
    low = plane.height()
    window.resize(1400, 868)
    qtbot.waitUntil(lambda: plane.height() > low)
    plane.fit()
    whole = plane.framing
    where = QPointF(0.3 * plane.width(), 0.4 * plane.height())
    held = plane.framing.to_picture([where.x(), where.y()])
    turn = (QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(plane, QWheelEvent(where, plane.mapToGlobal(where), *turn))
    assert plane.framing.scale > whole.scale
    assert plane.framing.to_picture([where.x(), where.y()]) == pytest.approx(held)
    window.actions_by_id["fit"].trigger()
    at_P2 = plane.on_screen()
    assert np.ptp(at_P2[:, 1]) > 0.5 * plane.height() or np.ptp(at_P2[:, 0]) > 0.5 * plane.width()
    assert at_P2.min() > 0 and at_P2[:, 1].max() < plane.height()
    window.actions_by_id["fit"].trigger()
    assert plane.framing == whole, "the second time the whole picture"


def test_2d_gaps_are_filled_by_the_classical_methods(qtbot, window, plane):
    session, rec = window.session, window.session.shown
    assert window.actions_by_id["complete"].isEnabled() and not window.actions_by_id["donors"].isEnabled()
    window.actions_by_id["complete"].trigger()
    qtbot.waitUntil(lambda: session.proposal is not None, timeout=JOB_MS)
    session.accept()
    filled = session.document.recording
    wrist = rec.index("left_wrist")
    assert (filled.origin_FP[10:20, wrist] == Origin.FILLED).all()
    truth_F2 = CAMERA.project(standing(40).xyz_FPD)[10:20, wrist]
    assert np.linalg.norm(filled.xyz_FPD[10:20, wrist] - truth_F2, axis=1).max() < 30
    kept_FP = rec.origin_FP == Origin.MEASURED
    assert filled.xyz_FPD[kept_FP].tobytes() == rec.xyz_FPD[kept_FP].tobytes()


def test_a_lift_is_drawn_over_its_keypoints_and_picked_there(qtbot, window, plane):
    session, stage, flat = window.session, window.workspace.stage, window.session.document.recording
    session.propose(Replace("Lift to 3D", flat, lifted_take()), "lifted")
    assert plane.isVisible() and stage.viewer.isVisible() and plane.lifted is session.shown and plane.flat is flat
    assert plane.handle() is not None
    session.accept()
    assert plane.isVisible() and plane.handle() is None
    assert keypoints_of(session.document) is flat
    knee = session.shown.index("left_knee")
    qtbot.mouseClick(plane, Qt.MouseButton.LeftButton, pos=view_point(plane, knee))
    assert session.selection.points == (knee,)
    session.undo()
    assert not stage.viewer.isVisible() and plane.lifted is None


def test_marks_made_before_a_lift_are_in_its_keypoints(window, plane, tmp_path):
    session, flat = window.session, window.session.document.recording
    session.do(mark(flat, region(flat, [0], 3, 6)))
    marked = session.document.recording
    session.do(Replace("Lift to 3D", marked, lifted_take()))
    assert keypoints_of(session.document).origin_FP[3, 0] == Origin.MARKED
    lifted = session.document.recording
    session.do(trim(lifted, 5, 25))
    assert plane.isVisible() and plane.flat.frames == 20
    np.testing.assert_array_equal(plane.flat.xyz_FPD, marked.xyz_FPD[5:25])
    session.do(resample(session.document.recording, 15.0))
    np.testing.assert_array_equal(plane.flat.xyz_FPD, marked.xyz_FPD[5:25:2])
    project = tmp_path / "take.mpm"
    save_project(save_request(session.document, project, window.view_state()), lambda: False, lambda share, text: None)
    session.open(open_as(ReadRequest(project), lambda: False, lambda share, text: None))
    assert plane.isVisible() and session.shown.dims == 3
    np.testing.assert_array_equal(plane.flat.xyz_FPD, marked.xyz_FPD[5:25:2])
    assert keypoints_of(session.document).origin_FP[3, 0] == Origin.MARKED, "a project has the history"


def test_a_lifted_body_keeps_the_colours_of_its_sides():

    rec = lifted_take()
    colours_N3 = np.round(frame_instances(build_scene(rec), rec, 0).spheres_N8[:, 4:7] * 255).astype(int)
    assert has(colours_N3, palette.LEFT) and has(colours_N3, palette.RIGHT)
    assert not has(colours_N3, palette.ORIGIN[Origin.PREDICTED])


def test_a_take_without_points_in_view_has_a_picture(window):
    rec = mpm.make_recording(("a", "b"), 30.0, np.full((3, 2, 2), np.nan))
    window.session.open(Take(Path("empty.json"), rec, rec, {}))
    assert drawn(window.workspace.stage.plane).std() > 0
    none = mpm.make_recording(("a", "b"), 30.0, np.zeros((0, 2, 2)))
    window.session.open(Take(Path("none.json"), none, none, {}))
    assert drawn(window.workspace.stage.plane).std() > 0
