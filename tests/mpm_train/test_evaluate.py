"""The command: each model gets its tables, files lie where --out says, and what cannot be measured is an error in one line."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from mpm_core.errors import DataError
from mpm_core.model.build import build
from mpm_core.model.checkpoint import load_model, save_model
from mpm_train import export as exporting
from mpm_train.__main__ import main
from mpm_train.recipes import RECIPES
from mpm_train.tables.cells import opened
from mpm_train.tables.plan import Extent
from mpm_train.teach import gate
from tests.mpm_train.tables.makers import paths_in, untrained

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
    assert all(row["hermite"] < row["linear"] for row in rows), "a swing this slow is no straight line"
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
        ({"task": "repair"}, "auto against the best classical fill"),
        ({"task": "lift"}, "2D to 3D, mm"),
        ({"task": "lift", "partial": True}, "Partial 2D to 3D"),
        ({"task": "complete", "space": "camera"}, "Partial 3D to 3D"),
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


@pytest.mark.parametrize("task", ["complete", "repair", "lift"])
def test_an_export_has_its_figures_and_its_card(task: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gate, "STEPS", 5)
    paths = paths_in(tmp_path)
    run, to = tmp_path / "run", tmp_path / f"{task}.safetensors"
    run.mkdir()
    save_model(
        untrained(task), {"recipe": "none", "training": {"start_from": "", "gate_subjects": ["s0", "s1", "s2"]}}, run / "model.safetensors"
    )
    exporting.export(run, to, paths.data, extent=Extent(1, ("wrist",), (0.1, 0.5)))
    card = to.with_suffix(".md").read_text()
    assert "| clean 2D |" in card if task == "lift" else "| wrist | 0.5 | 1 |" in card
    assert ("calibration" in load_model(to).facts) == (task != "lift")
    assert load_model(to).network.config.gated == (task == "repair")


def test_an_export_to_nowhere_is_told_before_the_work(tmp_path: Path) -> None:
    save_model(untrained("repair"), {"recipe": "none", "training": {}}, tmp_path / "model.safetensors")
    with pytest.raises(DataError, match="no such folder"):
        exporting.export(tmp_path, tmp_path / "missing" / "complete.safetensors", tmp_path / "no corpus")


def test_a_run_that_began_with_a_gate_keeps_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(exporting, "measure_calibration", lambda *_: {})
    monkeypatch.setattr(exporting, "announce_filling", lambda *_: None)
    monkeypatch.setattr(exporting, "held_out_errors", lambda *_: "")
    paths = paths_in(tmp_path)
    begun = build(replace(untrained("repair").config, gated=True))
    training = {"start_from": RECIPES["studio-repair-everybody"]().start_from, "gate_subjects": []}
    save_model(begun, {"recipe": "studio-repair-everybody", "training": training}, tmp_path / "model.safetensors")
    exporting.export(tmp_path, tmp_path / "complete.safetensors", paths.data)
    before, after = (load_model(tmp_path / name).network.state_dict() for name in ("model.safetensors", "complete.safetensors"))
    assert any(name.startswith("gate.") for name in after)
    assert all(torch.equal(before[name], value) for name, value in after.items())
    assert "094, 127 at first to fit the gate to, then for the poses too" in (tmp_path / "complete.md").read_text()


def test_a_card_names_every_step_that_led_to_the_model() -> None:
    facts = {"recipe": "studio-repair-everybody", "training": {}, "data": "", "licence": "", "acknowledgement": ""}
    made = exporting.card("complete", facts, RECIPES["studio-repair-everybody"](), "", 1).split("```")[1].strip().splitlines()
    assert [line.split()[2] for line in made if "finetune" in line] == [
        "studio-repair",
        "studio-repair-tilted",
        "studio-repair-riding",
        "studio-repair-varied",
        "studio-repair-short",
        "studio-repair-low",
        "studio-repair-more",
        "studio-repair-everybody",
    ]
    assert made[-4] == "mpm-train export runs/studio-repair-more runs/studio-repair-more/exported.safetensors"
    own = "--data runs/corpus-studio-repair-everybody"
    assert made[-3].startswith("mpm-train prepare") and made[-3].endswith(own.replace("--data", "--out"))
    assert made[-2:] == [
        f"mpm-train finetune studio-repair-everybody {own}",
        f"mpm-train export runs/studio-repair-everybody resources/models/complete.safetensors {own}",
    ]
