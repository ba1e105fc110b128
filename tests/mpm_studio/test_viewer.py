"""The 3D view draws what it is given, read from its own pixels; errors of OpenGL are shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QMainWindow

from mpm_core.recording import Origin, make_recording
from mpm_studio import palette
from mpm_studio.render import gl_program
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.layers import Layers
from mpm_studio.render.overlay import draw_subjects
from mpm_studio.views.viewer import Viewer
from tests.makers import smooth_take, standing, with_gap
from tests.mpm_studio.viewing import differing, like, pixels, shown, without


def test_a_body_is_drawn_in_the_colours_of_its_sides(viewer: Viewer) -> None:
    empty = pixels(viewer)
    viewer.set_recording(standing())
    body = pixels(viewer)
    assert viewer.problem == ""
    assert differing(empty, body) > 1500
    assert like(body, palette.LEFT) > 150 and like(body, palette.RIGHT) > 150
    assert like(body, palette.ORIGIN[Origin.PREDICTED]) == 0


def test_the_body_fills_the_view_and_stands_in_its_middle(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    viewer.fit()
    body = pixels(viewer)
    viewer.update_recording(make_recording(rec.points, 30.0, np.full_like(rec.xyz_FPD, np.nan), skeleton=rec.skeleton))
    rows, columns = np.nonzero((body - pixels(viewer)).max(axis=2) > 40)
    assert np.ptp(rows) > 0.6 * body.shape[0]
    assert rows.min() > 10 and rows.max() < body.shape[0] - 10
    assert abs(columns.mean() - body.shape[1] / 2) < 30


def test_origins_show(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    origin_FP = rec.origin_FP.copy()
    origin_FP[:, [rec.index("left_knee"), rec.index("left_ankle")]] = Origin.PREDICTED
    viewer.update_recording(replace(rec, origin_FP=origin_FP))
    assert like(pixels(viewer), palette.ORIGIN[Origin.PREDICTED]) > 60


def test_missing_points_are_not_drawn(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(with_gap(rec, rec.index("left_knee"), 1, 2))
    whole = pixels(viewer)
    viewer.set_frame(1)
    assert like(pixels(viewer), palette.LEFT) < 0.7 * like(whole, palette.LEFT)


def test_a_ghost_changes_pixels_only_where_it_differs(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    alone = pixels(viewer)
    viewer.set_ghost(rec)
    assert differing(alone, pixels(viewer)) < 60
    viewer.set_ghost(without(rec, "left_wrist", (0.5, 0, 0.3)))
    assert differing(alone, pixels(viewer)) > 200
    viewer.set_ghost(None)
    assert differing(alone, pixels(viewer)) == 0


def test_the_floor_darkens_under_the_body(viewer: Viewer) -> None:
    rec = standing()
    viewer.set_recording(rec)
    viewer.look("top")
    viewer.fit()
    gone = make_recording(rec.points, 30.0, np.full_like(rec.xyz_FPD, np.nan), skeleton=rec.skeleton)
    with_body = pixels(viewer)
    viewer.update_recording(gone)
    without_body = pixels(viewer)
    assert ((without_body - with_body).min(axis=2) > 8).sum() > 300


def test_the_kept_floor_is_the_drawn_floor(viewer: Viewer) -> None:
    viewer.set_recording(standing())
    first = pixels(viewer)
    for _ in range(4):
        again = pixels(viewer)
    assert np.array_equal(first, again)
    viewer.set_camera(viewer.camera.orbit(80, 20))
    assert differing(first, pixels(viewer)) > 1000


def test_a_second_viewer_in_the_same_process_draws_too(qtbot, viewer: Viewer) -> None:
    viewer.set_recording(standing())
    other = shown(qtbot)
    other.set_recording(standing())
    assert differing(pixels(viewer), pixels(other)) < 20
    assert like(pixels(other), palette.LEFT) > 150


def test_multisampling_softens_edges(qtbot, viewer: Viewer) -> None:
    smooth = shown(qtbot, samples=4)
    for each in (viewer, smooth):
        each.set_recording(standing())
    assert like(pixels(smooth), palette.LEFT) > 150
    assert 0 < differing(pixels(viewer), pixels(smooth)) < 6000


def test_a_view_that_moves_to_another_window_draws_again(qtbot) -> None:
    viewer = shown(qtbot)
    viewer.set_recording(standing())
    window = QMainWindow()
    qtbot.addWidget(window)
    window.setCentralWidget(viewer)
    window.resize(480, 360)
    with qtbot.waitExposed(window):
        window.show()
    assert like(pixels(viewer), palette.RIGHT) > 150
    window.takeCentralWidget()


def test_selected_points_are_ringed_named_and_trailed(viewer: Viewer) -> None:
    rec = smooth_take(120, 4)
    viewer.set_recording(rec)
    viewer.set_frame(60)
    plain = pixels(viewer)
    viewer.set_selected([1])
    ringed = pixels(viewer)
    assert 60 < differing(plain, ringed) < 2500
    viewer.set_layers(Layers(trail=True))
    trailed = pixels(viewer)
    assert differing(ringed, trailed) > 25
    viewer.set_labels_visible(True)
    assert differing(trailed, pixels(viewer)) > 60
    viewer.set_selected([1, 99])
    pixels(viewer)
    assert viewer.problem == ""


def test_no_recording_says_how_to_open_one(viewer: Viewer) -> None:
    middle = pixels(viewer)[150:210, 60:420]
    assert (middle.max(axis=2) > 100).sum() > 300
    viewer.set_recording(standing())
    viewer.set_recording(None)
    viewer.set_frame(3)
    viewer.fit()
    assert viewer.pick(100, 100) == -1
    assert np.array_equal(pixels(viewer)[150:210, 60:420], middle)


@pytest.mark.parametrize(("frames", "points"), [(0, 3), (6, 0), (6, 3)])
def test_empty_takes_do_no_harm(viewer: Viewer, frames: int, points: int) -> None:
    viewer.set_recording(make_recording(tuple(f"P{i}" for i in range(points)), 60.0, np.full((frames, points, 3), np.nan)))
    viewer.set_frame(3)
    viewer.set_selected([0])
    viewer.set_layers(Layers(trail=True))
    viewer.set_labels_visible(True)
    viewer.set_follow(True)
    viewer.fit()
    pixels(viewer)
    assert viewer.problem == "" and viewer.pick(10, 10) == -1


def test_a_drawing_error_is_logged_once_and_shown(qtbot, caplog) -> None:
    viewer = shown(qtbot)
    viewer.set_recording(standing())
    healthy = pixels(viewer)

    def broken(stage: object) -> None:
        raise RenderError("the driver went away")

    viewer.guarded(broken)
    viewer.guarded(broken)
    assert [record.getMessage() for record in caplog.records] == ["The 3D view cannot be drawn"]
    assert caplog.records[0].exc_info is not None
    assert "the driver went away" in viewer.problem
    assert differing(healthy, pixels(viewer)) > 500


def test_a_shader_that_does_not_compile_is_an_error_with_its_name(viewer: Viewer, tmp_path, monkeypatch) -> None:
    (tmp_path / "shaders").mkdir()
    (tmp_path / "shaders" / "bad.vert").write_text("#version 330 core\nvoid main() { nonsense }\n")
    monkeypatch.setattr(gl_program, "resource", lambda name: tmp_path / name)
    viewer.makeCurrent()
    try:
        with pytest.raises(RenderError, match=r"bad\.vert"):
            gl_program.Program("bad")
        with pytest.raises(RenderError, match="missing"):
            gl_program.Program("absent")
    finally:
        viewer.doneCurrent()


def test_the_sample_that_was_pressed_on_is_dragged_though_the_frame_changes(qtbot, viewer: Viewer) -> None:
    rec = smooth_take(120, 4)
    rec = replace(rec, origin_FP=np.full_like(rec.origin_FP, Origin.FILLED))
    viewer.set_recording(rec)
    viewer.set_frame(60)
    viewer.set_selected([1])
    x, y = viewer.on_screen()[1]
    at, to = QPoint(round(x), round(y)), QPoint(round(x), round(y) - 12)
    qtbot.mousePress(viewer, Qt.MouseButton.LeftButton, pos=at)
    viewer.set_frame(5)
    qtbot.mouseMove(viewer, to)
    with qtbot.waitSignal(viewer.dragged) as heard:
        qtbot.mouseRelease(viewer, Qt.MouseButton.LeftButton, pos=to)
    point, frame, xyz_3 = heard.args
    assert (point, frame) == (1, 60)
    moved = np.linalg.norm(xyz_3 - rec.xyz_FPD[60, 1])
    assert 0 < moved < np.linalg.norm(xyz_3 - rec.xyz_FPD[5, 1])


def test_the_names_of_subjects_at_one_place_lie_one_below_the_other(qapp) -> None:
    def inked(names: tuple[str, ...]) -> int:
        image = QImage(200, 120, QImage.Format.Format_RGB32)
        image.fill(QColor("black"))
        painter = QPainter(image)
        draw_subjects(painter, [(name, np.array([[100.0, 80.0], [np.nan, np.nan]])) for name in names])
        painter.end()
        rows = np.frombuffer(image.constBits(), np.uint8).reshape(120, 200, 4)[..., 0].max(axis=1) > 100
        return int(rows.sum())

    assert inked(()) == 0 < inked(("HHH",))
    assert inked(("HHH", "HHH", "HHH")) == 3 * inked(("HHH",))
