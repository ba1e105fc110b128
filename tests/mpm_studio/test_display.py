"""Without a display that can be reached, the window is refused in one line; Qt would end the process."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from mpm_studio import display

NAMES = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
pytestmark = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there can a display be missing")


@pytest.fixture
def bare(monkeypatch):
    for name in NAMES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


def test_the_display_of_these_tests_is_there(qapp):
    assert display.problem() == ""


def test_none_at_all(bare):
    assert "no display" in display.problem()
    bare.setenv("QT_QPA_PLATFORM", "xcb")
    assert "no display" in display.problem()
    bare.setenv("QT_QPA_PLATFORM", "offscreen")
    assert display.problem() == ""


def test_a_wayland_display_is_one_that_listens(bare, tmp_path):
    bare.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    bare.setenv("WAYLAND_DISPLAY", "wl")
    assert display.problem() == "the display wl cannot be reached"
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(tmp_path / "wl"))
        server.listen()
        assert display.problem() == ""


def test_an_unreachable_one_ends_in_one_line_and_exit_code_1():
    env = {name: value for name, value in os.environ.items() if name not in NAMES} | {"DISPLAY": "no-such-host:9"}
    done = subprocess.run(
        [sys.executable, "-m", "mpm_studio"],
        env=env,
        cwd=Path(__file__).parents[2],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("mpm-studio: the display no-such-host:9 cannot be reached")
    assert done.stderr.count("\n") == 1
