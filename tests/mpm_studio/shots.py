"""Pictures of the window in all its states: `scripts/shots [FOLDER]` takes them in both themes. The bundled sample is shown."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QDialog

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_core.fill.to_patch import fill_gaps
from mpm_core.filter.methods import FilterSettings
from mpm_core.filter.to_patch import filter_patch
from mpm_core.resources import resource
from mpm_studio import palette
from mpm_studio.take import Take

SIZES = ((1400, 900), (900, 600))
LONGEST_S = 120.0


class Shots:
    """A window, and the pictures taken of it."""

    def __init__(self, window: Any, folder: Path, size: tuple[int, int]) -> None:
        self.window, self.folder, self.size = window, folder, size
        self.taken: list[Path] = []

    def settle(self, until: Callable[[], bool] = lambda: True, least_s: float = 0.3) -> None:
        """Let events run until something is true."""
        began = time.monotonic()
        while time.monotonic() - began < LONGEST_S:
            QApplication.processEvents()
            time.sleep(0.01)
            if time.monotonic() - began > least_s and until():
                return
        raise TimeoutError("the window did not reach the state to be shown")

    def take(self, name: str) -> None:
        self.settle()
        path = self.folder / f"{name}_{self.size[0]}x{self.size[1]}.png"
        self.window.screen().grabWindow(self.window.winId()).save(str(path))  # grab() leaves out what is written over the 3D view
        self.taken.append(path)

    def dialog(self, name: str, action: str) -> None:
        """Open a dialog by its action, take its picture, and close it."""

        def look() -> None:
            found = QApplication.activeModalWidget()
            if isinstance(found, QDialog):
                path = self.folder / f"dialog_{name}.png"
                found.grab().save(str(path))
                self.taken.append(path)
                found.reject()
            else:
                QTimer.singleShot(50, look)

        QTimer.singleShot(200, look)
        self.window.actions_by_id[action].trigger()
        self.settle(lambda: QApplication.activeModalWidget() is None and not self.window.session.jobs.busy, 1.0)


def take_pictures(shots: Shots) -> None:
    """Every state, from the empty window on."""
    window, session = shots.window, shots.window.session
    shots.take("01_start")
    window.open_path(resource("sample/walk_reach_sit.c3d"))
    shots.settle(lambda: session.document is not None and not session.jobs.busy)
    shots.take("02_opened")
    window.actions_by_id["next_gap"].trigger()
    shots.take("03_gap")
    session.run("Completing", lambda _a, cancel, progress: _wait(cancel, progress), None, lambda _value: None)
    shots.settle(lambda: session.jobs.busy)
    shots.take("04_running")
    session.jobs.cancel()
    rec = session.document.recording
    session.propose(fill_gaps(rec, ~rec.visible_FP, "relational").patch, "")
    window.actions_by_id["next_gap"].trigger()
    shots.take("05_proposal")
    session.accept()
    window.workspace.graph.area.set_mode("speed")
    shots.take("06_filled_speed")
    window.workspace.graph.area.set_mode("position")
    session.do(mark(session.document.recording, region(session.document.recording, [2, 3], 200, 320)))
    session.select((2, 3), 200, 320)
    window.workspace.timeline.show_range(200, 320)
    shots.take("07_marked_two_points")
    window.actions_by_id["look"].trigger()
    shots.settle(lambda: not session.jobs.busy)
    shots.take("08_suspects")
    window.workspace.side.setCurrentWidget(window.workspace.history)
    shots.take("09_history")
    session.notice.emit("Exported take_clean.c3d: 41,765 measured samples, 0 changed; 565 marked as wrong or set by hand")
    shots.take("10_notice")
    window.banner.hide()
    session.guard("Opening take.c3d", lambda: mpm.read(resource("sample") / "none.c3d"))
    shots.take("11_error")
    window.banner.hide()
    if shots.size == SIZES[0]:
        for name, action in (("keys", "shortcuts"), ("body_joints", "map_body"), ("export", "export"), ("settings", "settings")):
            shots.dialog(name, action)
        for name, action in (("filter", "filter"), ("complete", "complete_options"), ("resample", "resample")):
            shots.dialog(name, action)
        for name in ("recipe", "models", "change_keys", "about"):
            shots.dialog(name, name)
        window.actions_by_id["arrange"].trigger()
        shots.take("14_arranged")
        window.actions_by_id["arrange"].trigger()
    where_FP = region(session.document.recording, [2, 3], 320, 420)
    session.do(filter_patch(session.document.recording, FilterSettings(), where_FP, measured=True).patch)
    session.set_work(150, 450)
    session.set_time_kind("smpte")
    window.actions_by_id["timeline_fit"].trigger()
    shots.take("16_filtered_work_range")
    session.set_time_kind("frames")
    session.document.saved()
    flat = mpm.read(resource("sample/walk_reach_sit_openpose"))
    session.open(Take(Path("keypoints"), flat, flat, {}))
    session.select((4,), 0, 0)
    shots.take("12_keypoints")
    window.actions_by_id["view_front"].trigger()
    two, names = _two_subjects(rec)
    session.open(Take(Path("two.c3d"), two, two, {}))
    window.actions_by_id["view_front"].trigger()
    window.actions_by_id["fit"].trigger()
    shots.take("13_two_subjects")
    session.select(tuple(range(len(names))), 0, 0)
    window.actions_by_id["fold"].trigger()
    window.actions_by_id["view_top"].trigger()
    shots.take("17_groups_closed")
    window.actions_by_id["fold"].trigger()
    empty = mpm.make_recording(("A", "B"), 100.0, np.full((50, 2, 3), np.nan))
    session.open(Take(Path("empty.npz"), empty, empty, {}))
    shots.take("15_nothing_visible")


def _two_subjects(rec: mpm.Recording) -> tuple[mpm.Recording, tuple[str, ...]]:
    """The sample's person twice, side by side, and the labels of one."""
    names = tuple(f"{who}:{point}" for who in ("Ann", "Ben") for point in rec.points)
    subjects = tuple(mpm.Subject(who, tuple(name for name in names if name.startswith(who))) for who in ("Ann", "Ben"))
    xyz_FPD = np.concatenate([rec.xyz_FPD, rec.xyz_FPD + np.float32([0, 1.2, 0])], axis=1)
    return mpm.make_recording(names, rec.rate_hz, xyz_FPD, subjects=subjects), rec.points


def _wait(cancel: Callable[[], bool], progress: Callable[[float, str], None]) -> None:
    progress(0.45, "learning from the take (trial 8 of 18)")
    while not cancel():
        time.sleep(0.02)


def main(folder: Path, theme_name: str) -> None:
    palette.use(theme_name)
    from mpm_studio import theme  # these keep the colours that they read
    from mpm_studio.render.surface import prepare
    from mpm_studio.settings import Settings
    from mpm_studio.window import Window

    prepare()
    application = QApplication([])
    theme.apply(application)
    folder.mkdir(parents=True, exist_ok=True)
    for size in SIZES:
        with tempfile.TemporaryDirectory() as state:
            window = Window(Settings(Path(state) / "settings.ini"))
            window.resize(*size)
            window.show()
            shots = Shots(window, folder, size)
            take_pictures(shots)
            window.session.jobs.close()
            window.close()
            sys.stdout.write("".join(f"{path}\n" for path in shots.taken))


if __name__ == "__main__":
    main(Path(sys.argv[1]) / sys.argv[2], sys.argv[2])
