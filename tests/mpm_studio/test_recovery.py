"""A take outlives its program: kept while it changes, offered after a kill, gone when it is saved or given up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel, QPushButton

import mpm_core as mpm
from mpm_core.io import project
from mpm_core.recording import Origin
from mpm_studio import recovery
from mpm_studio.clean_recipe import load_recipe
from mpm_studio.flows import recipes, repair
from mpm_studio.flows import recovery as recovery_flow
from mpm_studio.operations import marking, opening, saving
from mpm_studio.settings import Settings
from mpm_studio.take import Take
from mpm_studio.views import dialogs
from mpm_studio.views.recovery_bar import RecoveryBar, sentence
from mpm_studio.window import Window
from tests.makers import smooth_take, with_gap
from tests.mpm_studio.driving import child, forget_changes

ROOT = Path(__file__).parents[2]
CHILD = """
import sys
from pathlib import Path
from mpm_studio import theme, window_signals
from mpm_studio.operations import marking, opening
from mpm_studio.render import surface
from mpm_studio.settings import Settings
from mpm_studio.window import Window
from PySide6.QtWidgets import QApplication
surface.prepare()
app = QApplication([])
app.setApplicationName("mpm-studio")
take, folder = Path(sys.argv[1]), Path(sys.argv[2])
window = Window(Settings(folder / "child.ini"), folder / "state")
window.session.open(opening.open_as(opening.ReadRequest(take), lambda: False, lambda share, text: None))
window.session.do(marking.mark(window.session.document.recording, [0], 10, 20))
end = window_signals.EndBySignal(window.end, window)
if sys.argv[3] == "kept":
    window.autosave.keep()
    window.autosave.wait()
print("ready", flush=True)
app.exec()
"""


@pytest.fixture
def take(tmp_path: Path) -> Path:
    path = tmp_path / "walk.npz"
    mpm.write(with_gap(smooth_take(frames=80), 1, 30, 40), path)
    return path


def ended(take: Path, folder: Path, number: signal.Signals, when: str) -> int:
    """A window in a process of its own that marks 10 samples and is then sent a signal; its exit code."""
    words = [sys.executable, "-c", CHILD, str(take), str(folder), when]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert process.stdout is not None and process.stdout.readline() == "ready\n"
    process.send_signal(number)
    process.wait(30)
    process.stdout.close()
    return process.returncode


@pytest.fixture
def opened(qtbot, qapp, tmp_path):
    """A window that keeps its take in tmp_path/state."""
    before = set(threading.enumerate())
    made: list[Window] = []

    def open_window() -> Window:
        window = Window(Settings(tmp_path / "settings.ini"), tmp_path / "state")
        window.show()
        assert QTest.qWaitForWindowExposed(window, 10_000)
        made.append(window)
        return window

    yield open_window
    for window in made:
        forget_changes(window)
        window.close()
        window.deleteLater()
    QTest.qWait(0)
    assert set(threading.enumerate()) <= before


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
@pytest.mark.parametrize(
    ("number", "when", "code"), [(signal.SIGKILL, "kept", -9), pytest.param(signal.SIGTERM, "changed", 0, marks=pytest.mark.slow)]
)
def test_a_take_of_a_program_that_was_ended_is_offered_and_comes_back(qtbot, take, tmp_path, opened, number, when, code):
    assert ended(take, tmp_path, number, when) == code
    window = opened()
    assert child(window, RecoveryBar, "recovery_bar").isVisible()
    text = child(window, QLabel, "recovery_text").text()
    assert "walk.npz" in text and "today at" in text
    with qtbot.waitSignal(window.session.opened, timeout=20_000):
        child(window, QPushButton, "recovery_recover").click()
    document = window.session.document
    assert document is not None and document.unsaved and window.session.path == take
    assert (document.recording.origin_FP[10:20, 0] == Origin.MARKED).all()
    assert (document.original.origin_FP != Origin.MARKED).all()
    np.testing.assert_array_equal(document.recording.xyz_FPD, mpm.read(take).xyz_FPD)
    assert not child(window, RecoveryBar, "recovery_bar").isVisible()
    assert not window.session.jobs.busy, "keeping the take is not a job: nothing is grey meanwhile"
    steps = window.workspace.history.list
    assert [steps.item(row).text().split("\n")[0] for row in range(steps.count())] == ["As it was opened", "Mark P0, frames 11 to 20"]
    steps.itemClicked.emit(steps.item(0))
    assert (document.recording.origin_FP != Origin.MARKED).all()
    steps.itemClicked.emit(steps.item(1))
    state = tmp_path / "state"
    qtbot.waitUntil(lambda: list(state.glob("*.mpm")) == [window.autosave.file], timeout=20_000)  # the offered file goes after that
    document.saved()
    window.autosave.wait()
    assert not list((tmp_path / "state").glob("*.mpm"))


@pytest.mark.skipif(os.name != "posix", reason="signals of POSIX")
def test_what_is_not_wanted_is_discarded_and_what_waits_stays(take, tmp_path, opened):
    ended(take, tmp_path, signal.SIGKILL, "kept")
    window = opened()
    assert recovery.offers(tmp_path / "state") == []  # this window holds it
    child(window, QPushButton, "recovery_later").click()
    waiting = recovery.offers(tmp_path / "state")
    assert [offer.path for offer in waiting] == [take]
    waiting[0].leave()
    other = opened()
    child(other, QPushButton, "recovery_discard").click()
    assert not list((tmp_path / "state").glob("*.mpm"))


def open_in(window, path):
    window.session.open(opening.open_as(opening.ReadRequest(path), lambda: False, lambda share, text: None))


def mark_some(window, start=10):
    window.session.do(marking.mark(window.session.document.recording, [0], start, start + 5))


def test_only_changes_are_kept_and_only_while_they_are_unsaved(take, opened):
    window = opened()
    autosave = window.autosave
    open_in(window, take)
    autosave.keep()
    autosave.wait()
    assert autosave.file is None
    mark_some(window)
    autosave.keep()
    autosave.wait()
    first = autosave.file.read_bytes()
    when = autosave.file.stat().st_mtime_ns
    autosave.keep()
    autosave.wait()
    assert autosave.file.stat().st_mtime_ns == when  # nothing changed since
    mark_some(window, 50)
    autosave.keep()
    autosave.wait()
    assert autosave.file.read_bytes() != first
    kept = project.load(autosave.file)
    assert (kept.recording.origin_FP == Origin.MARKED).sum() == 10 and kept.view["recovery"]["path"] == str(take)
    assert recovery.offers(autosave.file.parent) == []  # its window is open
    window.session.undo()
    window.session.undo()
    autosave.wait()
    assert not autosave.file.exists()  # as it was read: nothing to lose


def test_saving_does_not_wait_for_the_autosave_that_is_being_written(take, opened, monkeypatch):
    window, may_write = opened(), threading.Event()
    open_in(window, take)
    mark_some(window)
    written = saving.save_project
    monkeypatch.setattr(saving, "save_project", lambda *given: (may_write.wait(20), written(*given)))
    window.autosave.keep()
    threading.Timer(2.0, may_write.set).start()
    window.session.document.saved()
    assert not may_write.is_set(), "the window stood still until it was written"
    window.autosave.wait()
    assert may_write.is_set() and not window.autosave.file.exists()


def test_a_job_waits_until_the_take_is_kept(qtbot, take, opened, monkeypatch):
    window = opened()
    open_in(window, take)
    mark_some(window)
    seen = []
    monkeypatch.setattr(repair.completing, "complete", lambda *_: seen.append(window.autosave.file.exists()))
    slow, save = threading.Event(), saving.save_project
    monkeypatch.setattr(saving, "save_project", lambda *request: (slow.wait(10), save(*request)))
    window.set_method("linear")
    repair.complete(window)
    slow.set()
    qtbot.waitUntil(lambda: bool(seen), timeout=20_000)
    assert seen == [True]


def test_a_job_may_wait_while_the_autosave_is_being_started(take, opened, monkeypatch):
    window = opened()
    open_in(window, take)
    mark_some(window)
    start, waited = threading.Thread.start, []

    def start_late(thread):
        if thread.name in ("keeping the take", "forgetting the take"):
            window.autosave.wait()
            waited.append(thread.name)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", start_late)
    window.autosave.keep()
    window.session.document.saved()
    window.autosave.wait()
    assert waited == ["keeping the take", "forgetting the take"]


def test_the_clock_keeps_it_too(qtbot, take, opened, monkeypatch):
    monkeypatch.setattr(recovery, "EVERY_MS", 50)
    window = opened()
    open_in(window, take)
    mark_some(window)
    qtbot.waitUntil(lambda: window.autosave.file is not None and window.autosave.file.exists(), timeout=20_000)
    thread = window.autosave._thread
    assert thread is not None and thread is not threading.main_thread()


def test_what_cannot_be_kept_is_reported_once(qtbot, take, tmp_path, opened):
    (tmp_path / "state").write_text("a file where the folder should be")
    window = opened()
    notices = []
    window.session.notice.connect(notices.append)
    open_in(window, take)
    for start in (10, 50):
        mark_some(window, start)
        window.autosave.keep()
        window.autosave.wait()
        QTest.qWait(20)
    assert len(notices) == 1 and "could not be kept" in notices[0]


def test_two_windows_keep_their_own(take, opened):
    windows = [opened(), opened()]
    for window in windows:
        open_in(window, take)
        mark_some(window)
        window.autosave.keep()
        window.autosave.wait()
    assert len({window.autosave.file for window in windows}) == 2


def test_when_it_was_is_said_as_people_say_it():
    now = datetime(2026, 11, 5, 9, 30).astimezone()

    def at(when):
        return sentence(recovery.Offer(Path("f"), Path("walk.c3d"), Path("walk.mpm"), when, None), now)

    assert at(now).endswith("changes to walk.mpm were saved. They were kept today at 09:30.")
    assert at(now - timedelta(days=1)).endswith("yesterday at 09:30.")
    assert at(now - timedelta(days=3)).endswith("on 2 November 2026 at 09:30.")


def test_the_window_saves_a_recipe_of_the_options_given(take, tmp_path, opened, monkeypatch):
    window = opened()
    options = {"up": "y", "unit": None}
    rec = mpm.read(take)
    window.session.open(Take(take, rec, rec, {"overrides": {"hip": "P0"}}, options=options))
    window.set_method("rigid")
    monkeypatch.setattr(dialogs, "ask_recipe_path", lambda *_: tmp_path / "r.toml")
    recipes.save(window, recipes.recipe_of(window, []))
    recipe = load_recipe(tmp_path / "r.toml")
    assert (recipe.settings["method"], recipe.read, recipe.body) == ("rigid", {"up": "y"}, {"hip": "P0"})


class Waiting:
    """An offer that counts what is done with it."""

    def __init__(self, path):
        self.path, self.done = path, []

    def discard(self):
        self.done.append("discarded")

    def leave(self):
        self.done.append("left")


@pytest.mark.parametrize(("another", "done"), [(False, ["discarded"]), (True, ["left"])])
def test_a_recovered_take_is_deleted_only_once_itself_is_kept(qtbot, take, opened, monkeypatch, another, done):
    def full(*_):
        raise OSError("disk full")

    window, offer, rec = opened(), Waiting(take), mpm.read(take)
    with monkeypatch.context() as patched:
        patched.setattr(recovery, "recover", lambda *_: Take(take, rec, rec, {}, unsaved=True))
        patched.setattr(saving, "save_project", full)
        recovery_flow.accept(window, offer)
        qtbot.waitUntil(lambda: window.session.document is not None and not window.session.jobs.busy, timeout=20_000)
        window.autosave.wait()
        QTest.qWait(20)
        assert offer.done == [], "it could not be kept yet"
    if another:
        open_in(window, take)
    mark_some(window)
    window.autosave.keep()
    window.autosave.wait()
    QTest.qWait(20)
    assert offer.done == done
