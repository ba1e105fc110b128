"""The import panel: it offers what the format leaves open, hands back what was said, and the take is read so."""

from __future__ import annotations

import numpy as np
from PySide6.QtWidgets import QDialog

import mpm_core as mpm
from mpm_core.io.registry import detect, open_options
from mpm_studio.clean_recipe import Recipe, save_recipe, spelled_out
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.views.import_dialog import ImportDialog
from tests.mpm_core.io.keypoints import detector_files


def test_it_offers_what_the_format_leaves_open_and_no_more(qtbot, tmp_path):
    (tmp_path / "take.csv").write_text("a.x,a.y,a.z\n1,2,3\n")
    csv = ImportDialog("take.csv", open_options(detect(tmp_path / "take.csv")), ("unit: a guess",))
    npz = ImportDialog("take.npz", ("fps",), ())
    for dialog in (csv, npz):
        qtbot.addWidget(dialog)
        dialog.show()
    assert all(field.isVisible() for field in (csv.unit, csv.up, csv.zero, csv.fps, csv.columns))
    assert [field.isVisible() for field in (npz.unit, npz.up, npz.zero, npz.fps, npz.columns)] == [False, False, False, True, False]
    assert csv.options() == {}


def test_what_was_said_is_how_the_take_is_read(qtbot, tmp_path):
    path = tmp_path / "take.csv"
    path.write_text("a,b,c\n1,2,3\n0,0,0\n4,5,6\n")
    dialog = ImportDialog(path.name, open_options(detect(path)), ())
    qtbot.addWidget(dialog)
    dialog.unit.setCurrentText("cm")
    dialog.up.setCurrentText("Y")
    dialog.zero.setCurrentText("Measured")
    dialog.fps.setValue(50)
    dialog.columns.setText("wrist=1-3")
    dialog.read.click()
    assert dialog.result() == QDialog.DialogCode.Accepted
    take = open_as(ReadRequest(path, dialog.options()), lambda: False, lambda share, text: None)
    rec = take.recording
    assert (rec.points, rec.rate_hz, rec.source.unit, rec.source.up) == (("wrist",), 50, "cm", "y")
    np.testing.assert_allclose(rec.xyz_FPD[:, 0], [[0.01, -0.03, 0.02], [0, 0, 0], [0.04, -0.06, 0.05]], atol=1e-7)
    assert (rec.origin_FP == mpm.Origin.MEASURED).all()


def test_what_2d_points_are_and_who_is_read_is_said_in_the_window(qtbot, tmp_path):
    path = detector_files.mediapipe_npy(tmp_path)
    dialog = ImportDialog(path.name, open_options(detect(path)), ())
    qtbot.addWidget(dialog)
    dialog.show()
    assert dialog.points.isVisible() and dialog.person.isVisible() and dialog.picture.isVisible()
    assert dialog.options() == {}
    dialog.points.setCurrentText("MediaPipe-33")
    dialog.person.setText("1")
    dialog.picture.setText("640x")
    assert "image_wh" not in dialog.options()
    dialog.picture.setText("640x480")
    assert dialog.options() == {"points": "MediaPipe-33", "person": "1", "image_wh": (640, 480)}
    rec = open_as(ReadRequest(path, dialog.options()), lambda: False, lambda share, text: None).recording
    assert (rec.points, rec.source.image_wh) == (detector_files.points_of("MediaPipe-33"), (640, 480))
    recipe = tmp_path / "recipe.toml"
    save_recipe(Recipe(read=dialog.options()), recipe)
    words = spelled_out(["clean", str(path), "-o", "out.npz", "--recipe", str(recipe)])
    assert "--size=640x480" in words and "--points=MediaPipe-33" in words
