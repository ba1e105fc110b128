"""What a file leaves open, said on the command line: clean, convert and info read it so, and say what was decided."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import mpm_core as mpm
from mpm_core.edit.mark import mark, region
from mpm_studio.__main__ import main
from tests.makers import smooth_take

CSV = "frame,a_x,a_y,a_z\n1,100,200,1700\n2,0,0,0\n3,102,200,1700\n4,103,200,1700\n"


@pytest.fixture
def table(tmp_path: Path) -> Path:
    (tmp_path / "take.csv").write_text(CSV)
    return tmp_path / "take.csv"


def info(capsys: pytest.CaptureFixture[str], *words: str) -> dict:
    assert main(["info", "--json", *words]) == 0
    return json.loads(capsys.readouterr().out)


def test_info_shows_what_was_decided_and_what_was_asked(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    detected = info(capsys, str(table))
    assert detected["missing"] == 0.25 and detected["unit"] == "mm"
    assert any("at exactly 0,0,0" in note for note in detected["notes"])
    asked = info(capsys, str(table), "--unit", "cm", "--up", "y", "--zero-is-missing", "no", "--fps", "50")
    assert (asked["unit"], asked["up"], asked["missing"], asked["rate_hz"]) == ("cm", "y", 0, 50)
    assert {"unit: cm (as asked)", "up: y (as asked)", "samples at exactly 0,0,0 are measured (as asked)"} <= set(asked["notes"])
    assert main(["info", str(table), "--up=-y"]) == 0 and "up: -y (as asked)" in capsys.readouterr().out


def test_convert_and_clean_read_the_file_so(table: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = ["--unit", "mm", "--up", "z", "--columns", "wrist=2-4; frame=1", "--fps", "60"]
    assert main(["convert", str(table), str(tmp_path / "a.npz"), *said]) == 0
    rec = mpm.read(tmp_path / "a.npz")
    assert (rec.points, rec.rate_hz) == (("wrist",), 60)
    np.testing.assert_allclose(rec.xyz_FPD[0, 0], [0.1, 0.2, 1.7], atol=1e-7)
    assert main(["clean", str(table), "-o", str(tmp_path / "b.npz"), "--method", "linear", *said]) == 0
    np.testing.assert_allclose(mpm.read(tmp_path / "b.npz").xyz_FPD[1, 0], [0.101, 0.2, 1.7], atol=1e-6)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--unit", "parsec"], "the unit 'parsec' is unknown"),
        (["--up", "w"], "the up axis 'w' is unknown"),
        (["--positions", "add"], "--positions does not apply: CSV"),
        (["--columns", "a=1-2"], "is not a point and its three columns"),
        (["--fps", "-1"], "not a frame rate"),
    ],
)
def test_wrong_options_are_reported(table: Path, words: list[str], expected: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(table), *words]) != 0
    assert expected in capsys.readouterr().err


def test_marked_samples_that_leave_as_missing_are_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rec = smooth_take(20, 3)
    marked, _ = mark(rec, region(rec, [1], 5, 12)).apply(rec)
    mpm.write(marked, tmp_path / "a.npz")
    assert info(capsys, str(tmp_path / "a.npz"))["marked"] == 7
    assert main(["convert", str(tmp_path / "a.npz"), str(tmp_path / "a.glb")]) == 0
    assert "7 samples marked as wrong were written as missing" in capsys.readouterr().out
    assert np.isnan(mpm.read(tmp_path / "a.glb").xyz_FPD[5:12, 1]).all()
    assert main(["convert", str(tmp_path / "a.npz"), str(tmp_path / "b.npz")]) == 0
    assert "marked as wrong" not in capsys.readouterr().out


def test_info_lists_events_and_what_a_c3d_holds_besides_markers(samples_dir: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["info", str(samples_dir / "c3d/btk/PiG/PiG_Motion-FlatFoot-Full.c3d")]) == 0
    said = capsys.readouterr().out
    assert "events   3 Left Foot Strike, 4 Right Foot Strike, 2 Left Foot Off, 3 Right Foot Off\n" in said
    assert "kept     38 analog channels and 80 angles, forces, moments, powers or scalars, as they are in the file\n" in said
