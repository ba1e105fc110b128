"""Pictures come out of a process without a display, in the size and with the colours that were asked for."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

from mpm_core.errors import DataError
from mpm_core.recording import Origin, Recording, make_recording
from mpm_studio import palette
from mpm_studio.render.gl_error import RenderError
from mpm_studio.render.panel import make_panels, strobe
from mpm_studio.render.picture import render_picture
from tests.makers import standing
from tests.mpm_studio.test_viewer import differing, like


def opened(path: Path) -> np.ndarray:
    image = QImage(str(path)).convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def arm(rec: Recording, origin: Origin) -> Recording:
    """The left arm in frames 20..39 gone, or as if it had been filled."""
    points = [rec.index(name) for name in ("left_elbow", "left_wrist")]
    xyz_FPD, origin_FP = rec.xyz_FPD.copy(), rec.origin_FP.copy()
    origin_FP[20:40, points] = origin
    xyz_FPD[20:40, points] = np.nan if origin == Origin.MISSING else xyz_FPD[20:40, points] + np.float32([0.06, 0, 0.1])
    return replace(rec, xyz_FPD=xyz_FPD, origin_FP=origin_FP)


def test_before_and_after(tmp_path: Path) -> None:
    rec = standing(60)
    path = tmp_path / "picture.png"
    render_picture([(arm(rec, Origin.MISSING), None, 30, "Before"), (arm(rec, Origin.PREDICTED), rec, 30, "After")], path, (900, 600))
    picture = opened(path)
    assert picture.shape == (600, 900, 3)
    before, after = picture[:270], picture[302:572]
    assert like(before, palette.LEFT) > 300 and like(after, palette.LEFT) > 300
    assert like(before, palette.ORIGIN[Origin.PREDICTED]) == 0
    assert like(after, palette.ORIGIN[Origin.PREDICTED]) > 100
    assert (picture[:40, :200].max(axis=2) > 180).sum() > 50  # the title
    assert differing(picture[270:300], picture[570:600]) > 100  # the legends


def test_it_needs_neither_a_display_nor_an_application(tmp_path: Path) -> None:
    script = (
        "import sys; from tests.makers import standing; from mpm_studio.render.picture import render_picture; "
        f"render_picture([(standing(), None, 0, 'One')], {str(tmp_path / 'one.png')!r}, (400, 300)); "
        "assert not [name for name in sys.modules if name.startswith(('PySide6', 'OpenGL', 'torch'))]"
    )
    bare = {name: value for name, value in os.environ.items() if name not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")}
    done = subprocess.run(
        [sys.executable, "-c", script], env=bare, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert like(opened(tmp_path / "one.png"), palette.LEFT) > 100


def test_keypoints_and_their_lift_go_side_by_side(tmp_path: Path) -> None:
    rec = standing(20)
    flat = make_recording(rec.points, 30.0, np.stack([500 + 200 * rec.xyz_FPD[..., 0], 600 - 200 * rec.xyz_FPD[..., 2]], axis=-1))
    render_picture([(flat, None, 5, "2D"), (rec, None, 5, "3D")], tmp_path / "lift.png", (500, 900))
    assert all(like(half, palette.RIGHT) > 100 for half in np.split(opened(tmp_path / "lift.png"), 2, axis=1))


def test_panels_of_one_take_show_the_same_poses_from_the_same_place() -> None:
    rec = standing(60)
    before, after = make_panels([(arm(rec, Origin.MISSING), None, 30, "a"), (arm(rec, Origin.FILLED), rec, 30, "b")], 2.0)
    assert before.camera == after.camera and before.captions == after.captions
    assert len(before.solid.spheres_N8) < len(after.solid.spheres_N8)
    assert after.origins == (Origin.MEASURED, Origin.FILLED)


def test_poses_span_the_gap() -> None:
    frames = strobe([arm(standing(60), Origin.MISSING)], 30, 5)
    assert frames[0] < 20 < frames[1] and frames[-2] < 40 <= frames[-1]
    assert strobe([standing(1)], 0, 5) == [0]


def test_what_cannot_be_drawn_says_why(tmp_path: Path) -> None:
    with pytest.raises(DataError):
        render_picture([], tmp_path / "none.png")
    with pytest.raises(DataError):
        render_picture([(standing(0), None, 0, "empty")], tmp_path / "none.png")
    with pytest.raises(RenderError, match="its folder does not exist"):
        render_picture([(standing(), None, 0, "x")], tmp_path / "no" / "such" / "folder.png", (200, 150))
    assert list(tmp_path.iterdir()) == []
