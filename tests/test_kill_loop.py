"""A short kill loop, and that it would notice."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

import mpm_core as mpm
from tests import kill_loop

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="the loop forks")


def test_killed_writers_leave_whole_files_and_every_source(tmp_path: Path) -> None:
    counted, wrong = kill_loop.run(8, 1, tmp_path)
    assert wrong == [] and counted["kills"] == 8 and counted["in the middle of a write"] > 0


@pytest.mark.slow
def test_a_writer_that_writes_in_place_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes put straight into the file, bit by bit: a kill leaves a half one."""

    def in_place(rec: mpm.Recording, out: Path) -> None:
        aside = tmp_path / f"aside{out.suffix}"
        mpm.write(rec, aside)
        with out.open("wb", buffering=0) as file:
            data = aside.read_bytes()
            for at in range(0, len(data), 512):
                file.write(data[at : at + 512])
                time.sleep(0.002)  # a slow disk

    monkeypatch.setattr(kill_loop, "write", in_place)
    monkeypatch.setattr(kill_loop, "NAMES", ("take.npz", "take.c3d"))
    monkeypatch.setattr(kill_loop, "LONGEST_S", 1.0)
    _, wrong = kill_loop.run(6, 1, tmp_path)
    assert any("neither the old file nor the new one" in line for line in wrong)
