"""The main job by mouse and keys, with the real models: open, mark, complete, accept, undo, redo, export; and open, lift, accept."""

from __future__ import annotations

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction

import mpm_core as mpm
from mpm_core.recording import Origin
from mpm_core.resources import resource
from mpm_studio.views import timeline_paint as paint
from mpm_studio.views.export_dialog import ExportDialog
from mpm_studio.views.lift_dialog import LiftDialog
from tests.mpm_studio.driving import answer, child, press

START, STOP = 330, 400  # what is marked: both ends are clean walking or reaching
JOB_MS = 150_000  # on a machine that does something else as well


def model_for(task):
    path = resource(f"models/{task}.safetensors")
    return pytest.mark.skipif(not path.is_file(), reason=f"no trained model at {path}")


def open_sample(qtbot, window, name):
    with qtbot.waitSignal(window.session.opened, timeout=JOB_MS):
        window.open_path(resource(f"sample/{name}"))
    return window.session.document.recording


def wait_for_proposal(qtbot, session):
    """Until the running job proposed something; what it failed with is raised at once."""
    failures = []
    session.failed.connect(failures.append)
    qtbot.waitUntil(lambda: not session.jobs.busy, timeout=JOB_MS)
    session.failed.disconnect(failures.append)
    assert not failures, failures[0].details
    assert session.proposal is not None


def drag_over(qtbot, timeline, rows, start, stop):
    """Select rows and frames start..stop-1 as a user does."""
    timeline.set_view(start - 50, 4.0)
    down = timeline.verticalScrollBar()
    down.setValue(rows[0] * paint.ROW)
    top, bottom = (paint.RULER + row * paint.ROW - down.value() + paint.ROW // 2 for row in rows)
    begin, end = QPoint(round(timeline.x_of(start + 0.5)), top), QPoint(round(timeline.x_of(stop - 0.5)), bottom)
    area = timeline.viewport()
    qtbot.mousePress(area, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(area, (begin + end) / 2)
    qtbot.mouseMove(area, end)
    qtbot.mouseRelease(area, Qt.MouseButton.LeftButton, pos=end)


@pytest.mark.parametrize(
    ("name", "part", "method", "by"),
    [
        pytest.param(
            "walk_reach_sit.c3d", "lower", "auto", (Origin.FILLED, Origin.PREDICTED), marks=[model_for("complete"), pytest.mark.slow]
        ),
        pytest.param("walk_reach_sit.c3d", "left_arm", "auto", (Origin.FILLED,), marks=model_for("complete")),
        pytest.param("walk_reach_sit.bvh", "right_leg", "model", (Origin.PREDICTED,), marks=model_for("complete")),
        ("walk_reach_sit.bvh", "left_arm", "hermite", (Origin.FILLED,)),
    ],
)
def test_open_mark_complete_accept_undo_redo_export(qtbot, window, tmp_path, name, part, method, by):
    began = time.monotonic()
    original = open_sample(qtbot, window, name)
    session, points = window.session, window.workspace.points
    points.select_part(part)
    wanted = session.selection.points
    points.filter.setText(original.points[wanted[0]])
    drag_over(qtbot, window.workspace.timeline, (0, 0), START, STOP)
    assert (session.selection.start, session.selection.stop) == (START, STOP)
    points.filter.clear()
    points.select_part(part)
    assert session.selection.points == wanted
    assert (session.selection.start, session.selection.stop) == (START, STOP)

    press(qtbot, window, Qt.Key.Key_M)
    marked = session.document.recording
    assert (marked.origin_FP[START:STOP, list(wanted)] != Origin.MEASURED).all()

    child(window, QAction, f"method_{method}").trigger()
    press(qtbot, window, Qt.Key.Key_G)
    wait_for_proposal(qtbot, session)
    assert window.proposal_bar.isVisible()
    assert session.document.recording is marked, "a proposal changes nothing yet"
    press(qtbot, window, Qt.Key.Key_Return)
    filled = session.document.recording
    own_NP = filled.origin_FP[START:STOP, list(wanted)]
    assert all((own_NP == origin).any() for origin in by)
    assert filled.visible_FP[START:STOP].all()

    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert np.array_equal(session.document.recording.origin_FP, marked.origin_FP)
    assert np.array_equal(session.document.recording.xyz_FPD, marked.xyz_FPD, equal_nan=True)
    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    assert np.array_equal(session.document.recording.xyz_FPD, filled.xyz_FPD, equal_nan=True)

    out = tmp_path / f"out{name[-4:]}"

    def export(dialog):
        dialog.path.setText(str(out))
        qtbot.mouseClick(dialog.export, Qt.MouseButton.LeftButton)

    answer(ExportDialog, export)
    press(qtbot, window, Qt.Key.Key_E, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: out.exists() and not session.jobs.busy, timeout=JOB_MS)
    written = mpm.read(out)
    changed_FP = filled.origin_FP != Origin.MEASURED
    away_FP = np.linalg.norm(written.xyz_FPD - filled.xyz_FPD, axis=2)
    assert np.nanmax(away_FP[changed_FP]) < 1e-3, "what was filled is what was written"
    assert written.xyz_FPD[~changed_FP].tobytes() == original.xyz_FPD[~changed_FP].tobytes(), "what was measured keeps every bit"
    off_m = np.linalg.norm(filled.xyz_FPD - original.xyz_FPD, axis=2)[START:STOP, list(wanted)]
    assert np.nanmean(off_m) < 0.15, "the fill stands where the body was"
    assert time.monotonic() - began < 60


@model_for("lift")
def test_open_lift_accept_undo(qtbot, window):
    flat = open_sample(qtbot, window, "walk_reach_sit_openpose")
    assert flat.dims == 2

    def go(dialog):
        dialog.tall_known.setChecked(True)
        dialog.tall.setValue(1.75)
        dialog.accept()

    answer(LiftDialog, go)
    press(qtbot, window, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
    wait_for_proposal(qtbot, window.session)
    press(qtbot, window, Qt.Key.Key_Return)
    lifted = window.session.document.recording
    assert (lifted.dims, len(lifted.points), lifted.frames) == (3, 21, flat.frames)
    assert lifted.visible_FP.all()
    press(qtbot, window, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    assert window.session.document.recording is flat
