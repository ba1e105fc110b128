"""The joints that markers make, after an edit: the window does not wait for them, and what is known is not worked out again."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.edit.trim import trim
from mpm_core.io import project
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_studio.operations.opening import ReadRequest, open_as
from mpm_studio.render import scene, turntable
from mpm_studio.render.camera import Camera
from mpm_studio.render.layers import Layers
from mpm_studio.render.scene import build_scene, frame_instances, from_nearest, rebased
from mpm_studio.render.shapes import Shapes
from mpm_studio.render.turntable import Turntable
from mpm_studio.views.viewer import Viewer


def minutes_of_markers() -> Recording:
    """So many frames that not all joints are known at once."""
    short = markers()
    return make_recording(short.points, short.rate_hz, np.tile(short.xyz_FPD, (4, 1, 1)))


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
    viewer.show_joints(rebased(before, proposed))
    assert viewer.scene is before, "those of another recording"
    viewer.show_joints(rebased(before, marked))
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
    rec = minutes_of_markers()
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


@pytest.mark.parametrize("how", ["opened", "trimmed", "mapped"])
def test_the_body_is_there_at_the_frame_that_is_shown_first(viewer: Viewer, how: str) -> None:
    rec, frame = minutes_of_markers(), 5000
    drawn = len(frame_instances(build_scene(rec), rec, frame).capsules_N16)
    viewer.set_recording(rec, frame=frame)
    if how == "trimmed":
        viewer.update_recording(trim(rec, 100, rec.frames).apply(rec)[0], frame=frame - 100)
    elif how == "mapped":
        viewer.set_mapping({"head_top": "LFHD"})
        viewer.set_mapping({})
    assert viewer.scenes.jobs.busy or not np.isfinite(viewer.scene.joints_FJD).any(axis=(1, 2)).all()
    assert len(viewer._body.solid.capsules_N16) == drawn > 10
    viewer.set_recording(None)
    assert viewer.scenes.jobs.close()


def test_a_job_that_opens_a_project_makes_the_scene_of_the_frame_that_it_was_left_at(tmp_path: Path, viewer: Viewer, monkeypatch) -> None:
    rec, path = minutes_of_markers(), tmp_path / "take.mpmproj"
    project.save(path, rec, rec, {"frame": 5000})
    take = open_as(ReadRequest(path), lambda: False, lambda share, text: None)
    monkeypatch.setattr(scene, "find_bones", None)
    viewer.set_recording(take.recording, take.overrides, take.first_frame)
    assert take.first_frame == 5000 and len(viewer._body.solid.capsules_N16) > 10
    viewer.set_recording(None)
    assert viewer.scenes.jobs.close()
