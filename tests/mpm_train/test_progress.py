"""Progress where there is no terminal is lines with all that is known; on a terminal it is a bar; results on stdout stay alone."""

from __future__ import annotations

import os
import pty
import subprocess
import sys

import pytest

from mpm_train import progress as module
from mpm_train.progress import progress, tracked

CODE = """
from mpm_train.progress import progress
with progress("learning", 3, "steps") as task:
    for _ in range(3):
        task.advance(lambda: "loss 0.5")
    task.say("a checkpoint")
print("the result")
"""


class Clock:
    """time.monotonic, set by hand."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now = 0.0
        monkeypatch.setattr(module.time, "monotonic", lambda: self.now)


def test_lines_come_sooner_at_first_and_say_what_is_left(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock, asked = Clock(monkeypatch), []
    with progress("learning", 1000, "steps", done=400) as task:
        for _ in range(300):
            clock.now += 1.0
            task.advance(lambda: asked.append(clock.now) or "loss 0.5")
    out, err = capsys.readouterr()
    lines = [line.partition("  ")[2] for line in err.splitlines()]
    assert not out
    assert asked == [5, 10, 20, 40, 80, 140, 200, 260]
    assert lines[2] == "learning: 420 of 1,000 steps, 20 s, 10 min left; loss 0.5"
    assert lines[-1] == "learning: done, 700 of 1,000 steps, 5 min, 5 min left"


def test_short_work_and_other_processes_say_nothing(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(monkeypatch)
    assert list(tracked("abc", "reading")) == ["a", "b", "c"]
    with progress("learning", 10, shown=False) as task:
        clock.now += 1000
        task.advance(lambda: pytest.fail("a loss was read that nobody sees"))
        task.say("hello")
    assert capsys.readouterr() == ("", "")


def test_work_of_unknown_length(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    clock = Clock(monkeypatch)
    for _ in tracked(iter("abc"), "reading", "files"):
        clock.now += 4
    assert [line.partition("  ")[2] for line in capsys.readouterr().err.splitlines()] == [
        "reading: 2 files, 8 s",
        "reading: done, 3 files, 12 s",
    ]


def test_a_bar_on_a_terminal_and_results_alone_on_stdout() -> None:
    ours, theirs = pty.openpty()
    try:
        work = subprocess.run([sys.executable, "-c", CODE], stdout=subprocess.PIPE, stderr=theirs, text=True, check=True, timeout=60)
        shown = os.read(ours, 100_000).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert work.stdout == "the result\n"
    assert "3/3" in shown and "learning: a checkpoint" in shown and "\x1b[" in shown
