"""How fast the real window is with takes of 20,000 frames: `xvfb-run -a .venv/bin/python -m tests.mpm_studio.bench_window`.

Opening, scrubbing, and mark, undo, propose and accept with 3,000 gaps; and how long the event loop stands still meanwhile. Of 60 points,
and with `markers` after it, of the sample's markers again and again, which make a body. Processor time is of the window's thread, until
nothing is left to do in it.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import mpm_core as mpm
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.resources import resource
from mpm_studio.operations import marking
from mpm_studio.render.surface import prepare
from tests.makers import smooth_take
from tests.mpm_studio.stalls import Stalls

FRAMES, POINTS, SCRUBS, GAPS, LONGEST_S = 20_000, 60, 120, 3000, 60.0


def with_many_gaps(rec: mpm.Recording) -> mpm.Recording:
    """3,000 gaps of up to 60 frames, some on top of each other."""
    rng, xyz_FPD = np.random.default_rng(0), rec.xyz_FPD.copy()
    for _ in range(GAPS):
        start = rng.integers(0, FRAMES - 60)
        xyz_FPD[start : start + rng.integers(1, 60), rng.integers(0, len(rec.points))] = np.nan
    return mpm.make_recording(rec.points, rec.rate_hz, xyz_FPD)


def markers() -> mpm.Recording:
    """The sample forwards and backwards until it is long."""
    rec = mpm.read(resource("sample/walk_reach_sit.c3d"))
    there_and_back_FPD = np.concatenate([rec.xyz_FPD, rec.xyz_FPD[::-1]])
    return mpm.make_recording(rec.points, rec.rate_hz, np.resize(there_and_back_FPD, (FRAMES, *rec.xyz_FPD.shape[1:])))


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main() -> None:
    prepare()
    from PySide6.QtCore import QEventLoop, QTimer
    from PySide6.QtWidgets import QApplication

    from mpm_studio import theme
    from mpm_studio.settings import Settings
    from mpm_studio.start import warm_up
    from mpm_studio.window import Window

    application = QApplication([])
    theme.apply(application)

    def until(done: Callable[[], Any]) -> None:
        began = time.perf_counter()
        while not done() and time.perf_counter() - began < LONGEST_S:
            application.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
        application.processEvents()

    def timed(name: str, act: Callable[[], Any]) -> None:
        """An action of the event loop: processor time of its thread until nothing is left to do, and of the longest turn."""
        done: list[bool] = []
        first, used = len(stalls.beats), time.thread_time()
        QTimer.singleShot(0, lambda: done.append(act() is None))
        until(lambda: done and not window.workspace.stage.viewer.scenes.jobs.busy and not session.turns.busy)
        last = len(stalls.beats)
        until(lambda: len(stalls.beats) > last + 2)
        longest_s = max(each.cpu_s for each in stalls.beats[first:])
        say(f"{name}: {(time.thread_time() - used) * 1000:.0f} ms of the processor, {longest_s * 1000:.0f} ms in the longest turn")

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "big.c3d"
        mpm.write(with_many_gaps(markers() if "markers" in sys.argv[1:] else smooth_take(FRAMES, POINTS, 200.0)), path)
        rec = mpm.read(path)
        patch, fill = marking.mark(rec, (5, 6, 7), 1000, 1500), fill_gaps(rec, ~rec.visible_FP, "linear").patch
        window = Window(Settings(Path(folder) / "settings.ini"))
        session = window.session
        window.resize(1280, 800)
        window.show()
        application.processEvents()
        warm_up(window)
        opened: list[bool] = []
        session.opened.connect(lambda: opened.append(True))
        with Stalls() as stalls:
            began, used = time.perf_counter(), time.process_time()
            window.open_path(path)
            until(lambda: opened and not session.turns.busy)
            say(f"open to shown: {time.perf_counter() - began:.2f} s, {time.process_time() - used:.2f} s of the processor by all threads")
            until(lambda: not window.workspace.stage.viewer.scenes.jobs.busy)
            steps, used = [], time.thread_time()
            for frame in np.linspace(0, FRAMES - 1, SCRUBS).astype(int):
                began = time.perf_counter()
                session.set_frame(int(frame))
                application.processEvents()
                steps.append(time.perf_counter() - began)
            each_s = (time.thread_time() - used) / SCRUBS
            say(f"scrubbing the whole window: {each_s * 1000:.1f} ms of the processor a frame")
            say(f"scrubbing the whole window: median {1 / np.median(steps):.0f} frames a second, slowest step {max(steps) * 1000:.0f} ms")
            session.select((5, 6, 7), 1000, 1500)
            application.processEvents()
            for _ in range(2):
                timed("mark", lambda: session.do(patch))
                timed("undo", session.undo)
                timed("propose", lambda: session.propose(fill, ""))
                timed("accept", session.accept)
                timed("undo", session.undo)
            window.set_method("pchip")
            window.actions_by_id["complete"].trigger()
            until(lambda: not session.jobs.busy)
            timed("accept", session.accept)
        say(f"the event loop stood still for {stalls.longest_wall_s * 1000:.0f} ms at most, {stalls.longest.cpu_s * 1000:.0f} ms of work")
        say(stalls.histogram())
        for each in sorted(stalls.beats, key=lambda each: -each.cpu_s)[:6]:
            wall_ms, cpu_ms, all_ms = (1000 * time_s for time_s in (each.wall_s, each.cpu_s, each.all_s))
            say(f"{wall_ms:.0f} ms, {cpu_ms:.0f} ms of work, {all_ms:.0f} ms by all threads, in\n{each.where}")
        session.document.saved()
        window.close()


if __name__ == "__main__":
    main()
