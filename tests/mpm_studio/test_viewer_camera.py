"""The 3D view's camera: where it looks from, what moves it, and which point lies under a click."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from mpm_core.recording import Origin, make_recording
from mpm_studio import palette
from mpm_studio.views.viewer import Viewer
from tests.makers import standing, with_gap
from tests.mpm_studio.viewing import differing, like, pixels, without


def test_a_new_take_moves_the_camera_and_an_edit_does_not(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    viewer.set_camera(viewer.camera.orbit(40, 10).pan(50, 10, 480, 360))
    before = viewer.camera
    viewer.set_frame(2)
    viewer.update_recording(without(rec, "left_wrist", (0.1, 0, 0)))
    assert viewer.camera == before and viewer.frame == 2
    viewer.set_recording(standing(shift=(5, 5, 0)))
    assert viewer.camera != before and viewer.frame == 0
    assert like(pixels(viewer), palette.LEFT) > 150


def test_views_look_from_where_they_say(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    left, right, top, nose = (rec.index(name) for name in ("left_wrist", "right_wrist", "head_top", "hip"))
    screen = lambda: viewer.camera.project(rec.xyz_FPD[0], 480, 360)  # noqa: E731
    viewer.look("front")
    assert screen()[left, 0] > screen()[right, 0] + 20 and screen()[top, 1] < screen()[nose, 1]
    viewer.look("side")
    assert abs(screen()[left, 0] - screen()[right, 0]) < 15
    viewer.look("top")
    assert np.ptp(screen()[:, 1]) < 80
    assert like(pixels(viewer), palette.LEFT) > 50


def test_the_camera_follows(viewer: Viewer) -> None:
    rec = standing(60)
    xyz_FPD = rec.xyz_FPD + np.float32([1, 0, 0]) * np.linspace(0, 6, 60, dtype=np.float32)[:, None, None]
    viewer.set_recording(make_recording(rec.points, 30.0, xyz_FPD, skeleton=rec.skeleton))
    viewer.set_follow(True)
    seen = []
    for frame in range(0, 60, 10):
        viewer.set_frame(frame)
        seen.append(viewer.camera.project(xyz_FPD[frame], 480, 360)[0])
    assert np.ptp(np.array(seen), axis=0).max() < 40
    viewer.set_follow(False)
    still = viewer.camera
    viewer.set_frame(48)
    assert viewer.camera == still, "the body is still in the view"
    viewer.set_frame(0)
    at_P2 = viewer.camera.project(xyz_FPD[0], 480, 360)
    assert ((at_P2 > 0) & (at_P2 < [480, 360])).all(), "it had left the view"
    viewer.set_camera(viewer.camera.pan(400, 0, 480, 360))
    aside = viewer.camera
    viewer.set_frame(5)
    assert viewer.camera == aside, "the user looks elsewhere"


def test_a_part_of_the_body_that_leaves_is_followed_without_a_jump(viewer: Viewer) -> None:
    rec = standing(60)
    xyz_FPD = rec.xyz_FPD + np.float32([1, 0, 0]) * np.linspace(0, 3, 60, dtype=np.float32)[:, None, None]
    viewer.set_recording(make_recording(rec.points, 30.0, xyz_FPD, skeleton=rec.skeleton))
    steps = []
    for frame in range(1, 60):
        before = np.array(viewer.camera.center)
        viewer.set_frame(frame)
        steps.append(float(np.linalg.norm(np.array(viewer.camera.center) - before)))
    at_P2 = viewer.camera.project(xyz_FPD[59], 480, 360)
    assert ((at_P2 > 0) & (at_P2 < [480, 360])).all()
    assert max(steps) < 0.2


def test_front_side_and_top_are_orthographic_and_a_key_changes_that(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    for view, flat in (("front", True), ("side", True), ("top", True), ("persp", False)):
        viewer.look(view)
        assert viewer.camera.flat is flat
    viewer.look("front")
    viewer.fit()
    flat = pixels(viewer)
    assert like(flat, palette.LEFT) > 150 and viewer.problem == ""
    viewer.turn_flat()
    assert not viewer.camera.flat and like(pixels(viewer), palette.LEFT) > 150
    viewer.turn_flat()
    floor = round(float(viewer.camera.project(np.array([[0, 0, 0.0]]), 480, 360)[0, 1]))
    assert flat[floor - 1 : floor + 2, 20].max() > flat[floor - 12, 20].max() + 12, "the floor is a line"


def test_the_selection_is_framed_and_without_one_the_body(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    hand = [rec.index("left_wrist"), rec.index("left_elbow")]
    viewer.set_selected(hand)
    viewer.frame_selection()
    near = viewer.camera.distance
    at_N2 = viewer.camera.project(rec.xyz_FPD[0, hand], 480, 360)
    assert np.abs(at_N2.mean(axis=0) - [240, 180]).max() < 30 and ((at_N2 > 0) & (at_N2 < [480, 360])).all()
    viewer.set_selected(())
    viewer.frame_selection()
    assert viewer.camera.distance > 1.3 * near


def test_what_was_before_is_shown_in_place_of_the_take(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(without(rec, "left_wrist", (0.5, 0, 0.3)))
    now = pixels(viewer)
    viewer.set_before(rec)
    assert differing(now, pixels(viewer)) > 100
    viewer.set_before(None)
    assert differing(now, pixels(viewer)) == 0


def test_a_click_picks_the_point_under_it(qtbot, viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    for name in ("left_wrist", "right_ankle", "head_top"):
        at = viewer.camera.project(rec.xyz_FPD[0], 480, 360)[rec.index(name)]
        with qtbot.waitSignal(viewer.picked) as picked:
            qtbot.mouseClick(viewer, Qt.MouseButton.LeftButton, pos=QPoint(round(at[0]) + 2, round(at[1]) - 2))
        assert picked.args == [rec.index(name)]
    with qtbot.waitSignal(viewer.picked) as picked:
        qtbot.mouseClick(viewer, Qt.MouseButton.LeftButton, pos=QPoint(4, 180))
    assert picked.args == [-1]
    with qtbot.waitSignal(viewer.added) as added, qtbot.assertNotEmitted(viewer.picked):
        qtbot.mouseClick(viewer, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, QPoint(round(at[0]) + 2, round(at[1]) - 2))
    assert added.args == [rec.index("head_top")]


def test_missing_points_cannot_be_picked(viewer: Viewer) -> None:
    rec = standing()
    wrist = rec.index("left_wrist")
    viewer.set_recording(with_gap(rec, wrist, 0, 2))
    x, y = viewer.camera.project(rec.xyz_FPD[0], 480, 360)[wrist]
    assert viewer.pick(x, y) == -1
    viewer.set_frame(3)
    assert viewer.pick(x, y) == wrist


def test_dragging_orbits_or_pans_and_picks_nothing(qtbot, viewer: Viewer) -> None:
    viewer.set_recording(standing())
    picked: list[int] = []
    viewer.picked.connect(picked.append)
    for button, key, moved in (
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, "azimuth"),
        (Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, "center"),
        (Qt.MouseButton.MiddleButton, Qt.KeyboardModifier.NoModifier, "center"),
    ):
        before = viewer.camera
        qtbot.mousePress(viewer, button, key, QPoint(200, 180))
        for step in (10, 25, 40):
            _drag(viewer, QPoint(200 + step, 180 + step // 2), button, key)
        qtbot.mouseRelease(viewer, button, key, QPoint(240, 200))
        assert getattr(viewer.camera, moved) != getattr(before, moved)
        assert (viewer.camera.center == before.center) == (moved == "azimuth")
    assert picked == []


def _drag(viewer: Viewer, to: QPoint, button: Qt.MouseButton, key: Qt.KeyboardModifier) -> None:
    spot = QPointF(to)
    QApplication.sendEvent(viewer, QMouseEvent(QEvent.Type.MouseMove, spot, viewer.mapToGlobal(spot), button, button, key))


def test_the_wheel_zooms(viewer: Viewer) -> None:
    viewer.set_recording(standing())
    before = viewer.camera.distance
    none = Qt.KeyboardModifier.NoModifier
    spot = QPointF(100, 100)
    event = QWheelEvent(spot, spot, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton, none, Qt.ScrollPhase.NoScrollPhase, False)
    QApplication.sendEvent(viewer, event)
    assert viewer.camera.distance < 0.95 * before


def test_a_selected_fill_is_dragged_in_the_plane_of_the_view(qtbot, viewer: Viewer) -> None:
    rec = standing()
    wrist = rec.index("left_wrist")
    origin_FP = rec.origin_FP.copy()
    origin_FP[:, wrist] = Origin.FILLED
    rec = replace(rec, origin_FP=origin_FP)
    viewer.set_recording(rec)
    viewer.set_selected((wrist,))
    before = viewer.camera
    x, y = (round(value) for value in viewer.camera.project(rec.xyz_FPD[0], 480, 360)[wrist])
    with qtbot.waitSignal(viewer.dragged) as dragged:
        qtbot.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
        _drag(viewer, QPoint(x + 30, y - 20), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
        qtbot.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=QPoint(x + 30, y - 20))
    point, frame, xyz_3 = dragged.args
    at = viewer.camera.project(np.array([xyz_3]), 480, 360)[0]
    assert (point, frame) == (wrist, 0) and viewer.camera == before
    assert np.abs(at - [x + 30, y - 20]).max() < 1.5
    away = (xyz_3 - rec.xyz_FPD[0, wrist]) @ viewer.camera.axes_33[2]
    assert abs(away) < 1e-6, "its depth stays"


def test_a_measured_point_is_not_dragged(qtbot, viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    wrist = rec.index("left_wrist")
    viewer.set_selected((wrist,))
    before = viewer.camera
    x, y = (round(value) for value in viewer.camera.project(rec.xyz_FPD[0], 480, 360)[wrist])
    qtbot.mousePress(viewer, Qt.MouseButton.LeftButton, pos=QPoint(x, y))
    _drag(viewer, QPoint(x + 30, y), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier)
    qtbot.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=QPoint(x + 30, y))
    assert viewer.camera != before, "the camera orbits instead"


def test_a_box_selects_the_points_in_it(qtbot, viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    at_P2 = viewer.camera.project(rec.xyz_FPD[0], 480, 360)
    ctrl, half = Qt.KeyboardModifier.ControlModifier, round(float(np.median(at_P2[:, 1])))
    with qtbot.waitSignal(viewer.boxed) as boxed:
        qtbot.mousePress(viewer, Qt.MouseButton.LeftButton, ctrl, QPoint(2, 2))
        _drag(viewer, QPoint(470, half), Qt.MouseButton.LeftButton, ctrl)
        qtbot.mouseRelease(viewer, Qt.MouseButton.LeftButton, ctrl, QPoint(470, half))
    assert boxed.args[0] == [n for n, (_, y) in enumerate(at_P2) if y <= half]
