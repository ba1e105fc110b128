"""Pictures and films of the 3D view, saved to files that other programs read."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtGui import QImage

import mpm_core as mpm
from mpm_core.errors import Cancelled, MpmError
from mpm_core.recording import make_recording
from mpm_core.resources import resource
from mpm_studio import palette
from mpm_studio.flows import pictures
from mpm_studio.render import scene as scenes
from mpm_studio.render import turntable
from mpm_studio.render.camera import Camera
from mpm_studio.render.layers import Layers
from mpm_studio.render.scene import build_scene
from mpm_studio.render.snapshot import snapshot
from mpm_studio.render.turntable import RATE_HZ, Turntable, shots, write_film
from mpm_studio.take import Take
from mpm_studio.views import dialogs
from mpm_studio.views.turntable_dialog import FilmChoices, TurntableDialog
from tests.makers import standing
from tests.mpm_studio.viewing import differing, like, pixels

NEVER = (lambda: False, lambda share, text: None)


def array(image: QImage) -> np.ndarray:
    image = image.convertToFormat(QImage.Format.Format_RGB888)
    rows = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
    return rows[:, : 3 * image.width()].reshape(image.height(), image.width(), 3).astype(int)


def test_a_snapshot_shows_what_the_view_shows_at_its_size_and_at_twice_that(viewer) -> None:
    viewer.set_recording(standing())
    viewer.set_selected((13,))
    seen = pixels(viewer)
    once, twice = array(snapshot(viewer)), array(snapshot(viewer, 2))
    assert once.shape == seen.shape and twice.shape == (2 * seen.shape[0], 2 * seen.shape[1], 3)
    halved = twice.reshape(seen.shape[0], 2, seen.shape[1], 2, 3).mean(axis=(1, 3))
    assert np.abs(once - seen).mean() < 2 and np.abs(halved - seen).mean() < 2
    assert like(twice, palette.LEFT) > 2.5 * like(seen, palette.LEFT)
    assert differing(seen, pixels(viewer)) == 0, "the view is as it was"


def walking(frames: int = 60):
    rec = standing(frames)
    xyz_FPD = rec.xyz_FPD + np.float32([0, -1, 0]) * np.linspace(0, 1.5, frames, dtype=np.float32)[:, None, None]
    return make_recording(rec.points, 60.0, xyz_FPD, skeleton=rec.skeleton)


def a_turn(path: Path, **changes) -> Turntable:
    rec = walking()
    scene = build_scene(rec)
    camera = Camera().fitted(scene.positions(rec, 0), 4 / 3, 0.8)
    options = {"start": 0, "stop": 60, "seconds": 0.4, "size": (160, 120)} | changes
    return Turntable(rec, scene, Layers(), camera, 0, path, **options)


def test_the_camera_goes_around_once_beside_the_body_and_the_motion_keeps_its_speed() -> None:
    turn = a_turn(Path("x.mp4"), seconds=3.0)
    frames_N, cameras = shots(turn)
    assert len(frames_N) == 3 * RATE_HZ and frames_N[1] - frames_N[0] == 2 and frames_N[30] == 0, (
        "60 Hz at 30 pictures a second, again and again"
    )
    turned = np.unwrap([each.azimuth for each in cameras], period=360)
    assert np.allclose(np.diff(turned), 360 / 90)
    size = (160, 120)
    middles = [
        each.project(turn.scene.positions(turn.rec, int(frame)), *size).mean(axis=0) for frame, each in zip(frames_N, cameras, strict=True)
    ]
    assert np.ptp(np.array(middles)[:, 0]) < 20, "the body stays in the middle"
    still, _ = shots(a_turn(Path("x.mp4"), start=0, stop=0))
    assert (still == 0).all()


def test_a_film_is_an_mp4_of_that_size_and_length_that_turns(tmp_path: Path) -> None:
    av = pytest.importorskip("av")
    told: list[float] = []
    path = write_film(a_turn(tmp_path / "turn.mp4"), NEVER[0], lambda share, text: told.append(share))
    with av.open(str(path)) as made:
        stream = made.streams.video[0]
        assert (stream.width, stream.height, int(stream.average_rate)) == (160, 120, RATE_HZ)
        drawn = [frame.to_ndarray(format="rgb24").astype(int) for frame in made.decode(stream)]
    assert len(drawn) == 12 and told[-1] == 1.0
    assert differing(drawn[0], drawn[3]) > 100 and all(like(each, palette.RIGHT) > 20 for each in (drawn[0], drawn[6]))
    assert list(tmp_path.iterdir()) == [path]


def test_a_cancelled_film_leaves_nothing_behind(tmp_path: Path) -> None:
    pytest.importorskip("av")
    with pytest.raises(Cancelled):
        write_film(a_turn(tmp_path / "turn.mp4", seconds=60.0), lambda: True, NEVER[1])
    assert not list(tmp_path.iterdir())


def test_without_the_encoder_it_says_how_to_get_it(window, monkeypatch) -> None:
    monkeypatch.setattr(turntable, "find_spec", lambda name: None)
    with pytest.raises(MpmError, match="PyAV") as refused:
        pictures.make_turntable(window)
    assert "mpm-studio[video]" in refused.value.hint


def test_a_film_that_cannot_be_drawn_says_why(tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("av")
    monkeypatch.setattr(turntable, "PROCESS", "mpm_studio.render.no_such_module")
    with pytest.raises(MpmError, match="could not be made") as refused:
        write_film(a_turn(tmp_path / "turn.mp4"), *NEVER)
    assert "no_such_module" in refused.value.hint and not list(tmp_path.iterdir())


def test_picture_and_film_are_saved_from_the_window(qtbot, window, tmp_path: Path, monkeypatch) -> None:
    pytest.importorskip("av")
    rec = walking()
    window.session.open(Take(tmp_path / "walk.c3d", rec, rec, {}))
    monkeypatch.setattr(dialogs, "ask_picture_path", lambda parent, suggested, sizes: (suggested, 2))
    width = window.workspace.stage.viewer.width()
    window.actions_by_id["picture"].trigger()
    qtbot.waitUntil(lambda: not window.session.jobs.busy)
    assert QImage(str(tmp_path / "walk.png")).width() == 2 * width
    monkeypatch.setattr(pictures, "ask_turntable", lambda parent, ranges: FilmChoices(*ranges["Plays the whole take"], 0.2, (160, 120)))
    monkeypatch.setattr(dialogs, "ask_film_path", lambda parent, suggested: suggested)
    window.actions_by_id["turntable"].trigger()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=60_000)
    assert (tmp_path / "walk.mp4").stat().st_size > 1000


def test_the_window_does_not_wait_for_the_joints_of_a_picture(qtbot, window, tmp_path: Path, monkeypatch) -> None:
    short = mpm.read(resource("sample/walk_reach_sit.c3d"))
    rec = make_recording(short.points, short.rate_hz, np.tile(short.xyz_FPD, (12, 1, 1)))
    threads, made = list[threading.Thread](), scenes.updated_joints

    def updated(*given):
        threads.append(threading.current_thread())
        return made(*given)

    monkeypatch.setattr(dialogs, "ask_picture_path", lambda parent, suggested, sizes: (suggested, 1))
    window.session.open(Take(tmp_path / "walk.c3d", rec, rec, {}))
    monkeypatch.setattr(scenes, "updated_joints", updated)
    window.actions_by_id["picture"].trigger()
    qtbot.waitUntil(lambda: not window.session.jobs.busy, timeout=60_000)
    assert (tmp_path / "walk.png").exists() and window.workspace.stage.viewer.scene.joints_of is rec
    assert threads and threading.main_thread() not in threads


def test_the_dialog_offers_ranges_and_even_sizes(qtbot, qapp) -> None:
    dialog = TurntableDialog({"Plays the selected range": (10, 20), "Stands still at this frame": (0, 0)})
    qtbot.addWidget(dialog)
    assert dialog.choices().start == 10 and dialog.choices().stop == 20
    assert all(side % 2 == 0 for size in turntable.SIZES.values() for side in size), "the encoder takes no odd sizes"
