"""Follows a documentation page in the real window, by mouse and keys, and takes the pictures that it shows.

`python -m tests.mpm_studio.follow_page docs/tutorial.md docs/tasks/*.md` writes the pictures where the pages have them.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QEventLoop, QPoint, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractSpinBox, QApplication, QComboBox, QDialog, QLineEdit

import mpm_core as mpm
from mpm_core.resources import resource
from tests.mpm_studio.found_by_text import LEFT, button, field, focused, front, header, menu_entry, plain, row, shown_text
from tests.mpm_studio.mouse_and_keys import double_click, drop, pick, press, write
from tests.mpm_studio.page_steps import Step, files_of, other_files_of, steps_of

WAIT_S, TICK_MS, SETTLE_S = 60.0, 30, 0.4
LISTS = {"gap table": "gap_table", "list of points": "point_table", "list of suspects": "suspects_table"}


@dataclass(frozen=True, slots=True)
class Act:
    """find: what to act on, or None while it is not there. do: the act itself, which may open a dialog and return when that is closed."""

    text: str
    find: Callable[[], Any]
    do: Callable[[Any], None] = lambda _: None


class Follower:
    """Acts one after the other, in the window's own event loop; so it goes on while a dialog is open."""

    def __init__(self, window: Any, folder: Path, pictures: bool = False) -> None:
        """folder: in which the pages' pictures lie. pictures: take them."""
        self.window, self.folder, self.pictures = window, folder, pictures
        self.taken: list[Path] = []
        self._acts: list[Act] = []
        self._at, self._since = 0, 0.0
        self._failure: BaseException | None = None
        self._loop = QEventLoop()

    def follow(self, page: str) -> int:
        """Do what the page says. Returns the number of its steps; raises what stopped it."""
        steps = steps_of(page)
        self._acts = [act for step in steps for act in self._acts_of(step)]
        self._at, self._since = 0, time.monotonic()
        QTimer.singleShot(0, self._tick)
        self._loop.exec()
        if self._failure is not None:
            raise self._failure
        return len(steps)

    def _tick(self) -> None:
        if self._failure is not None:
            return
        if self._at == len(self._acts):
            self._loop.quit()
            return
        act = self._acts[self._at]
        try:
            target = act.find() if not self._busy() else None
            if target is None:
                assert time.monotonic() - self._since < WAIT_S, f"{act.text!r} cannot be followed; the window shows:\n{shown_text()}"
            else:
                self._at, self._since = self._at + 1, time.monotonic()
                QTimer.singleShot(TICK_MS, self._tick)
                act.do(target)
                return
        except BaseException as error:  # noqa: BLE001 - raised again where the page is followed
            self._fail(error)
            return
        QTimer.singleShot(TICK_MS, self._tick)

    def _busy(self) -> bool:
        return bool(self.window.findChild(QAction, "action_cancel").isEnabled())

    def _fail(self, error: BaseException) -> None:
        self._failure = error
        while (popup := QApplication.activePopupWidget()) is not None:
            popup.close()
        while isinstance(dialog := QApplication.activeModalWidget(), QDialog):
            dialog.reject()
        self._loop.quit()

    def _acts_of(self, step: Step) -> Iterator[Act]:
        words, text = step.words, step.text
        match step.verb:
            case "click" | "tick":
                yield Act(text, lambda: button(words[0]), lambda found: found())
            case "open":
                yield Act(text, front, lambda widget: drop(widget, Path(words[0]).absolute()))
                yield Act(text, lambda: words[0] in self.window.windowTitle() or None)
            case "column":
                yield Act(text, lambda: header(words[0]), lambda found: found())
            case "choose":
                for name in words[0].split(" > "):
                    yield Act(text, lambda name=name: menu_entry(self.window, name), lambda found: found())
            case "pick":
                yield Act(text, lambda: field(words[1], QComboBox), lambda box: pick(box, words[0]))
            case "press":
                yield Act(text, focused, lambda widget: press(widget, words[0]))
            case "write":
                yield Act(text, lambda: field(words[1], QLineEdit, QAbstractSpinBox), lambda found: write(found, words[0]))
            case "row":
                yield Act(text, lambda: row(LISTS[words[1]], words[0]), lambda found: double_click(*found))
            case "drag":
                yield Act(text, lambda: self._timeline_row(words[0]), lambda y: self._drag(y, int(words[1]), int(words[2])))
            case "see":
                yield Act(text, lambda: plain(words[0]) in shown_text() or None)
            case "picture":
                yield Act(text, self._settled if self.pictures else lambda: True, lambda _: self._take(words[0]))

    def _settled(self) -> bool | None:
        """True once SETTLE_S have passed and no part of the window waits to be drawn anew."""
        return True if time.monotonic() - self._since > SETTLE_S and not self.window.session.turns.busy else None

    def _take(self, name: str) -> None:
        path = self.folder / name
        if self.pictures:
            path.parent.mkdir(parents=True, exist_ok=True)
            assert front().grab().save(str(path), "webp", 82), path
            self.taken.append(path)
        else:
            assert path.is_file(), f"there is no picture {path}"

    def _timeline_row(self, name: str) -> int | None:
        """Height of a point's or a group's row in the timeline, if it is in sight."""
        timeline = self.window.workspace.timeline
        for y in range(0, timeline.viewport().height(), 4):
            line = timeline.lines[timeline.row_at(y)] if timeline.lines and y > 30 else None
            if line is not None and line.text == name:
                return y + 6
        return None

    def _drag(self, y: int, first: int, last: int) -> None:
        timeline = self.window.workspace.timeline
        begin = timeline.shown.source.first_frame
        start, end = (QPoint(round(timeline.x_of(frame - begin + 0.5)), y) for frame in (first, last))
        rows = timeline.viewport()
        QTest.mousePress(rows, LEFT, pos=start)
        for share in (0.2, 0.6, 1.0):
            QTest.mouseMove(rows, start + (end - start) * share)
        QTest.mouseRelease(rows, LEFT, pos=end)


def prepare_files(page: str, folder: Path) -> None:
    """Put the files that the page speaks of into a folder."""
    for name, source, without_labels in files_of(page):
        target, sample = folder / name, resource("sample") / source
        target.parent.mkdir(parents=True, exist_ok=True)
        if without_labels:
            rec = mpm.read(sample)
            names = tuple(f"M{number + 1:02}" for number in range(len(rec.points)))
            mpm.write(mpm.make_recording(names, rec.rate_hz, rec.xyz_FPD), target)
        elif sample.is_dir():
            shutil.copytree(sample, target)
        else:
            shutil.copyfile(sample, target)
    for name, text in other_files_of(page):
        (folder / name).write_text(text)


def main(pages: list[Path]) -> None:
    from mpm_studio import theme
    from mpm_studio.render.surface import prepare
    from mpm_studio.settings import Settings
    from mpm_studio.window import Window

    prepare()
    application = QApplication([])
    theme.apply(application)
    for page in [page.absolute() for page in pages]:
        with tempfile.TemporaryDirectory() as folder:
            os.chdir(folder)
            os.environ["XDG_CONFIG_HOME"] = folder  # no map that an earlier page saved
            prepare_files(page.read_text(), Path(folder))
            window = Window(Settings(Path(folder) / "settings.ini"))
            window.resize(1400, 900)
            window.show()
            assert QTest.qWaitForWindowExposed(window, 10_000)
            window.activateWindow()
            follower = Follower(window, page.parent, pictures=True)
            steps = follower.follow(page.read_text())
            sys.stdout.write(f"{page}: {steps} steps\n" + "".join(f"  {path}\n" for path in follower.taken))
            if window.session.document is not None:
                window.session.document.saved()
            window.close()
            window.deleteLater()
            os.chdir("/")


if __name__ == "__main__":
    main([Path(name) for name in sys.argv[1:]])
