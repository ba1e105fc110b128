"""The joints that markers make, after an edit: the window does not wait for them, and what is known is not worked out again."""

from __future__ import annotations

import numpy as np

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.recording import Recording, make_recording
from mpm_core.resources import resource
from mpm_studio.render.scene import build_scene, from_nearest, rebased
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


def test_an_edit_that_is_undone_has_the_joints_of_before() -> None:
    rec = markers()
    scene = build_scene(rec)
    patch = mark(rec, region(rec, [*range(6)], 900, 960))
    marked, inverse = patch.apply(rec)
    after = rebased(scene, marked)
    back = inverse.apply(marked)[0]
    assert from_nearest(((after, scene), back), lambda: False, lambda share, text: None).joints_FJD is scene.joints_FJD
