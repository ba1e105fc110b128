"""Ten real tasks in the real window, and how many actions each takes: `xvfb-run -a .venv/bin/python -m tests.mpm_studio.tasks [FOLDER]`.

An action is a click, a drag, a key, a choice in a menu, or a typed value; the user who acts counts them (user.py). With FOLDER, a
picture after each action is written there.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from mpm_studio import theme
from mpm_studio.settings import Settings
from mpm_studio.window import Window
from tests.mpm_studio.ten_tasks import TASKS, Task, recover, save_and_recover
from tests.mpm_studio.user import User


@contextmanager
def window_in(folder: Path) -> Iterator[Window]:
    """A window that nobody has used, with its settings and its state in a folder."""
    window = Window(Settings(folder / "settings.ini"), folder / "state")
    window.resize(1400, 900)
    window.show()
    assert QTest.qWaitForWindowExposed(window, 10_000)
    window.activateWindow()
    try:
        yield window
    finally:
        if window.session.document is not None:
            window.session.document.saved()
        window.close()
        window.deleteLater()
        QTest.qWait(0)


def begin(task: Task, window: Window, folder: Path) -> Path:
    """Make the task's file, and open it where it is open at first."""
    path = task.take(folder)
    if task.opened:
        window.open_path(path)
        while window.session.jobs.busy:
            QTest.qWait(20)
        assert window.session.document is not None
    return path


def run(task: Task, window: Window, folder: Path, pictures: Path | None = None) -> User:
    """Do a task in a window. Returns the user with what was done."""
    path = begin(task, window, folder)
    user = User(window, _photographer(task, pictures))
    user.perform(lambda user: task.act(user, path))
    return user


def killed(task: Task, folder: Path) -> list[str]:
    """Do a task in a process of its own, and end that with SIGKILL once the take is kept. Returns the actions."""
    words = [sys.executable, "-m", "tests.mpm_studio.tasks", "--to-be-killed", str(TASKS.index(task)), str(folder)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    actions = []
    for line in process.stdout:
        if line == "kept\n":
            break
        actions.append(line.rstrip("\n"))
    process.send_signal(signal.SIGKILL)
    process.wait(30)
    process.stdout.close()
    return actions


def _until_killed(task: Task, folder: Path) -> None:
    """What `killed` runs: the task, then the autosave that a window makes every half minute, then nothing."""
    with window_in(folder) as window:
        user = run(task, window, folder)
        autosave = window.autosave
        assert autosave is not None
        autosave.keep()
        autosave.wait()
        sys.stdout.write("\n".join([*user.actions, "kept\n"]))
        sys.stdout.flush()
        QTest.qWait(60_000)


def _photographer(task: Task, folder: Path | None) -> Callable[[Any, str], None]:
    taken: list[str] = []

    def photograph(front: Any, text: str) -> None:
        if folder is not None:
            taken.append(text)
            QTest.qWait(150)
            front.grab().save(str(folder / f"{task.name}_{len(taken)}_{re.sub(r'[^A-Za-z0-9]+', '_', text)[:40]}.png"))

    return photograph


def table(rows: list[tuple[Task, list[str]]]) -> str:
    """The tasks with their numbers of actions, and what these are."""
    lines = ["| task | actions | at most | |", "|---|---|---|---|"]
    lines += [f"| {task.title} | {len(actions)} | {task.most} | {'; '.join(actions)} |" for task, actions in rows]
    return "\n".join(lines) + "\n"


def done(task: Task, folder: Path, pictures: Path | None) -> list[str]:
    """Do a task in a window of its own, in one folder. Returns the actions."""
    before = killed(task, folder) if task.act is save_and_recover else []
    with window_in(folder) as window:
        if not before:
            return run(task, window, folder, pictures).actions
        user = User(window, _photographer(task, pictures))
        user.perform(recover)
        return [*before, *user.actions]


def main(pictures: Path | None, only: list[str]) -> int:
    rows = []
    for task in TASKS:
        if not only or task.name in only:
            with tempfile.TemporaryDirectory() as name:
                os.environ["XDG_CONFIG_HOME"] = name  # no map that an earlier task saved
                rows.append((task, done(task, Path(name), pictures)))
    sys.stdout.write(table(rows))
    return int(any(len(actions) > task.most for task, actions in rows))


if __name__ == "__main__":
    from mpm_studio.render.surface import prepare

    prepare()
    application = QApplication([])
    theme.apply(application)
    if sys.argv[1:2] == ["--to-be-killed"]:
        _until_killed(TASKS[int(sys.argv[2])], Path(sys.argv[3]))
    else:
        folder = Path(sys.argv[1]) if sys.argv[1:] else None
        sys.exit(main(folder, sys.argv[2:]))
