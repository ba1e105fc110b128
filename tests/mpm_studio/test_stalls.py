"""The window answers while work is done: on 60 points x 20,000 frames with a fill, an autosave and a queue running, and with each edit.

What is asserted is the processor time of the window's thread between two beats, which other programs do not lengthen. The limits on edits
leave room for a slow machine; `python -m tests.mpm_studio.bench_window` prints the times.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.fill.to_patch import fill_gaps
from mpm_studio.operations import completing, marking, saving
from mpm_studio.take import Take
from mpm_studio.window import Window
from tests.makers import smooth_take
from tests.mpm_studio.bench_window import markers
from tests.mpm_studio.stalls import Stalls

STALL_S, EDIT_S = 0.1, 0.25


def long_take(rec: mpm.Recording) -> mpm.Recording:
    """With 600 gaps."""
    rng, xyz_FPD = np.random.default_rng(0), rec.xyz_FPD.copy()
    for _ in range(600):
        start = rng.integers(0, rec.frames - 60)
        xyz_FPD[start : start + rng.integers(1, 60), rng.integers(0, len(rec.points))] = np.nan
    return mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)


@pytest.fixture(params=["points", "markers"])
def long_window(request, qtbot, window: Window) -> Window:
    """markers: between which the body's joints are."""
    rec = long_take(smooth_take(20_000, 60, 200.0) if request.param == "points" else markers())
    window.session.open(Take(Path("long.npz"), rec, rec, {}))
    qtbot.wait(300)
    return window


def test_a_probe_finds_a_stall_and_where_it_is(qtbot) -> None:
    from PySide6.QtCore import QTimer

    def stand_still() -> None:
        until = time.thread_time() + 0.15
        while time.thread_time() < until:
            sum(range(1000))

    with Stalls() as stalls:
        qtbot.wait(50)
        QTimer.singleShot(0, stand_still)
        qtbot.wait(300)
    assert stalls.longest.cpu_s >= 0.15 and "stand_still" in stalls.longest.where
    assert sum(each.cpu_s > STALL_S for each in stalls.beats) == 1


def test_the_window_answers_while_a_fill_runs_and_the_take_is_autosaved(qtbot, long_window: Window, tmp_path: Path) -> None:
    session = long_window.session
    rec = session.document.recording
    request = completing.CompleteRequest(rec, "pchip")
    save = saving.save_request(session.document, tmp_path / "kept.mpm", {})
    found: list[object] = []
    with Stalls() as stalls:
        session.run("Filling", completing.complete, request, found.append)
        saver = threading.Thread(target=lambda: saving.save_project(save, lambda: False, lambda share, text: None))
        saver.start()
        frame = 0
        while session.jobs.busy or saver.is_alive():
            frame += 37
            session.set_frame(frame % rec.frames)
            qtbot.wait(10)
        saver.join()
    assert found and (tmp_path / "kept.mpm").exists()
    assert stalls.longest.cpu_s < STALL_S, f"{stalls.histogram()}\n{stalls.longest.where}"


@pytest.mark.parametrize("what", ["mark", "fill"])
def test_an_edit_of_a_long_take_is_quick(qtbot, long_window: Window, what: str) -> None:
    session = long_window.session
    session.select((5, 6, 7), 1000, 1500)
    rec = session.document.recording
    patch = marking.mark(rec, (5, 6, 7), 1000, 1500) if what == "mark" else fill_gaps(rec, ~rec.visible_FP, "linear").patch
    qtbot.wait(100)
    used = {}

    def timed(name: str, act) -> None:
        began = time.thread_time()
        act()
        qtbot.wait(1)
        used[name] = time.thread_time() - began

    timed("propose", lambda: session.propose(patch, ""))
    timed("accept", session.accept)
    timed("undo", session.undo)
    timed("redo", session.redo)
    jobs = long_window.workspace.stage.viewer.scenes.jobs
    qtbot.waitUntil(lambda: not jobs.busy, timeout=60_000)
    assert max(used.values()) < EDIT_S, used
