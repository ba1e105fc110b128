"""The joints that markers make, after an edit: the window does not wait for them, and what is known is not worked out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_studio.render import turntable
from mpm_studio.render.camera import Camera
from mpm_studio.render.layers import Layers
from mpm_studio.render.scene import build_scene, frame_instances, from_nearest, rebased
from mpm_studio.render.shapes import Shapes
from mpm_studio.render.turntable import Turntable
from mpm_studio.views.viewer import Viewer


def markers() -> Recording:
    """Markers of a person, whose joints are between them."""
    short = mpm.read(resource("sample/walk_reach_sit.c3d"))
    return make_recording(short.points, short.rate_hz, np.tile(short.xyz_FPD, (3, 1, 1)))


def test_an_edit_is_drawn_with_the_joints_of_before_until_its_own_are_ready(qtbot, viewer: Viewer) -> None:
    rec = markers()
    marked = mark(rec, region(rec, [*range(6)], 900, 960)).apply(rec)[0]
    viewer.set_recording(rec)
    before = viewer.scene
    assert before.joints_FJD is not None
    viewer.update_recording(marked)
    assert viewer.rec is marked and viewer.scene is before
    viewer.set_ghost(rec)
    assert viewer._ghost == (rec, before), "they are known"
    with qtbot.waitSignal(viewer.scenes.ready, timeout=60_000):
        pass
    assert viewer.scene.joints_of is marked and not viewer.scenes.jobs.busy
    assert np.array_equal(viewer.scene.joints_FJD, rebased(before, marked).joints_FJD, equal_nan=True)
    viewer.update_recording(rec)
    assert viewer.scene is before
    viewer.set_recording(None)


def test_until_then_it_is_what_was_shown_and_not_what_was_worked_out_last(qtbot, viewer: Viewer) -> None:
    rec = markers()
    marked, proposed = (mark(rec, region(rec, [*range(6)], start, 960)).apply(rec)[0] for start in (900, 800))
    viewer.set_recording(rec)
    before = viewer.scene
    viewer.update_recording(proposed)
    with qtbot.waitSignal(viewer.scenes.ready, timeout=60_000):
        pass
    viewer.update_recording(rec)
    viewer.update_recording(marked)
    assert viewer.scene is before
    viewer.finish_joints()
    assert viewer.scene.joints_of is marked, "a picture is of this recording"
    viewer.set_recording(None)


def test_a_film_is_drawn_with_the_joints_of_its_own_recording(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rec = markers()
    moved = make_recording(rec.points, rec.rate_hz, rec.xyz_FPD + np.float32([1, 0, 0]))
    drawn: list[Turntable] = []
    shapes = turntable._shapes
    monkeypatch.setattr(turntable, "check_encoder", lambda: None)

    def shown(turn: Turntable, frame: int) -> tuple[Shapes, Shapes, Shapes]:
        drawn.append(turn)
        return shapes(turn, frame)

    monkeypatch.setattr(turntable, "_shapes", shown)
    monkeypatch.setattr(turntable, "_run", lambda arguments, pictures, path, cancel, progress: Path(arguments[1]).write_bytes(b"film"))
    turn = Turntable(moved, build_scene(rec), Layers(), Camera(), 0, tmp_path / "film.mp4", seconds=0.1)
    turntable.write_film(turn, lambda: False, lambda share, text: None)
    assert drawn[0].scene.joints_of is moved


def test_an_edit_that_is_undone_has_the_joints_of_before() -> None:
    rec = markers()
    scene = build_scene(rec)
    patch = mark(rec, region(rec, [*range(6)], 900, 960))
    marked, inverse = patch.apply(rec)
    after = rebased(scene, marked)
    back = inverse.apply(marked)[0]
    assert from_nearest(((after, scene), back), lambda: False, lambda share, text: None).joints_FJD is scene.joints_FJD


def test_a_long_take_is_drawn_before_the_joints_of_all_frames_are_known(qtbot, viewer: Viewer) -> None:
    short = markers()
    rec = make_recording(short.points, short.rate_hz, np.tile(short.xyz_FPD, (4, 1, 1)))
    full = build_scene(rec)
    viewer.set_recording(rec)
    first = viewer.scene
    known_F = np.isfinite(first.joints_FJD).all(axis=2).any(axis=1)
    assert known_F[:200].all() and known_F.mean() < 0.2
    assert len(viewer._body.solid.capsules_N16) == len(frame_instances(full, rec, 0).capsules_N16) > 10
    assert np.allclose(first.radius_B2, full.radius_B2, atol=1e-4) and np.array_equal(first.near_JP, full.near_JP)
    with qtbot.waitSignal(viewer.scenes.ready, timeout=60_000):
        pass
    assert viewer.scene.joints_of is rec and np.array_equal(viewer.scene.joints_FJD, full.joints_FJD, equal_nan=True)
    viewer.set_recording(None)
