"""The command: each model gets its tables, files lie where --out says, and what cannot be measured is an error in one line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mpm_train.__main__ import main
from mpm_train.tables.cells import opened
from tests.mpm_train.tables.makers import paths_in

FEW = ["--parts", "wrist", "both arms", "--lengths", "0.1", "0.5", "--per-cell", "1"]


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    opened.cache_clear()


def test_gap_tables_files_and_pictures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths, out = paths_in(tmp_path), tmp_path / "out"
    command = ["evaluate", str(paths.model), "--data", str(paths.data), *FEW, "--methods", "linear", "hermite", "auto", "--out", str(out)]
    assert main(command) == 0
    printed = capsys.readouterr().out
    assert "auto no worse than the best classical fill" in printed
    names = {path.name for path in out.iterdir()}
    assert {"gaps.md", "gaps.png", "gaps_parts.png", "gaps_mean.csv", "gaps_verdict.json", "plan.json", "cells"} <= names
    assert (out / "gaps.png").read_bytes().startswith(b"\x89PNG")
    before = {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    rows = json.loads(before["gaps_mean.json"])["rows"]
    assert [(row["part"], row["gap s"]) for row in rows] == [(part, length) for part in ("wrist", "both arms") for length in (0.1, 0.5)]
    assert all(row["hermite"] < row["linear"] for row in rows), "a swing this slow is not a straight line"
    for path in out.iterdir():
        if path.is_file() and path.name != "plan.json":
            path.unlink()
    assert main(command) == 0, "from the cells that were measured"
    assert before == {path.name: path.read_bytes() for path in out.iterdir() if path.is_file()}
    assert main([*command, "--seed", "9"]) == 1
    assert "another seed" in capsys.readouterr().err


def test_sigma_comes_from_the_same_cells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths, out = paths_in(tmp_path), tmp_path / "out"
    command = ["evaluate", str(paths.model), "--data", str(paths.data), *FEW, "--out", str(out)]
    assert main([*command, "--methods", "auto"]) == 0
    assert main([*command, "--table", "sigma"]) == 0
    assert "Calibration of sigma, auto" in capsys.readouterr().out
    assert (out / "sigma.csv").is_file()


@pytest.mark.parametrize(
    ("model", "heading"),
    [
        ({"task": "complete"}, "auto against the best classical fill"),
        pytest.param({"task": "repair"}, "auto against the best classical fill", marks=pytest.mark.slow),
        ({"task": "lift"}, "2D to 3D, mm"),
        ({"task": "lift", "partial": True}, "Partial 2D to 3D"),
        pytest.param({"task": "complete", "space": "camera"}, "Partial 3D to 3D", marks=pytest.mark.slow),
        ({"task": "pretrain", "space": "camera"}, "Partial 3D to 3D"),
    ],
)
def test_every_model_has_a_table(model: dict[str, object], heading: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = paths_in(tmp_path, **model)
    assert main(["evaluate", str(paths.model), "--data", str(paths.data), *FEW, "--methods", "linear", "auto"]) == 0
    assert heading in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (["--parts", "tail"], "no part called 'tail'"),
        (["--methods", "magic"], "no method called 'magic'"),
        (["--split", "everybody"], "the split is one of"),
        (["--per-cell", "0"], "at least 1"),
        (["--jobs", "0"], "at least 1"),
        (["--lengths", "50"], "no validation clip is long enough"),
        (["--lengths", "-1"], "0 s and 60 s"),
        (["--table", "protocol"], "for lifting"),
        (["--table", "lifting"], "does not lift"),
    ],
)
def test_what_cannot_be_measured_is_told(wrong: list[str], message: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = paths_in(tmp_path)
    assert main(["evaluate", str(paths.model), "--data", str(paths.data), *wrong]) == 1
    assert message in capsys.readouterr().err


def test_a_stage_one_of_2d_alone_completes_no_3d(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = paths_in(tmp_path, task="pretrain", pretext="2d")
    assert main(["evaluate", str(paths.model), "--data", str(paths.data), "--per-cell", "1"]) == 1
    assert "takes no 3D" in capsys.readouterr().err
    assert main(["evaluate", str(paths.model), "--data", str(paths.data), "--table", "gaps"]) == 1
    assert "fills no gaps" in capsys.readouterr().err
