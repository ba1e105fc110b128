"""Two answers to a gap mixed by the slider in the real window, seen at once, and made as one step."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt

import mpm_core as mpm
from mpm_core.edit.names import rename
from mpm_core.errors import DataError
from mpm_core.recording import Origin
from mpm_studio.operations import marking
from mpm_studio.operations.mixing import AS_IT_WAS, mixed
from mpm_studio.operations.recipes import recipe_steps
from mpm_studio.take import Take
from tests.makers import person_bvh, smooth_take, with_gap
from tests.mpm_studio.driving import press

JOB_MS = 120_000


def opened(window, rec, points, start, stop):
    """A take whose range of points is marked and selected."""
    session = window.session
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.do(marking.mark(rec, points, start, stop))
    session.select(points, start, stop)
    window.workspace.timeline.show_range(start, stop)


def asked(qtbot, window):
    press(qtbot, window, Qt.Key.Key_E)
    qtbot.waitUntil(lambda: window.session.proposal is not None and not window.session.jobs.busy, timeout=JOB_MS)
    window.session.turns.finish()
    return window.workspace.graph.area.answers


def choose(window, method):
    other = window.workspace.graph.mix.other
    other.setCurrentIndex(other.findText(method))
    other.activated.emit(other.currentIndex())


def slide(qtbot, window, percent):
    """By the keys of the slider: tens by page, then single percents."""
    slider = window.workspace.graph.mix.slider
    slider.setFocus()
    qtbot.keyClick(slider, Qt.Key.Key_Home)
    for key in [Qt.Key.Key_PageUp] * (percent // 10) + [Qt.Key.Key_Right] * (percent % 10):
        qtbot.keyClick(slider, key)
    window.session.turns.finish()


def test_an_answer_is_mixed_with_another_and_accepted_as_one_step(qtbot, window):
    rec = smooth_take(frames=300, points=5)
    opened(window, rec, (1,), 100, 130)
    session, mix = window.session, window.workspace.graph.mix
    assert not mix.isVisible()
    first, second = asked(qtbot, window)[:2]
    assert mix.isVisible() and mix.first is first and mix.second.method == second.method
    slide(qtbot, window, 30)
    wanted_ND = 0.7 * first.patch.xyz_ND.astype(float) + 0.3 * second.patch.xyz_ND
    np.testing.assert_allclose(session.shown.xyz_FPD[100:130, 1], wanted_ND, atol=1e-6)
    np.testing.assert_array_equal(window.workspace.stage.viewer.rec.xyz_FPD[100:130, 1], session.shown.xyz_FPD[100:130, 1])
    text = f"{first.method} to {second.method} 30 %"
    assert [row.method for row in session.gap_rows] == [text] and mix.isVisible() and mix.percent.text() == "30 %"
    assert session.document.recording.xyz_FPD.tobytes() == rec.xyz_FPD.tobytes(), "proposed, not made"
    steps = len(session.document.done)
    press(qtbot, window, Qt.Key.Key_Return)
    assert len(session.document.done) == steps + 1 and session.undo_label == f"Mix {text}"
    item = window.workspace.history.list.item(steps + 1)
    assert f"by {text}" in item.toolTip() + item.text(), item.text()
    assert [step.why_not != "" for step in recipe_steps(session.document.done, session.document.recording)] == [False, True]
    session.undo()
    assert session.document.recording.origin_FP[110, 1] == Origin.MARKED


def test_the_ends_of_the_slider_are_the_two_answers_and_the_history_has_only_what_is_kept(qtbot, window):
    opened(window, smooth_take(frames=300, points=5), (1,), 100, 130)
    session = window.session
    first, second = asked(qtbot, window)[:2]
    window.workspace.graph.mix.slider.setValue(20)
    window.workspace.graph.refresh()
    session.turns.finish()
    assert session.gap_rows[0].method == f"{first.method} to {second.method} 20 %", "drawn again before it was mixed"
    slide(qtbot, window, 100)
    np.testing.assert_array_equal(session.shown.xyz_FPD[100:130, 1], second.patch.xyz_ND)
    slide(qtbot, window, 0)
    np.testing.assert_array_equal(session.shown.xyz_FPD[100:130, 1], first.patch.xyz_ND)
    assert session.gap_rows[0].method == first.method
    press(qtbot, window, Qt.Key.Key_Return)
    assert [each.settings["method"] for each in session.document.done[-1].requests] == [first.method], "not the ones that were tried"


def test_an_answer_is_mixed_with_the_marked_values_and_after_a_move_of_an_edge_again(qtbot, window):
    rec = smooth_take(frames=300, points=5)
    opened(window, rec, (1,), 100, 130)
    session = window.session
    first = asked(qtbot, window)[0]
    choose(window, AS_IT_WAS)
    slide(qtbot, window, 50)
    np.testing.assert_allclose(session.shown.xyz_FPD[100:130, 1], (first.patch.xyz_ND + rec.xyz_FPD[100:130, 1]) / 2, atol=1e-6)
    assert np.isnan(session.shown.sigma_FP[100:130, 1]).all(), "of a marked value no sigma is known"
    press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: not session.jobs.busy and not np.isnan(session.shown.xyz_FPD[99, 1]).any(), timeout=JOB_MS)
    assert [(row.start, row.stop, row.method) for row in session.gap_rows] == [(99, 130, f"{first.method} to {AS_IT_WAS} 50 %")]
    alone = mpm.complete_patch(session.document.recording, mpm.CompleteOptions(first.method)).patch
    np.testing.assert_allclose(session.shown.xyz_FPD[99:130, 1], (alone.xyz_ND + rec.xyz_FPD[99:130, 1]) / 2, atol=1e-6)


def test_an_accepted_mixture_with_what_was_there_is_not_mixed_with_itself(qtbot, window):
    rec = smooth_take(frames=300, points=5)
    xyz_FPD = rec.xyz_FPD.copy()
    xyz_FPD[100:130, 1] += 0.1
    rec = mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)
    opened(window, rec, (1,), 100, 130)
    session = window.session
    asked(qtbot, window)
    choose(window, AS_IT_WAS)
    slide(qtbot, window, 50)
    mixture_ND = session.shown.xyz_FPD[100:130, 1].copy()
    for key in (Qt.Key.Key_Left, Qt.Key.Key_Right):  # taken in and given back: the gap is as it was
        press(qtbot, window, Qt.Key.Key_Return)
        session.select((1,), 100, 130)
        press(qtbot, window, key, Qt.KeyboardModifier.AltModifier)
        qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    assert [(row.start, row.stop) for row in session.gap_rows] == [(100, 130)]
    np.testing.assert_allclose(session.shown.xyz_FPD[100:130, 1], mixture_ND, atol=1e-6)


def test_a_mixture_follows_the_edges_of_a_point_that_has_another_name_since(qtbot, window):
    opened(window, smooth_take(frames=300, points=5), (1,), 100, 130)
    session = window.session
    asked(qtbot, window)
    slide(qtbot, window, 30)
    press(qtbot, window, Qt.Key.Key_Return)
    method = session.gap_rows[0].method
    session.do(rename(session.document.recording, {session.document.recording.points[1]: "other"}))
    session.select((1,), 100, 130)
    press(qtbot, window, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    qtbot.waitUntil(lambda: session.proposal is not None and not session.jobs.busy, timeout=JOB_MS)
    assert [(row.start, row.stop, row.method) for row in session.gap_rows] == [(99, 130, method)]


def test_at_100_percent_sigma_is_the_other_answers_own(qtbot, window):
    rec = smooth_take(frames=300, points=5)
    opened(window, rec, (1,), 100, 130)
    first, second = asked(qtbot, window)[:2]
    unsure = replace(first, patch=replace(first.patch, samples=first.patch.samples.having(sigma=np.full(30, np.nan))))
    patch = mixed(window.session.document.recording, unsure, second, 100)
    np.testing.assert_array_equal(patch.sigma_N, second.patch.sigma_N)
    assert np.isnan(mixed(window.session.document.recording, unsure, second, 99).sigma_N).all()


def test_where_nothing_was_only_answers_are_offered(qtbot, window):
    rec = with_gap(smooth_take(frames=300, points=5), 1, 100, 130)
    session, mix = window.session, window.workspace.graph.mix
    session.open(Take(Path("take.c3d"), rec, rec, {}))
    session.select((1,), 100, 130)
    first, second = asked(qtbot, window)[:2]
    assert mix.other.findText(AS_IT_WAS) < 0 and mix.other.findText(second.method) == 0 and mix.other.findText(first.method) < 0
    press(qtbot, window, Qt.Key.Key_E)
    session.turns.finish()
    assert mix.first.method == second.method and mix.slider.value() == 0 and mix.other.findText(first.method) >= 0
    with pytest.raises(DataError, match="different samples"):
        mixed(rec, first, type(first)("x", mpm.complete_patch(with_gap(rec, 1, 90, 130)).patch, 0.0), 50)


def test_bones_of_a_hierarchy_keep_their_length_in_a_mixture(qtbot, window, tmp_path):
    path = tmp_path / "person.bvh"
    path.write_bytes(person_bvh())
    rec = mpm.read(path)
    opened(window, rec, tuple(rec.index(name) for name in ("LeftForeArm", "LeftHand")), 20, 40)
    session = window.session
    asked(qtbot, window)
    assert session.shown.visible_FP.all(), "fingers, which were marked along with the hand, are answered along with it"
    first = window.workspace.graph.mix.first
    choose(window, AS_IT_WAS)
    slide(qtbot, window, 40)
    shown, parents = session.shown, np.array(rec.rig.parents)
    length_FJ = np.linalg.norm(shown.xyz_FPD[:, 1:] - shown.xyz_FPD[:, parents[1:]], axis=2)
    assert np.ptp(length_FJ, axis=0).max() < 1e-4
    there = first.patch.frames_N, first.patch.points_N
    fill, was, mean = first.patch.xyz_ND, rec.xyz_FPD[there], shown.xyz_FPD[there]
    assert np.linalg.norm(mean - (0.6 * fill + 0.4 * was), axis=1).max() < 0.2 * np.linalg.norm(fill - was, axis=1).max()
    measured = session.document.recording.origin_FP == Origin.MEASURED
    assert shown.xyz_FPD[measured].tobytes() == rec.xyz_FPD[measured].tobytes()
